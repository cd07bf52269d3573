import { ALB, CLUSTERS, ingress, judged, RESOLVABLE, service, TOKEN } from './objects';
import { formatDiagnostic } from '../../../src/core/diagnostic';
import { exposuresOf } from '../../../src/core/load-balancer/exposure';

const OPEN = 'error loadBalancerOpen';
const UNKNOWN = 'error exposureUnknown';
const PUBLIC = { [`${ALB}scheme`]: 'internet-facing' };
const CIDRS = { [`${ALB}inbound-cidrs`]: '192.0.2.0/24' };

function ingressClass(spec: any = {}, annotations?: any) {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'alb', ...annotations && { annotations } }, spec: { controller: 'ingress.k8s.aws/alb', ...spec } };
}

function params(spec: any, apiVersion = 'elbv2.k8s.aws/v1beta1') {
  return { apiVersion, kind: 'IngressClassParams', metadata: { name: 'shop' }, spec };
}

const withParams = (spec: any) => [ingressClass({ parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'shop' } }), params(spec)];

/** What an Ingress and the parameters of its class say, on a cluster with the controller of AWS. */
const ROWS: [says: string, object: any, others: any[], scheme: string, codes: string[]][] = [
  ['nothing: internal by default', ingress(), [], 'internal', []],
  ['scheme internal', ingress({ [`${ALB}scheme`]: 'internal' }), [], 'internal', []],
  ['scheme internet-facing', ingress(PUBLIC), [], 'internet-facing', [OPEN]],
  ['a word that is none', ingress({ [`${ALB}scheme`]: 'public' }), [], 'unknown', [UNKNOWN]],
  ['ranges', ingress({ ...PUBLIC, ...CIDRS }), [], 'internet-facing', []],
  ['ranges that are broad', ingress({ ...PUBLIC, [`${ALB}inbound-cidrs`]: '192.0.2.0/24,0.0.0.0/0' }), [], 'internet-facing', [OPEN]],
  ['ranges and own groups', ingress({ ...PUBLIC, ...CIDRS, [`${ALB}security-groups`]: 'sg-1' }), [], 'internet-facing', [UNKNOWN]],
  ['internal and own groups', ingress({ [`${ALB}security-groups`]: 'sg-1' }), [], 'internal', [UNKNOWN]],
  ['a prefix list', ingress({ ...PUBLIC, [`${ALB}security-group-prefix-lists`]: 'pl-1' }), [], 'internet-facing', ['warning loadBalancerSourceUnknown']],
  ['a public subnet', ingress({ [`${ALB}subnets`]: 'subnet-p' }), [], 'internal', ['warning loadBalancerSubnetPublic']],
  ['rules that nobody makes', ingress({ [`${ALB}manage-backend-security-group-rules`]: 'false' }), [], 'internal', ['warning loadBalancerRulesUnmanaged']],
  ['class parameters before the annotation', ingress({ [`${ALB}scheme`]: 'internal' }), withParams({ scheme: 'internet-facing' }), 'internet-facing', ['error loadBalancerConflict', OPEN]],
  ['class parameters that make it internal', ingress(), withParams({ scheme: 'internal' }), 'internal', []],
  ['ranges of class parameters', ingress(PUBLIC), withParams({ inboundCIDRs: ['192.0.2.0/24'] }), 'internet-facing', []],
  ['broad ranges of class parameters before narrow ones', ingress({ ...PUBLIC, ...CIDRS }), withParams({ inboundCIDRs: ['0.0.0.0/0'] }), 'internet-facing', ['error loadBalancerConflict', OPEN]],
  ['prefix lists of class parameters', ingress(PUBLIC), withParams({ prefixListsIDs: ['pl-1'] }), 'internet-facing', ['warning loadBalancerSourceUnknown']],
  ['prefix lists in the legacy spelling', ingress(PUBLIC), withParams({ PrefixListsIDs: ['pl-1'] }), 'internet-facing', ['warning loadBalancerSourceUnknown']],
  ['a group, whose members may say otherwise', ingress({ [`${ALB}group.name`]: 'shop' }), [], 'unknown', [UNKNOWN]],
  ['a group, and its own word', ingress({ [`${ALB}group.name`]: 'shop', [`${ALB}scheme`]: 'internal' }), [], 'internal', []],
  ['a group by class parameters', ingress(), withParams({ group: { name: 'shop' } }), 'unknown', [UNKNOWN]],
  ['a network load balancer in front, internal by default', ingress({ [`${ALB}enable-frontend-nlb`]: 'true' }), [], 'internal', []],
  ['a network load balancer in front, on the internet', ingress({ [`${ALB}enable-frontend-nlb`]: 'true', [`${ALB}frontend-nlb-scheme`]: 'internet-facing' }), [], 'internet-facing', [OPEN, UNKNOWN]],
  ['the same, limited', ingress({ ...CIDRS, [`${ALB}enable-frontend-nlb`]: 'true', [`${ALB}frontend-nlb-scheme`]: 'internet-facing' }), [], 'internet-facing', [UNKNOWN]],
  ['the same, which another member of its group may switch on', ingress({ ...CIDRS, [`${ALB}frontend-nlb-scheme`]: 'internet-facing' }), [], 'internet-facing', [UNKNOWN]],
  ['an internal one in front', ingress({ [`${ALB}enable-frontend-nlb`]: 'true', [`${ALB}frontend-nlb-scheme`]: 'internal' }), [], 'internal', []],
  ['the legacy annotation of the class', ingress({ 'kubernetes.io/ingress.class': 'alb' }, { ingressClassName: undefined }), [], 'internal', []],
  ['the legacy annotation, for another controller', ingress({ 'kubernetes.io/ingress.class': 'nginx' }), [], 'unknown', [UNKNOWN]],
  ['internal, with a way in for internet gateways', ingress({ [`${ALB}load-balancer-attributes`]: 'ipv6.deny_all_igw_traffic=false' }), [], 'internal', [UNKNOWN]],
  ['the same of the load balancer in front', ingress({ [`${ALB}frontend-nlb-attributes`]: 'a=b,ipv6.deny_all_igw_traffic=false' }), [], 'internal', [UNKNOWN]],
  ['the same by class parameters', ingress(), withParams({ loadBalancerAttributes: [{ key: 'ipv6.deny_all_igw_traffic', value: 'false' }] }), 'internal', [UNKNOWN]],
  ['other attributes', ingress({ [`${ALB}load-balancer-attributes`]: 'idle_timeout.timeout_seconds=600,ipv6.deny_all_igw_traffic=true' }), [], 'internal', []],
  ['no class', ingress({}, { ingressClassName: undefined }), [], 'unknown', [UNKNOWN]],
  ['no class, and a default', ingress({}, { ingressClassName: undefined }), [ingressClass({}, { 'ingressclass.kubernetes.io/is-default-class': 'true' })], 'internal', []],
  ['a class that is not in view', ingress({}, { ingressClassName: 'other' }), [], 'unknown', [UNKNOWN]],
  ['the class of another controller', ingress(), [ingressClass({ controller: 'k8s.io/ingress-nginx' })], 'unknown', [UNKNOWN]],
  ['the class of EKS Auto Mode, which is not there', ingress(), [ingressClass({ controller: 'eks.amazonaws.com/alb' })], 'unknown', [UNKNOWN]],
  ['class parameters that are not in view', ingress(), withParams({}).slice(0, 1), 'unknown', [UNKNOWN]],
  ['class parameters of another group', ingress(), [withParams({})[0], params({ scheme: 'internal' }, 'eks.amazonaws.com/v1')], 'unknown', [UNKNOWN]],
];

