import { App as CdkApp, CfnParameter, Stack } from 'aws-cdk-lib';
import { ApiObject, App, Chart } from 'cdk8s';
import * as plus27 from 'cdk8s-plus-27';
import * as plus34 from 'cdk8s-plus-34';
import { InternalLoadBalancer } from '../src';
import { deepFreeze, errorsOf, fileOf, objectsOf, releasesOf, resourcesOf, testCluster } from './fixture';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';
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
  test('it throws, because nobody knows the VPC', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope));
    expect(() => scope.toJson()).toThrow(new Error('shop/Web was rendered without a cluster, whose VPC limits its load balancer; add its chart to a cluster, or name the sources'));
  });

  test('with sources it renders', () => {
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope), { sources: ['10.8.0.0/16'] });
    expect(scope.toJson()[0].spec).toMatchObject({ loadBalancerSourceRanges: ['10.8.0.0/16'], externalTrafficPolicy: 'Local' });
  });

  test('a source may be known at deployment', () => {
    const token = new CfnParameter(new Stack(new CdkApp(), 'Demo'), 'Clients').valueAsString;
    const scope = chart();
    InternalLoadBalancer.apply(plain(scope), { sources: [token] });
    expect(scope.toJson()[0].spec.loadBalancerSourceRanges).toEqual([token]);
  });
});

describe('what is wrong throws', () => {
  test('where it is said', () => {
    const scope = chart();
    const map = new ApiObject(scope, 'Map', { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(() => InternalLoadBalancer.apply(map)).toThrow(new Error('InternalLoadBalancer.apply(shop/Map): it is a ConfigMap; give a Service of type LoadBalancer'));
    expect(() => InternalLoadBalancer.apply(scope)).toThrow(new Error('InternalLoadBalancer.apply(shop): it is no Kubernetes object; give a Service of type LoadBalancer'));
    const service = plain(scope);
    expect(() => InternalLoadBalancer.apply(service, { sources: [] })).toThrow(new Error(
      'InternalLoadBalancer.apply(shop/Web): sources is empty, and an empty list never means everything; name the ranges, or leave it out for the VPC\'s'));
    expect(() => InternalLoadBalancer.apply(service, { sources: ['10.0.0.0/8', '10.8.0.1/16'] })).toThrow(new Error(
      "InternalLoadBalancer.apply(shop/Web): '10.8.0.1/16' has bits set behind its mask: write 10.8.0.0/16, or 10.8.0.1/32 for the one address"));
    InternalLoadBalancer.apply(service);
    expect(() => InternalLoadBalancer.apply(service)).toThrow(new Error('InternalLoadBalancer.apply(shop/Web): it was applied already; apply it once'));
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
