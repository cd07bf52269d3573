import { ADMINISTRATOR, CALICO_API_SERVER, Case, DEPLOYER, DEPLOYER_PREFIX, DEVELOPER, GuardedServer, openDefinition, testCases } from './guarded-server';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { policyStorageGuard, policyTamperGuard } from '../../../src/kubernetes/manifests/guards/tamper';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeUnless, describeWithApiServer } from '../../kube-apiserver/available';
import { CRD_FOLDER, MISSING_CRDS } from '../crds';

const V3 = 'projectcalico.org/v3';
const V1 = 'crd.projectcalico.org/v1';
const tier = (name: string, order?: number, apiVersion = V3): KubernetesObject => ({ apiVersion, kind: 'Tier', metadata: { name }, spec: { ...order !== undefined && { order } } });
const policy = (name: string, spec: object = {}, kind = 'GlobalNetworkPolicy', apiVersion = V3): KubernetesObject => ({
  apiVersion, kind, metadata: { name, ...!kind.includes('Global') && { namespace: 'default' } }, spec: { selector: 'all()', types: ['Ingress'], ...spec },
});
const TWIN = 'arn:aws:sts::111122223333:assumed-role/deployer2/kubectl';
const clusterAdmin = (name: string, user: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
});
const REFUSED = 'secure-eks-policy-tamper: the tiers eks-allow, eks-default-deny, eks-guardrails change by a deployment of the cluster only; see break-glass in the documentation of cdk-secure-eks';
const EARLY = 'secure-eks-policy-tamper: a tier of order 200 or less is looked at before the guardrails, and what it allows they no longer deny; give it an order above 200';
const STORAGE = 'secure-eks-policy-storage: crd.projectcalico.org is where Calico keeps policies, unchecked; write them as projectcalico.org/v3';