describe('Ingresses', () => {
  test.each(ROWS)('%s', (_, object, others, scheme, codes) => expect(judged(object, 'aws', others)).toMatchObject({ scheme, codes }));

  test('that has a load balancer on the internet in front', () => {
    expect(judged(ingress({ ...CIDRS, [`${ALB}frontend-nlb-scheme`]: 'internet-facing' }), 'aws').messages).toEqual([
      `Ingress shop/web: annotation ${ALB}frontend-nlb-scheme is 'internet-facing', and whom the load balancer in front admits this Ingress does not decide; set it to internal, or acknowledge who reaches it [cdk-secure-eks:exposureUnknown]`,
    ]);
  });

  test('that nobody makes a load balancer for', () => {
    expect(judged(ingress({ [`${ALB}scheme`]: 'internal' }), 'inTree', [ingressClass()]).messages).toEqual([
      'Ingress shop/web: its class leaves it to the AWS Load Balancer Controller, and this cluster does not know of one; '
      + 'call addLoadBalancerController(), or say loadBalancerController: LoadBalancerController.AWS where somebody else installs it [cdk-secure-eks:exposureUnknown]',
    ]);
  });

  test.each<[any, any[], string]>([
    [ingress(PUBLIC), [], `Ingress shop/web: annotation ${ALB}scheme is 'internet-facing', and annotation ${ALB}inbound-cidrs names nobody: its load balancer is open to the internet; use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply() [cdk-secure-eks:loadBalancerOpen]`],
    [ingress({ [`${ALB}group.name`]: 'shop' }), [], `Ingress shop/web: it is in a group without annotation ${ALB}scheme, and another member may say internet-facing; use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply() [cdk-secure-eks:exposureUnknown]`],
    [ingress({ [`${ALB}scheme`]: 'internal' }), withParams({ scheme: 'internet-facing', inboundCIDRs: ['192.0.2.0/24'] }), `Ingress shop/web: spec.scheme of IngressClassParams shop is 'internet-facing', and annotation ${ALB}scheme is 'internal', which nobody reads beside it; remove one of them [cdk-secure-eks:loadBalancerConflict]`],
    [ingress({}, { ingressClassName: 'other' }), [], "Ingress shop/web: its class 'other' is not in view: who makes its load balancer is not known; add the IngressClass to this cluster, or acknowledge what you know of it [cdk-secure-eks:exposureUnknown]"],
    [ingress(), withParams({}).slice(0, 1), "Ingress shop/web: the IngressClassParams 'shop' of its class are not in view, and they win over what it says; add them to this cluster, or acknowledge what they say [cdk-secure-eks:exposureUnknown]"],
  ])('whole messages: %#', (object, others, message) => expect(judged(object, 'aws', others).messages).toEqual([message]));

  test('say what is behind them', () => {
    expect(judged(ingress({ ...PUBLIC, ...CIDRS }), 'aws').exposure).toEqual({
      subject: 'Ingress shop/web', scheme: 'internet-facing', controller: 'the AWS Load Balancer Controller', sources: ['192.0.2.0/24'], admits: '192.0.2.0/24', reaches: 'Service shop/web, port 80',
    });
  });

  test.each<[string, any, any[]]>([
    ['spec.ingressClassName', ingress({}, { ingressClassName: TOKEN }), []],
    [`annotation ${ALB}scheme`, ingress({ [`${ALB}scheme`]: TOKEN }), []],
    [`annotation ${ALB}security-groups`, ingress({ [`${ALB}security-groups`]: TOKEN }), []],
    [`annotation ${ALB}group.name`, ingress({ [`${ALB}group.name`]: TOKEN }), []],
    ['metadata.annotations', ingress(RESOLVABLE), []],
    ['the key of an annotation', ingress({ [TOKEN]: 'internet-facing' }), []],
    ['spec.scheme of IngressClassParams shop', ingress(), withParams({ scheme: TOKEN })],
  ])('known only at deployment: %s', (field, object, others) => {
    const { scheme, messages } = judged(object, 'aws', others);
    expect(scheme).toBe('unknown');
    expect(messages).toEqual([expect.stringMatching(/^Ingress shop\/web: .* is known only at deployment, and it decides who reaches (it|the Ingress); write the value itself/)]);
    expect(messages[0]).toContain(`: ${field} is known`);
  });

  test('ranges known only at deployment are accepted, and said', () => {
    expect(judged(ingress({ ...PUBLIC, [`${ALB}inbound-cidrs`]: TOKEN }), 'aws')).toMatchObject({ admits: 'a range known at deployment', codes: ['warning loadBalancerSourceUnknown'] });
  });
});

