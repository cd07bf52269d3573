import { ALB, AWS_PREFIX, CLUSTERS, ingress, judged, PREFIX, service } from './objects';
import { fillLoadBalancer, LoadBalancerRequest } from '../../../src/core/load-balancer/fill';

const INTERNAL: LoadBalancerRequest = { asker: 'InternalLoadBalancer.apply', scheme: 'internal' };
const OFFICE: LoadBalancerRequest = { ...INTERNAL, sources: ['10.8.0.0/16'] };
const RESTRICTED: LoadBalancerRequest = { asker: 'RestrictedLoadBalancer.apply', scheme: 'internet-facing', sources: ['192.0.2.0/24'] };
const fill = (object: any, request: LoadBalancerRequest, cluster: keyof typeof CLUSTERS): any => fillLoadBalancer(object, request, CLUSTERS[cluster]);

describe('a Service in each dialect keeps what it had, and gets', () => {
  const object = service({ sessionAffinity: 'ClientIP' }, { 'example.com/owner': 'a' });
  const filled = (annotations: any, spec: any) => ({
    ...object, metadata: { name: 'web', namespace: 'shop', annotations: { 'example.com/owner': 'a', ...annotations } }, spec: { ...object.spec, externalTrafficPolicy: 'Local', ...spec },
  });

  test.each<[string, LoadBalancerRequest, keyof typeof CLUSTERS, any, any]>([
    ['internal, in-tree: both words', INTERNAL, 'inTree',
      { [`${AWS_PREFIX}internal`]: 'true', [`${AWS_PREFIX}scheme`]: 'internal', [`${AWS_PREFIX}subnets`]: 'subnet-a,subnet-b' }, { loadBalancerSourceRanges: ['10.0.0.0/16'] }],
    ['internal for an office, in-tree', OFFICE, 'inTree',
      { [`${AWS_PREFIX}internal`]: 'true', [`${AWS_PREFIX}scheme`]: 'internal', [`${AWS_PREFIX}subnets`]: 'subnet-a,subnet-b' }, { loadBalancerSourceRanges: ['10.8.0.0/16'] }],
    ['restricted, in-tree', RESTRICTED, 'inTree', { [`${AWS_PREFIX}subnets`]: 'subnet-p' }, { loadBalancerSourceRanges: ['192.0.2.0/24'] }],
    ["internal, AWS' controller, pods as targets", INTERNAL, 'aws', {
      [`${AWS_PREFIX}internal`]: 'true', [`${AWS_PREFIX}scheme`]: 'internal', [`${AWS_PREFIX}subnets`]: 'subnet-a,subnet-b', [`${AWS_PREFIX}nlb-target-type`]: 'ip',
      [`${AWS_PREFIX}healthcheck-protocol`]: 'TCP', [`${AWS_PREFIX}healthcheck-port`]: 'traffic-port',
    }, { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: ['10.0.0.0/16'] }],
    ["restricted, AWS' controller, nodes as targets", RESTRICTED, 'awsWithoutWebhook',
      { [`${AWS_PREFIX}scheme`]: 'internet-facing', [`${AWS_PREFIX}subnets`]: 'subnet-p', [`${AWS_PREFIX}nlb-target-type`]: 'instance' },
      { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: ['192.0.2.0/24'] }],
  ])('%s', (_, request, cluster, annotations, spec) => {
    expect(fill(object, request, cluster)).toEqual(filled(annotations, spec));
    expect(judged(fill(object, request, cluster), cluster)).toMatchObject({ scheme: request.scheme, codes: [] });
  });
});

describe('what the user wrote stays', () => {
  test('ranges, policy, subnets, targets, health check, class', () => {
    const annotations = { [`${AWS_PREFIX}subnets`]: 'subnet-x', [`${AWS_PREFIX}nlb-target-type`]: 'instance', [`${AWS_PREFIX}healthcheck-port`]: '8081', [`${AWS_PREFIX}scheme`]: 'internal' };
    const spec = { loadBalancerSourceRanges: ['10.9.0.0/16'], externalTrafficPolicy: 'Cluster', loadBalancerClass: 'service.k8s.aws/nlb' };
    const found = fill(service(spec, annotations), INTERNAL, 'aws');
    expect(found.spec).toMatchObject(spec);
    expect(found.metadata.annotations).toEqual({ ...annotations, [`${AWS_PREFIX}internal`]: 'true' });
  });

  test('ranges of the annotation are its own', () => {
    expect(fill(service({}, { [`${PREFIX}load-balancer-source-ranges`]: '10.9.0.0/16' }), INTERNAL, 'inTree').spec.loadBalancerSourceRanges).toEqual(['10.9.0.0/16']);
  });

  test.each(['external', 'nlb-ip'])('type %s, which needs no class', (type) => {
    expect(fill(service({}, { [`${AWS_PREFIX}type`]: type }), INTERNAL, 'aws').spec).not.toHaveProperty('loadBalancerClass');
  });

  test('EKS Auto Mode by class gets its one word', () => {
    expect(fill(service({ loadBalancerClass: 'eks.amazonaws.com/nlb' }), INTERNAL, 'aws').metadata.annotations).not.toHaveProperty([`${AWS_PREFIX}internal`]);
  });

  test('what agrees is no conflict', () => {
    const own = service({ loadBalancerSourceRanges: ['10.2.0.0/16', '10.1.0.0/16'] }, { [`${AWS_PREFIX}internal`]: 'true', [`${AWS_PREFIX}scheme`]: 'internal' });
    expect(() => fill(own, { ...INTERNAL, sources: ['10.1.0.0/16', '10.2.0.0/16'] }, 'inTree')).not.toThrow();
  });
});

