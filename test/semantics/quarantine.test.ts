import { baselineOf, compiled } from './baseline-set';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf } from './fixtures/said';
import { linesOf } from './fixtures/table';
import { evaluateFlow } from '../../src/core/connectivity';
import { formatDiagnostic } from '../../src/core/diagnostic';
import { decideNetwork } from '../../src/core/network/decide';
import { Peer } from '../../src/core/policy/intent';

const SUSPECTS = ['tools/suspect', 'rogue/suspect'];
const lines = [egressTable({}), ingressTable({})].flatMap(linesOf).filter(({ flow: { from, to } }) => SUSPECTS.includes(from) || SUSPECTS.includes(to));
const withQuarantine = (keepOpen: readonly Peer[]) => {
  const intent = intentOf({});
  return { ...intent, quarantines: intent.quarantines.map((each) => ({ ...each, keepOpen })) };
};
const free = compiled(baselineOf({ ...intentOf({}), quarantines: [] }));
const cidrs = (...some: string[]): Peer => ({ kind: 'addresses', name: some.join(), cidrs: some });

describe('what is kept open is as it was, guardrails included, and everything else is denied', () => {
  // By the other end's address or pod: the ranges of the fixture, written out.
  test.each<[string, Peer[], RegExp]>([
    ['nothing', [], /^$/],
    ['pods of a namespace', [{ kind: 'pods', namespace: 'forensics' }], /^forensics\//],
    ['pods by labels', [{ kind: 'pods', namespace: 'shop', labels: { app: 'web' } }], /^shop\/web$/],
    ['pods by account', [{ kind: 'pods', namespace: 'rogue', serviceAccount: 'shell' }], /^rogue\/shell$/],
    ['namespaces by labels', [{ kind: 'pods', namespaceLabels: { team: 'a' } }], /^labelled\//],
    ['the cluster DNS', [{ kind: 'clusterDns' }], /^kube-system\/coredns$/],
    ['the nodes', [{ kind: 'nodes' }], /^ip:10\.0\.(64|128)\.|^(kube-system\/aws-node|calico-system\/calico-typha)$/],
    ['the kubelets', [{ kind: 'kubelet' }], /^ip:10\.0\.(64|128)\.|^(kube-system\/aws-node|calico-system\/calico-typha)$/],
    ['the API server', [{ kind: 'apiServer' }], /^ip:10\.0\.0\./],
    ['the VPC', [{ kind: 'vpc' }], /^ip:(10\.0|100\.64|172\.16|192\.168\.33|192\.168\.32|198\.51\.100)\.|^(kube-system\/aws-node|calico-system\/calico-typha)$/],
    ['metadata', [{ kind: 'instanceMetadata' }], /^ip:(169\.254\.169\.254|fd00:ec2::254)$/],
    ['the internet', [{ kind: 'internet' }], /^ip:(203\.0\.113|192\.0\.2)\./],
    ['the internet and two ranges', [{ kind: 'internet' }, cidrs('10.0.3.0/24', 'fe80::/10')], /^ip:(203\.0\.113\.|192\.0\.2\.|10\.0\.3\.|fe80:)/],
    ['every IPv4 address', [cidrs('0.0.0.0/0')], /^ip:[0-9.]+$|^(kube-system\/aws-node|calico-system\/calico-typha)$/],
    ['pods and a range', [{ kind: 'pods', namespace: 'forensics' }, cidrs('10.0.3.0/24')], /^forensics\/|^ip:10\.0\.3\./],
  ])('%s', (_, keepOpen, kept) => {
    const set = compiled(baselineOf(withQuarantine(keepOpen)));
    const wrong = lines.flatMap(({ name, flow }) => {
      const ends = [flow.from, flow.to].map((end, index) => [end, [flow.to, flow.from][index]] as const).filter(([end]) => SUSPECTS.includes(end)).map(([, other]) => other);
      const expected = ends.every((other) => kept.test(other)) ? evaluateFlow(free, flow).verdict : 'deny';
      const { verdict } = evaluateFlow(set, flow);
      return verdict === expected ? [] : [`${name}: ${verdict}, not ${expected}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe('what cannot be carried out', () => {
  const messages = (change: Partial<ReturnType<typeof intentOf>>) => decideNetwork({ ...intentOf({}), ...change }).diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
  const [one] = intentOf({}).quarantines;

  test.each([
    ['an unknown namespace', [{ ...one, namespace: 'shpo' }],
      ["said/tools: namespace 'shpo' was never declared, so the rule would wait for pods that may never come; declare it with addNamespace('shpo'), or with { existing: true } where someone else creates it [cdk-secure-eks:namespaceUnknown]"]],
    ['two of a name', [one, { ...one, origin: 'said/again' }],
      ["said/again: its policies would be called 'quarantine-tools', as those of said/tools are, and the cluster has one object of a name; give one of them another id [cdk-secure-eks:ruleNameTaken]"]],
  ])('%s', (_, quarantines, expected) => expect(messages({ quarantines })).toEqual(expected));

  test('a place whose ranges are not known', () => {
    const { addresses } = intentOf({});
    const quarantines = [{ ...one, keepOpen: [{ kind: 'endpoints' } as const] }];
    const rules = intentOf({}).rules.filter(({ name }) => name !== 'endpoints');
    expect(messages({ quarantines, rules, addresses: { ...addresses, endpoints: [] } })).toEqual([
      'said/tools: where the interface endpoints of AWS services are is not known, so that nothing could be kept open there; give subnets that know their ranges, or name the ranges with NetworkPeer.cidr() [cdk-secure-eks:addressesUnknown]',
    ]);
  });
});

test('an expectation that a quarantine breaks says who asked for the quarantine', () => {
  const shell: Peer = { kind: 'pods', namespace: 'tools', labels: { quarantine: 'yes' }, serviceAccount: 'gateway' };
  const { diagnostics } = decideNetwork({ ...intentOf({}), expectations: [{ origin: 'said/Expect', source: shell, destination: { kind: 'pods', namespace: 'shop', labels: { app: 'api' } }, ports: [{ protocol: 'TCP', ports: [9090] }], expected: 'allow' }] });
  const [found] = diagnostics.filter(({ subject }) => subject === 'said/Expect');
  expect(found?.message).toMatch(/denied by GlobalNetworkPolicy\/eks-guardrails\.quarantine-tools rule \d+, added by said\/tools$/);
});
