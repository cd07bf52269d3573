import { formatDiagnostic } from '../../../src/core/diagnostic';
import { GivenSubnet, GivenVpc } from '../../../src/core/plan/given-vpc';
import { NetworkRequest, planNetwork } from '../../../src/core/plan/network-plan';
import { checkSubnetsAsBuilt, SubnetAsBuilt } from '../../../src/core/template/subnets-as-built';

const plan = (givenVpc: GivenVpc, request: Partial<NetworkRequest> = {}) => planNetwork({ admins: 1, givenVpc, ...request });
const found = (givenVpc: GivenVpc, request: Partial<NetworkRequest> = {}) => plan(givenVpc, request).diagnostics.map(formatDiagnostic);

const subnet = (name: string, cidr: string, zone: string): GivenSubnet => ({ name, zone, cidr, kind: 'private', isOwn: true });
const nodes = [subnet('n1', '10.1.0.0/24', 'a'), subnet('n2', '10.1.1.0/24', 'b')];
const apart = [subnet('c1', '10.1.8.0/28', 'a'), subnet('c2', '10.1.8.16/28', 'b')];
const pods = [subnet('p1', '100.64.0.0/17', 'a'), subnet('p2', '100.64.128.0/17', 'b')];
const TOKEN = { opaque: 'the range of n1', token: '${Token}' };

/** Made in the app, with all that can be asked of it. */
function vpc(given: Partial<GivenVpc> = {}): GivenVpc {
  return { name: 'vpc-1', pending: false, cidr: '10.1.0.0/16', secondaryCidrs: [], dns: true, controlPlane: apart, nodes, loadBalancers: nodes, endpoints: nodes, unselected: [], ...given };
}

test('in which all is right', () => {
  expect(found(vpc())).toEqual([]);
  expect(found(vpc({ pods, secondaryCidrs: ['100.64.0.0/16'] }))).toEqual([]);
});

const SHARED = 'subnets.controlPlane: the control plane shares subnets with nodes, pods, load balancers or endpoints, so that its addresses cannot be told from theirs: the guardrail of the API server names only the endpoints that its Service has at the time, not the subnets where EKS makes new ones; give it two or more subnets of its own, /28 each, in subnets.controlPlane [cdk-secure-eks:controlPlaneSubnetsShared]';
const BY_HAND = 'check these by hand and acknowledge it, or give what is missing: Vpc.fromLookup finds ranges, zones and routes [cdk-secure-eks:vpcUnseen]';

