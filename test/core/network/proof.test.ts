import { decideNetwork } from '../../../src/core/network/decide';
import { ExpectationIntent, NetworkIntent } from '../../../src/core/network/network-intent';
import { ClusterAddresses, Peer, TrafficIntent } from '../../../src/core/policy/intent';
import { ADDRESSES } from '../../fixture';

/** Where a proof must not be claimed: each case was once called denied, or left open, without reason. */
const TCP = (...ports: (number | string)[]) => [{ protocol: 'TCP', ports }];
const pods = (namespace: string, labels?: Record<string, string>, serviceAccount?: string): Peer => ({ kind: 'pods', namespace, labels, serviceAccount });
const rule = (source: Peer, destination: Peer, ports = TCP(5432)): TrafficIntent => ({ name: 'r', origin: 'App/Rule', source, destination, ports });
const workload = (kind: string, name: string, namespace: string, spec: object = {}, ports: object[] = []) => ({
  apiVersion: 'apps/v1', kind, metadata: { name, namespace },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name, ports }], ...spec } } },
});
const deployment = (name: string, namespace: string, spec?: object, ports?: object[]) => workload('Deployment', name, namespace, spec, ports);

function decide(given: Partial<NetworkIntent>) {
  return decideNetwork({
    addresses: ADDRESSES as ClusterAddresses, systemNamespaces: [{ name: 'kube-system', reason: 'system' }],
    namespaces: ['web', 'db'].map((name) => ({ name, labels: {} })), serviceAccounts: [], rules: [], exemptions: [], quarantines: [], expectations: [], charts: [],
    objects: [], enforcement: 'enforced', nodeLocalDns: [], controlPlanePorts: [], metadataReachesPods: false, ...given,
  });
}

function denied(source: Peer, destination: Peer, given: Partial<NetworkIntent>, ports: ExpectationIntent['ports'] = []) {
  const [{ result, because }] = decide({ ...given, expectations: [{ origin: 'App/E', expected: 'deny', source, destination, ports }] }).expectations;
  return result === 'undetermined' ? because : result;
}

const codes = (given: Partial<NetworkIntent>) => decide(given).diagnostics.map(({ code, subject }) => `${code} ${subject}`);

test('a workload in view is no proof for other pods of its description', () => {
  const objects = [deployment('web', 'web'), deployment('db', 'db')];
  const rules = [rule(pods('web', { tier: 'batch' }), pods('db'))];
  expect(denied(pods('web'), pods('db'), { objects, rules })).toBe('it depends on the labels of web/every pod');
  expect(denied(pods('web', { app: 'web' }), pods('db'), { objects, rules })).toBe('it depends on the labels of web/pods app=web');
  expect(denied({ ...pods('web', { app: 'web' }, 'default'), ofWorkload: true } as Peer, pods('db'), { objects, rules })).toBe('met');
});

test('the account of those in view is known, so a grant of another account proves nothing against them', () => {
  const rules = [rule(pods('web', undefined, 'mailer'), { kind: 'internet' }, TCP(25))];
  expect(denied(pods('web', { app: 'web' }), { kind: 'internet' }, { objects: [deployment('web', 'web')], rules })).toBe('met');
  expect(denied(pods('web', { app: 'web' }), { kind: 'internet' }, { rules })).toMatch(/^it depends on .*account/);
});

test('a node, and a pod on its network, reaches the pods that run on it', () => {
  const objects = [deployment('db', 'db'), deployment('agent', 'web', { hostNetwork: true })];
  const reason = 'a node reaches the pods that run on it, whatever policies say';
  expect(denied({ kind: 'nodes' }, pods('db'), { objects })).toBe(reason);
  expect(denied({ kind: 'vpc' }, pods('db'), { objects })).toBe(reason);
  expect(denied(pods('web', { app: 'agent' }), pods('db'), { objects })).toBe(reason);
  expect(denied({ kind: 'loadBalancers' }, pods('db'), { objects })).toBe('met');
});

