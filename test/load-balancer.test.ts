import { App as CdkApp, CfnParameter, Stack } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { ApiObject, App, Chart } from 'cdk8s';
import * as plus27 from 'cdk8s-plus-27';
import * as plus34 from 'cdk8s-plus-34';
import { ApplicationChart, InternalLoadBalancer, LoadBalancerController, NetworkPeer, NetworkPort, RestrictedLoadBalancer } from '../src';
import { clusterIn, deepFreeze, errorsOf, fileOf, objectsOf, releasesOf, resourcesOf, testCluster } from './fixture';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';
const ALB = 'alb.ingress.kubernetes.io/';
const chart = () => new Chart(new App(), 'shop', { namespace: 'shop' });
const plain = (scope: Chart, spec: any = {}, annotations?: any) => new ApiObject(scope, 'Web', deepFreeze({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', ...annotations && { annotations } },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
}) as never);

/** Policies of the platform whose name has the word, as emitted. */
function policiesWith(word: string, scope: Chart) {
  const { app, cluster, stack } = testCluster();
  cluster.addNamespace('shop');
  cluster.addCdk8sChart('Shop', scope);
  return objectsOf(releasesOf(resourcesOf(app.synth(), stack))['eks-allows']).filter(({ metadata }) => metadata.name.includes(word));
}

describe.each([['cdk8s-plus-27', plus27], ['cdk8s-plus-34', plus34 as unknown as typeof plus27]])('InternalLoadBalancer.apply to a Service of %s', (_, plus) => {
  test.each(['before', 'after'])('called %s the type is set, the chart is rendered for its cluster', (when) => {
    const scope = chart();
    const web = new plus.Deployment(scope, 'Web', { metadata: { name: 'web' }, containers: [{ image: 'nginx', portNumber: 8080 }] });
    const service = new plus.Service(scope, 'Service', {
      metadata: { name: 'web', annotations: { 'example.com/owner': 'a' } }, selector: web, ports: [{ port: 80, targetPort: 8080 }], type: plus.ServiceType.LOAD_BALANCER,
    });
    if (when === 'before') InternalLoadBalancer.apply(service);
    service.metadata.addAnnotation('example.com/late', 'b');
    if (when === 'after') InternalLoadBalancer.apply(service);
    const { app, cluster, stack } = testCluster();
    cluster.addNamespace('shop');
    cluster.addCdk8sChart('Shop', scope);
    const assembly = app.synth();
    const releases = releasesOf(resourcesOf(assembly, stack));
    expect(objectsOf(releases.shop).find(({ kind }) => kind === 'Service')).toMatchObject({
      metadata: { annotations: { 'example.com/owner': 'a', 'example.com/late': 'b', [`${PREFIX}internal`]: 'true', [`${PREFIX}scheme`]: 'internal' } },
      spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/16'], externalTrafficPolicy: 'Local' },
    });
    expect(objectsOf(releases['eks-allows'])).toEqual([expect.objectContaining({
      metadata: { name: 'eks-allow.load-balancer-shop.web-ingress' },
      spec: expect.objectContaining({
        namespaceSelector: "projectcalico.org/name == 'shop'",
        ingress: [{ action: 'Allow', protocol: 'TCP', source: { nets: expect.any(Array) }, destination: { ports: [8080] } }],
      }),
    })]);
    expect(fileOf(assembly, 'Platform.network-report.md')).toContain('- Service shop/web: internal, admits 10.0.0.0/16');
  });
});

describe('the way to the pods is opened', () => {
  test('from the clients, where the load balancer keeps their address', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope, {}, { [`${PREFIX}type`]: 'nlb' }), { sources: ['10.8.0.0/16', '10.9.0.0/16'] });
    expect(policiesWith('load-balancer', scope)[0].spec.ingress[0].source).toEqual({ nets: ['10.8.0.0/16', '10.9.0.0/16'] });
  });

  test('from the nodes, where one of them translates it', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope, { externalTrafficPolicy: 'Cluster' }));
    const [policy] = policiesWith('load-balancer', scope);
    expect(policy.spec.ingress[0].source).toMatchObject({ notSelector: 'has(projectcalico.org/orchestrator)' });
  });

  test('to no pod, where the Service selects none', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope, { selector: undefined }));
    const made = testCluster();
    made.cluster.addNamespace('shop');
    made.cluster.addCdk8sChart('Shop', scope);
    expect(errorsOf(made)).toEqual([
      'Platform/Cluster/Charts/Shop: it selects pods by no label at all, and an empty list never means everything; write it as the rule says [cdk-secure-eks:kubernetesSyntax]',
    ]);
  });
});

