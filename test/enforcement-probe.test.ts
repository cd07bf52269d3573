import { App, Duration, Fn, Size, Stack, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as cdk8s from 'cdk8s';
import { clusterIn, errorsOf, fileOf, objectsOf, releasesOf, resourcesOf, TestCluster, testCluster, waitsFor } from './fixture';
import {
  ApplicationChart, ConnectivityExpectation, EnforcementFlow, EnforcementProbe, EnforcementProbeOptions, NetworkPeer, NetworkPort, PolicyEnforcement, SecureEksClusterProps,
  SystemNamespaces, TrafficRule,
} from '../src';

const PROBE = 'eks-enforcement-probe';

function deployment(namespace: string, name: string, port: number): object {
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: 'example.com/image:1', ports: [{ containerPort: port }] }] } } },
  };
}
const service = (namespace: string, name: string, port: number, targetPort: number, spec: object = {}): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec: { selector: { app: name }, ports: [{ port, targetPort }], ...spec } });

/** web may call api, and nothing else is said; probed. */
function shop(options: EnforcementProbeOptions = {}, props: Partial<SecureEksClusterProps> = {}, change: (made: TestCluster) => void = () => {}): TestCluster {
  const made = testCluster({ cluster: props });
  const { cluster } = made;
  cluster.addNamespace('web');
  cluster.addNamespace('api');
  cluster.addManifest('Apps', deployment('web', 'web', 8080), deployment('api', 'api', 9898), service('api', 'api', 80, 9898), service('web', 'web', 80, 8080));
  const [web, api] = [NetworkPeer.pods('web', { app: 'web' }), NetworkPeer.pods('api', { app: 'api' })];
  cluster.allowTraffic('WebToApi', { source: web, destination: api, ports: [NetworkPort.tcp(9898)] });
  cluster.expectAllowed('WebReachesApi', { source: web, destination: api, ports: [NetworkPort.tcp(9898)] });
  cluster.expectDenied('ApiNeverReachesWeb', { source: api, destination: web });
  cluster.verifyEnforcement(options);
  change(made);
  return made;
}

function probesOf({ app, stack }: Pick<TestCluster, 'app' | 'stack'>) {
  const resources = resourcesOf(app.synth(), stack);
  return Object.values(releasesOf(resources)).filter(({ Properties }) => String(Properties.Release).startsWith(PROBE)).map((release) => {
    const objects = objectsOf(release);
    const config = JSON.parse(objects.find(({ kind }) => kind === 'ConfigMap').data['config.json']);
    return { name: String(release.Properties.Release), release, objects, config, flows: config.checks.map(({ flow, by, expected }: any) => `${by} ${expected} ${flow}`) };
  });
}
const nameOf = (made: TestCluster) => probesOf(made)[0].name;
const errors = (options: EnforcementProbeOptions, props?: Partial<SecureEksClusterProps>) => errorsOf(shop(options, props)).map((line) => line.replace(/^Platform\/Cluster\/EnforcementProbes\/Probe1: /, ''));


