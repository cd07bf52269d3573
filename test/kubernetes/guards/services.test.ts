import { CONTROLLER, EDGE, guardedServer, HELD, held, installGuards, NARROW } from './exposure-fixture';
import { ADMINISTRATOR, Case, DEVELOPER, GuardedServer, testCases } from './guarded-server';
import { SERVICE_ANNOTATIONS } from '../../../src/core/load-balancer/dialects';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const { attributes, internal, scheme, type, securityGroups, extraSecurityGroups, disableSecurityGroup, prefixLists, sourceRanges } = SERVICE_ANNOTATIONS;
type Annotations = Record<string, string>;
const service = (name: string, spec: object, annotations: Annotations = {}, namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, annotations }, spec: { type: 'LoadBalancer', ports: [{ port: 443 }], ...spec },
});
const inTree = (annotations: Annotations = {}, ...ranges: string[]) => service('web', ranges.length > 0 ? { loadBalancerSourceRanges: ranges } : {}, annotations);
const ofAws = (annotations: Annotations = {}, ...ranges: string[]) => service('web', { loadBalancerClass: 'service.k8s.aws/nlb', ...ranges.length > 0 && { loadBalancerSourceRanges: ranges } }, annotations);

const OPEN = 'secure-eks-services: its load balancer would be open to the internet, or to sources that are together broader than a /8 (IPv6: a /16); '
  + `set annotation ${internal}: "true" and ${scheme}: internal, or name the clients in spec.loadBalancerSourceRanges, or have the platform set label secure-eks.io/allow-internet-facing=true on its namespace`;
const UNSAID = /^secure-eks-services: nothing that its controller understands says its scheme/;
const VOID = /^secure-eks-services: service\.beta\.kubernetes\.io\/.*: groups of its own, or none/;
const UNUSABLE = /^secure-eks-services: spec.loadBalancerSourceRanges: a range is no CIDR/;
const NOBODYS = /^secure-eks-services: spec.loadBalancerClass or annotation .* leaves it to a controller that this cluster does not know/;
const ADDRESSES = 'secure-eks-service-addresses: spec.externalIPs takes over addresses for every pod of the cluster; remove it';
const admitted = undefined;