describe('without a cluster', () => {
  const { IN_TREE, AWS } = LoadBalancerController;

  test.each([[{}], [{ sources: ['10.8.0.0/16'] }], [{ controller: IN_TREE }]])('it throws, because nobody knows the dialect or the VPC: %#', (options) => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope), options);
    expect(() => scope.toJson()).toThrow(new Error(
      'shop/Web was rendered without a cluster, which would say the dialect and the sources of its load balancer; add its chart to a cluster, or name controller and sources'));
  });

  test('with controller and sources it renders', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope), { sources: ['10.8.0.0/16'], controller: AWS });
    expect(scope.toJson()[0]).toMatchObject({
      metadata: { annotations: { [`${PREFIX}scheme`]: 'internal' } },
      spec: { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: ['10.8.0.0/16'], externalTrafficPolicy: 'Local' },
    });
  });

  test('a source may be known at deployment', () => {
    const token = new CfnParameter(new Stack(new CdkApp(), 'Demo'), 'Clients').valueAsString;
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope), { sources: [token], controller: IN_TREE });
    expect(scope.toJson()[0].spec.loadBalancerSourceRanges).toEqual([token]);
  });
});

describe('plain data', () => {
  const manifest = deepFreeze({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] } });
  const sources = ['192.0.2.0/24'];

  test('becomes a new object, and stays as it is', () => {
    const made = InternalLoadBalancer.toManifest(manifest, { sources, controller: LoadBalancerController.IN_TREE });
    expect(made).toMatchObject({ metadata: { annotations: { [`${PREFIX}internal`]: 'true' } }, spec: { loadBalancerSourceRanges: sources, selector: { app: 'web' } } });
    made.spec.selector.app = 'other';
    expect(manifest.spec.selector.app).toBe('web');
    expect(RestrictedLoadBalancer.toManifest(manifest, { sources, controller: LoadBalancerController.AWS })).toMatchObject({
      metadata: { annotations: { [`${PREFIX}scheme`]: 'internet-facing' } }, spec: { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: sources },
    });
  });

  test.each<[any, any, string]>([
    [{ kind: 'ConfigMap' }, sources, 'InternalLoadBalancer.toManifest: it is a ConfigMap; give a Service of type LoadBalancer or an Ingress'],
    [{}, sources, 'InternalLoadBalancer.toManifest: it is no Kubernetes object; give a Service of type LoadBalancer or an Ingress'],
    [manifest, [], "InternalLoadBalancer.toManifest: sources is empty, and an empty list never means everything; name the ranges, or leave it out for the VPC's"],
    [manifest, ['office'], "InternalLoadBalancer.toManifest: 'office' is no CIDR: write an address, '/' and the length of the mask, as 192.0.2.0/24"],
    [{ ...manifest, spec: {} }, sources, 'InternalLoadBalancer.toManifest: Service web: it is a Service of type ClusterIP, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer'],
  ])('that has none throws: %#', (object, ranges, message) => {
    expect(() => InternalLoadBalancer.toManifest(object, { sources: ranges, controller: LoadBalancerController.IN_TREE })).toThrow(new Error(message));
  });
});

