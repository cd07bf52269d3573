import { decideNetwork } from '../../../src/core/network/decide';
import { ExpectationIntent, NetworkIntent } from '../../../src/core/network/network-intent';
import { policyOrigins, withRendered } from '../../../src/core/network/origins';
import { ClusterAddresses, Peer, TrafficIntent } from '../../../src/core/policy/intent';
import { ADDRESSES } from '../../fixture';

/** What a decision says, whole: who, what, why. */
const TCP = (...ports: (number | string)[]) => [{ protocol: 'TCP', ports }];
const pods = (namespace: string, labels?: Record<string, string>, serviceAccount?: string): Peer => ({ kind: 'pods', namespace, labels, serviceAccount });
const rule = (name: string, source: Peer, destination: Peer, ports: TrafficIntent['ports'] = TCP(5432)): TrafficIntent => ({ name, origin: `App/${name}`, source, destination, ports });
const deployment = (name: string, namespace: string, spec: object = {}, ports: object[] = [], kind = 'Deployment') => ({
  apiVersion: 'apps/v1', kind, metadata: { name, namespace },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name, ports }], ...spec } } },
});

function decide(given: Partial<NetworkIntent>) {
  return decideNetwork({
    addresses: ADDRESSES as ClusterAddresses, systemNamespaces: [{ name: 'kube-system', reason: 'system' }],
    namespaces: ['web', 'db'].map((name) => ({ name, labels: {} })), serviceAccounts: [], rules: [], exemptions: [], quarantines: [], expectations: [], charts: [],
    objects: [], enforcement: 'enforced', nodeLocalDns: [], controlPlanePorts: [], metadataReachesPods: false, ...given,
  });
}
const said = (given: Partial<NetworkIntent>, ...codes: string[]) => decide(given).diagnostics.filter(({ code }) => codes.length === 0 || codes.includes(code))
  .map(({ code, severity, subject, message }) => `${severity} ${code} ${subject}: ${message}`);
const expectation = (expected: 'allow' | 'deny', source: Peer, destination: Peer, ports: ExpectationIntent['ports'] = []): ExpectationIntent => ({ origin: 'App/E', expected, source, destination, ports });

describe('an expectation', () => {
  test('about what nobody knows names all of it', () => {
    const rules = [rule('r', pods('web', { tier: 'batch' }), pods('db'))];
    expect(said({ rules, expectations: [expectation('deny', pods('web'), pods('db'), TCP(5432, 5433))] })).toEqual([
      'error expectationUndetermined App/E: connections from every pod in web to every pod in db (TCP 5432-5433) must be denied, and that is undetermined because it depends on the labels of web/every pod',
    ]);
    const both = [rule('r', pods('web', { tier: 'batch' }), pods('db', { tier: 'store' }))];
    expect(decide({ rules: both, expectations: [expectation('deny', pods('web'), pods('db'))] }).expectations[0].because).toBe('it depends on the labels of db/every pod and the labels of web/every pod');
  });

  test('a name of a port that only looks like a range is no range', () => {
    const asked = (port: string) => decide({ objects: [deployment('db', 'db')], expectations: [expectation('allow', pods('web'), pods('db', { app: 'db' }), TCP(port))] }).expectations[0];
    expect(asked('x1:2').because).toBe('no port named x1:2 is in view at db');
    expect(asked('1:2x').because).toBe('no port named 1:2x is in view at db');
    expect(asked('1:2').connections).toBe('TCP 1-2');
  });
});

test('an internet grant of one pod says nothing about its neighbours', () => {
  const rules = [rule('r', pods('web', undefined, 'mailer'), { kind: 'addresses', name: 'a provider', cidrs: ['198.51.100.0/24'] }, TCP(443))];
  const openTier = { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'early' }, spec: { order: 1, defaultAction: 'Pass' } };
  const open = { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'early.out' }, spec: { tier: 'early', selector: "app == 'web'", types: ['Egress'], egress: [{ action: 'Allow', destination: { nets: ['192.0.2.0/24', '203.0.114.0/24'] } }] } };
  const objects = [deployment('web', 'web'), deployment('mailer', 'web', { serviceAccountName: 'mailer' }), openTier, open];
  const found = decide({ objects, rules }).diagnostics.filter(({ code }) => code === 'guardrailOpen').map(({ subject }) => subject);
  expect(found).toContain('web/web');
  expect(found).not.toContain('web/mailer');
  const toDns = [rule('r', pods('web', undefined, 'default'), pods('db'))];
  expect(decide({ objects, rules: toDns }).diagnostics.filter(({ code }) => code === 'guardrailOpen').map(({ subject }) => subject)).toContain('web/web');
});

