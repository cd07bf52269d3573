import { formatDiagnostic } from '../../../src/core/diagnostic';
import { decideNetwork } from '../../../src/core/network/decide';
import { NetworkIntent } from '../../../src/core/network/network-intent';
import { ADDRESSES, deepFreeze } from '../../fixture';

const token = '${Token[TOKEN.1]}';
const resolvable: any = { resolve: () => 'x', toString: () => token };

function intent(objects: any[], overrides: Partial<NetworkIntent> = {}): NetworkIntent {
  return {
    addresses: ADDRESSES,
    systemNamespaces: ['calico-system', 'kube-system', 'tigera-operator'].map((name) => ({ name, reason: 'runs the cluster' })),
    namespaces: [{ name: 'shop', labels: {} }],
    serviceAccounts: [],
    rules: [],
    exemptions: [],
    quarantines: [],
    expectations: [],
    charts: [],
    enforcement: 'enforced',
    controlPlanePorts: [],
    metadataReachesPods: false,
    tokens: (text) => text.includes('${Token[') ? { opaque: 'a value known at deployment', token: text } : undefined,
    ...overrides,
    objects,
  } as NetworkIntent;
}

const messages = (objects: any[], overrides?: Partial<NetworkIntent>) => decideNetwork(intent(objects, overrides)).diagnostics.map(formatDiagnostic);
const deployment = (spec: any = {}, more: any = {}) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }], ...spec } } }, ...more,
});

const nested = (path: string, value: any): any => path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value);

test('a sound workload is no problem', () => {
  expect(messages([deepFreeze(deployment())])).toEqual([]);
});

test.each([['hostPath', { path: '/' }], ['local', { path: '/mnt' }], ['hostPath', token]])('a volume that is files of a node: %s %j', (source, value) => {
  const volume = (spec: any) => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' }, spec });
  expect(messages([volume({ [source]: value })])).toEqual([
    `PersistentVolume data: spec.${source} is files of a node: whoever mounts them may have the node, and no network policy binds it; use a volume that is no part of a node, or acknowledge who may claim it [cdk-secure-eks:workloadEscapesPolicy]`,
  ]);
  expect(messages([volume({ csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } })])).toEqual([]);
});

describe('namespaces', () => {
  const lost = { ...deployment(), metadata: { name: 'web', namespace: 'lost' } };

  test('that nobody declared', () => {
    expect(messages([lost])).toEqual([
      "Deployment lost/web: its namespace 'lost' was never declared, so that its release would fail; declare it with addNamespace('lost'), or with { existing: true } where someone else creates it [cdk-secure-eks:namespaceUnknown]",
    ]);
  });

  test('that an object creates, that every cluster has, or that are known', () => {
    expect(messages([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lost' } }, lost])).toEqual([]);
    for (const namespace of ['default', 'kube-public', 'kube-node-lease', 'shop', undefined]) {
      expect(messages([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace } }])).toEqual([]);
    }
  });

  test('of service accounts', () => {
    expect(messages([], { serviceAccounts: [{ namespace: 'lost', name: 'web', labels: {} }, { namespace: 'shop', name: 'web', labels: {} }] })).toEqual([
      "service account lost/web: its namespace 'lost' was never declared, so that its release would fail; declare it with addNamespace('lost'), or with { existing: true } where someone else creates it [cdk-secure-eks:namespaceUnknown]",
    ]);
  });

  test('of charts outside the default deny', () => {
    expect(messages([], { charts: [{ origin: 'Platform/Chart', namespace: 'kube-system' }, { origin: 'Platform/Other', namespace: 'shop' }] })).toEqual([
      "Platform/Chart: namespace 'kube-system' is outside the default deny: whatever runs there may open and accept connections; move it to a namespace of its own, or acknowledge why it belongs to the system [cdk-secure-eks:workloadOutsideDefaultDeny]",
    ]);
  });
});

describe('what decides about a workload and cannot be read is no workload in view, and is said', () => {
  test.each<[string, any]>([
    ['spec', { ...deployment(), spec: resolvable }],
    ['spec.template', { ...deployment(), spec: { template: resolvable } }],
    ['spec.template.spec', { ...deployment(), spec: { template: { metadata: { labels: { app: 'web' } }, spec: resolvable } } }],
    ['spec.template.metadata', { ...deployment(), spec: { template: { metadata: resolvable, spec: { containers: [] } } } }],
    ['spec.template.spec.hostNetwork', deployment({ hostNetwork: token })],
    ['spec.template.spec.serviceAccountName', deployment({ serviceAccountName: token })],
    ['spec.template.spec.hostPID', deployment({ hostPID: resolvable })],
    ['spec.template.spec.securityContext', deployment({ securityContext: resolvable })],
    ['spec.template.spec.securityContext.windowsOptions.hostProcess', deployment({ securityContext: { windowsOptions: { hostProcess: resolvable } } })],
    ['spec.template.spec.volumes', deployment({ volumes: resolvable })],
    ['spec.template.spec.volumes[1]', deployment({ volumes: [{ name: 'a', emptyDir: {} }, resolvable] })],
    ...['hostPath', 'flexVolume', 'gitRepo', 'iscsi', 'nfs'].map((source): [string, any] => [`spec.template.spec.volumes[0].${source}`, deployment({ volumes: [{ name: 'v', [source]: resolvable }] })]),
    ...['containers', 'initContainers', 'ephemeralContainers'].flatMap((list): [string, any][] => [
      [`spec.template.spec.${list}`, deployment({ [list]: resolvable })],
      [`spec.template.spec.${list}[0]`, deployment({ [list]: [resolvable] })],
      ...[
        ['securityContext', resolvable], ['securityContext.privileged', resolvable], ['securityContext.procMount', token], ['securityContext.windowsOptions.hostProcess', resolvable],
        ['securityContext.capabilities', resolvable], ['securityContext.capabilities.add', resolvable], ['securityContext.capabilities.add[0]', [token]],
        ['livenessProbe', resolvable], ['readinessProbe.httpGet', resolvable], ['startupProbe.tcpSocket.host', token], ['lifecycle', resolvable], ['lifecycle.preStop.httpGet.host', token],
      ].map(([field, value]: any): [string, any] => [`spec.template.spec.${list}[0].${field}`, deployment({ [list]: [nested(field.replace('[0]', ''), value)] })]),
    ]),
  ])('%s', (field, object) => {
    expect(messages([object])).toContain(
      `Deployment shop/web: ${field} is known only at deployment, and what its pods may do depends on it; write the value itself [cdk-secure-eks:workloadUnreadable]`);
  });

  test('labels', () => {
    const object = deployment();
    object.spec.template.metadata.labels.app = token;
    expect(messages([object])).toContain(
      'Deployment shop/web: spec.template.metadata.labels is known only at deployment, and what its pods may do depends on it; write the value itself [cdk-secure-eks:workloadUnreadable]');
  });

  test('pods of cron jobs and bare pods alike', () => {
    const job = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'job', namespace: 'shop' }, spec: { jobTemplate: { spec: { template: { spec: { containers: [], hostNetwork: token } } } } } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace: 'shop' }, spec: { containers: [], hostNetwork: token } };
    const codes = decideNetwork(intent([job, pod])).diagnostics.filter(({ code }) => code === 'workloadUnreadable').map(({ subject, message }) => `${subject} ${message.split(' ')[0]}`);
    expect(codes).toEqual(['CronJob shop/job spec.jobTemplate.spec.template.spec.hostNetwork', 'Pod shop/pod spec.hostNetwork']);
  });

  test('a volume of the cluster whose place is known at deployment', () => {
    expect(messages([{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' }, spec: resolvable }])).toEqual([
      'PersistentVolume data: spec is known only at deployment, and what its pods may do depends on it; write the value itself [cdk-secure-eks:workloadUnreadable]',
    ]);
  });

  test('paths and ports of probes, and names of volumes may be known at deployment', () => {
    const probe = { httpGet: { path: token, port: 8080 } };
    expect(messages([deployment({ containers: [{ name: 'a', image: 'a', livenessProbe: probe, lifecycle: { preStop: probe } }], volumes: [{ name: token, configMap: { name: token } }] })])).toEqual([]);
  });

  test('images and environment may be known at deployment', () => {
    expect(messages([deployment({ containers: [{ name: 'a', image: `${token}/a`, env: [{ name: 'BUCKET', value: token }] }] })])).toEqual([]);
  });

  test('a NetworkPolicy whose content is known at deployment is an error too', () => {
    expect(messages([{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'np', namespace: 'shop' }, spec: resolvable }])).not.toEqual([]);
  });
});