describe('what is wrong throws', () => {
  test('where it is said', () => {
    const scope = chart();
    const map = new ApiObject(scope, 'Map', { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(() => InternalLoadBalancer.apply(map)).toThrow(new Error('InternalLoadBalancer.apply(shop/Map): it is a ConfigMap; give a Service of type LoadBalancer or an Ingress'));
    expect(() => InternalLoadBalancer.apply(scope)).toThrow(new Error('InternalLoadBalancer.apply(shop): it is no Kubernetes object; give a Service of type LoadBalancer or an Ingress'));
    const service = plain(scope);
    expect(() => InternalLoadBalancer.apply(service, { sources: [] })).toThrow(new Error(
      'InternalLoadBalancer.apply(shop/Web): sources is empty, and an empty list never means everything; name the ranges, or leave it out for the VPC\'s'));
    expect(() => InternalLoadBalancer.apply(service, { sources: ['10.0.0.0/8', '10.8.0.1/16'] })).toThrow(new Error(
      "InternalLoadBalancer.apply(shop/Web): '10.8.0.1/16' has bits set behind its mask: write 10.8.0.0/16, or 10.8.0.1/32 for the one address"));
    InternalLoadBalancer.apply(service);
    expect(() => RestrictedLoadBalancer.apply(service, { sources: ['192.0.2.0/24'] })).toThrow(new Error('RestrictedLoadBalancer.apply(shop/Web): InternalLoadBalancer.apply was applied already; apply one of them, once'));
  });

  test.each<[any, any, string]>([
    [{ type: 'NodePort' }, {}, 'it is a Service of type NodePort, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer'],
    [{}, { [`${PREFIX}scheme`]: 'internet-facing' }, `annotation ${PREFIX}scheme is 'internet-facing', and this asks for 'internal'; remove one of them`],
    [{ loadBalancerSourceRanges: ['10.1.0.0/16'] }, {}, 'spec.loadBalancerSourceRanges is 10.1.0.0/16, and this asks for 10.8.0.0/16; remove one of them'],
  ])('or with all other problems at synthesis: %j %j', (spec, annotations, message) => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope, spec, annotations), { sources: ['10.8.0.0/16'] });
    const made = testCluster();
    made.cluster.addNamespace('shop');
    made.cluster.addCdk8sChart('Shop', scope);
    expect(errorsOf(made)).toEqual([
      `Platform/Cluster/Charts/Shop: InternalLoadBalancer.apply: Service shop/web: ${message}; mend it as the message says [cdk-secure-eks:unreadable]`,
    ]);
  });
});

/** The rendered objects of a chart, as they travel to one cluster. */
const travelling = (assembly: CloudAssembly, stack: Stack, release: string) => objectsOf(releasesOf(resourcesOf(assembly, stack))[release]);

describe.each([['cdk8s-plus-27', plus27], ['cdk8s-plus-34', plus34 as unknown as typeof plus27]])("with AWS' controller, of %s", (_, plus) => {
  test('a Service and an Ingress in its dialect', () => {
    const scope = chart();
    const web = new plus.Deployment(scope, 'Web', { metadata: { name: 'web' }, containers: [{ image: 'nginx', portNumber: 8080 }] });
    const service = new plus.Service(scope, 'Service', { metadata: { name: 'web' }, selector: web, ports: [{ port: 80, targetPort: 8080 }], type: plus.ServiceType.LOAD_BALANCER });
    const inside = new plus.Service(scope, 'Inside', { metadata: { name: 'inside' }, selector: web, ports: [{ port: 80, targetPort: 8080 }] });
    const entry = new plus.Ingress(scope, 'Entry', { metadata: { name: 'entry' } });
    RestrictedLoadBalancer.apply(service, { sources: ['192.0.2.0/24'] });
    InternalLoadBalancer.apply(entry);
    entry.addRule('/', plus.IngressBackend.fromService(inside));
    const { app, cluster, stack } = testCluster({ cluster: { loadBalancerController: LoadBalancerController.AWS } });
    cluster.addNamespace('shop');
    cluster.addCdk8sChart('Shop', scope);
    cluster.expectAllowed('BalancerReachesWeb', { source: NetworkPeer.loadBalancer(entry), destination: NetworkPeer.fromWorkload(web), ports: [NetworkPort.tcp(8080)] });
    const assembly = app.synth();
    const objects = travelling(assembly, stack, 'shop');
    expect(objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'web')).toMatchObject({
      metadata: { annotations: { [`${PREFIX}scheme`]: 'internet-facing', [`${PREFIX}nlb-target-type`]: 'instance', [`${PREFIX}subnets`]: expect.stringContaining("'Ref':'ClusterVpcpublicSubnet1Subnet") } },
      spec: { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: ['192.0.2.0/24'], externalTrafficPolicy: 'Local' },
    });
    expect(objects.find(({ kind }) => kind === 'Ingress')).toMatchObject({
      metadata: { annotations: { [`${ALB}scheme`]: 'internal', [`${ALB}inbound-cidrs`]: '10.0.0.0/16', [`${ALB}subnets`]: expect.stringContaining("'Ref':'ClusterVpcloadbalancerSubnet1Subnet") } },
      spec: { ingressClassName: 'alb' },
    });
    const report = fileOf(assembly, 'Platform.network-report.md');
    expect(report).toContain('- Ingress shop/entry: internal, admits 10.0.0.0/16, to Service shop/inside, port 80');
    expect(report).toMatch(/- Service shop\/web: internet-facing, admits 192\.0\.2\.0\/24, to pods .*, TCP 8080/);
  });
});

