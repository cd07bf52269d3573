import * as fc from 'fast-check';
import { formatDiagnostic } from '../../../src/core/diagnostic';
import { GivenVpc } from '../../../src/core/plan/given-vpc';
import { ipv4, overlaps } from '../../../src/core/plan/ipv4';
import { NetworkRequest, planNetwork } from '../../../src/core/plan/network-plan';

const plan = (request: Partial<NetworkRequest> = {}) => planNetwork({ admins: 1, ...request });
const found = (request: Partial<NetworkRequest>) => plan(request).diagnostics.map(formatDiagnostic);

test('the defaults', () => {
  const { plan: { layout, ranges, ...rest }, diagnostics } = plan();
  expect(diagnostics).toEqual([]);
  expect(layout).toBe(ranges);
  expect(rest).toEqual({
    endpoint: { publicCidrs: [], privateSources: [], openToPods: { verdict: 'no', because: 'there is no public endpoint' } },
    vpcCidrs: ['10.0.0.0/16'],
    natGateways: 3,
    controlPlaneApart: true,
    serviceIpv4Cidr: '172.20.0.0/16',
    clusterDnsIp: '172.20.0.10',
  });
});

test.each<[string, Partial<NetworkRequest>]>([
  ['admins: no role is named, the creator gets no access, and the role that deploys objects is not for people: nobody could administer the cluster; name at least one IAM role [cdk-secure-eks:adminsMissing]', { admins: 0 }],
  ["clusterName: '-prod' is not 1 to 100 letters, digits, hyphens or underscores, the first a letter or digit; write such a name, or leave it out for one made from the names of stack and constructs [cdk-secure-eks:clusterNameSyntax]", { clusterName: '-prod' }],
  ['subnets: subnets are selected, but no VPC is given and the one that is made has its own; give the VPC that has them, or leave out subnets [cdk-secure-eks:subnetsWithoutVpc]', { selectsSubnets: true }],
  ['internetAccess: nat() got 0 gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]', { natGateways: 0 }],
  ['internetAccess: nat() got 4 gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]', { natGateways: 4 }],
  ['internetAccess: nat() got 1.5 gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]', { natGateways: 1.5 }],
  ['vpcCidr: it is vpcCidr, and the ranges of subnets are laid out at synthesis; write the CIDR itself [cdk-secure-eks:vpcCidrUnknown]', { vpcCidr: { opaque: 'vpcCidr', token: '${Token}' } }],
  ["vpcCidr: 'big' is no IPv4 CIDR; write one such as 10.0.0.0/16 [cdk-secure-eks:vpcCidrSyntax]", { vpcCidr: 'big' }],
  ["vpcCidr: '10.0.1.0/16' has bits set behind its prefix of 16; write '10.0.0.0/16' [cdk-secure-eks:vpcCidrHostBits]", { vpcCidr: '10.0.1.0/16' }],
  ["vpcCidr: '52.94.0.0/16' is not a private range (RFC 1918 or 100.64.0.0/10); use a range such as 10.0.0.0/16 [cdk-secure-eks:vpcCidrNotPrivate]", { vpcCidr: '52.94.0.0/16' }],
  ["vpcCidr: '10.0.0.0/15' has a prefix of 15, and the address plan takes /16 to /20; use a range such as 10.0.0.0/16, or give a VPC of your own [cdk-secure-eks:vpcCidrSize]", { vpcCidr: '10.0.0.0/15' }],
  ["vpcCidr: '10.0.0.0/21' has a prefix of 21, and the address plan takes /16 to /20; use a range such as 10.0.0.0/16, or give a VPC of your own [cdk-secure-eks:vpcCidrSize]", { vpcCidr: '10.0.0.0/21' }],
  ["serviceIpv4Cidr: it is Services, whose value only the deployment knows: an overlap with the VPC was not checked, and the cluster's DNS address is not known; write the CIDR itself [cdk-secure-eks:serviceCidrUnknown]", { serviceIpv4Cidr: { opaque: 'Services', token: '${Token}' } }],
  ["serviceIpv4Cidr: 'x' is no IPv4 CIDR; write one such as 172.20.0.0/16 [cdk-secure-eks:serviceCidrSyntax]", { serviceIpv4Cidr: 'x' }],
  ["serviceIpv4Cidr: '172.20.0.1/16' has bits set behind its prefix of 16; write '172.20.0.0/16' [cdk-secure-eks:serviceCidrHostBits]", { serviceIpv4Cidr: '172.20.0.1/16' }],
  ["serviceIpv4Cidr: '100.64.0.0/16' is not inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as EKS demands; use a private range such as 172.20.0.0/16 [cdk-secure-eks:serviceCidrNotPrivate]", { serviceIpv4Cidr: '100.64.0.0/16' }],
  ["serviceIpv4Cidr: '172.20.0.0/25' has a prefix of 25, and EKS takes /12 to /24; use a range such as 172.20.0.0/16 [cdk-secure-eks:serviceCidrSize]", { serviceIpv4Cidr: '172.20.0.0/25' }],
  ["serviceIpv4Cidr: '10.0.64.0/20' overlaps '10.0.0.0/16' of the VPC, whose addresses pods could then not reach; set serviceIpv4Cidr to a private range outside the VPC, such as 10.100.0.0/16 [cdk-secure-eks:serviceCidrOverlap]", { serviceIpv4Cidr: '10.0.64.0/20' }],
])('%s', (message, request) => {
  expect(found(request)).toEqual([message]);
});