describe('tiers of the platform', () => {
  const policy = (tier: any, apiVersion = 'projectcalico.org/v3') => ({
    apiVersion, kind: 'GlobalNetworkPolicy', metadata: { name: `${tier}.mine` }, spec: { tier, namespaceSelector: 'all()', types: ['Egress'], egress: [{ action: 'Pass' }] },
  });

  test.each(['eks-guardrails', 'eks-allow', 'eks-default-deny'])('%s takes no policy and no change of a user\'s', (tier) => {
    const message = (kind: string, name: string) => `${kind} ${name}: tier '${tier}' holds the policies of the platform, and no other object may be or change it; use tier default, or allow it with allowTraffic() [cdk-secure-eks:tierReserved]`;
    expect(messages([policy(tier)])).toContain(message('GlobalNetworkPolicy', `${tier}.mine`));
    expect(messages([policy(tier, 'crd.projectcalico.org/v1')])).toContain(message('GlobalNetworkPolicy', `${tier}.mine`));
    expect(messages([{ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: tier }, spec: { order: 1 } }])).toContain(message('Tier', tier));
  });

  test('a tier before the guardrails that lets everything through is found by what it opens', () => {
    const tier = { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'mine' }, spec: { order: 50, defaultAction: 'Pass' } };
    const open = { ...policy('mine'), spec: { ...policy('mine').spec, egress: [{ action: 'Allow' }] } };
    const codes = decideNetwork(intent([tier, open, deployment()])).diagnostics.map(({ code }) => code);
    expect(codes).toContain('guardrailOpen');
  });

  test('the name of a tier that is known at deployment is no other tier', () => {
    expect(messages([policy(token)])).not.toEqual([]);
  });
});

describe('instance metadata', () => {
  const exemptions = [{ name: 'instance-metadata-a', origin: 'Platform/A', guardrail: 'instanceMetadata', namespace: 'kube-system', serviceAccounts: ['a'], reason: 'x' }] as const;

  test('is not opened by policy alone', () => {
    expect(messages([], { exemptions })).toEqual([
      'Platform/A: no node group has metadataHopLimit 2, and at 1 no answer of the instance metadata service reaches a pod, whatever policy allows; '
      + "give the node group that runs these pods metadataHopLimit: 2, or use EKS Pod Identity instead of the node's role [cdk-secure-eks:metadataHopLimit]",
    ]);
    expect(messages([], { exemptions, metadataReachesPods: true })).toEqual([]);
  });
});
