import { AWS_PREFIX, judged, PREFIX, RESOLVABLE, service, TOKEN } from './objects';
import { deepFreeze } from '../../fixture';

const INTERNAL = `${AWS_PREFIX}internal`;
const SCHEME = `${AWS_PREFIX}scheme`;
const CLASS = { loadBalancerClass: 'service.k8s.aws/nlb' };
const AUTO = { loadBalancerClass: 'eks.amazonaws.com/nlb' };
const RANGES = { loadBalancerSourceRanges: ['192.0.2.0/24'] };
const ANNOTATED = { [`${PREFIX}load-balancer-source-ranges`]: '192.0.2.0/24, 198.51.100.0/24' };
const GROUPS = { [`${AWS_PREFIX}security-groups`]: 'sg-1' };
const OPEN = 'error loadBalancerOpen';
const UNKNOWN = 'error exposureUnknown';
const UNSAID = 'warning loadBalancerClassUnsaid';

describe('what exposes nothing', () => {
  test.each([
    [service({ type: 'ClusterIP' })], [service({ type: undefined })],
    [{ ...service(), apiVersion: 'serving.knative.dev/v1' }],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }],
    [{ apiVersion: 'example.com/v1', kind: 'Ingress', metadata: { name: 'web' } }],
  ])('%#', (object) => expect(judged(object)).toMatchObject({ exposure: undefined, codes: [] }));
});

/** Each controller's dialect: what an object says, the scheme that it gets, and what is wrong with it. Written from the controllers' documents. */
type Row = [says: string, object: any, scheme: string, codes: string[]];

const IN_TREE_ROWS: Row[] = [
  ['nothing', service(), 'internet-facing', [OPEN]],
  ['internal true', service({}, { [INTERNAL]: 'true' }), 'internal', []],
  ['internal, in any word', service({}, { [INTERNAL]: '0.0.0.0/0' }), 'internal', []],
  ['internal false', service({}, { [INTERNAL]: 'false' }), 'internet-facing', [OPEN]],
  ['internal, empty', service({}, { [INTERNAL]: '' }), 'internet-facing', [OPEN]],
  ['scheme internal, which it does not read', service({}, { [SCHEME]: 'internal' }), 'internet-facing', [OPEN]],
  ['ranges', service(RANGES), 'internet-facing', []],
  ['ranges by annotation', service({}, ANNOTATED), 'internet-facing', []],
  ['ranges and own groups', service(RANGES, GROUPS), 'internet-facing', [UNKNOWN]],
  ['ranges and more groups', service(RANGES, { [`${AWS_PREFIX}extra-security-groups`]: 'sg-1' }), 'internet-facing', [UNKNOWN]],
  ['internal and own groups', service({}, { [INTERNAL]: 'true', ...GROUPS }), 'internal', [UNKNOWN]],
  ['type nlb', service({}, { [INTERNAL]: 'true', [`${AWS_PREFIX}type`]: 'nlb' }), 'internal', []],
  ['type elb', service({}, { [INTERNAL]: 'true', [`${AWS_PREFIX}type`]: 'elb' }), 'internal', []],
  ['a type that nobody knows', service({}, { [INTERNAL]: 'true', [`${AWS_PREFIX}type`]: 'NLB' }), 'unknown', [UNKNOWN]],
  ['a class that nobody knows', service({ loadBalancerClass: 'example.com/lb' }, { [INTERNAL]: 'true' }), 'unknown', [UNKNOWN]],
  ['the class of a controller that is not there', service(CLASS, { [SCHEME]: 'internal' }), 'internal', [UNKNOWN]],
  ['the type of a controller that is not there', service({}, { [SCHEME]: 'internal', [`${AWS_PREFIX}type`]: 'external' }), 'internal', [UNKNOWN]],
];

