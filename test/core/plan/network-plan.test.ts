import * as fc from 'fast-check';
import { formatDiagnostic } from '../../../src/core/diagnostic';
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
    isolated: false,
    hasWayOut: true,
    wayOut: 'NAT, a gateway in each zone',
    controlPlaneApart: true,
    serviceIpv4Cidr: '172.20.0.0/16',
    clusterDnsIp: '172.20.0.10',
  });
});

test.each<[string, Partial<NetworkRequest>]>([
  ['admins: no role is named, the creator gets no access, and the role that deploys objects is not for people: nobody could administer the cluster; name at least one IAM role [cdk-secure-eks:adminsMissing]', { admins: 0 }],
  ["clusterName: '-prod' is not 1 to 100 letters, digits, hyphens or underscores, the first a letter or digit; write such a name, or leave it out for one made from the names of stack and constructs [cdk-secure-eks:clusterNameSyntax]", { clusterName: '-prod' }],
  ['subnets: subnets are selected, but no VPC is given and the one that is made has its own; give the VPC that has them, or leave out subnets [cdk-secure-eks:subnetsWithoutVpc]', { selectsSubnets: true }],
  ['internetAccess: nat() got 0 gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]', { internet: { kind: 'nat', gateways: 0 } }],
  ['internetAccess: nat() got 4 gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]', { internet: { kind: 'nat', gateways: 4 } }],
  ['internetAccess: nat() got 1.5 gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]', { internet: { kind: 'nat', gateways: 1.5 } }],
  ['internetAccess: external() is about the routes of a given VPC, but none is given and the one that is made has NAT gateways only; give the VPC that has these routes, or leave out internetAccess for NAT [cdk-secure-eks:externalWithoutVpc]', { internet: { kind: 'external', reason: 'transit gateway' } }],
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
  const { plan: substitute, diagnostics } = planNetwork({ admins: 0, vpcCidr: 'x', internet: { kind: 'nat', gateways: 9 }, serviceIpv4Cidr: '8.8.8.8/3', endpoint: { publicCidrs: ['0.0.0.0/0'] }, clusterName: '' });
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
    fc.assert(fc.property(fc.array(text, { maxLength: 50 }), text, text, fc.integer(), (publicCidrs, vpcCidr, serviceIpv4Cidr, gateways) => {
      const { plan: safe, diagnostics } = planNetwork({ endpoint: { publicCidrs }, vpcCidr, serviceIpv4Cidr, internet: { kind: 'nat', gateways }, admins: 1 });
      const open = safe.endpoint.publicCidrs.map((each) => ipv4(String(each)));
      expect(open.length).toBeLessThanOrEqual(40);
      expect(open.some((range) => range.prefix === 0 || overlaps(range, ipv4('10.0.0.0/8')))).toBe(false);
      expect([1, 2, 3]).toContain(safe.natGateways);
      for (const { message } of diagnostics) expect(message).not.toContain('undefined');
    }), { seed: 20261123, numRuns: 500 });
  });
});

test.each<[number | undefined, string]>([[undefined, 'NAT, a gateway in each zone'], [1, 'NAT, 1 gateway for all zones'], [2, 'NAT, 2 gateways for all zones'], [3, 'NAT, a gateway in each zone']])('the way out through %s gateways', (gateways, wayOut) => {
  expect(plan({ internet: { kind: 'nat', gateways } }).plan.wayOut).toBe(wayOut);
});

// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
test.each<[string, boolean]>([['a', true], ['9', true], ['shop-1_b', true], ['a'.repeat(100), true], ['a'.repeat(101), false], ['', false], ['-a', false], ['_a', false], ['a b', false], ['a.b', false], ['xé', false]])(
  "the cluster may be called '%s': %s", (clusterName, taken) => expect(found({ clusterName })).toEqual(taken ? [] : [
    `clusterName: '${clusterName}' is not 1 to 100 letters, digits, hyphens or underscores, the first a letter or digit; write such a name, or leave it out for one made from the names of stack and constructs [cdk-secure-eks:clusterNameSyntax]`,
  ]));
