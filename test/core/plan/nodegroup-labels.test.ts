import { formatDiagnostic } from '../../../src/core/diagnostic';
import { NodegroupRequest, planNodegroup } from '../../../src/core/plan/nodegroup';
import { checkNodeLabels, checkTaints, TaintRequest } from '../../../src/core/plan/nodegroup-labels';
import { checkVolumeKey } from '../../../src/core/plan/volume-key';

const TOKEN = '${Token[Team.12]}';
const labels = (given: Record<string, string>) => checkNodeLabels('nodegroup a', given).map(formatDiagnostic);
const taints = (...given: TaintRequest[]) => checkTaints('nodegroup a', given).map(formatDiagnostic);
const reserved = (key: string) => `nodegroup a: label '${key}' is of a domain that Kubernetes and EKS keep to themselves: no node that asks for it joins the cluster; `
  + 'use a domain of your own, or node.kubernetes.io [cdk-secure-eks:nodeLabelReserved]';

describe('labels', () => {
  test.each(['kubernetes.io/role', 'node-role.kubernetes.io/worker', 'k8s.io/cluster-autoscaler', 'eks.amazonaws.com/nodegroup'])('%s is reserved', (key) => {
    expect(labels({ [key]: 'x' })).toEqual([reserved(key)]);
  });

  test.each<[Record<string, string>, string]>([
    [{ '-team': 'a' }, "nodegroup a: label key '-team' breaks Kubernetes' syntax: an optional DNS subdomain and '/', then at most 63 letters, digits, '-', '_' or '.'; write a label that Kubernetes takes [cdk-secure-eks:nodeLabel]"],
    [{ team: 'a b' }, "nodegroup a: label team=\"a b\" breaks Kubernetes' syntax: at most 63 letters, digits, '-', '_' or '.', starting and ending with a letter or digit; write a label that Kubernetes takes [cdk-secure-eks:nodeLabel]"],
    [{ team: '' }, "nodegroup a: label 'team' has an empty value, which EKS does not take; write a label that Kubernetes takes [cdk-secure-eks:nodeLabel]"],
    [{ [`example.com/${'a'.repeat(52)}`]: 'b' }, `nodegroup a: label key 'example.com/${'a'.repeat(52)}' has 64 characters, and EKS takes 63; write a label that Kubernetes takes [cdk-secure-eks:nodeLabel]`],
  ])('%j is refused', (given, message) => expect(labels(given)).toEqual([message]));

  test.each<Record<string, string>>([
    {}, { team: 'a' }, { 'node.kubernetes.io/lifecycle': 'spot' }, { 'example.com/team': 'a' }, { 'mykubernetes.io/team': 'a' }, { [`example.com/${'a'.repeat(51)}`]: 'b'.repeat(63) },
    { team: TOKEN },
  ])('%j passes', (given) => expect(labels(given)).toEqual([]));

  test('a name that is a token does not', () => expect(labels({ [TOKEN]: 'a' })).toEqual([
    'nodegroup a: the name of a label is a token, and a template takes names as they are written only; write the name; its value may be a token [cdk-secure-eks:nodeLabel]',
  ]));
});

describe('taints', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `team-${index}`, effect: 'NO_SCHEDULE' }));

  test.each<[TaintRequest[], string]>([
    [[{ key: 'team', value: 'a' }], "nodegroup a: the taint 'team=a:' has no effect; give it a key and an effect [cdk-secure-eks:nodeTaint]"],
    [[{ effect: 'NO_SCHEDULE' }], "nodegroup a: the taint ':NO_SCHEDULE' has no key; give it a key and an effect [cdk-secure-eks:nodeTaint]"],
    [[{ key: 'team a', effect: 'NO_SCHEDULE' }], "nodegroup a: taint key 'team a' breaks Kubernetes' syntax: an optional DNS subdomain and '/', then at most 63 letters, digits, '-', '_' or '.'; write a taint that Kubernetes takes [cdk-secure-eks:nodeTaint]"],
    [[{ key: 'team', value: 'a', effect: 'NO_SCHEDULE' }, { key: 'team', value: 'b', effect: 'NO_SCHEDULE' }], "nodegroup a: there are two taints 'team' with the effect NO_SCHEDULE; keep one of them [cdk-secure-eks:nodeTaint]"],
    [many(51), 'nodegroup a: there are 51 taints, and a node group has at most 50; leave some out [cdk-secure-eks:nodeTaint]'],
  ])('%j', (given, message) => expect(taints(...given)).toEqual([message]));

  test.each<[TaintRequest[]]>([
    [many(50)], [[{ key: 'team', value: '', effect: 'NO_SCHEDULE' }]], [[{ key: 'team', effect: 'NO_SCHEDULE' }, { key: 'team', effect: 'NO_EXECUTE' }]],
    [[{ key: TOKEN, value: TOKEN, effect: TOKEN }]], [[{ key: 'node-role.kubernetes.io/gpu', effect: 'NO_SCHEDULE' }]],
  ])('%j passes', (given) => expect(taints(...given)).toEqual([]));

  test('are judged with the group', () => {
    const { diagnostics } = planNodegroup({ subject: 'nodegroup a', unresolved: [], labels: { 'k8s.io/a': 'b' }, taints: [{ key: 'team' }] });
    expect(diagnostics.map(({ code }) => code)).toEqual(['nodeLabelReserved', 'nodeTaint']);
  });
});