const AWS_ROWS: Row[] = [
  ['nothing: a load balancer that exists keeps its scheme', service(CLASS), 'unknown', [UNKNOWN]],
  ['nothing but ranges', service({ ...CLASS, ...RANGES }), 'unknown', [UNKNOWN]],
  ['scheme internal', service(CLASS, { [SCHEME]: 'internal' }), 'internal', []],
  ['scheme internet-facing', service(CLASS, { [SCHEME]: 'internet-facing' }), 'internet-facing', [OPEN]],
  ['scheme in capitals, which it refuses', service(CLASS, { [SCHEME]: 'Internal' }), 'unknown', [UNKNOWN]],
  ['an empty scheme, which it refuses', service(CLASS, { [SCHEME]: '' }), 'unknown', [UNKNOWN]],
  ['legacy true', service(CLASS, { [INTERNAL]: 'true' }), 'internal', []],
  ['legacy as Go reads it', service(CLASS, { [INTERNAL]: 'T' }), 'internal', []],
  ['legacy false', service(CLASS, { [INTERNAL]: '0' }), 'internet-facing', [OPEN]],
  ['legacy in a word that only the in-tree controller takes', service(CLASS, { [INTERNAL]: 'yes' }), 'unknown', [UNKNOWN]],
  ['scheme before legacy, which says the same', service(CLASS, { [SCHEME]: 'internal', [INTERNAL]: 'true' }), 'internal', []],
  ['scheme before legacy, which says otherwise', service(CLASS, { [SCHEME]: 'internet-facing', [INTERNAL]: 'true' }), 'internet-facing', ['error loadBalancerConflict', OPEN]],
  ['ranges', service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing' }), 'internet-facing', []],
  ['ranges by annotation', service(CLASS, { [SCHEME]: 'internet-facing', ...ANNOTATED }), 'internet-facing', []],
  ['ranges in both places, of which the field wins', service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing', ...ANNOTATED }), 'internet-facing', ['error loadBalancerConflict']],
  ['ranges and own groups', service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing', ...GROUPS }), 'internet-facing', [UNKNOWN]],
  ['ranges and no group at all', service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing', [`${AWS_PREFIX}disable-nlb-sg`]: 'true' }), 'internet-facing', [UNKNOWN]],
  ['ranges and a group after all', service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing', [`${AWS_PREFIX}disable-nlb-sg`]: 'false' }), 'internet-facing', []],
  ['internal, with a way in for internet gateways', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}attributes`]: 'a=b, ipv6.deny_all_igw_traffic=false' }), 'internal', [UNKNOWN]],
  ['internal, with attributes that nobody can read', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}attributes`]: 'ipv6.deny_all_igw\\_traffic=false' }), 'internal', [UNKNOWN]],
  ['internal, with that way said to be closed', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}attributes`]: 'ipv6.deny_all_igw_traffic=true ,a=b' }), 'internal', []],
  ['internal, with attributes known at deployment', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}attributes`]: TOKEN }), 'unknown', [UNKNOWN]],
  ['a prefix list', service(CLASS, { [SCHEME]: 'internet-facing', [`${AWS_PREFIX}security-group-prefix-lists`]: 'pl-1' }), 'internet-facing', ['warning loadBalancerSourceUnknown']],
  ['no class: new ones are claimed', service({}, { [SCHEME]: 'internal' }), 'internal', [UNSAID]],
  ['no class, type nlb: claimed too', service({}, { [SCHEME]: 'internal', [`${AWS_PREFIX}type`]: 'nlb' }), 'internal', [UNSAID]],
  ['a class, beside a type of the in-tree controller', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}type`]: 'nlb' }), 'internal', ['warning loadBalancerReplaced']],
  ['a class, beside a type of its own controller', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}type`]: 'external' }), 'internal', []],
  ['type external', service({}, { [SCHEME]: 'internal', [`${AWS_PREFIX}type`]: 'external', [`${AWS_PREFIX}nlb-target-type`]: 'ip' }), 'internal', []],
  ['type nlb-ip', service({}, { [SCHEME]: 'internal', [`${AWS_PREFIX}type`]: 'nlb-ip' }), 'internal', []],
  ['rules that nobody makes', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}manage-backend-security-group-rules`]: 'false' }), 'internal', ['warning loadBalancerRulesUnmanaged']],
  ['a public subnet', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}subnets`]: 'subnet-a, subnet-p' }), 'internal', ['warning loadBalancerSubnetPublic']],
  ['private subnets', service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}subnets`]: 'subnet-a' }), 'internal', []],
  ['Auto Mode, which is not there', service(AUTO, { [SCHEME]: 'internal' }), 'internal', [UNKNOWN]],
  ['Auto Mode, which reads no legacy annotation', service(AUTO, { [INTERNAL]: 'true' }), 'unknown', [UNKNOWN, UNKNOWN]],
  ['Auto Mode, which reads no annotation of ranges', service(AUTO, { [SCHEME]: 'internet-facing', ...ANNOTATED }), 'internet-facing', [UNKNOWN, OPEN]],
  ['Auto Mode with ranges', service({ ...AUTO, ...RANGES }, { [SCHEME]: 'internet-facing' }), 'internet-facing', [UNKNOWN]],
];

describe('the in-tree dialect', () => {
  test.each(IN_TREE_ROWS)('%s', (_, object, scheme, codes) => expect(judged(object)).toMatchObject({ scheme, codes }));
});

describe('the dialects of the AWS Load Balancer Controller and of EKS Auto Mode', () => {
  test.each(AWS_ROWS)('%s', (_, object, scheme, codes) => expect(judged(object, 'aws')).toMatchObject({ scheme, codes }));

  test('without its webhook a Service without a class stays with the in-tree controller', () => {
    expect(judged(service({}, { [SCHEME]: 'internal' }), 'awsWithoutWebhook')).toMatchObject({ scheme: 'internet-facing', codes: [OPEN] });
    expect(judged(service({}, { [INTERNAL]: 'true' }), 'awsWithoutWebhook')).toMatchObject({ scheme: 'internal', codes: [] });
  });
});

describe('who is admitted, in words', () => {
  test.each<[any, any, string]>([
    [{}, { [INTERNAL]: 'true' }, 'whoever can route to the VPC'],
    [{}, {}, 'everyone on the internet'],
    [RANGES, {}, '192.0.2.0/24'],
    [RANGES, GROUPS, `whoever is let in although annotation ${AWS_PREFIX}security-groups is 'sg-1'`],
    [{ loadBalancerSourceRanges: ['192.0.2.0/24', TOKEN] }, {}, '192.0.2.0/24, a range known at deployment'],
  ])('%j %j', (spec, annotations, admits) => expect(judged(service(spec, annotations)).admits).toBe(admits));

  test('with whom, and what is behind', () => {
    expect(judged(service(RANGES)).exposure).toEqual({
      subject: 'Service shop/web', scheme: 'internet-facing', controller: 'the in-tree cloud controller', sources: ['192.0.2.0/24'], admits: '192.0.2.0/24', reaches: 'pods app=web in shop, TCP 8080',
    });
  });
});

describe('named sources', () => {
  const every = (step: number) => Array.from({ length: 256 / step }, (_, index) => `${index * step}.0.0.0/8`);
  test.each<[string, string[], string[]]>([
    ['a /8', ['20.0.0.0/8'], []],
    ['a /7', ['20.0.0.0/7'], [OPEN]],
    ['everything', ['0.0.0.0/0'], [OPEN]],
    ['two halves of the internet', ['0.0.0.0/1', '128.0.0.0/1'], [OPEN, OPEN, OPEN]],
    ['a /8 and one address', ['20.0.0.0/8', '192.0.2.1/32'], [OPEN]],
    ['every second /8, of which no two touch', every(2), [OPEN]],
    ['a /8 said twice', ['20.0.0.0/8', '20.0.0.0/9'], ['warning loadBalancerSourceCovered']],
    ['an IPv6 /16', ['2001::/16'], []],
    ['an IPv6 /15', ['2000::/15'], [OPEN]],
    ['both families at their limits', ['20.0.0.0/8', '2001::/16'], []],
    ['no CIDR', ['office'], ['error loadBalancerSource!']],
    ['no mask', ['192.0.2.0'], ['error loadBalancerSource!']],
    ['bits behind the mask', ['192.0.2.1/24'], ['error loadBalancerSource!']],
  ])('%s', (_, loadBalancerSourceRanges, codes) => expect(judged(service({ loadBalancerSourceRanges })).codes).toEqual(codes));

  test('of an internal load balancer may be as broad as they are', () => {
    expect(judged(service({ loadBalancerSourceRanges: ['0.0.0.0/0'] }, { [INTERNAL]: 'true' }))).toMatchObject({ scheme: 'internal', admits: '0.0.0.0/0', codes: [] });
    expect(judged(service({ loadBalancerSourceRanges: ['office'] }, { [INTERNAL]: 'true' })).codes).toEqual(['error loadBalancerSource!']);
  });
});

describe('whole messages', () => {
  const fix = 'use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply()';
  test.each<[any, 'inTree' | 'aws', string[]]>([
    [service(), 'inTree', [`Service shop/web: it is of type LoadBalancer without annotation ${INTERNAL}, and spec.loadBalancerSourceRanges names nobody: its load balancer is open to the internet; ${fix} [cdk-secure-eks:loadBalancerOpen]`]],
    [service(CLASS, { [SCHEME]: 'internet-facing' }), 'aws', [`Service shop/web: annotation ${SCHEME} is 'internet-facing', and spec.loadBalancerSourceRanges names nobody: its load balancer is open to the internet; ${fix} [cdk-secure-eks:loadBalancerOpen]`]],
    [service(CLASS), 'aws', [`Service shop/web: it has no annotation ${SCHEME}, without which a load balancer that exists keeps the scheme it has; ${fix} [cdk-secure-eks:exposureUnknown]`]],
    [service(AUTO, { [INTERNAL]: 'true' }), 'inTree', [
      "Service shop/web: spec.loadBalancerClass is 'eks.amazonaws.com/nlb', which leaves it to EKS Auto Mode, and this cluster does not know of one; remove it [cdk-secure-eks:exposureUnknown]",
      `Service shop/web: it has no annotation ${SCHEME}, the only one that EKS Auto Mode reads; set annotation ${SCHEME}: internal, or name the clients in spec.loadBalancerSourceRanges [cdk-secure-eks:exposureUnknown]`,
    ]],
    [service(CLASS, { [SCHEME]: 'private' }), 'aws', [`Service shop/web: annotation ${SCHEME} is 'private', which is no word of the AWS Load Balancer Controller: it refuses the object, and a load balancer that exists stays as it is; ${fix} [cdk-secure-eks:exposureUnknown]`]],
    [service(CLASS, { [SCHEME]: 'internal' }), 'inTree', ["Service shop/web: spec.loadBalancerClass is 'service.k8s.aws/nlb', which leaves it to the AWS Load Balancer Controller, and this cluster does not know of one; "
      + 'call addLoadBalancerController(), say loadBalancerController: LoadBalancerController.AWS where somebody else installs it, or remove it [cdk-secure-eks:exposureUnknown]']],
    [service({ loadBalancerClass: 'example.com/lb' }), 'inTree', ["Service shop/web: spec.loadBalancerClass is 'example.com/lb', which leaves it to a controller that this cluster does not know; remove it [cdk-secure-eks:exposureUnknown]"]],
    [service({}, { [SCHEME]: 'internal' }), 'aws', ["Service shop/web: it names no spec.loadBalancerClass: new, it is given 'service.k8s.aws/nlb'; where it exists already, it stays with the in-tree cloud controller, which reads other annotations; "
      + 'name the class, which replaces a load balancer that exists, or use InternalLoadBalancer.apply() or RestrictedLoadBalancer.apply() [cdk-secure-eks:loadBalancerClassUnsaid]']],
    [service(RANGES, GROUPS), 'inTree', [`Service shop/web: annotation ${AWS_PREFIX}security-groups is 'sg-1': groups of your own decide who is let in, not source ranges; remove it, and name the sources [cdk-secure-eks:exposureUnknown]`]],
    [service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing', [`${AWS_PREFIX}disable-nlb-sg`]: 'true' }), 'aws',
      [`Service shop/web: annotation ${AWS_PREFIX}disable-nlb-sg is 'true': the load balancer has no security group, and nothing limits who is let in; remove it, and name the sources [cdk-secure-eks:exposureUnknown]`]],
    [service({ ...CLASS, ...RANGES }, { [SCHEME]: 'internet-facing', [`${PREFIX}load-balancer-source-ranges`]: '198.51.100.0/24' }), 'aws',
      [`Service shop/web: spec.loadBalancerSourceRanges is '192.0.2.0/24', and annotation ${PREFIX}load-balancer-source-ranges is '198.51.100.0/24', which nobody reads beside it; remove one of them [cdk-secure-eks:loadBalancerConflict]`]],
    [service({ loadBalancerSourceRanges: ['192.0.2.1/24'] }), 'inTree', ["Service shop/web: spec.loadBalancerSourceRanges got '192.0.2.1/24', which has bits set behind its prefix of 24; write '192.0.2.0/24' for the range, or '192.0.2.1/32' for the one address [cdk-secure-eks:loadBalancerSource]"]],
    [service({ loadBalancerSourceRanges: ['20.0.0.0/7'] }), 'inTree', ["Service shop/web: spec.loadBalancerSourceRanges got '20.0.0.0/7', which is broader than a /8; name the ranges of those who need it [cdk-secure-eks:loadBalancerOpen]"]],
    [service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}subnets`]: 'subnet-p' }), 'aws', [`Service shop/web: annotation ${AWS_PREFIX}subnets names subnet-p, a public subnet: nothing but its scheme keeps an internal load balancer there from the internet; leave the subnets out, or name private ones [cdk-secure-eks:loadBalancerSubnetPublic]`]],
    [service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}manage-backend-security-group-rules`]: 'false' }), 'aws', [`Service shop/web: annotation ${AWS_PREFIX}manage-backend-security-group-rules is 'false': no rule opens the security group of nodes and pods to the load balancer; remove it, or open the group by \`connections\` [cdk-secure-eks:loadBalancerRulesUnmanaged]`]],
    [service(CLASS, { [SCHEME]: 'internet-facing', [`${AWS_PREFIX}security-group-prefix-lists`]: 'pl-1' }), 'aws', ['Service shop/web: it admits the prefix list pl-1, and which addresses that holds cannot be checked; name the ranges, or acknowledge what the list holds [cdk-secure-eks:loadBalancerSourceUnknown]']],
    [service({ type: 'NodePort' }), 'inTree', ['Service shop/web: spec.type is NodePort: its port on every node admits whom the security group of nodes admits (`connections`), past every load balancer; use type ClusterIP, or acknowledge who needs the port [cdk-secure-eks:serviceNodePort]']],
    [service({ type: 'ClusterIP', externalIPs: ['8.8.8.8'] }), 'inTree', ['Service shop/web: spec.externalIPs is ["8.8.8.8"]: it takes over addresses for every pod of the cluster (CVE-2020-8554); remove it [cdk-secure-eks:serviceExternalIps]']],
  ])('%#', (object, cluster, messages) => expect(judged(object, cluster).messages).toEqual(messages));
});