describe('an Ingress', () => {
  test("gets scheme, class, sources, subnets, targets and health check of AWS' controller", () => {
    const object = ingress({ 'example.com/owner': 'a' }, { ingressClassName: undefined });
    expect(fill(object, INTERNAL, 'aws')).toEqual({
      ...object,
      metadata: {
        name: 'web', namespace: 'shop', annotations: {
          'example.com/owner': 'a', [`${ALB}scheme`]: 'internal', [`${ALB}inbound-cidrs`]: '10.0.0.0/16', [`${ALB}subnets`]: 'subnet-a,subnet-b',
          [`${ALB}target-type`]: 'ip', [`${ALB}healthcheck-port`]: 'traffic-port',
        },
      },
      spec: { ...object.spec, ingressClassName: 'alb' },
    });
  });

  test('keeps its class, by field or by annotation', () => {
    expect(fill(ingress({}, { ingressClassName: 'shop' }), INTERNAL, 'aws').spec.ingressClassName).toBe('shop');
    expect(fill(ingress({ 'kubernetes.io/ingress.class': 'alb' }, { ingressClassName: undefined }), INTERNAL, 'aws').spec.ingressClassName).toBeUndefined();
  });

  test('for named clients', () => {
    const found = fill(ingress(), RESTRICTED, 'aws');
    expect(found.metadata.annotations).toMatchObject({ [`${ALB}scheme`]: 'internet-facing', [`${ALB}inbound-cidrs`]: '192.0.2.0/24', [`${ALB}subnets`]: 'subnet-p' });
    expect(judged(found, 'aws')).toMatchObject({ scheme: 'internet-facing', admits: '192.0.2.0/24', codes: [] });
  });
});

describe('a conflict names both values', () => {
  test.each<[string, any, LoadBalancerRequest, keyof typeof CLUSTERS, string]>([
    ['another type', service({ type: 'NodePort' }), INTERNAL, 'inTree', 'Service shop/web: it is a Service of type NodePort, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer'],
    ['no type', service({ type: undefined }), INTERNAL, 'inTree', 'Service shop/web: it is a Service of type ClusterIP, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer'],
    ['another scheme, in-tree', service({}, { [`${AWS_PREFIX}scheme`]: 'internet-facing' }), INTERNAL, 'inTree', `Service shop/web: annotation ${AWS_PREFIX}scheme is 'internet-facing', and this asks for 'internal'; remove one of them`],
    ['another scheme', service({}, { [`${AWS_PREFIX}scheme`]: 'internet-facing' }), INTERNAL, 'aws', `Service shop/web: annotation ${AWS_PREFIX}scheme is 'internet-facing', and this asks for 'internal'; remove one of them`],
    ['not internal', service({}, { [`${AWS_PREFIX}internal`]: 'false' }), INTERNAL, 'inTree', `Service shop/web: annotation ${AWS_PREFIX}internal is 'false', and this asks for 'true'; remove one of them`],
    ['internal', service({}, { [`${AWS_PREFIX}internal`]: 'true' }), RESTRICTED, 'inTree', `Service shop/web: annotation ${AWS_PREFIX}internal is 'true', and this asks for an internet-facing load balancer; remove one of them`],
    ['other ranges', service({ loadBalancerSourceRanges: ['10.2.0.0/16'] }), OFFICE, 'inTree', 'Service shop/web: spec.loadBalancerSourceRanges is 10.2.0.0/16, and this asks for 10.8.0.0/16; remove one of them'],
    ['other ranges by annotation', service({}, { [`${PREFIX}load-balancer-source-ranges`]: '10.2.0.0/16' }), OFFICE, 'aws', `Service shop/web: annotation ${PREFIX}load-balancer-source-ranges is 10.2.0.0/16, and this asks for 10.8.0.0/16; remove one of them`],
    ['own groups', service({}, { [`${AWS_PREFIX}security-groups`]: 'sg-1' }), OFFICE, 'aws', `Service shop/web: annotation ${AWS_PREFIX}security-groups is 'sg-1': groups of your own decide who is let in, not source ranges, and this asks for source ranges 10.8.0.0/16; remove one of them`],
    ['an unknown class', service({ loadBalancerClass: 'example.com/lb' }), INTERNAL, 'aws', "Service shop/web: spec.loadBalancerClass is 'example.com/lb', and this asks for a load balancer of the AWS Load Balancer Controller; remove one of them"],
    ['an Ingress of another scheme', ingress({ [`${ALB}scheme`]: 'internet-facing' }), INTERNAL, 'aws', `Ingress shop/web: annotation ${ALB}scheme is 'internet-facing', and this asks for 'internal'; remove one of them`],
    ['an Ingress with other ranges', ingress({ [`${ALB}inbound-cidrs`]: '10.2.0.0/16' }), OFFICE, 'aws', `Ingress shop/web: annotation ${ALB}inbound-cidrs is 10.2.0.0/16, and this asks for 10.8.0.0/16; remove one of them`],
    ['an Ingress with own groups', ingress({ [`${ALB}security-groups`]: 'sg-1' }), INTERNAL, 'aws', `Ingress shop/web: annotation ${ALB}security-groups is 'sg-1': groups of your own decide who is let in, not source ranges, and this asks for source ranges of the VPC; remove one of them`],
    ['an Ingress without a controller', ingress(), INTERNAL, 'inTree', 'Ingress shop/web: only the AWS Load Balancer Controller makes load balancers of Ingresses, and this cluster does not know of one; call addLoadBalancerController(), or say loadBalancerController: LoadBalancerController.AWS where somebody else installs it'],
  ])('%s', (_, object, request, cluster, message) => expect(() => fill(object, request, cluster)).toThrow(new Error(`${request.asker}: ${message}`)));
});