describe.each(['elbv2.k8s.aws/v1beta1', 'eks.amazonaws.com/v1'])('IngressClassParams of %s hold for every Ingress of their classes', (apiVersion) => {
  test.each<[string, any, string[]]>([
    ['nothing', {}, []],
    ['internal', { scheme: 'internal' }, []],
    ['internal, for everyone', { scheme: 'internal', inboundCIDRs: ['0.0.0.0/0'] }, []],
    ['internet-facing', { scheme: 'internet-facing' }, [OPEN]],
    ['internet-facing, limited', { scheme: 'internet-facing', inboundCIDRs: ['192.0.2.0/24'] }, []],
    ['broad ranges, which win over narrow ones', { inboundCIDRs: ['0.0.0.0/0'] }, [OPEN]],
    ['narrow ranges', { inboundCIDRs: ['192.0.2.0/24'] }, []],
    ['a scheme known only at deployment', { scheme: TOKEN }, [UNKNOWN]],
    ['a prefix list alone, beside which each Ingress names ranges', { scheme: 'internet-facing', prefixListsIDs: ['pl-1'] }, [OPEN, 'warning loadBalancerSourceUnknown']],
    ['a prefix list and no scheme', { prefixListsIDs: ['pl-1'] }, []],
    ['a group whose members say the scheme', { group: { name: 'shared' } }, [UNKNOWN]],
    ['an internal group', { group: { name: 'shared' }, scheme: 'internal' }, []],
    ['a way in for internet gateways', { loadBalancerAttributes: [{ key: 'ipv6.deny_all_igw_traffic', value: 'false' }] }, [UNKNOWN]],
    ['other attributes', { loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: '600' }] }, []],
    ['a group known only at deployment', { group: { name: TOKEN }, scheme: 'internal' }, [UNKNOWN]],
  ])('%s', (_, spec, codes) => expect(judged(params(spec, apiVersion), 'aws').codes).toEqual(codes));

  test('what is said of a group, and of a prefix list', () => {
    expect(judged(params({ group: { name: 'shared' } }, apiVersion), 'aws').messages).toEqual([
      "IngressClassParams shop: spec.group.name is 'shared' without spec.scheme: every Ingress of the class shares one load balancer, and any of them may say internet-facing; set spec.scheme [cdk-secure-eks:exposureUnknown]",
    ]);
    expect(judged(params({ scheme: 'internet-facing', prefixListsIDs: ['pl-1'] }, apiVersion), 'aws').messages[0]).toBe(
      'IngressClassParams shop: it names prefix lists and no range in spec.inboundCIDRs: each Ingress of its classes may name everybody beside them; set spec.scheme: internal, or name the clients in spec.inboundCIDRs [cdk-secure-eks:loadBalancerOpen]');
  });
});