describeWithApiServer('the guards of tiers and policies', () => {
  let guarded: GuardedServer;
  const there = {
    guardrails: tier('eks-guardrails', 200), allow: tier('eks-allow', 2000), team: tier('team', 5000), early: tier('early', 50),
    denial: policy('eks-guardrails.kubelet', { tier: 'eks-guardrails' }), teams: policy('team.web', { tier: 'team' }),
    staged: policy('eks-default-deny.all', { tier: 'eks-default-deny' }, 'StagedGlobalNetworkPolicy'),
  };
  /** Where Calico keeps them: what is there, what is new, and a change. */
  const kept: readonly [KubernetesObject, KubernetesObject, object][] = [
    [tier('eks-allow', 2000, V1), tier('mine', 300, V1), { spec: { order: 1 } }],
    [policy('eks-guardrails.kubelet', { tier: 'eks-guardrails' }, 'GlobalNetworkPolicy', V1), policy('eks-guardrails.pass', { tier: 'eks-guardrails' }, 'GlobalNetworkPolicy', V1), { spec: { selector: 'nothing == "here"' } }],
    [policy('web', {}, 'NetworkPolicy', V1), policy('other', {}, 'NetworkPolicy', V1), { metadata: { labels: { a: 'b' } } }],
  ];

  describeUnless(MISSING_CRDS, "with Calico's definitions", () => {
    beforeAll(async () => {
      guarded = await GuardedServer.start();
      const kubectl = (...args: string[]) => expect(guarded.server.kubectl(args)).toMatchObject({ status: 0 });
      kubectl('apply', '--server-side', '-f', CRD_FOLDER);
      guarded.apply(openDefinition('crd.projectcalico.org', 'v1', 'Tier', 'Cluster'), openDefinition('crd.projectcalico.org', 'v1', 'GlobalNetworkPolicy', 'Cluster'), openDefinition('crd.projectcalico.org', 'v1', 'NetworkPolicy', 'Namespaced'));
      kubectl('wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all');
      guarded.apply(tier('default', 1_000_000), ...Object.values(there), ...kept.map(([old]) => old));
      guarded.apply(...guardObjects(policyTamperGuard({ username: DEPLOYER_PREFIX }, ['accepted']), 'deny'), ...guardObjects(policyStorageGuard(), 'deny'));
      await guarded.untilRefused(tier('eks-default-deny'));
      await guarded.untilRefused(tier('canary', 1, V1));
    }, 20 * 60_000 + START_TIMEOUT_MS);
    afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

    describe.each<[string, string]>([['a developer', DEVELOPER], ['an administrator', ADMINISTRATOR], ['Calico itself', CALICO_API_SERVER], ['who calls itself nearly the same', TWIN]])('%s', (_who, as) => {
      if (as === TWIN) beforeAll(() => guarded.apply(clusterAdmin('twin', as)));

      test.each<[string, () => Promise<string | undefined>]>([
        ['makes one of our tiers', () => guarded.create(tier('eks-default-deny', 20_000_000), as)],
        ['reorders a tier', () => guarded.update(there.guardrails, { spec: { order: 3_000_000 } }, as)],
        ['removes a tier', () => guarded.remove(there.allow, as)],
        ['makes a policy in a tier', () => guarded.create(policy('eks-allow.everything', { tier: 'eks-allow', ingress: [{ action: 'Allow' }] }), as)],
        ['makes an exemption', () => guarded.create(policy('eks-guardrails.pass', { tier: 'eks-guardrails', order: 0, ingress: [{ action: 'Pass' }] }), as)],
        ['changes a denial', () => guarded.update(there.denial, { spec: { selector: 'nothing == "here"' } }, as)],
        ['removes a denial', () => guarded.remove(there.denial, as)],
        ['moves a denial to another tier', () => guarded.update(there.denial, { spec: { tier: 'team' } }, as)],
        ['moves a policy into a tier', () => guarded.update(there.teams, { spec: { tier: 'eks-allow' } }, as)],
        ['makes a policy of a namespace in a tier', () => guarded.create(policy('eks-allow.web', { tier: 'eks-allow' }, 'NetworkPolicy'), as)],
        ['makes a staged one', () => guarded.create(policy('eks-allow.web', { tier: 'eks-allow' }, 'StagedNetworkPolicy'), as)],
        ['removes the staged switch', () => guarded.remove(there.staged, as)],
      ])('%s: no', async (_what, ask) => expect(await ask()).toBe(REFUSED));
    });

    test.each<[string, () => Promise<string | undefined>]>([
      ['makes a tier', () => guarded.create(tier('eks-default-deny', 20_000_000), DEPLOYER)],
      ['changes a denial', () => guarded.update(there.denial, { spec: { selector: 'all()' } }, DEPLOYER)],
      ['removes a denial', () => guarded.remove(there.denial, DEPLOYER)],
      ['throws the switch', () => guarded.create(policy('eks-default-deny.all', { tier: 'eks-default-deny' }), DEPLOYER)],
      ['makes an early tier', () => guarded.create(tier('first', 1), DEPLOYER)],
    ])('who deploys %s', async (_what, ask) => expect(await ask()).toBeUndefined());

    test.each<[string, () => Promise<string | undefined>]>([
      ['a policy without a tier', () => guarded.create(policy('default.web'))],
      ['a policy of a namespace', () => guarded.create(policy('web', { tier: 'default' }, 'NetworkPolicy'))],
      ['a policy of a tier of theirs', () => guarded.create(policy('team.api', { tier: 'team' }))],
      ['a change of it', () => guarded.update(there.teams, { spec: { order: 7 } })],
      ['its removal', () => guarded.remove(there.teams)],
      ['a tier behind the guardrails', () => guarded.create(tier('other', 201))],
      ['a tier without an order, which comes last', () => guarded.create(tier('other'))],
      ['a tier that was accepted by name', () => guarded.create(tier('accepted', 100))],
      ['a change of its own tier', () => guarded.update(there.team, { spec: { order: 6000 } })],
      ['the removal of an early tier', () => guarded.remove(there.early)],
    ])('a developer is free to write %s', async (_what, ask) => expect(await ask()).toBeUndefined());

    test('a tier before the guardrails is refused, at the limit and when it moves there', async () => {
      expect(await guarded.create(tier('first', 200))).toBe(EARLY);
      expect(await guarded.create(tier('first', 0.5))).toBe(EARLY);
      expect(await guarded.update(there.team, { spec: { order: 200 } })).toBe(EARLY);
      expect(await guarded.create(tier('calico-system', 100), CALICO_API_SERVER)).toBeUndefined();
      const namesake = 'system:serviceaccount:default:calico-apiserver';
      guarded.apply(clusterAdmin('namesake', namesake));
      await guarded.untilRefused(tier('calico-system', 100), namesake);
      expect(await guarded.create(tier('calico-system', 100), namesake)).toBe(EARLY);
    });

    describe('where Calico keeps them,', () => {
      testCases([
        ...[DEVELOPER, ADMINISTRATOR, DEPLOYER].flatMap((as) => kept.flatMap(([old, made, change]): Case[] => [
          [`${as} makes no ${made.kind}`, () => guarded.create(made, as), STORAGE],
          [`${as} changes no ${old.kind}`, () => guarded.update(old, change, as), STORAGE],
          [`${as} removes no ${old.kind}`, () => guarded.remove(old, as), STORAGE],
          [`${as} removes not all of ${old.kind}`, () => guarded.removeAll(old, as), STORAGE],
        ])),
        ...kept.flatMap(([old, made, change]): Case[] => [
          [`Calico makes a ${made.kind}`, () => guarded.create(made, CALICO_API_SERVER), undefined],
          [`Calico changes a ${old.kind}`, () => guarded.update(old, change, CALICO_API_SERVER), undefined],
          [`Calico removes a ${old.kind}`, () => guarded.remove(old, CALICO_API_SERVER), undefined],
        ]),
      ]);
    });

    test('a policy of the most rules stays within what an expression may cost', async () => {
      const ingress = Array.from({ length: 2000 }, (_, index) => ({ action: 'Allow', protocol: 'TCP', source: { nets: [`10.${Math.floor(index / 256)}.${index % 256}.0/24`] }, destination: { ports: [8080] } }));
      expect(await guarded.create(policy('team.many', { tier: 'team', ingress }))).toBeUndefined();
      expect(await guarded.create(policy('eks-allow.many', { tier: 'eks-allow', ingress }))).toBe(REFUSED);
    });

    test('all of a kind go only where none of ours is among them', async () => {
      expect(await guarded.removeAll(there.denial)).toBe(REFUSED);
      expect(await guarded.removeAll(policy('web', {}, 'NetworkPolicy'))).toBeUndefined();
      expect(await guarded.removeAll(there.denial, DEPLOYER)).toBeUndefined();
    });
  });
});