test('each denial has its positive twin to the same place, and what every pod needs is tried too', () => {
  const [{ flows, config, objects }] = probesOf(shop());
  expect(flows).toEqual([
    'stranger deny a pod without rights to the kubelet of its node',
    'judge allow its positive twin, an exempted pod to the kubelet of its node',
    'stranger deny a pod without rights to the API server',
    'judge allow its positive twin, an exempted pod to the API server',
    'stranger deny a pod without rights to the instance metadata service',
    'judge allow its positive twin, an exempted pod to the instance metadata service',
    'stranger deny a pod without rights to a pod of another namespace',
    'judge allow its positive twin, an exempted pod to a pod of another namespace',
    'stranger deny a pod without rights to the internet',
    'judge allow its positive twin, an exempted pod to the internet',
    'stranger allow a pod without rights to the cluster DNS, UDP',
    'stranger allow a pod without rights to the cluster DNS, TCP',
    'stranger allow a pod without rights to the Pod Identity agent',
    'as-1 allow Platform/Cluster/ExpectAllowed/WebReachesApi: pods app=web in web to pods app=api in api',
    'as-2 deny Platform/Cluster/ExpectDenied/ApiNeverReachesWeb: pods app=api in api to pods app=web in web',
    'judge allow Platform/Cluster/ExpectDenied/ApiNeverReachesWeb: pods app=api in api to pods app=web in web',
  ]);
  const place = ({ kind, host, port }: any) => `${kind} ${host.replace(/-[0-9a-f]{8}\./, '.')} ${port}`;
  expect([...new Set(config.checks.map(place))]).toEqual([
    'tcp env:HOST_IP 10250', 'tcp env:KUBERNETES_SERVICE_HOST 443', 'tcp 169.254.169.254 80', 'tcp target.eks-probe-target.svc.cluster.local 8080',
    'tcp checkip.amazonaws.com 443', 'dns kubernetes.default.svc.cluster.local undefined', 'tcp dns: 53', 'tcp 169.254.170.23 80',
    'tcp api.api.svc.cluster.local 80', 'tcp web.web.svc.cluster.local 80',
  ]);
  const denied = config.checks.filter(({ expected }: any) => expected === 'deny');
  expect(denied).toHaveLength(6);
  for (const check of denied) expect(config.checks).toContainEqual(expect.objectContaining({ by: 'judge', expected: 'allow', host: check.host, port: check.port }));
  const borrowed = objects.find(({ kind, metadata }) => kind === 'Job' && metadata.namespace === 'web').spec.template;
  expect(borrowed).toMatchObject({ metadata: { labels: { app: 'web' } }, spec: { serviceAccountName: 'default', readinessGates: [{ conditionType: 'secure-eks.io/never-ready' }], automountServiceAccountToken: false } });
});

