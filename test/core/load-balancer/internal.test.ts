import { internalService, loadBalancerRule, pathToPods } from '../../../src/core/load-balancer/internal';
import { deepFreeze } from '../../fixture';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';
const VPC = ['10.0.0.0/16'];

function service(spec: any = {}, annotations?: any) {
  return deepFreeze({
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', ...annotations && { annotations } },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  });
}

describe('an internal Service', () => {
  test('has both annotations, the ranges and the local policy, and keeps what it had', () => {
    const object = service({ sessionAffinity: 'ClientIP' }, { 'example.com/owner': 'a' });
    expect(internalService(object, VPC)).toEqual({
      ...object,
      metadata: { name: 'web', namespace: 'shop', annotations: { 'example.com/owner': 'a', [`${PREFIX}internal`]: 'true', [`${PREFIX}scheme`]: 'internal' } },
      spec: { ...object.spec, loadBalancerSourceRanges: VPC, externalTrafficPolicy: 'Local' },
    });
  });

  test("keeps the user's own ranges and policy", () => {
    const { spec } = internalService(service({ loadBalancerSourceRanges: ['10.9.0.0/16'], externalTrafficPolicy: 'Cluster' }), VPC);
    expect(spec).toMatchObject({ loadBalancerSourceRanges: ['10.9.0.0/16'], externalTrafficPolicy: 'Cluster' });
  });

  test('takes the ranges of the annotation for its own', () => {
    const key = 'service.beta.kubernetes.io/load-balancer-source-ranges';
    expect(internalService(service({}, { [key]: '10.9.0.0/16' }), VPC).spec.loadBalancerSourceRanges).toEqual(['10.9.0.0/16']);
  });

  test('agrees with what is there already', () => {
    expect(() => internalService(service({ loadBalancerSourceRanges: ['10.2.0.0/16', '10.1.0.0/16'] }, { [`${PREFIX}internal`]: 'true', [`${PREFIX}scheme`]: 'internal' }),
      VPC, ['10.1.0.0/16', '10.2.0.0/16'])).not.toThrow();
  });

  test.each<[string, any, string]>([
    ['another type', service({ type: 'NodePort' }), 'it is a Service of type NodePort, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer'],
    ['no type', service({ type: undefined }), 'it is a Service of type ClusterIP, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer'],
    ['another scheme', service({}, { [`${PREFIX}scheme`]: 'internet-facing' }), `annotation ${PREFIX}scheme is 'internet-facing', and this asks for 'internal'; remove one of them`],
    ['not internal', service({}, { [`${PREFIX}internal`]: 'false' }), `annotation ${PREFIX}internal is 'false', and this asks for 'true'; remove one of them`],
    ['other ranges', service({ loadBalancerSourceRanges: ['10.2.0.0/16'] }), 'spec.loadBalancerSourceRanges is 10.2.0.0/16, and this asks for 10.1.0.0/16; remove one of them'],
  ])('%s is a conflict that names both values', (_, object, message) => {
    expect(() => internalService(object, VPC, ['10.1.0.0/16'])).toThrow(new Error(`InternalLoadBalancer.apply: Service shop/web: ${message}`));
  });
});

describe('the way to the pods', () => {
  const nlb = { [`${PREFIX}type`]: 'nlb' };

  test.each<[string, any, any]>([
    ['through a classic load balancer', service({ externalTrafficPolicy: 'Local' }), { kind: 'loadBalancers' }],
    ['by way of another node', service({ externalTrafficPolicy: 'Cluster' }), { kind: 'nodes' }],
    ['by way of another node, the default of Kubernetes', service(), { kind: 'nodes' }],
    ['by way of another node, also with a network load balancer', service({ externalTrafficPolicy: 'Cluster' }, nlb), { kind: 'nodes' }],
    ['a network load balancer keeps the address of the client', service({ externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['10.9.0.0/16', '10.8.0.0/16'] }, nlb),
      { kind: 'addresses', name: '10.9.0.0/16, 10.8.0.0/16', cidrs: ['10.9.0.0/16', '10.8.0.0/16'] }],
    ['clients whose range is known at deployment', service({ externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['${Token[TOKEN.1]}'] }, nlb),
      { kind: 'addresses', name: 'a range known at deployment', cidrs: [{ opaque: 'a source range', token: '${Token[TOKEN.1]}' }] }],
  ])('%s', (_, object, source) => expect(pathToPods(object).source).toEqual(source));

  test('goes to the ports that the pods listen on', () => {
    const ports = [{ port: 80, targetPort: 8080 }, { port: 443, targetPort: 'https' }, { port: 53, protocol: 'UDP' }];
    expect(pathToPods(service({ ports })).ports).toEqual([
      { protocol: 'TCP', ports: [8080] }, { protocol: 'TCP', ports: ['https'] }, { protocol: 'UDP', ports: [53] },
    ]);
  });

  test('is a rule with a name made from what cannot move', () => {
    expect(loadBalancerRule(service({ externalTrafficPolicy: 'Local' }), 'Platform/Shop', '-0123abcd')).toEqual({
      name: 'load-balancer-shop.web-0123abcd', origin: 'Platform/Shop', source: { kind: 'loadBalancers' },
      destination: { kind: 'pods', namespace: 'shop', labels: { app: 'web' } }, ports: [{ protocol: 'TCP', ports: [8080] }],
    });
  });

  test('of a Service without a selector selects by no label, which the rule check refuses', () => {
    expect(loadBalancerRule(service({ selector: undefined }), 'x', '').destination).toEqual({ kind: 'pods', namespace: 'shop', labels: {} });
  });
});