describe('what the control plane calls', () => {
  const service = (namespace: string | undefined, port: object = { port: 443, targetPort: 8443 }) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook', ...namespace && { namespace } }, spec: { selector: { app: 'hook' }, ports: [port] } });
  const webhook = (reference?: object) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'hook' }, webhooks: [{ clientConfig: { ...reference && { service: reference } } }] });
  const CODES = ['controlPlaneCallUnseen', 'controlPlaneCallDenied'];

  test('is the Service of its own namespace', () => {
    const objects = [service('web'), deployment('hook', 'web'), webhook({ name: 'hook', namespace: 'db' })] as never;
    expect(said({ objects }, ...CODES)).toEqual([
      'warning controlPlaneCallUnseen ValidatingWebhookConfiguration hook: the control plane calls Service db/hook, which is not in view: whether it can is undetermined',
    ]);
  });

  test('is denied where policies or the security group deny it', () => {
    const objects = [service('web'), deployment('hook', 'web'), webhook({ name: 'hook', namespace: 'web' })] as never;
    expect(said({ objects }, ...CODES)).toEqual([
      'error controlPlaneCallDenied ValidatingWebhookConfiguration hook: the control plane calls web/hook on TCP 8443 through Service web/hook, and cannot: '
      + 'denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends)',
    ]);
    const rules = [rule('r', { kind: 'controlPlane' }, pods('web', { app: 'hook' }), TCP(8443))];
    expect(said({ objects, rules }, ...CODES)).toEqual([]);
    expect(said({ objects, rules: [rule('r', { kind: 'controlPlane' }, pods('web', { app: 'hook' }), TCP('8442:8443'))] }, ...CODES)).toEqual([]);
  });

  test('a port by name, conversions without a webhook, and webhooks without a Service', () => {
    const named = service('web', { port: 443, targetPort: 'https' });
    const crd = (spec: object) => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things' }, spec });
    expect(said({ objects: [named, deployment('hook', 'web'), webhook({ name: 'hook', namespace: 'web' })] as never }, ...CODES)).toEqual([
      'error controlPlaneCallDenied ValidatingWebhookConfiguration hook: the control plane calls web/hook on TCP https through Service web/hook, and cannot: no port named https is in view there',
    ]);
    const without = [{}, { conversion: {} }, { conversion: { webhook: {} } }, { conversion: { webhook: { clientConfig: {} } } }];
    for (const spec of without) expect(said({ objects: [crd(spec)] as never }, ...CODES)).toEqual([]);
    expect(said({ objects: [webhook()] as never }, ...CODES)).toEqual([]);
    expect(said({ objects: [crd({ conversion: { webhook: { clientConfig: { service: { name: 'hook', namespace: 'web' } } } } })] as never }, ...CODES)).toHaveLength(1);
  });
});

describe('flows in the report', () => {
  test('stand in the order of names and kinds, and doubt is marked as such alone', () => {
    const objects = [deployment('b', 'web'), deployment('a', 'web', {}, [], 'StatefulSet'), deployment('a', 'web')];
    const rules = [rule('r', pods('web', { app: 'b' }), pods('db'))];
    const { workloads } = decide({ objects, rules });
    expect(workloads.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['Deployment web/a', 'StatefulSet web/a', 'Deployment web/b']);
    for (const { reaches, reachedBy } of workloads) for (const flow of [...reaches, ...reachedBy]) expect(flow).not.toHaveProperty('undetermined');
  });

  test('what is denied is no flow', () => {
    const [{ reaches, denied }] = decide({ objects: [deployment('web', 'web')] }).workloads;
    expect([...new Set(reaches.map(({ peer }) => peer))]).toEqual(['kube-system/cluster DNS', 'the Pod Identity agent']);
    expect(denied.map(({ peer }) => peer)).toEqual(['the kubelets', 'the API server', 'the instance metadata service', 'the internet']);
  });
});