test('what it may do is there for the run only, of the judge only, and allows come before Passes and the verdict last', () => {
  const made = shop();
  const [{ objects, name }] = probesOf(made);
  const tag = name.slice(-8);
  const hooks = objects.filter(({ metadata }) => metadata.annotations);
  expect(hooks.map(({ kind, metadata }) => `${metadata.annotations['helm.sh/hook-weight']} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
    ...['judge-to-target-egress', 'judge-to-target-ingress', 'judge-to-internet-egress', 'twin-3-egress', 'twin-3-ingress', 'judge-kubelet-egress', 'judge-apiserver-egress', 'judge-imds-egress']
      .map((policy) => `-30 GlobalNetworkPolicy /eks-allow.eks-probe-${policy}`),
    '-20 GlobalNetworkPolicy /eks-guardrails.internet-eks-probe-judge-to-internet-exempt',
    ...['kubelet', 'apiserver', 'imds'].map((word) => `-20 GlobalNetworkPolicy /eks-guardrails.${word === 'kubelet' ? 'kubelet' : word}-eks-probe-judge-${word}-exempt`.replace(/guardrails\.[a-z]+-eks/, 'guardrails.eks')),
    ...['eks-probe', 'web', 'api'].flatMap((namespace) => [`-10 Role ${namespace}/eks-probe`, `-10 RoleBinding ${namespace}/eks-probe`]),
    `0 Job eks-probe/enforcement-unproven-see-events-${tag}`,
  ]);
  for (const { metadata } of hooks) {
    expect(metadata.annotations).toMatchObject({ 'helm.sh/hook': 'post-install,post-upgrade', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded,hook-failed' });
  }
  for (const { kind, metadata, spec } of hooks.filter((each) => each.kind === 'GlobalNetworkPolicy' && !each.metadata.name.endsWith('-ingress'))) {
    expect([kind, metadata.name, spec.namespaceSelector]).toEqual([kind, metadata.name, "projectcalico.org/name == 'eks-probe'"]);
    expect(spec.serviceAccountSelector).toContain(`'judge-${tag}'`);
  }
  expect(objects.filter(({ kind, metadata }) => !metadata.annotations && kind.endsWith('Policy'))).toEqual([]);
  expect(objectsOf(releasesOf(resourcesOf(made.app.synth(), made.stack))['eks-namespaces']).filter(({ metadata }) => metadata.name.startsWith('eks-probe')).map(({ metadata }) => [metadata.name, metadata.labels]))
    .toEqual(['eks-probe', 'eks-probe-target'].map((namespace) => [namespace, { 'pod-security.kubernetes.io/enforce': 'restricted' }]));
  expect(JSON.stringify(objectsOf(releasesOf(resourcesOf(made.app.synth(), made.stack))['eks-admission-guards']))).toContain('secure-eks-probe-pods');
});

test('without a probe there is no namespace and no guard for one, and no word of it in the report', () => {
  const { app, stack } = testCluster();
  const assembly = app.synth();
  expect(JSON.stringify(assembly.getStackArtifact(stack.artifactId).template)).not.toMatch(/eks-probe|probe-pods/);
  expect(fileOf(assembly, 'Platform.network-report.md')).not.toMatch(/live cluster|no probe/i);
});

test('the deployment waits: after all that the stack deploys, within what a function has, and no flow but a failing one is lost', () => {
  const { app, stack } = shop({ timeout: Duration.minutes(6) });
  const resources = resourcesOf(app.synth(), stack);
  const id = (release: string) => Object.keys(resources).find((each) => String(resources[each].Properties?.Release ?? '').startsWith(release))!;
  for (const earlier of ['eks-default-deny', 'eks-allows', 'eks-admission-guards', 'eks-namespaces', 'apps']) expect([earlier, waitsFor(resources, id(PROBE), id(earlier))]).toEqual([earlier, true]);
  expect(resources[id(PROBE)].Properties).toMatchObject({ Wait: true, Atomic: true, Timeout: '420s', Namespace: 'kube-system' });
});

test('a change of a policy, of Calico, of nodes or of the probe probes anew; a tag, another order or another id does not', () => {
  const first = nameOf(shop());
  expect(nameOf(shop())).toBe(first);
  expect(nameOf(shop({}, {}, ({ stack }) => Tags.of(stack).add('team', 'platform')))).toBe(first);
  expect(nameOf(shop({}, { clusterName: undefined }))).toBe(first);
  const others = {
    rule: nameOf(shop({}, {}, ({ cluster }) => { cluster.allowTraffic('More', { source: NetworkPeer.namespace('api'), destination: NetworkPeer.namespace('api'), ports: [NetworkPort.tcp(1)] }); })),
    exemption: nameOf(shop({}, {}, ({ cluster }) => { cluster.allowKubeletAccess('More', { namespace: 'kube-system', serviceAccounts: ['metrics-server'], reason: 'metrics' }); })),
    teams: nameOf(shop({}, {}, ({ cluster }) => { cluster.addManifest('Team', { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'own', namespace: 'api' }, spec: { podSelector: { matchLabels: { app: 'other' } } } }); })),
    systemNamespaces: nameOf(shop({}, { systemNamespaces: SystemNamespaces.DEFAULT.plus('legacy', 'it is old') })),
    calico: nameOf(shop({}, { calico: { registry: 'registry.example.com' } })),
    nodes: nameOf(shop({}, {}, ({ cluster }) => { cluster.addNodegroup('More', { diskSize: Size.gibibytes(50) }); })),
    flows: nameOf(shop({ flows: [EnforcementFlow.DNS] })),
    hold: nameOf(shop({ hold: Duration.seconds(20) })),
    image: nameOf(shop({ image: 'registry.example.com/node:1' })),
    expectation: nameOf(shop({}, {}, ({ cluster }) => { cluster.expectDenied('More', { source: NetworkPeer.pods('api', { app: 'api' }), destination: NetworkPeer.kubelet() }); })),
    staged: nameOf(shop({}, { enforcement: PolicyEnforcement.STAGED })),
  };
  expect(new Set([first, ...Object.values(others)]).size).toBe(Object.keys(others).length + 1);
});

test('another name is another resource: the older release goes when the newer one has proved itself, and taking it back runs nothing', () => {
  const idOf = (made: TestCluster) => Object.entries(resourcesOf(made.app.synth(), made.stack)).filter(([, { Properties }]) => String(Properties?.Release ?? '').startsWith(PROBE)).map(([id]) => id);
  const [before] = idOf(shop());
  const [after] = idOf(shop({ hold: Duration.seconds(20) }));
  expect(after).not.toBe(before);
});

test.each([PolicyEnforcement.STAGED, PolicyEnforcement.ALLOWS_ENFORCED])('%s: it reports, allows itself nothing, and nothing waits for it', (enforcement) => {
  const made = shop({}, { enforcement });
  const [{ objects, config, release }] = probesOf(made);
  expect(config.mode).toBe('report');
  expect(objects.filter(({ kind, metadata }) => metadata.annotations || kind.endsWith('NetworkPolicy'))).toEqual([]);
  expect(objects.map(({ kind }) => kind)).toContain('Job');
  expect([release.Properties.Wait, release.Properties.Atomic]).toEqual([undefined, undefined]);
  expect(fileOf(made.app.synth(), 'Platform.network-report.md')).toContain('**Reported only, as enforcement is staged**');
});

describe('what no probe covers', () => {
  const notCovered = (made: TestCluster) => {
    const report = fileOf(made.app.synth(), 'Platform.network-report.md');
    return report.slice(report.indexOf('## Covered by no probe')).split('\n').filter((line) => line.startsWith('- ')).map((line) => line.replace(/\\/g, ''));
  };
  const expecting = (id: string, options: object, objects: object[] = [], expected: 'Allowed' | 'Denied' = 'Denied') => notCovered(shop({}, {}, ({ cluster }) => {
    cluster.addManifest('More', ...objects, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' } });
    cluster[`expect${expected}`](id, options as never);
  }))[0]?.replace(/^.*?: .*?: /, '');
  const [web, api] = [NetworkPeer.pods('web', { app: 'web' }), NetworkPeer.pods('api', { app: 'api' })];

  test('everything here is', () => expect(notCovered(shop())).toEqual([]));

  test('flows that were not asked for', () => {
    expect(notCovered(shop({ flows: [EnforcementFlow.KUBELET] }))).toEqual([
      'apiServer', 'crossNamespace', 'dns', 'expectations', 'instanceMetadata', 'internet', 'podIdentity',
    ].map((flow) => `- ${flow}: it is not among the flows that were asked for`));
  });

  test.each<[string, object, object[], string]>([
    ['a source that is no pod', { source: NetworkPeer.loadBalancers(), destination: api, ports: [NetworkPort.tcp(1)] }, [], 'only pods can be run, and the load-balancer subnets are none'],
    ['a source of the system', { source: NetworkPeer.pods('kube-system', { app: 'x' }), destination: NetworkPeer.kubelet() }, [], "its source is in 'kube-system', which runs the cluster: no probe goes there"],
    ['a workload without a Service', { source: web, destination: NetworkPeer.pods('api', { app: 'lone' }) }, [deployment('api', 'lone', 1)], 'no Service in view leads to TCP ports of api/lone that it is about'],
    ['ports that no Service has', { source: api, destination: web, ports: [NetworkPort.tcp(9)] }, [], 'no Service in view leads to TCP ports of web/web that it is about'],
    ['a range', { source: web, destination: NetworkPeer.cidr('203.0.113.0/24') }, [], '203.0.113.0/24 is no single address to connect to'],
    ['a range known at deployment', { source: web, destination: NetworkPeer.cidr('198.51.100.7/32', '198.51.100.9/32') }, [], '198.51.100.7/32, 198.51.100.9/32 is no single address to connect to'],
    ['every port of an address', { source: web, destination: NetworkPeer.cidr('198.51.100.7/32') }, [], 'it names no single TCP port'],
    ['UDP to the internet', { source: web, destination: NetworkPeer.internet(), ports: [NetworkPort.udp(443)] }, [], 'the probe knows port 443 there only'],
    ['an account that nobody makes', { source: NetworkPeer.serviceAccount('web', 'ghost'), destination: NetworkPeer.kubelet() }, [], 'service account web/ghost is not in view'],
    ['a Service that sends traffic to what is not ready', { source: NetworkPeer.pods('web', { app: 'peer' }), destination: NetworkPeer.kubelet() },
      [deployment('web', 'peer', 1), service('web', 'peer', 1, 1, { clusterIP: 'None', publishNotReadyAddresses: true })], "Service web/peer sends traffic to pods that are not ready, and the probe's would get some"],
  ])('%s', (_what, options, objects, reason) => expect(expecting('More', options, objects)).toBe(reason));

  test('a denial whose positive twin the model denies proves nothing', () => {
    const policy = { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'default.nobody-to-db' }, spec: { tier: 'kube-admin', selector: "app == 'db'", types: ['Ingress'], ingress: [{ action: 'Deny' }] } };
    const db = [deployment('api', 'db', 5432), service('api', 'db', 5432, 5432)];
    expect(expecting('More', { source: web, destination: NetworkPeer.pods('api', { app: 'db' }) }, db)).toBeUndefined();
    expect(expecting('More', { source: web, destination: NetworkPeer.pods('api', { app: 'db' }) }, [...db, policy])).toMatch(/^of its positive twin the model says: denied by GlobalNetworkPolicy\/default\.nobody-to-db rule 0/);
  });

  test('in a given VPC the internet, until somebody says what is reached there', () => {
    const vpc = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Given', {
      vpcId: 'vpc-1', vpcCidrBlock: '10.0.0.0/16', availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetIpv4CidrBlocks: ['10.0.0.0/20', '10.0.16.0/20'], privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    });
    const probed = (options: EnforcementProbeOptions) => {
      const app = new App();
      const stack = new Stack(app, 'Platform', { env: { account: '111122223333', region: 'eu-west-1' } });
      const cluster = clusterIn(stack, { cluster: { vpc: vpc(stack) } });
      cluster.verifyEnforcement(options);
      return probesOf({ app, stack })[0].config.checks.filter(({ flow }: any) => flow.endsWith('the internet')).map(({ host, port }: any) => `${host}:${port}`);
    };
    expect(probed({})).toEqual([]);
    expect(probed({ internetTarget: 'updates.example.com', internetPort: 8443 })).toEqual(['updates.example.com:8443', 'updates.example.com:8443']);
  });
});

describe('what is wrong with a probe', () => {
  test.each<[string, EnforcementProbeOptions, string]>([
    ['an unknown flow', { flows: ['dns', 'gossip'] as never }, "flows has 'gossip', and a probe knows kubelet, apiServer, instanceMetadata, crossNamespace, internet, dns, podIdentity, expectations; name one of these with EnforcementFlow [cdk-secure-eks:probeFlowUnknown]"],
    ['a token as a flow', { flows: [Token.asString({ Ref: 'Flow' })] as never }, 'flows has a value known only at deployment, and a probe knows kubelet, apiServer, instanceMetadata, crossNamespace, internet, dns, podIdentity, expectations; name one of these with EnforcementFlow [cdk-secure-eks:probeFlowUnknown]'],
    ['no flow', { flows: [] }, 'flows is empty, and an empty list never means everything; leave flows out for all of them, or name some [cdk-secure-eks:probeFlowsMissing]'],
    ['no image', { image: 'node 24' }, "image is 'node 24', which is no reference of an image; write registry/name:tag, or registry/name@sha256:digest [cdk-secure-eks:probeImage]"],
    ['a run too short', { timeout: Duration.seconds(119) }, 'timeout is 119 s, and it must be 120 to 360 s; write Duration.seconds() from 120 to 360 [cdk-secure-eks:probeTime]'],
    ['a run too long', { timeout: Duration.seconds(361) }, 'timeout is 361 s, and it must be 120 to 360 s; write Duration.seconds() from 120 to 360 [cdk-secure-eks:probeTime]'],
    ['a run of unknown length', { timeout: Duration.seconds(Token.asNumber({ Ref: 'Seconds' })) }, 'timeout is known only at deployment, and it must be 120 to 360 s; write Duration.seconds() from 120 to 360 [cdk-secure-eks:probeTime]'],
    ['a hold too short', { hold: Duration.millis(4900) }, 'hold is 4.9 s, and it must be 5 to 60 s; write Duration.seconds() from 5 to 60 [cdk-secure-eks:probeTime]'],
    ['a URL', { internetTarget: 'https://example.com' }, "internetTarget is 'https://example.com', which is no name of a host; name a host outside the VPC that a pod with the right reaches, without a scheme or port [cdk-secure-eks:probeInternetTarget]"],
    ['a private address', { internetTarget: '10.1.2.3' }, "internetTarget is '10.1.2.3', which is no public address; name a host outside the VPC that a pod with the right reaches, without a scheme or port [cdk-secure-eks:probeInternetTarget]"],
    ['no port', { internetPort: 0 }, 'internetPort is 0; write a port from 1 to 65535 [cdk-secure-eks:probeInternetTarget]'],
    ['a port known at deployment', { internetPort: Token.asNumber({ Ref: 'Port' }) }, 'internetPort is known only at deployment, and a policy of the probe is to name it; write a port from 1 to 65535 [cdk-secure-eks:probeInternetTarget]'],
  ])('%s', (_what, options, message) => expect(errors(options)).toEqual([message]));

  test.each<[string, EnforcementProbeOptions]>([
    ['the shortest run and hold', { timeout: Duration.seconds(120), hold: Duration.seconds(5) }],
    ['the longest', { timeout: Duration.seconds(360), hold: Duration.seconds(60) }],
    ['tokens where they may stand', { image: Token.asString({ Ref: 'Image' }), internetTarget: Token.asString({ Ref: 'Target' }) }],
    ['a public address and the last port', { internetTarget: '198.41.0.4', internetPort: 65_535 }],
    ['an image by digest', { image: `registry.example.com:5000/mirror/node@sha256:${'a'.repeat(64)}` }],
  ])('%s is accepted', (_what, options) => expect(errors(options)).toEqual([]));

  test('a second one in a stack', () => {
    expect(() => shop().cluster.verifyEnforcement()).toThrow('Platform/Cluster/EnforcementProbes/Probe2: Platform/Cluster/EnforcementProbes/Probe1 is a probe of this network in the same stack already, and one tries all there is to try; remove one of the two');
  });

  test('a token travels as the template knows it, and probes anew only with what it stands for here', () => {
    const made = shop({ image: Fn.importValue('Image'), internetTarget: Fn.importValue('Target') });
    const [{ release }] = probesOf(made);
    expect(JSON.stringify(release.Properties.Values)).toMatch(/"Fn::ImportValue":"Image"/);
    expect(nameOf(shop({ image: Fn.importValue('Image'), internetTarget: Fn.importValue('Target') }))).toBe(release.Properties.Release);
    expect(nameOf(shop({ image: Fn.importValue('Other'), internetTarget: Fn.importValue('Target') }))).not.toBe(release.Properties.Release);
  });
});

describe('a probe of another stack', () => {
  /** The cluster's stack says nothing of `late`, which an application stack brings with its own probe. */
  function twoStacks(ownProbe: boolean, clustersProbe = true) {
    const { app, stack, cluster } = testCluster();
    cluster.addNamespace('web');
    cluster.addNamespace('api');
    const [web, api] = [NetworkPeer.pods('web', { app: 'web' }), NetworkPeer.pods('api', { app: 'api' })];
    cluster.addManifest('Web', deployment('web', 'web', 8080), service('web', 'web', 80, 8080));
    if (clustersProbe) cluster.verifyEnforcement();
    const shopStack = new Stack(app, 'Shop');
    const chart = new cdk8s.Chart(new cdk8s.App(), 'api');
    for (const each of [deployment('api', 'api', 9898), service('api', 'api', 80, 9898)] as any[]) new cdk8s.ApiObject(chart, each.kind, each);
    const added = new ApplicationChart(shopStack, 'Chart', { network: cluster, chart });
    new TrafficRule(shopStack, 'WebToApi', { network: cluster, source: web, destination: api, ports: [NetworkPort.tcp(9898)] });
    new ConnectivityExpectation(shopStack, 'ApiNeverReachesWeb', { network: cluster, source: api, destination: web, allowed: false });
    // Said in the cluster's stack, about what another one brings.
    cluster.expectAllowed('WebReachesApi', { source: web, destination: api, ports: [NetworkPort.tcp(9898)] });
    const probe = ownProbe ? added.verifyEnforcement() : undefined;
    return { app, stack, shopStack, probe };
  }
  const expectationsIn = (flows: string[]) => flows.filter((flow) => flow.includes('Expect') || flow.includes('Never')).map((flow) => flow.replace(/: .*/, ''));

  test('tries what its stack deploys, and the cluster\'s what all of them have', () => {
    const { app, stack, shopStack, probe } = twoStacks(true);
    expect(probe!.node.path).toBe('Shop/ChartEnforcementProbe');
    const [platform] = probesOf({ app, stack });
    const [own] = probesOf({ app, stack: shopStack });
    expect(expectationsIn(platform.flows)).toEqual([]);
    expect(expectationsIn(own.flows)).toEqual(['as-1 allow Platform/Cluster/ExpectAllowed/WebReachesApi', 'as-2 deny Shop/ApiNeverReachesWeb', 'judge allow Shop/ApiNeverReachesWeb']);
    expect(own.name).toMatch(/^eks-enforcement-probe-[0-9a-f]{8}-[0-9a-f]{8}$/);
    const names = ({ objects }: typeof own) => objects.filter(({ metadata }) => metadata.annotations).map(({ metadata }) => `${metadata.namespace} ${metadata.name}`);
    expect(names(own).filter((each) => names(platform).includes(each))).toEqual([]);
    expect(fileOf(app.synth(), 'Platform.network-report.md')).toContain('Nothing: every flow and every expectation is tried.');
  });

  test('without it the report says what is not tried, and what it would need', () => {
    const { app } = twoStacks(false);
    const report = fileOf(app.synth(), 'Platform.network-report.md').replace(/\\/g, '');
    expect(report).toContain('- Platform/Cluster/ExpectAllowed/WebReachesApi: pods app=web in web to pods app=api in api: it needs Shop/Chart, which no stack before the probe\'s deploys');
    expect(report).toContain('- Shop/ApiNeverReachesWeb: no probe is in its stack, or in one that waits for it');
  });

  test('waits for what its stack deploys, and has the cluster\'s namespaces and guard without a probe there', () => {
    const { app, stack, shopStack } = twoStacks(true, false);
    const assembly = app.synth();
    const resources = resourcesOf(assembly, shopStack);
    const id = (release: RegExp) => Object.keys(resources).find((each) => release.test(String(resources[each].Properties?.Release ?? '')))!;
    expect(waitsFor(resources, id(/^eks-enforcement-probe/), id(/^chart$/))).toBe(true);
    expect(waitsFor(resources, id(/^eks-enforcement-probe/), id(/^eks-allows/))).toBe(true);
    expect(JSON.stringify(objectsOf(releasesOf(resourcesOf(assembly, stack))['eks-namespaces']))).toContain('eks-probe-target');
  });

  test('one with nothing to try is told, and may be accepted', () => {
    const { app, cluster } = testCluster();
    const other = new Stack(app, 'Other');
    const probe = new EnforcementProbe(other, 'Probe', { network: cluster });
    const warnings = () => app.synth().getStackArtifact('Platform').messages.map(({ entry }) => String(entry.data)).filter((text) => text.includes('probeEmpty'));
    expect(warnings()).toHaveLength(1);
    expect(probe.node.path).toBe('Other/Probe');
    const accepted = testCluster();
    new EnforcementProbe(new Stack(accepted.app, 'Other'), 'Probe', { network: accepted.cluster });
    accepted.cluster.acknowledge('probeEmpty', { subject: 'Other/Probe', reason: 'expectations follow' });
    expect(accepted.app.synth().getStackArtifact('Platform').messages.filter(({ entry }) => String(entry.data).includes('probeEmpty'))).toEqual([]);
  });
});

test('cluster.images lists its image', () => {
  const image = (options: EnforcementProbeOptions) => shop(options).cluster.images.filter(({ name }) => name === 'docker/library/node');
  expect(image({})).toEqual([{
    kind: 'image', name: 'docker/library/node', repository: 'public.ecr.aws/docker/library/node', tag: '24.11.0-alpine3.22',
    source: 'public.ecr.aws/docker/library/node', usedBy: 'probes of the network in the live cluster',
  }]);
  expect(image({ image: `registry.example.com:5000/node:1@sha256:${'a'.repeat(64)}` })).toMatchObject([{ repository: 'registry.example.com:5000/node', tag: '1', digest: `sha256:${'a'.repeat(64)}` }]);
  expect(testCluster().cluster.images.map(({ name }) => name)).not.toContain('docker/library/node');
});