test('Ingresses of a group share one load balancer, which admits what all of them name', () => {
  const member = (name: string, cidrs: string) => ingress({ ...PUBLIC, [`${ALB}group.name`]: 'shop', [`${ALB}inbound-cidrs`]: cidrs }, {}, name);
  const said = (...objects: any[]) => exposuresOf(objects, { ...CLUSTERS.aws, objects }).diagnostics.map(formatDiagnostic);
  expect(said(member('a', '20.0.0.0/8'), member('b', '192.0.2.0/24'))).toEqual([
    'ingress group shop: Ingress shop/a, Ingress shop/b share a load balancer, which got ranges that together are broader than a /8: 16777472 addresses; name the ranges of those who need it [cdk-secure-eks:loadBalancerOpen]',
  ]);
  expect(said(member('a', '20.0.0.0/8'), member('b', '20.1.0.0/16'))).toEqual([]);
});

describe('what a controller cannot say', () => {
  test.each(['elbv2.k8s.aws/v1beta1', 'eks.amazonaws.com/v1'])('TargetGroupBinding of %s', (apiVersion) => {
    expect(judged({ apiVersion, kind: 'TargetGroupBinding', metadata: { name: 'web', namespace: 'shop' } })).toMatchObject({
      scheme: 'unknown',
      messages: ['TargetGroupBinding shop/web: it registers pods with a target group that exists, and who reaches the load balancer in front of that no object says; use a Service or an Ingress, or acknowledge who reaches it [cdk-secure-eks:exposureUnknown]'],
    });
  });

  test('a GlobalAccelerator', () => {
    expect(judged({ apiVersion: 'aga.k8s.aws/v1beta1', kind: 'GlobalAccelerator', metadata: { name: 'web', namespace: 'shop' } }).messages).toEqual([
      'GlobalAccelerator shop/web: it gives load balancers addresses on the internet, also internal ones; use a Service or an Ingress, or acknowledge who reaches it [cdk-secure-eks:exposureUnknown]',
    ]);
  });
});