test.each<[string, Partial<GivenVpc>]>([
  ['subnets.nodes: no subnet was found: the selection is empty; select subnets that the VPC has [cdk-secure-eks:subnetsNotFound]', { unselected: [{ member: 'nodes', reason: 'the selection is empty' }] }],
  ['vpc vpc-1: DNS support or DNS hostnames are off, and without both nobody finds the private endpoint; set enableDnsSupport and enableDnsHostnames of the VPC [cdk-secure-eks:vpcDnsOff]', { dns: false }],
  ['subnets.controlPlane: c1 lie in 1 zone, and EKS needs 2; select subnets in at least two availability zones [cdk-secure-eks:subnetZones]', { controlPlane: [apart[0]] }],
  ['subnets.nodes: n1, n3 lie in 1 zone, and EKS needs 2; select subnets in at least two availability zones [cdk-secure-eks:subnetZones]', { nodes: [nodes[0], { ...nodes[1], name: 'n3', zone: 'a' }] }],
  ['subnets.nodes: n2 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]', { nodes: [nodes[0], { ...nodes[1], kind: 'public' }] }],
  ['subnets.pods: p2 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]', { pods: [pods[0], { ...pods[1], kind: 'public' }] }],
  ['subnets.controlPlane: c1 is 10.1.8.0/29, and a subnet is /28 at least; select subnets of /28 or larger [cdk-secure-eks:subnetTooSmall]', { controlPlane: [{ ...apart[0], cidr: '10.1.8.0/29' }, apart[1]] }],
  ['subnets.loadBalancers: l1 is 10.1.9.0/28, and load balancers want /27, with eight addresses free; select subnets of /27 or larger [cdk-secure-eks:subnetTooSmall]', { loadBalancers: [subnet('l1', '10.1.9.0/28', 'a')] }],
  ['subnets.nodes: n1 are isolated subnets, from which nodes and the functions that deploy objects reach neither images nor AWS APIs; select subnets with a way out, or write InternetAccess.external({ reason }) where their routes lead through a transit gateway or a firewall [cdk-secure-eks:nodesWithoutWayOut]', { nodes: [{ ...nodes[0], kind: 'isolated' }, nodes[1]] }],
  ['subnets.pods: there is none in the zone of n2, where nodes could start no pod; select one subnet in each zone of the nodes [cdk-secure-eks:podSubnetZones]', { pods: [pods[0]] }],
  ['subnets.pods: p1, p3 lie in one zone, and a zone has one subnet of pods; select one subnet in each zone of the nodes [cdk-secure-eks:podSubnetZones]', { pods: [...pods, subnet('p3', '100.65.0.0/17', 'a')] }],
  ['subnets.pods: whether there is one in the zone of n2 is not known, and where there is none nodes could start no pod; give subnets whose zones are known, or check it by hand and acknowledge it [cdk-secure-eks:podSubnetZonesUnknown]', { pods: [pods[0], { ...pods[1], zone: '{"Ref":"Zone"}', isZoneToken: true }] }],
  [SHARED, { controlPlane: nodes }],
  [SHARED, { controlPlane: [apart[0], { ...nodes[1], name: 'n2 imported once more' }] }],
  [SHARED, { controlPlane: pods, pods }],
  [`vpc vpc-1: not visible at synthesis and so not checked: its range; ranges besides its first and those of the subnets given; DNS support and hostnames; the zone of n1; the range of n1; whether there is a route from the internet of n1; free addresses and public ones given at launch of n1; the tag kubernetes.io/role/internal-elb of those of load balancers; ${BY_HAND}`,
    { cidr: undefined, secondaryCidrs: undefined, dns: undefined, nodes: [{ name: 'n1' }, nodes[1]], loadBalancers: [{ name: 'n1' }], endpoints: nodes.slice(1) }],
])('%s', (message, given) => {
  expect(found(vpc(given))).toEqual([message]);
});

test('subnets of pods whose zone is not known serve no node', () => {
  expect(found(vpc({ pods: [{ ...pods[0], zone: undefined }, pods[1]] }))).toEqual([
    'subnets.pods: the zone of p1 is not known, and nodes find the subnet of their pods by the zone; give subnets that know their zone: Subnet.fromSubnetAttributes({ subnetId, availabilityZone }) [cdk-secure-eks:podSubnetZones]',
    `vpc vpc-1: not visible at synthesis and so not checked: the zone of p1; ${BY_HAND}`,
  ]);
});

test.each(['10.1.8.0/28', '10.1.8.0/27'])('a control plane in %s is large enough', (cidr) => {
  expect(found(vpc({ controlPlane: [{ ...apart[0], cidr }, subnet('c2', '10.1.9.0/28', 'b')] }))).toEqual([]);
});

test('load balancers in /27 are large enough', () => {
  expect(found(vpc({ loadBalancers: [subnet('l1', '10.1.9.0/27', 'a')] }))).toEqual([]);
});

test('options of a VPC that is made mean nothing', () => {
  expect(found(vpc(), { vpcCidr: '10.0.0.0/16', internet: { kind: 'nat' } })).toEqual([
    'vpcCidr: it is about a VPC that is made, but a VPC is given and nothing of it is changed; leave out either vpc or vpcCidr [cdk-secure-eks:vpcOptionUnused]',
    'internetAccess: it is about a VPC that is made, but a VPC is given and nothing of it is changed; leave out internetAccess, or write InternetAccess.external({ reason }) where its routes lead out through a transit gateway or a firewall [cdk-secure-eks:vpcOptionUnused]',
  ]);
});