describe('a rule that another covers', () => {
  const covered = (wide: Peer, narrow: Peer) => said({ rules: [rule('wide', wide, pods('db')), rule('narrow', narrow, pods('db'))] }, 'ruleCovered');
  const line = ['warning ruleCovered App/narrow: App/wide allows all of it'];

  test('of the same namespace, labels and account, or more', () => {
    expect(covered(pods('web'), pods('web', { app: 'a' }))).toEqual(line);
    expect(covered(pods('web', undefined, 'one'), pods('web', { app: 'a' }, 'one'))).toEqual(line);
    expect(covered(pods('web', undefined, 'one'), pods('web', { app: 'a' }, 'other'))).toEqual([]);
    expect(covered(pods('web', undefined, 'one'), pods('web', { app: 'a' }))).toEqual([]);
    expect(covered(pods('web'), pods('db'))).toEqual([]);
  });

  test('pods cover no addresses, and addresses no pods', () => {
    expect(covered({ kind: 'pods' } as Peer, { kind: 'vpc' })).toEqual([]);
    expect(covered({ kind: 'vpc' }, pods('web'))).toEqual([]);
    expect(covered({ kind: 'vpc' }, { kind: 'vpc' })).toEqual(line);
  });
});

describe('who added what', () => {
  test('namespaces that Helm makes exist, with labels that nobody said', () => {
    const { namespaces } = withRendered({ objects: [], namespaces: [{ name: 'web', labels: { a: 'b' } }] }, [
      { namespace: 'monitoring', createNamespace: true, objects: [] }, { namespace: 'web', createNamespace: true, objects: [] }, { namespace: 'elsewhere', createNamespace: false, objects: [] },
    ]);
    expect(namespaces).toEqual([{ name: 'web', labels: { a: 'b' } }, { name: 'monitoring', labels: {}, existing: true }]);
  });

  test('objects of users by their keys: of their namespace, `default`, or the cluster', () => {
    const object = (kind: string, apiVersion: string, metadata: object) => ({ kind, apiVersion, metadata });
    const origins = new Map([
      [object('NetworkPolicy', 'networking.k8s.io/v1', { name: 'a', namespace: 'web' }), 'one'], [object('NetworkPolicy', 'projectcalico.org/v3', { name: 'a' }), 'two'],
      [object('GlobalNetworkPolicy', 'projectcalico.org/v3', { name: 'a' }), 'three'],
    ]);
    const plan = { tiers: [], allows: [], exemptions: [], denials: [], switch: [] } as never;
    expect([...policyOrigins(plan, { rules: [], exemptions: [], quarantines: [], origins: origins as never })]).toEqual([
      ['KubernetesNetworkPolicy/web/a', 'one'], ['NetworkPolicy/default/a', 'two'], ['GlobalNetworkPolicy/a', 'three'],
    ]);
  });
});

describe('what is not where it is looked for', () => {
  test('a pod of a namespace that nobody declared has what labels it may, and is said', () => {
    const rules = [rule('r', { kind: 'pods', namespaceLabels: { team: 'a' } }, pods('db'))];
    const objects = [deployment('stray', 'nowhere'), deployment('db', 'db')];
    const { expectations, diagnostics } = decide({ objects, rules, expectations: [expectation('deny', { ...pods('nowhere', { app: 'stray' }), ofWorkload: true } as Peer, pods('db', { app: 'db' }), TCP(5432))] });
    expect(expectations[0]).toMatchObject({ result: 'undetermined', because: 'it depends on the labels of namespace nowhere' });
    expect(diagnostics.filter(({ code }) => code !== 'expectationUndetermined').map(({ code, severity, subject }) => `${severity} ${code} ${subject}`)).toContain('error namespaceUnknown Deployment nowhere/stray');
  });

  test('a HostEndpoint, which the model does not know, is an error', () => {
    const objects = [{ apiVersion: 'projectcalico.org/v3', kind: 'HostEndpoint', metadata: { name: 'node-1' }, spec: { node: 'node-1', interfaceName: '*' } }] as never;
    const [{ code, severity, message }, ...more] = decide({ objects }).diagnostics;
    expect([code, severity, message]).toEqual(['calicoObjectNotModelled', 'error', 'is no policy: verdicts do not know it, and it may change what Calico enforces']);
    expect(more).toEqual([]);
  });

  test('an expectation that a node is denied to pods is not proved for the pods on it', () => {
    for (const source of [{ kind: 'nodes' }, { kind: 'kubelet' }] as Peer[]) {
      expect(decide({ objects: [deployment('db', 'db')], expectations: [expectation('deny', source, pods('db'))] }).expectations[0]).toMatchObject({ result: 'undetermined' });
    }
    expect(decide({ objects: [deployment('db', 'db')], expectations: [expectation('deny', { kind: 'controlPlane' }, pods('db'))] }).expectations[0]).toMatchObject({ result: 'met' });
  });
});