test.each(['10.96.0.0/12', '10.100.0.0/24', '172.16.0.0/12', '192.168.0.0/16'])('the service range %s passes', (serviceIpv4Cidr) => {
  expect(found({ serviceIpv4Cidr })).toEqual([]);
});

test('the service range may be too large, too', () => {
  expect(found({ serviceIpv4Cidr: '10.0.0.0/8', vpcCidr: '192.168.0.0/16' }))
    .toEqual(["serviceIpv4Cidr: '10.0.0.0/8' has a prefix of 8, and EKS takes /12 to /24; use a range such as 172.20.0.0/16 [cdk-secure-eks:serviceCidrSize]"]);
});

test.each([['172.20.0.0/16', '172.20.0.10'], ['10.100.4.0/24', '10.100.4.10'], ['x', '172.20.0.10']])('DNS of %s is %s', (serviceIpv4Cidr, dns) => {
  expect(plan({ serviceIpv4Cidr }).plan.clusterDnsIp).toBe(dns);
});

test('every problem at once, and a safe network in their place', () => {
  const { plan: substitute, diagnostics } = planNetwork({ admins: 0, vpcCidr: 'x', natGateways: 9, serviceIpv4Cidr: '8.8.8.8/3', endpoint: { publicCidrs: ['0.0.0.0/0'] }, clusterName: '' });
  expect(diagnostics.map(({ code }) => code)).toEqual([
    'endpointOpenToWorld',
    'vpcCidrSyntax',
    'natGatewaysOutOfRange',
    'serviceCidrHostBits',
    'serviceCidrNotPrivate',
    'serviceCidrSize',
    'serviceCidrOverlap',
    'clusterNameSyntax',
    'adminsMissing',
  ]);
  expect(substitute).toMatchObject({ endpoint: { publicCidrs: [] }, vpcCidrs: ['10.0.0.0/16'], natGateways: 1 });
});

describe('whatever the text', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const cidr = fc.tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 33 })).map(([a, b, c, d, prefix]) => `${a}.${b}.${c}.${d}/${prefix}`);
  const text = fc.oneof(cidr, fc.string(), fc.ipV6().map((address) => `${address}/64`));

  test('there is a plan, and it is closed', () => {
    fc.assert(fc.property(fc.array(text, { maxLength: 50 }), text, text, fc.integer(), (publicCidrs, vpcCidr, serviceIpv4Cidr, natGateways) => {
      const { plan: safe, diagnostics } = planNetwork({ endpoint: { publicCidrs }, vpcCidr, serviceIpv4Cidr, natGateways, admins: 1 });
      const open = safe.endpoint.publicCidrs.map((each) => ipv4(String(each)));
      expect(open.length).toBeLessThanOrEqual(40);
      expect(open.some((range) => range.prefix === 0 || overlaps(range, ipv4('10.0.0.0/8')))).toBe(false);
      expect([1, 2, 3]).toContain(safe.natGateways);
      for (const { message } of diagnostics) expect(message).not.toContain('undefined');
    }), { seed: 20261123, numRuns: 500 });
  });
});