describe('the way out', () => {
  const isolated = vpc({ nodes: nodes.map((each): GivenSubnet => ({ ...each, kind: 'isolated' })) });

  test('by routes that the user vouches for', () => {
    const { plan: { natGateways, wayOut }, diagnostics } = plan(isolated, { internet: { kind: 'external', reason: 'through the transit gateway' } });
    expect([natGateways, wayOut, diagnostics]).toEqual([0, 'the routes of the given VPC: through the transit gateway', []]);
  });

  test('by routes of which nothing is said', () => {
    expect(plan(vpc()).plan.wayOut).toBe('the routes of the given VPC');
  });

  test('for no reason', () => {
    expect(found(isolated, { internet: { kind: 'external', reason: ' ' } })).toEqual(['internetAccess: the reason of external() is empty, which the report is to give; say where the routes of the VPC lead [cdk-secure-eks:reasonMissing]']);
  });
});

describe('ranges', () => {
  test.each<[string, Partial<GivenVpc>]>([
    ['the first', { cidr: '172.20.0.0/16' }],
    ['a further one', { secondaryCidrs: ['172.20.128.0/17'] }],
    ['that of a subnet in a range that is not seen', { secondaryCidrs: undefined, endpoints: [subnet('e1', '172.20.1.0/24', 'a')] }],
  ])('may overlap with the service range: %s', (_, given) => {
    expect(plan(vpc(given)).diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(['serviceCidrOverlap']);
  });

  test.each<[string, Partial<GivenVpc>, unknown[]]>([
    ['one', {}, ['10.1.0.0/16']],
    ['further ones that the app adds', { secondaryCidrs: ['100.64.0.0/16'], pods }, ['10.1.0.0/16', '100.64.0.0/16']],
    ['of an imported VPC, with its subnets elsewhere', { secondaryCidrs: undefined, pods }, ['10.1.0.0/16', '100.64.0.0/17', '100.64.128.0/17']],
    ['of an imported VPC, with subnets of unknown range', { secondaryCidrs: undefined, endpoints: [{ ...nodes[0], cidr: TOKEN }] }, ['10.1.0.0/16', TOKEN]],
    ['of the app, with subnets of unknown range inside', { endpoints: [{ ...nodes[0], cidr: TOKEN }] }, ['10.1.0.0/16']],
    ['known at deployment', { cidr: TOKEN, pods }, [TOKEN]],
    ['not known', { cidr: undefined, pods }, []],
  ])('of the VPC: %s', (_, given, expected) => {
    expect(plan(vpc(given)).plan.vpcCidrs).toEqual(expected);
  });

  test('of nodes: all or none', () => {
    const ranges = (...given: GivenSubnet[]) => plan(vpc({ nodes: given })).plan.ranges.node;
    expect(ranges(...nodes)).toEqual(['10.1.0.0/24', '10.1.1.0/24']);
    expect(ranges(nodes[0], { ...nodes[1], cidr: TOKEN })).toEqual(['10.1.0.0/24', TOKEN]);
    expect(ranges(nodes[0], { ...nodes[1], cidr: undefined })).toEqual([]);
  });

  test('of pods: those of nodes, or their own, all or none', () => {
    expect(plan(vpc()).plan.podRanges).toBeUndefined();
    expect(plan(vpc({ pods })).plan.podRanges).toEqual(['100.64.0.0/17', '100.64.128.0/17']);
    expect(plan(vpc({ pods: [pods[0], { ...pods[1], cidr: undefined }] })).plan.podRanges).toEqual([]);
  });

  test('of the control plane are named only where they name nobody else', () => {
    const isApart = (given: Partial<GivenVpc>) => plan(vpc(given)).plan.controlPlaneApart;
    expect(isApart({})).toBe(true);
    expect(isApart({ controlPlane: nodes })).toBe(false);
    expect(isApart({ controlPlane: [apart[0], nodes[1]] })).toBe(false);
    expect(isApart({ controlPlane: [{ ...apart[0], cidr: undefined }, apart[1]] })).toBe(false);
  });
});

test('silent while its look-up is pending', () => {
  const pending = vpc({ pending: true, cidr: '172.20.0.0/16', controlPlane: nodes, dns: false, pods: [pods[0]], unselected: [{ member: 'nodes', reason: '' }], nodes: [{ ...nodes[0], kind: 'isolated' }] });
  expect(found(pending)).toEqual([]);
  expect(checkSubnetsAsBuilt(pending, [{ ...BUILT, name: 'n1', publicAddresses: true }])).toEqual([]);
});

const BUILT: Omit<SubnetAsBuilt, 'name'> = { internalLoadBalancers: false, publicLoadBalancers: false, publicAddresses: false, internetRoute: false };

describe('subnets that the app makes, when it is whole', () => {
  const given = vpc({ loadBalancers: [subnet('l1', '10.1.9.0/24', 'a')], pods });
  const right: SubnetAsBuilt[] = [...nodes, ...apart, ...pods].map(({ name }) => ({ ...BUILT, name })).concat({ ...BUILT, name: 'l1', internalLoadBalancers: true });
  const judged = (change: Partial<SubnetAsBuilt> & Pick<SubnetAsBuilt, 'name'>, of = given) =>
    checkSubnetsAsBuilt(of, right.map((each) => each.name === change.name ? { ...each, ...change } : each)).map(formatDiagnostic);

  test('are right', () => {
    expect(checkSubnetsAsBuilt(given, right)).toEqual([]);
  });

  test('imported ones are not judged', () => {
    expect(checkSubnetsAsBuilt(given, [])).toEqual([]);
  });

  test.each<[string, Partial<SubnetAsBuilt> & Pick<SubnetAsBuilt, 'name'>]>([
    ['subnets.nodes: n1 give each node a public address; set mapPublicIpOnLaunch of the subnets to false, or select others [cdk-secure-eks:subnetsPublicAddresses]', { name: 'n1', publicAddresses: true }],
    ['subnets.nodes: n2 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]', { name: 'n2', internetRoute: true }],
    ['subnets.pods: p1 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]', { name: 'p1', internetRoute: true }],
    ['subnets.controlPlane: c1 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]', { name: 'c1', internetRoute: true }],
    ["subnets.loadBalancers: l1 have no tag kubernetes.io/role/internal-elb, by which Kubernetes finds subnets for internal load balancers; add Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1'), or acknowledge that there is no load balancer [cdk-secure-eks:loadBalancerTagMissing]", { name: 'l1', internalLoadBalancers: false }],
    ['subnets.loadBalancers: c2 have a tag by which Kubernetes places load balancers there, and are not among these subnets; remove kubernetes.io/role/internal-elb and kubernetes.io/role/elb from them, or select them in subnets.loadBalancers [cdk-secure-eks:loadBalancerTagMisplaced]', { name: 'c2', internalLoadBalancers: true }],
    ['subnets.loadBalancers: n1 have a tag by which Kubernetes places load balancers there, and are not among these subnets; remove kubernetes.io/role/internal-elb and kubernetes.io/role/elb from them, or select them in subnets.loadBalancers [cdk-secure-eks:loadBalancerTagMisplaced]', { name: 'n1', publicLoadBalancers: true }],
  ])('%s', (message, change) => {
    expect(judged(change)).toEqual([message]);
  });

  test('public subnets are said once', () => {
    expect(judged({ name: 'n1', internetRoute: true }, vpc({ ...given, nodes: [{ ...nodes[0], kind: 'public' }, nodes[1]] }))).toEqual([]);
  });
});