describe('Gateway API', () => {
  const gatewayClass = (spec: any = {}) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: 'alb' }, spec: { controllerName: 'gateway.k8s.aws/alb', ...spec } });
  const gateway = (spec: any = {}) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'web', namespace: 'shop' }, spec: { gatewayClassName: 'alb', ...spec } });
  const config = (name: string, spec: any) => ({ apiVersion: 'gateway.k8s.aws/v1', kind: 'LoadBalancerConfiguration', metadata: { name, namespace: 'shop' }, spec });
  const reference = (name: string) => ({ parametersRef: { group: 'gateway.k8s.aws', kind: 'LoadBalancerConfiguration', name } });
  const ofGateway = gateway({ infrastructure: reference('own') });
  const ofClass = gatewayClass({ parametersRef: { ...reference('class').parametersRef, namespace: 'shop' } });

  test.each<[string, any, any[], string, string[]]>([
    ['no configuration: internal by default', gateway(), [gatewayClass()], 'internal', []],
    ['internal', ofGateway, [gatewayClass(), config('own', { scheme: 'internal' })], 'internal', []],
    ['internet-facing', ofGateway, [gatewayClass(), config('own', { scheme: 'internet-facing' })], 'internet-facing', [OPEN]],
    ['limited', ofGateway, [gatewayClass(), config('own', { scheme: 'internet-facing', sourceRanges: ['192.0.2.0/24'] })], 'internet-facing', []],
    ['a prefix list', ofGateway, [gatewayClass(), config('own', { scheme: 'internet-facing', securityGroupPrefixes: ['pl-1'] })], 'internet-facing', ['warning loadBalancerSourceUnknown']],
    ['own groups', ofGateway, [gatewayClass(), config('own', { scheme: 'internet-facing', sourceRanges: ['192.0.2.0/24'], securityGroups: ['sg-1'] })], 'internet-facing', [UNKNOWN]],
    ['no group', ofGateway, [gatewayClass(), config('own', { scheme: 'internal', disableSecurityGroup: true })], 'internal', [UNKNOWN]],
    ['the class wins', ofGateway, [ofClass, config('own', { scheme: 'internal' }), config('class', { scheme: 'internet-facing' })], 'internet-facing', [OPEN]],
    ['the class says that the Gateway wins', ofGateway, [ofClass, config('own', { scheme: 'internal' }), config('class', { scheme: 'internet-facing', mergingMode: 'prefer-gateway' })], 'internal', []],
    ['each says half', ofGateway, [ofClass, config('own', { sourceRanges: ['192.0.2.0/24'] }), config('class', { scheme: 'internet-facing' })], 'internet-facing', []],
    ['a configuration that is not in view', ofGateway, [gatewayClass()], 'unknown', [UNKNOWN]],
    ['a class that is not in view', gateway(), [], 'unknown', [UNKNOWN]],
    ['a class of another controller', gateway(), [gatewayClass({ controllerName: 'example.com/gateway' })], 'unknown', [UNKNOWN]],
    ['a class known only at deployment', gateway({ gatewayClassName: TOKEN }), [gatewayClass()], 'unknown', [UNKNOWN]],
    ['a scheme known only at deployment', ofGateway, [gatewayClass(), config('own', { scheme: TOKEN })], 'unknown', [UNKNOWN]],
  ])('Gateway: %s', (_, object, others, scheme, codes) => expect(judged(object, 'aws', others)).toMatchObject({ scheme, codes }));

  const UNSEEN = '[cdk-secure-eks:exposureUnknown]';
  test.each<[string, any, keyof typeof CLUSTERS, any[], string]>([
    ['a class that is not in view', gateway(), 'aws', [{ ...gatewayClass(), metadata: { name: 'other' } }, { ...gatewayClass(), kind: 'IngressClass' }, { ...gatewayClass(), apiVersion: 'example.com/v1' }],
      "its class 'alb' is not in view: who makes its load balancer is not known; add the GatewayClass to this cluster, or acknowledge what you know of it"],
    ['a class of another controller', gateway(), 'aws', [gatewayClass({ controllerName: 'example.com/gateway' })],
      "the controller of GatewayClass alb is 'example.com/gateway', which this cluster does not know; acknowledge what you know of it"],
    ['no controller', gateway(), 'inTree', [gatewayClass()], 'its class leaves it to the AWS Load Balancer Controller, and this cluster does not know of one; '
      + 'call addLoadBalancerController(), or say loadBalancerController: LoadBalancerController.AWS where somebody else installs it'],
    ['a class known only at deployment', gateway({ gatewayClassName: RESOLVABLE }), 'aws', [gatewayClass()], 'spec.gatewayClassName is known only at deployment, and it decides who reaches the Gateway; write the value itself'],
    ['a reference known only at deployment', gateway({ infrastructure: RESOLVABLE }), 'aws', [gatewayClass()], 'spec.infrastructure is known only at deployment, and it decides who reaches the Gateway; write the value itself'],
    ['a configuration that is not in view', ofGateway, 'aws', [gatewayClass(), { ...config('own', {}), metadata: { name: 'own', namespace: 'other' } }, { ...config('own', {}), kind: 'Other' }, { ...config('own', {}), apiVersion: 'example.com/v1' }],
      "its LoadBalancerConfiguration 'own' is not in view; add it to this cluster, or acknowledge what it says"],
  ])('what is said of a Gateway: %s', (_, object, cluster, others, message) => expect(judged(object, cluster, others).messages).toEqual([`Gateway shop/web: ${message} ${UNSEEN}`]));

  test('a namesake of another kind is no Gateway', () => {
    const route = (spec: any) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'web', namespace: 'shop' }, spec });
    expect(judged(route({ parentRefs: [{ name: 'web' }] }), 'aws', [{ ...gateway(), kind: 'ListenerSet' }]).codes).toEqual([UNKNOWN]);
    expect(judged(route({ parentRefs: [{ kind: 'ListenerSet', name: 'web' }] }), 'aws', [{ ...gateway(), kind: 'ListenerSet' }]).codes).toEqual([]);
    expect(judged(route({ parentRef: { name: 'other' } }), 'aws', [gateway()]).codes).toEqual([UNKNOWN]);
    expect(judged(route({ parentRef: RESOLVABLE }), 'aws', [gateway()]).messages).toEqual([`HTTPRoute shop/web: spec.parentRef is known only at deployment, and it decides who reaches its backends; write the value itself ${UNSEEN}`]);
    expect(judged(route({}), 'aws').codes).toEqual([]);
  });

  test('on a cluster without the controller', () => expect(judged(gateway(), 'inTree', [gatewayClass()]).codes).toEqual([UNKNOWN]));

  test.each<[string, any, string[]]>([
    ['nothing', {}, []],
    ['internal', { scheme: 'internal', sourceRanges: ['0.0.0.0/0'] }, []],
    ['internal, with own groups that a public class takes over', { scheme: 'internal', securityGroups: ['sg-1'] }, [UNKNOWN]],
    ['internal, without a group', { scheme: 'internal', disableSecurityGroup: true }, [UNKNOWN]],
    ['internal, with a way in for internet gateways', { scheme: 'internal', loadBalancerAttributes: [{ key: 'ipv6.deny_all_igw_traffic', value: 'false' }] }, [UNKNOWN]],
    ['the same known at deployment', { scheme: 'internal', loadBalancerAttributes: [{ key: 'ipv6.deny_all_igw_traffic', value: TOKEN }] }, [UNKNOWN]],
    ['other attributes', { loadBalancerAttributes: [{ key: 'ipv6.deny_all_igw_traffic', value: 'true' }, { key: 'a', value: 'false' }] }, []],
    ['an empty list, which takes away the ranges of a class', { sourceRanges: [] }, [OPEN]],
    ['a prefix list alone', { scheme: 'internet-facing', securityGroupPrefixes: ['pl-1'] }, [OPEN, 'warning loadBalancerSourceUnknown']],
    ['a prefix list and no scheme', { securityGroupPrefixes: ['pl-1'] }, []],
    ['a list known only at deployment', { sourceRanges: RESOLVABLE }, ['warning loadBalancerSourceUnknown']],
    ['a scheme known only at deployment', { scheme: TOKEN }, [UNKNOWN]],
    ['internet-facing', { scheme: 'internet-facing' }, [OPEN]],
    ['limited', { scheme: 'internet-facing', sourceRanges: ['192.0.2.0/24'] }, []],
    ['own groups, whatever scheme another one names', { securityGroups: ['sg-1'] }, [UNKNOWN]],
    ['broad ranges, whatever scheme another one names', { sourceRanges: ['0.0.0.0/0'] }, [OPEN]],
  ])('LoadBalancerConfiguration by itself: %s', (_, spec, codes) => expect(judged(config('own', spec), 'aws').codes).toEqual(codes));

  test.each(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'UDPRoute', 'TLSRoute'])('%s joins a Gateway that is to be in view', (kind) => {
    const route = (spec: any) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind, metadata: { name: 'web', namespace: 'shop' }, spec });
    expect(judged(route({ parentRefs: [{ name: 'web' }] }), 'aws', [gateway()]).codes).toEqual([]);
    expect(judged(route({ parentRefs: [{ name: 'web', namespace: 'other' }] }), 'aws', [gateway()]).messages).toEqual([
      `${kind} shop/web: Gateway 'web', which it joins, is not in view: who reaches its backends is not known; add it to this cluster, or acknowledge what you know of it [cdk-secure-eks:exposureUnknown]`,
    ]);
    expect(judged(route({ parentRefs: RESOLVABLE }), 'aws', [gateway()]).codes).toEqual([UNKNOWN]);
  });

  test('what says how, and not to whom, is no matter of exposure', () => {
    expect(judged({ apiVersion: 'gateway.k8s.aws/v1', kind: 'TargetGroupConfiguration', metadata: { name: 'web' }, spec: {} }).codes).toEqual([]);
  });
});

test('a Service that only an Ingress leads to is none of its own', () => expect(judged(service({ type: 'ClusterIP' }), 'aws').codes).toEqual([]));