describe('a given VPC', () => {
  const subnet = (name: string, zone?: string) => ({ name, zone, cidr: '10.1.0.0/24', isPublic: false });
  const nodes = [subnet('n1', 'a'), subnet('n2', 'b')];
  const vpc = (given: Partial<GivenVpc> = {}): GivenVpc => ({
    name: 'vpc-1',
    pending: false,
    cidr: '10.1.0.0/16',
    dns: true,
    controlPlane: [subnet('c1', 'a'), subnet('c2', 'b')],
    nodes,
    loadBalancers: nodes,
    endpoints: nodes,
    unselected: [],
    ...given,
  });

  test('in which all is right', () => {
    expect(found({ givenVpc: vpc() })).toEqual([]);
  });

  test.each<[string, Partial<GivenVpc>]>([
    ['subnets.nodes: no subnet was found: the selection is empty; select subnets that the VPC has [cdk-secure-eks:subnetsNotFound]', { unselected: [{ member: 'nodes', reason: 'the selection is empty' }] }],
    ['vpc vpc-1: DNS support or DNS hostnames are off, and without both nobody finds the private endpoint; set enableDnsSupport and enableDnsHostnames of the VPC [cdk-secure-eks:vpcDnsOff]', { dns: false }],
    ['subnets.controlPlane: c1 lie in 1 zone, and EKS needs 2; select subnets in at least two availability zones [cdk-secure-eks:subnetZones]', { controlPlane: [subnet('c1', 'a')] }],
    ['subnets.nodes: n1, n3 lie in 1 zone, and EKS needs 2; select subnets in at least two availability zones [cdk-secure-eks:subnetZones]', { nodes: [subnet('n1', 'a'), subnet('n3', 'a')] }],
    ['subnets.nodes: n2 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]', { nodes: [nodes[0], { ...nodes[1], isPublic: true }] }],
    ['subnets.controlPlane: the control plane shares subnets with nodes, load balancers or endpoints, so that its addresses cannot be told from theirs and no policy can name them; give it two or more subnets of its own, /28 each, in subnets.controlPlane [cdk-secure-eks:controlPlaneSubnetsShared]', { controlPlane: nodes }],
    ['vpc vpc-1: not visible at synthesis and so not checked: its range; DNS support and hostnames; the zone of n1; the range of n1; whether there is a route from the internet of n1; check these by hand and acknowledge it, or give what is missing: Vpc.fromLookup finds ranges, zones and routes [cdk-secure-eks:vpcUnseen]',
      { cidr: undefined, dns: undefined, nodes: [{ name: 'n1' }, nodes[1]], loadBalancers: [], endpoints: [] }],
  ])('%s', (message, given) => {
    expect(found({ givenVpc: vpc(given) })).toEqual([message]);
  });

  test('takes no option of a VPC that is made', () => {
    expect(found({ givenVpc: vpc(), vpcCidr: '10.0.0.0/16' })).toEqual(['vpcCidr: it is about a VPC that is made, but a VPC is given and nothing of it is changed; leave out either vpc or vpcCidr [cdk-secure-eks:vpcOptionUnused]']);
  });

  test('may overlap with the service range', () => {
    expect(plan({ givenVpc: vpc({ cidr: '172.20.0.0/16' }) }).diagnostics.map(({ code }) => code)).toEqual(['serviceCidrOverlap']);
  });

  test('is silent while its look-up is pending', () => {
    expect(found({ givenVpc: vpc({ pending: true, cidr: '172.20.0.0/16', controlPlane: nodes, dns: false, unselected: [{ member: 'nodes', reason: '' }] }) })).toEqual([]);
  });

  test('names the control plane only where that names nobody else', () => {
    expect(plan({ givenVpc: vpc() }).plan.controlPlaneApart).toBe(true);
    expect(plan({ givenVpc: vpc({ controlPlane: nodes }) }).plan.controlPlaneApart).toBe(false);
    expect(plan({ givenVpc: vpc({ controlPlane: [subnet('c1', 'a'), nodes[1]] }) }).plan.controlPlaneApart).toBe(false);
    expect(plan({ givenVpc: vpc({ controlPlane: [{ ...subnet('c1', 'a'), cidr: undefined }, subnet('c2', 'b')] }) }).plan.controlPlaneApart).toBe(false);
  });
});