test('labels that Kubernetes gives pods as they start are not known to be absent', () => {
  const rules = [rule(pods('web'), pods('db', { 'statefulset.kubernetes.io/pod-name': 'db-0' }))];
  expect(denied(pods('web'), pods('db', { app: 'db' }), { objects: [deployment('web', 'web'), workload('StatefulSet', 'db', 'db')], rules })).toMatch(/^it depends on the labels of db\//);
});

test('an existing namespace has the labels that are said, and unknown ones where none are', () => {
  const rules = [rule({ kind: 'pods', namespaceLabels: { team: 'a' } }, pods('db'))];
  const given = (labels: Record<string, string>) => ({ rules, objects: [deployment('db', 'db'), deployment('web', 'web')], namespaces: [{ name: 'web', labels, existing: true }, { name: 'db', labels: {} }] });
  expect(denied(pods('web'), pods('db'), given({}))).toBe('it depends on the labels of namespace web');
  expect(denied(pods('web'), pods('db'), given({ team: 'b' }))).toBe('met');
});

test('an empty account name is the default account', () => {
  const rules = [rule(pods('web', undefined, 'default'), pods('db'))];
  expect(denied(pods('web', { app: 'web' }), pods('db'), { objects: [deployment('web', 'web', { serviceAccountName: '' }), deployment('db', 'db')], rules })).toBe('unmet');
});

test('a port name means every port of that name, and none where a number is a token', () => {
  const rules = [rule(pods('web'), pods('db'), TCP(9090))];
  const two = [{ name: 'http', containerPort: 8080 }, { name: 'http', containerPort: 9090 }];
  const objects = [deployment('web', 'web'), deployment('db', 'db', {}, two)];
  expect(denied(pods('web'), pods('db'), { objects, rules }, TCP('http'))).toBe('unmet');
  const named = [rule(pods('web'), pods('db'), TCP('http'))];
  const unknown = [deployment('web', 'web'), deployment('db', 'db', {}, [{ name: 'http', containerPort: '${Token[TOKEN.9]}' }])];
  expect(denied(pods('web'), pods('db'), { objects: unknown, rules: named }, TCP(5432))).toMatch(/^it depends on the port named http of db\//);
});

describe('guardrails', () => {
  const before = { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'early' }, spec: { order: 150, defaultAction: 'Pass' } };
  const opens = {
    apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'early.open' },
    spec: { tier: 'early', namespaceSelector: "projectcalico.org/name == 'web'", types: ['Egress'], egress: [{ action: 'Allow' }] },
  };

  test('are held against a tier before them, also where somebody has a grant', () => {
    const found = codes({ objects: [before, opens], rules: [rule(pods('web', undefined, 'up'), { kind: 'internet' }, TCP(443))] });
    expect(found).toContain('tierBeforeGuardrails Tier early');
    expect(found).toContain('guardrailOpen web/any pod of another service account');
  });

  test('take no policy into the tier of Calico itself', () => {
    const policy = { ...opens, metadata: { name: 'calico-system.open' }, spec: { ...opens.spec, tier: 'calico-system' } };
    expect(codes({ objects: [policy] })).toContain('tierReserved GlobalNetworkPolicy calico-system.open');
  });

  test('let pods reach nodes, load balancers and endpoints in secondary ranges of the VPC', () => {
    const { plan } = decide({ addresses: { ...ADDRESSES, nodes: ['100.64.0.0/18'] } as ClusterAddresses });
    const internet = plan.denials.find(({ name }) => name === 'eks-guardrails.internet-deny');
    expect(internet?.egress?.[0].destination?.notNets).toContain('100.64.0.0/18');
    expect(codes({ addresses: { ...ADDRESSES, nodes: ['100.64.0.0/18'] } as ClusterAddresses, objects: [deployment('web', 'web')] })).toEqual([]);
  });
});

test('ways out of a pod are errors until they are acknowledged', () => {
  const given = (spec: object) => decide({ objects: [deployment('web', 'web', spec)] }).diagnostics;
  expect(given({ hostPID: true, volumes: [{ name: 'a', hostPath: { path: '/' } }], containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] })).toMatchObject([
    { code: 'workloadEscapesPolicy', subject: 'Deployment web/web', acknowledgeable: true, message: expect.stringMatching(/^it asks for hostPID, privileged, hostPath, /) },
    { code: 'workloadRefusedByGuard', subject: 'Deployment web/web', message: "it asks for hostPID, privileged, hostPath, which the guard in the cluster refuses in namespace 'web'" },
  ]);
});

test('the guard says nothing in a namespace that the platform made privileged, in code or in a chart', () => {
  const escaping = (namespace: string) => deployment('web', namespace, { hostNetwork: true });
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  const namespaces = [{ name: 'agents', labels, existing: false, platformOnly: false }];
  expect(codes({ namespaces, objects: [escaping('agents')] })).toEqual(['workloadOnHostNetwork Deployment agents/web']);
  expect(codes({ objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made', labels } }, escaping('made')] })).toEqual(['workloadOnHostNetwork Deployment made/web']);
  expect(codes({ objects: [escaping('kube-system')] })).not.toContain('workloadRefusedByGuard Deployment kube-system/web');
});

test.each<[string, object]>([
  ['windowsOptions.hostProcess', { securityContext: { windowsOptions: { hostProcess: true } } }],
  ['capabilities', { containers: [{ name: 'a', image: 'a', securityContext: { capabilities: { add: ['NET_BIND_SERVICE', 'cap_sys_admin'] } } }] }],
  ['procMount', { initContainers: [{ name: 'a', image: 'a', securityContext: { procMount: 'Unmasked' } }] }],
])('%s is a way out of a pod too', (field, spec) => expect(decide({ objects: [deployment('web', 'web', spec)] }).diagnostics[0]).toMatchObject({
  code: 'workloadEscapesPolicy', message: expect.stringMatching(new RegExp(`^it asks for ${field}, `)),
}));

test('custom resources are named, those that change the engine are errors', () => {
  const object = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: 'a', namespace: 'web' } });
  expect(codes({ objects: [object('argoproj.io/v1alpha1', 'Rollout'), object('vpcresources.k8s.aws/v1beta1', 'SecurityGroupPolicy'), object('batch/v1', 'Job')] })).toEqual([
    'customResourceUnseen Rollout (argoproj.io)', 'engineChanged SecurityGroupPolicy (vpcresources.k8s.aws)',
  ]);
  expect(codes({ objects: [{ apiVersion: 'projectcalico.org/v3', kind: 'FelixConfiguration', metadata: { name: 'default' } }] })).toEqual(['calicoObjectNotModelled FelixConfiguration/default/default']);
});