test('two load balancers of the same pods are no mistake of whoever wrote neither rule', () => {
  const scope = chart();
  for (const name of ['web', 'web2']) InternalLoadBalancer.apply(new ApiObject(scope, name, { ...(plain(new Chart(new App(), 'other', { namespace: 'shop' })).toJson()), metadata: { name } }));
  const { app, cluster, stack } = testCluster();
  cluster.addNamespace('shop');
  cluster.addCdk8sChart('Shop', scope);
  const messages = app.synth().getStackArtifact(stack.artifactId).messages.map(({ entry }) => String(entry.data));
  expect(messages.filter((each) => each.includes('ruleCovered'))).toEqual([]);
});

describe('each cluster reads a chart in its own way', () => {
  test('two clusters share one, in another stack than theirs', () => {
    const scope = chart();
    const service = plain(scope);
    InternalLoadBalancer.apply(service);
    const { app, stack, cluster } = testCluster();
    const second = clusterIn(stack, { cluster: { vpcCidr: '10.64.0.0/16', loadBalancerController: LoadBalancerController.AWS } }, 'Second');
    const apps = new Stack(app, 'Apps');
    for (const [id, network] of [['First', cluster], ['Second', second]] as const) {
      network.addNamespace('shop');
      new ApplicationChart(apps, id, { network, chart: scope });
      network.expectDenied('NobodyElse', { source: NetworkPeer.cidr('192.0.2.0/24'), destination: NetworkPeer.service(service) });
    }
    const assembly = app.synth();
    const [[one], [two]] = ['first', 'second'].map((name) => travelling(assembly, apps, name));
    expect(one.spec).toEqual({ externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['10.0.0.0/16'], ports: [{ port: 80, targetPort: 8080 }], selector: { app: 'web' }, type: 'LoadBalancer' });
    expect(two.spec).toMatchObject({ loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: ['10.64.0.0/16'] });
    expect(() => scope.toJson()).toThrow(/was rendered without a cluster/);
  });

  test('an option that contradicts the cluster names both', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope), { controller: LoadBalancerController.AWS });
    const made = testCluster();
    made.cluster.addNamespace('shop');
    made.cluster.addCdk8sChart('Shop', scope);
    expect(errorsOf(made)).toEqual([
      'Platform/Cluster/Charts/Shop: InternalLoadBalancer.apply: shop/Web: its option controller is the AWS Load Balancer Controller, and the cluster has the in-tree cloud controller; remove the option; mend it as the message says [cdk-secure-eks:unreadable]',
    ]);
  });
});

describe('what is open is refused, or accepted by name', () => {
  const open = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] } };

  test('with the reason in the report', () => {
    const { app, cluster } = testCluster();
    cluster.addNamespace('shop');
    cluster.addManifest('Web', open);
    cluster.acknowledge('loadBalancerOpen', { subject: 'Service shop/web', reason: 'it is the shop itself' });
    expect(fileOf(app.synth(), 'Platform.network-report.md')).toContain('- Service shop/web: internet-facing, admits everyone on the internet, to pods app=web in shop, TCP 80; accepted, because it is the shop itself\n');
  });

  test('sources that name nobody are refused wherever they are said', () => {
    const scope = chart();
    RestrictedLoadBalancer.apply(plain(scope), { sources: ['0.0.0.0/1', '128.0.0.0/2'] });
    const made = testCluster();
    made.cluster.addNamespace('shop');
    made.cluster.addCdk8sChart('Shop', scope);
    expect(errorsOf(made)).toContain("Service shop/web: spec.loadBalancerSourceRanges got '0.0.0.0/1', which is broader than a /8; name the ranges of those who need it [cdk-secure-eks:loadBalancerOpen]");
  });

  test('a peer that nobody was asked about throws with the others', () => {
    const scope = chart();
    const service = plain(scope, { type: 'ClusterIP' });
    const made = testCluster();
    made.cluster.addNamespace('shop');
    made.cluster.addCdk8sChart('Shop', scope);
    made.cluster.allowTraffic('In', { source: NetworkPeer.loadBalancer(service), destination: NetworkPeer.pods('shop', { app: 'web' }), ports: [NetworkPort.tcp(80)] });
    expect(errorsOf(made)).toEqual([
      'Platform/Cluster/TrafficRules/In: NetworkPeer.loadBalancer(shop/Web): nobody said who its clients are; apply InternalLoadBalancer or RestrictedLoadBalancer to it; mend it as the message says [cdk-secure-eks:unreadable]',
    ]);
  });
});