describe('how fast nodes are replaced', () => {
  const NUMBER = -1.8881545897087503e+289;
  const update = (given: Partial<NodegroupRequest>) => planNodegroup({ subject: 'nodegroup a', unresolved: [], ...given });
  const found = (given: Partial<NodegroupRequest>) => update(given).diagnostics.map(formatDiagnostic);

  test.each<[Partial<NodegroupRequest>, string]>([
    [{ maxUnavailable: 0 }, 'nodegroup a: maxUnavailable is 0, and must be a whole number from 1 to 100; write a number in that range [cdk-secure-eks:nodegroupUpdate]'],
    [{ maxUnavailable: 101, maxSize: 200 }, 'nodegroup a: maxUnavailable is 101, and must be a whole number from 1 to 100; write a number in that range [cdk-secure-eks:nodegroupUpdate]'],
    [{ maxUnavailablePercentage: 101 }, 'nodegroup a: maxUnavailablePercentage is 101, and must be a whole number from 1 to 100; write a number in that range [cdk-secure-eks:nodegroupUpdate]'],
    [{ maxUnavailable: 4 }, 'nodegroup a: maxUnavailable is 4 and maxSize is 3; write maxUnavailable <= maxSize [cdk-secure-eks:nodegroupUpdate]'],
    [{ maxUnavailable: 1, maxUnavailablePercentage: 10 }, 'nodegroup a: maxUnavailable and maxUnavailablePercentage are both set, and EKS takes one of them; leave one out [cdk-secure-eks:nodegroupUpdate]'],
  ])('%j is refused, and left to EKS', (given, message) => {
    expect(found(given)).toEqual([message]);
    expect(update(given).plan).not.toMatchObject({ maxUnavailable: expect.anything() });
    expect(update(given).plan).not.toMatchObject({ maxUnavailablePercentage: expect.anything() });
  });

  test.each<Partial<NodegroupRequest>>([
    { maxUnavailable: 1 }, { maxUnavailable: 3 }, { maxUnavailable: 100, maxSize: 100 }, { maxUnavailablePercentage: 1 }, { maxUnavailablePercentage: 100 },
    { maxUnavailable: NUMBER, unresolved: ['maxUnavailable'] }, { maxUnavailable: 50, maxSize: NUMBER, unresolved: ['maxSize'] }, { maxUnavailablePercentage: NUMBER, unresolved: ['maxUnavailablePercentage'] },
  ])('%j passes', ({ unresolved, ...given }) => {
    expect(found({ ...given, unresolved })).toEqual([]);
    expect(update({ ...given, unresolved }).plan).toMatchObject(given);
  });
});

test('a key whose policy is written elsewhere', () => {
  expect(checkVolumeKey('nodegroup a', { name: 'Platform/Key', granted: true })).toEqual([]);
  const [unseen] = checkVolumeKey('nodegroup a', { name: 'Platform/Key', granted: false });
  expect(unseen).toMatchObject({ severity: 'warning', acknowledgeable: true });
  expect(formatDiagnostic(unseen)).toEqual('nodegroup a: the policy of the key Platform/Key is not written here, and without a grant to the role AWSServiceRoleForAutoScaling no node starts; '
    + 'grant it there (docs/nodes.md has the statements) and acknowledge it, or give a key that is made in this app [cdk-secure-eks:volumeKeyPolicyUnseen]');
});