describeWithApiServer('the guard of Services', () => {
  let guarded: GuardedServer;
  const there = {
    open: service('open', {}), closed: service('closed', {}, { [internal]: 'true' }), ranged: service('ranged', { loadBalancerSourceRanges: NARROW }),
    plain: service('plain', { type: 'ClusterIP' }), named: service('named', { type: 'ExternalName', externalName: 'example.com', ports: undefined }),
    aws: service('aws', { loadBalancerClass: 'service.k8s.aws/nlb' }, { [scheme]: 'internal' }), ports: service('ports', { type: 'NodePort' }),
    taken: service('taken', { type: 'ClusterIP', externalIPs: ['192.0.2.1', '192.0.2.3'] }),
    retired: held(service('retired', { type: 'ClusterIP' })), retaken: held(service('retaken', { type: 'ClusterIP', externalIPs: ['192.0.2.1'] })),
    leaving: held(service('leaving', {})), going: held(service('going', {}, { [internal]: 'true' })), many: service('many', { loadBalancerSourceRanges: Array.from({ length: 1000 }, (_, index) => `${index % 200}.0.0.0/8`) }),
  };
  const create = (object: KubernetesObject, as?: string) => () => guarded.create(object, as);
  const update = (which: keyof typeof there, change: object, subresource?: string, as?: string) => () => guarded.update(there[which], change, as, subresource);
  const annotated = (annotations: Record<string, string | null>) => ({ metadata: { annotations } });

  beforeAll(async () => {
    guarded = await guardedServer(Object.values(there), service('canary', {}), ['Service shop/accepted']);
    await guarded.untilRefused(service('canary', { type: 'ClusterIP', externalIPs: ['192.0.2.9'] }));
    await guarded.startRemoval(there.leaving);
    await guarded.startRemoval(there.going);
    await guarded.startRemoval(there.retired);
    await guarded.startRemoval(there.retaken);
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  describe('new ones of the in-tree controller:', () => testCases([
    ['nothing said', create(inTree()), OPEN],
    ['internal', create(inTree({ [internal]: 'true' })), admitted],
    ['internal in the words of old', create(inTree({ [internal]: '0.0.0.0/0' })), admitted],
    ['not internal', create(inTree({ [internal]: 'false' })), OPEN],
    ['empty', create(inTree({ [internal]: '' })), OPEN],
    ['internal in a word that it does not read', create(inTree({ [scheme]: 'internal' })), OPEN],
    ['internal, and internet-facing in a word that it does not read', create(inTree({ [internal]: 'true', [scheme]: 'internet-facing' })), admitted],
    ['a network load balancer', create(inTree({ [type]: 'nlb' })), OPEN],
    ['an internal network load balancer', create(inTree({ [type]: 'nlb', [internal]: 'true' })), admitted],
    ['narrow ranges', create(inTree({ [type]: 'elb' }, ...NARROW)), admitted],
    ['narrow ranges by annotation', create(inTree({ [sourceRanges]: '52.94.76.0/24, 203.0.113.0/24' })), admitted],
    ['everybody by annotation', create(inTree({ [sourceRanges]: '0.0.0.0/0' })), OPEN],
    ['narrow ranges, and everybody by the annotation that they win over', create(inTree({ [sourceRanges]: '0.0.0.0/0' }, ...NARROW)), admitted],
    ['an annotation of nothing', create(inTree({ [sourceRanges]: ' ' })), OPEN],
    ['a /8', create(inTree({}, '52.0.0.0/8')), admitted],
    ['a /7', create(inTree({}, '52.0.0.0/7')), OPEN],
    ['halves of a /8', create(inTree({}, '52.0.0.0/9', '52.128.0.0/9')), admitted],
    ['one half more', create(inTree({}, '52.0.0.0/9', '52.128.0.0/9', '53.0.0.0/9')), OPEN],
    ['the same range many times', create(inTree({}, '52.0.0.0/8', '52.0.0.0/8', '52.1.0.0/16')), admitted],
    ['both halves of the internet', create(inTree({}, '0.0.0.0/1', '128.0.0.0/1')), OPEN],
    ['everybody by IPv6', create(inTree({}, ...NARROW, '::/0')), OPEN],
    ['a /16 of IPv6', create(inTree({}, '2600::/16')), admitted],
    ['a /15 of IPv6', create(inTree({}, '2600::/15')), OPEN],
    ['IPv4 in IPv6', create(inTree({ [sourceRanges]: '::ffff:0.0.0.0/96' })), UNUSABLE],
    ['bits behind the mask', create(inTree({ [sourceRanges]: '52.94.76.1/24' })), UNUSABLE],
    ['numbers that some read as octal', create(inTree({}, '052.94.76.0/24')), UNUSABLE],
    ['own groups beside ranges', create(inTree({ [securityGroups]: 'sg-1' }, ...NARROW)), VOID],
    ['own groups of an internal one', create(inTree({ [securityGroups]: 'sg-1', [internal]: 'true' })), VOID],
    ['more groups', create(inTree({ [extraSecurityGroups]: 'sg-1' }, ...NARROW)), VOID],
    ['an empty list of groups', create(inTree({ [securityGroups]: ' , ' }, ...NARROW)), admitted],
    ['a prefix list, which it does not read', create(inTree({ [prefixLists]: 'pl-1' })), OPEN],
    ['a type that nobody knows', create(inTree({ [type]: 'odd', [internal]: 'true' })), NOBODYS],
    ['other types', create(service('web', { type: 'NodePort' })), admitted],
    ['a name that the server makes', create({ ...inTree(), metadata: { generateName: 'accepted', namespace: 'shop' } } as never), OPEN],
    ['as if it were on its way out', create({ ...inTree(), metadata: { name: 'web', namespace: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 } } as never), OPEN],
    ['in kube-system', create(service('web', {}, {}, 'kube-system')), OPEN],
    ['by an administrator', create(inTree(), ADMINISTRATOR), OPEN],
    ['by the controller', create(inTree(), CONTROLLER), OPEN],
    ['in a namespace that the platform opened', create(service('web', {}, {}, EDGE)), admitted],
    ['accepted by name', create(service('accepted', {})), admitted],
    ['of nearly the name that was accepted', create(service('accepted2', {})), OPEN],
    ['of the name that was accepted elsewhere', create(service('accepted', {}, {}, 'default')), OPEN],
  ] satisfies Case[]));

  describe('new ones of other controllers:', () => testCases([
    ['nothing said', create(ofAws()), UNSAID],
    ['internal', create(ofAws({ [scheme]: 'internal' })), admitted],
    ['internet-facing', create(ofAws({ [scheme]: 'internet-facing' })), OPEN],
    ['internet-facing for few', create(ofAws({ [scheme]: 'internet-facing' }, ...NARROW)), admitted],
    ['internet-facing for few by annotation', create(ofAws({ [scheme]: 'internet-facing', [sourceRanges]: NARROW[0] })), admitted],
    ['internet-facing for a prefix list', create(ofAws({ [scheme]: 'internet-facing', [prefixLists]: 'pl-1' })), admitted],
    ['internet-facing for a prefix list and everybody', create(ofAws({ [scheme]: 'internet-facing', [prefixLists]: 'pl-1' }, '0.0.0.0/0')), OPEN],
    ['internet-facing for an empty prefix list', create(ofAws({ [scheme]: 'internet-facing', [prefixLists]: ' ' })), OPEN],
    ['internal for everybody', create(ofAws({ [scheme]: 'internal' }, '0.0.0.0/0')), admitted],
    ['a word that it refuses', create(ofAws({ [scheme]: 'Internal' })), UNSAID],
    ['an empty word', create(ofAws({ [scheme]: '' })), UNSAID],
    ['ranges without a scheme', create(ofAws({}, ...NARROW)), UNSAID],
    ['internal in the words of old', create(ofAws({ [internal]: 'true' })), admitted],
    ['internal as Go writes it', create(ofAws({ [internal]: 'T' })), admitted],
    ['yes', create(ofAws({ [internal]: 'yes' })), UNSAID],
    ['not internal in the words of old', create(ofAws({ [internal]: '0' })), OPEN],
    ['internet-facing wins over internal of old', create(ofAws({ [scheme]: 'internet-facing', [internal]: 'true' })), OPEN],
    ['internal wins over public of old', create(ofAws({ [scheme]: 'internal', [internal]: 'false' })), admitted],
    ['no security group', create(ofAws({ [scheme]: 'internet-facing', [disableSecurityGroup]: 'true' }, ...NARROW)), VOID],
    ['no security group, as Go writes it', create(ofAws({ [scheme]: 'internal', [disableSecurityGroup]: '1' })), VOID],
    ['a security group', create(ofAws({ [scheme]: 'internet-facing', [disableSecurityGroup]: 'false' }, ...NARROW)), admitted],
    ['own groups', create(ofAws({ [scheme]: 'internet-facing', [securityGroups]: 'sg-1' }, ...NARROW)), VOID],
    ['more groups, which it does not read', create(ofAws({ [scheme]: 'internet-facing', [extraSecurityGroups]: 'sg-1' }, ...NARROW)), admitted],
    ['internal, and open to internet gateways by IPv6', create(ofAws({ [scheme]: 'internal', [attributes]: 'ipv6.deny_all_igw_traffic=false' })), VOID],
    ['the same among others, said twice', create(ofAws({ [scheme]: 'internal', [attributes]: 'a=b, ipv6.deny_all_igw_traffic=true,ipv6.deny_all_igw_traffic=false' })), VOID],
    ['the same, said so that nobody sees it', create(ofAws({ [scheme]: 'internal', [attributes]: 'ipv6.deny_all\\_igw_traffic=false' })), VOID],
    ['closed to internet gateways', create(ofAws({ [scheme]: 'internal', [attributes]: 'ipv6.deny_all_igw_traffic=true,deletion_protection.enabled=true' })), admitted],
    ['bits behind the mask', create(ofAws({ [scheme]: 'internal', [sourceRanges]: '10.0.0.1/8' })), UNUSABLE],
    ['by type, nothing said', create(inTree({ [type]: 'external' })), UNSAID],
    ['by type, internal', create(inTree({ [type]: 'external', [scheme]: 'internal' })), admitted],
    ['by type, internet-facing', create(inTree({ [type]: 'nlb-ip', [scheme]: 'internet-facing' })), OPEN],
    ['by type, internal in the words of another controller', create(inTree({ [type]: 'external', [internal]: '0.0.0.0/0' })), UNSAID],
    ['the class wins over the type', create(ofAws({ [type]: 'nlb', [scheme]: 'internal' })), admitted],
    ['EKS Auto Mode, which is not there', create(service('web', { loadBalancerClass: 'eks.amazonaws.com/nlb' }, { [scheme]: 'internal' })), NOBODYS],
    ['a class that nobody knows', create(service('web', { loadBalancerClass: 'example.com/nlb' }, { [internal]: 'true' })), NOBODYS],
    ['EKS Auto Mode where the platform opened', create(service('web', { loadBalancerClass: 'eks.amazonaws.com/nlb' }, {}, EDGE)), admitted],
    ['loses its scheme', update('aws', annotated({ [scheme]: null })), UNSAID],
    ['becomes internet-facing', update('aws', annotated({ [scheme]: 'internet-facing' })), OPEN],
    ['becomes internet-facing for few', update('aws', { metadata: { annotations: { [scheme]: 'internet-facing' } }, spec: { loadBalancerSourceRanges: NARROW } }), admitted],
    ['gets own groups', update('aws', annotated({ [securityGroups]: 'sg-1' })), VOID],
    ['is opened to internet gateways', update('aws', annotated({ [attributes]: 'ipv6.deny_all_igw_traffic=false' })), VOID],
    ['gets tags', update('aws', annotated({ 'service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags': 'a=b' })), admitted],
    ['becomes a ClusterIP', update('aws', { spec: { type: 'ClusterIP', allocateLoadBalancerNodePorts: null, loadBalancerClass: null } }), admitted],
    ['loses its scheme with its status', update('aws', annotated({ [scheme]: null }), '/status'), UNSAID],
    ['gets its status', update('aws', { status: { loadBalancer: { ingress: [{ hostname: 'a.elb.amazonaws.com' }] } } }, '/status', CONTROLLER), admitted],
  ] satisfies Case[]));

  describe('changes:', () => testCases([
    ['what is open is labelled', update('open', { metadata: { labels: { a: 'b' } } }), admitted],
    ['what is open gets a finalizer', update('open', { metadata: { finalizers: ['service.k8s.aws/resources'] } }), admitted],
    ['what is open gets other ports and pods', update('open', { spec: { ports: [{ port: 8443 }], selector: { app: 'b' } } }), admitted],
    ['what is open gets its status', update('open', { status: { loadBalancer: { ingress: [{ hostname: 'a.elb.amazonaws.com' }] } } }, '/status'), admitted],
    ['what is open is written again', update('open', {}), admitted],
    ['what is open becomes internal', update('open', annotated({ [internal]: 'true' })), admitted],
    ['what is open is limited', update('open', { spec: { loadBalancerSourceRanges: NARROW } }), admitted],
    ['what is open becomes a ClusterIP', update('open', { spec: { type: 'ClusterIP', allocateLoadBalancerNodePorts: null } }), admitted],
    ['what is open is removed', () => guarded.remove(there.open), admitted],
    ['everything is removed', () => guarded.removeAll(there.open), admitted],
    ['what is open is open in another way', update('open', annotated({ [internal]: 'false' })), OPEN],
    ['what is open gets a type', update('open', annotated({ [type]: 'nlb' })), OPEN],
    ['what is open is left to another controller', update('open', annotated({ [type]: 'external' })), UNSAID],
    ['what is closed loses its annotation', update('closed', annotated({ [internal]: null })), OPEN],
    ['what is closed loses all annotations', update('closed', { metadata: { annotations: null } }), OPEN],
    ['what is closed is no longer internal', update('closed', annotated({ [internal]: 'false' })), OPEN],
    ['what is closed loses its annotation by an administrator', update('closed', annotated({ [internal]: null }), '', ADMINISTRATOR), OPEN],
    ['what is closed loses its annotation with its status', update('closed', annotated({ [internal]: null }), '/status'), OPEN],
    ['what is closed gets its status', update('closed', { status: { loadBalancer: { ingress: [{ hostname: 'b.elb.amazonaws.com' }] } } }, '/status'), admitted],
    ['by a merge patch', () => guarded.patch(there.closed, 'merge-patch', annotated({ [internal]: null })), OPEN],
    ['by a strategic merge patch', () => guarded.patch(there.closed, 'strategic-merge-patch', annotated({ [internal]: null })), OPEN],
    ['by a JSON patch', () => guarded.patch(there.closed, 'json-patch', [{ op: 'remove', path: `/metadata/annotations/${internal.replace('/', '~1')}` }]), OPEN],
    ['by a JSON patch of the status', () => guarded.patch(there.closed, 'json-patch', [{ op: 'remove', path: `/metadata/annotations/${internal.replace('/', '~1')}` }], DEVELOPER, '/status'), OPEN],
    ['by apply on the side of the server', () => guarded.patch(there.closed, 'apply-patch', service('closed', {}, { [internal]: 'false' })), OPEN],
    ['by apply of something new', () => guarded.patch(service('new', {}), 'apply-patch', service('new', {})), OPEN],
    ['by apply of something new and closed', () => guarded.patch(service('new', {}), 'apply-patch', service('new', {}, { [internal]: 'true' })), admitted],
    ['ranges go', update('ranged', { spec: { loadBalancerSourceRanges: null } }), OPEN],
    ['ranges are widened', update('ranged', { spec: { loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] } }), OPEN],
    ['ranges are made void', update('ranged', annotated({ [securityGroups]: 'sg-1' })), VOID],
    ['ranges are narrowed', update('ranged', { spec: { loadBalancerSourceRanges: ['52.94.76.0/25'] } }), admitted],
    ['another range', update('ranged', { spec: { loadBalancerSourceRanges: ['52.94.77.0/24'] } }), admitted],
    ['a ClusterIP gets a load balancer', update('plain', { spec: { type: 'LoadBalancer' } }), OPEN],
    ['a ClusterIP gets an internal load balancer', update('plain', { metadata: { annotations: { [internal]: 'true' } }, spec: { type: 'LoadBalancer' } }), admitted],
    ['a ClusterIP gets a port of every node', update('plain', { spec: { type: 'NodePort' } }), admitted],
    ['a port of every node gets a load balancer', update('ports', { spec: { type: 'LoadBalancer' } }), OPEN],
    ['another name gets a load balancer', update('named', { spec: { type: 'LoadBalancer', externalName: null, ports: [{ port: 443 }] } }), OPEN],
    ['what is on its way out loses its finalizer', update('leaving', { metadata: { finalizers: [] } }), admitted],
    ['what is on its way out changes', update('going', { metadata: { annotations: { [internal]: null }, finalizers: [HELD] } }), admitted],
    ['a thousand ranges are written again', update('many', { metadata: { labels: { a: 'b' } } }), admitted],
    ['a thousand ranges that are everybody go on', update('many', { metadata: { finalizers: ['service.k8s.aws/resources'] } }, '', CONTROLLER), admitted],
  ] satisfies Case[]));

  describe('addresses:', () => {
    const spec = { type: 'ClusterIP', externalIPs: ['192.0.2.1'] };
    const cases: Case[] = [
      ...['shop', EDGE, 'kube-system', 'default'].flatMap((namespace) => [DEVELOPER, ADMINISTRATOR, CONTROLLER].flatMap((as): Case[] => [
        [`${as} takes one in ${namespace}`, create(service('web', spec, {}, namespace), as), ADDRESSES],
        [`${as} takes one beside an internal load balancer in ${namespace}`, create(service('web', { externalIPs: ['2001:db8::1'] }, { [internal]: 'true' }, namespace), as), ADDRESSES],
        [`${as} takes none in ${namespace}`, create(service('web', { type: 'ClusterIP', externalIPs: [] }, {}, namespace), as), admitted],
      ])),
      ['accepted by name', create(service('accepted', spec)), admitted],
      ['one is added', update('plain', { spec: { externalIPs: ['192.0.2.1'] } }), ADDRESSES],
      ['what is there goes on', update('taken', { metadata: { labels: { a: 'b' } } }), admitted],
      ['what is there gets a load balancer', update('taken', { metadata: { annotations: { [internal]: 'true' } }, spec: { type: 'LoadBalancer' } }), admitted],
      ['another is added to what is there', update('taken', { spec: { externalIPs: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] } }), ADDRESSES],
      ['one of those that are there goes', update('taken', { spec: { externalIPs: ['192.0.2.3'] } }), admitted],
      // A finalizer holds it for as long as its owner likes, and kube-proxy serves it so long.
      ['one is added on the way out', update('retired', { spec: { externalIPs: ['192.0.2.1'] } }), ADDRESSES],
      ['what has one loses its finalizer', update('retaken', { metadata: { finalizers: [] } }), admitted],
      ['another on the way out', update('retaken', { spec: { externalIPs: ['192.0.2.2'] } }), ADDRESSES],
      ['another instead', update('taken', { spec: { externalIPs: ['192.0.2.2'] } }), ADDRESSES],
      ['what is there goes', update('taken', { spec: { externalIPs: null } }), admitted],
      ['its Service is removed', () => guarded.remove(there.taken), admitted],
    ];
    testCases(cases);
  });

  test('the largest list of ranges stays within what an expression may cost', async () => {
    // https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: a group holds 60 rules, 1,000 at most.
    const disjoint = (count: number) => Array.from({ length: count }, (_, index) => `52.${Math.floor(index / 256)}.${index % 256}.0/24`);
    expect(await guarded.create(inTree({}, ...disjoint(1000)))).toBeUndefined();
    // Where they hold each other, each is compared with each.
    expect(await guarded.create(inTree({}, '52.0.0.0/8', ...disjoint(60)))).toBeUndefined();
    expect(await guarded.create(inTree({}, '53.0.0.0/8', ...disjoint(60)))).toBe(OPEN);
    // As long as annotations may be. https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
    expect(await guarded.create(inTree({ [sourceRanges]: disjoint(14_000).join(',').slice(0, 250_000).replace(/,[^,]*$/, '') }))).toBeUndefined();
    expect(await guarded.create(inTree({ [internal]: 'true', 'example.com/long': 'x'.repeat(250_000) }))).toBeUndefined();
  }, 60_000);

  test('staged, a guard warns and admits', async () => {
    installGuards(guarded, 'warn');
    const deadline = Date.now() + 20_000;
    while (await guarded.create(inTree()) !== undefined && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await guarded.create(inTree())).toBeUndefined();
    const { status, stderr } = guarded.server.kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(inTree()));
    expect([status, stderr]).toEqual([0, expect.stringContaining('Warning: Validation failed for ValidatingAdmissionPolicy \'secure-eks-services\'')]);
  }, 40_000);
});