describe('what cannot be read is not taken for harmless', () => {
  test.each<[string, any]>([
    ['spec.type', service({ type: TOKEN })],
    ['spec.loadBalancerClass', service({ loadBalancerClass: TOKEN }, { [INTERNAL]: 'true' })],
    ['spec.externalIPs', service({ type: 'ClusterIP', externalIPs: [TOKEN] })],
    ['spec', { ...service(), spec: RESOLVABLE }],
    ['metadata', { ...service(), metadata: RESOLVABLE }],
    ['metadata.annotations', service({}, RESOLVABLE)],
    [`annotation ${AWS_PREFIX}type`, service({}, { [INTERNAL]: 'true', [`${AWS_PREFIX}type`]: TOKEN })],
    ['the key of an annotation', service({}, { [INTERNAL]: 'true', [TOKEN]: 'false' })],
  ])('%s', (field, object) => {
    const { scheme, messages } = judged(object);
    expect(scheme).toBe('unknown');
    expect(messages).toEqual([expect.stringContaining(`: ${field} is known only at deployment, and it decides who reaches the Service; write the value itself [cdk-secure-eks:exposureUnknown]`)]);
  });

  test.each<[string, any, 'inTree' | 'aws']>([
    [`annotation ${INTERNAL}`, service({}, { [INTERNAL]: TOKEN }), 'inTree'],
    [`annotation ${SCHEME}`, service(CLASS, { [SCHEME]: TOKEN }), 'aws'],
    [`annotation ${AWS_PREFIX}security-groups`, service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}security-groups`]: TOKEN }), 'aws'],
    [`annotation ${AWS_PREFIX}disable-nlb-sg`, service(CLASS, { [SCHEME]: 'internal', [`${AWS_PREFIX}disable-nlb-sg`]: TOKEN }), 'aws'],
  ])('%s, which the dialect reads', (field, object, cluster) => {
    expect(judged(object, cluster)).toMatchObject({
      scheme: 'unknown', messages: [`Service shop/web: ${field} is known only at deployment, and it decides who reaches it; write the value itself [cdk-secure-eks:exposureUnknown]`],
    });
  });

  test.each([[[TOKEN]], [['#{Token[TOKEN.1]}']], [RESOLVABLE]])('a source range known at deployment is accepted, and said: %#', (loadBalancerSourceRanges) => {
    expect(judged(service({ loadBalancerSourceRanges }))).toMatchObject({
      scheme: 'internet-facing', admits: 'a range known at deployment',
      messages: ['Service shop/web: a source range is known only at deployment, so how broad it is cannot be checked; write the range itself, or acknowledge what it will be [cdk-secure-eks:loadBalancerSourceUnknown]'],
    });
  });

  test('what the dialect does not read may be a token', () => {
    expect(judged(service({}, { [INTERNAL]: 'true', [SCHEME]: TOKEN })).codes).toEqual([]);
  });
});

test('several mistakes are all said, and the object is not changed', () => {
  const object = deepFreeze(service({ externalIPs: ['8.8.8.8'], loadBalancerSourceRanges: ['office', '0.0.0.0/0'] }, GROUPS));
  expect(judged(object).codes).toEqual(['error serviceExternalIps', UNKNOWN, 'error loadBalancerSource!', OPEN]);
});
