import { formatDiagnostic } from '../../../src/core/diagnostic';
import { MAX_PUBLIC_CIDRS, planEndpoint } from '../../../src/core/plan/endpoint';
import { Cidr } from '../../../src/core/policy/policy';

const found = (...publicCidrs: Cidr[]) => planEndpoint({ publicCidrs }).diagnostics.map(formatDiagnostic);
const accepted = (...publicCidrs: Cidr[]) => planEndpoint({ publicCidrs }).plan.publicCidrs;

test('nothing said is a private endpoint', () => {
  expect(planEndpoint({})).toEqual({ plan: { publicCidrs: [], privateSources: [] }, diagnostics: [] });
});

test('named public ranges pass', () => {
  expect(found('52.94.76.0/24', '54.239.1.1/32', '8.0.0.0/9')).toEqual([]);
});

test.each<[string, string]>([
  ['0.0.0.0/0', "endpointAccess: publicFrom() got '0.0.0.0/0', which is every address; name the CIDRs that need the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointOpenToWorld]"],
  ['::/0', "endpointAccess: publicFrom() got '::/0', and the endpoint of an IPv4 cluster takes IPv4 CIDRs only; write the IPv4 ranges of the same sources [cdk-secure-eks:endpointOpenToWorld]"],
  ['2600:1f00::/24', "endpointAccess: publicFrom() got '2600:1f00::/24', and the endpoint of an IPv4 cluster takes IPv4 CIDRs only; write the IPv4 ranges of the same sources [cdk-secure-eks:endpointCidrIpv6]"],
  ['office', "endpointAccess: publicFrom() got 'office', which is no IPv4 CIDR; write an address and a prefix length, such as 52.94.76.0/24 [cdk-secure-eks:endpointCidrSyntax]"],
  ['52.94.76.9/24', "endpointAccess: publicFrom() got '52.94.76.9/24', which has bits set behind its prefix of 24; write '52.94.76.0/24' for the range, or '52.94.76.9/32' for the one address [cdk-secure-eks:endpointCidrHostBits]"],
  ['10.1.0.0/16', "endpointAccess: publicFrom() got '10.1.0.0/16', which holds private (RFC 1918) addresses: EKS refuses them, and nobody reaches a public endpoint from one; name public ranges here, and private ones in withPrivateSources() [cdk-secure-eks:endpointCidrReserved]"],
])('%s is refused', (cidr, message) => {
  expect(found(cidr)).toEqual([message]);
  expect(accepted(cidr, '52.94.76.0/24')).toEqual(['52.94.76.0/24']);
});

// Written from https://www.iana.org/assignments/iana-ipv4-special-registry.
test.each([
  ['10.0.0.0/8', 'private'], ['172.16.0.0/12', 'private'], ['192.168.1.0/24', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT'], ['127.0.0.1/32', 'loopback'], ['169.254.169.254/32', 'link-local'],
  ['192.0.2.0/24', 'documentation'], ['198.51.100.0/24', 'documentation'], ['203.0.113.0/24', 'documentation'],
  ['198.18.0.0/15', 'benchmarking'], ['192.0.0.0/24', 'reserved'], ['224.0.0.0/4', 'multicast'], ['240.0.0.0/4', 'reserved'],
  ['255.255.255.255/32', 'reserved'], ['0.1.0.0/16', 'this network'],
  ['0.0.0.0/1', 'private'], ['128.0.0.0/1', 'private'], ['172.0.0.0/8', 'private'],
])('%s is or includes %s', (cidr, what) => {
  expect(found(cidr)).toEqual([expect.stringContaining(`which holds ${what}`)]);
});

test.each(['9.255.255.0/24', '11.0.0.0/8', '172.15.0.0/16', '172.32.0.0/16', '100.63.0.0/16', '100.128.0.0/16', '192.167.0.0/16', '192.169.0.0/16', '223.255.255.0/24', '1.0.0.0/8'])(
  '%s lies beside a reserved range and passes', (cidr) => expect(found(cidr)).toEqual([]));

test('none at all is refused', () => {
  expect(found()).toEqual(['endpointAccess: publicFrom() got no CIDR, and EKS reads an empty list as 0.0.0.0/0; name the CIDRs that may reach the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointCidrMissing]']);
  expect(accepted()).toEqual([]);
});

test('as many as EKS takes, and one more', () => {
  const many = Array.from({ length: MAX_PUBLIC_CIDRS + 1 }, (_, index) => `52.94.${index}.0/24`);
  expect(found(...many.slice(1))).toEqual([]);
  expect(found(...many)).toEqual(['endpointAccess: publicFrom() got 41 CIDRs, and EKS takes 40; merge neighbouring ranges, or reach the private endpoint through a VPN [cdk-secure-eks:endpointCidrTooMany]']);
  expect(accepted(...many)).toHaveLength(MAX_PUBLIC_CIDRS);
});

test('twice the same is said, and is one', () => {
  expect(planEndpoint({ publicCidrs: ['52.94.76.0/24', '52.94.76.0/24'] })).toEqual({
    plan: { publicCidrs: ['52.94.76.0/24'], privateSources: [] },
    diagnostics: [{ code: 'endpointCidrDuplicate', severity: 'warning', subject: 'endpointAccess', message: "publicFrom() got '52.94.76.0/24' twice", fix: 'write it once' }],
  });
});

test('what only the deployment knows passes with a warning', () => {
  const office = { opaque: 'a CIDR', token: '${Office}' };
  expect(found(office)).toEqual(['endpointAccess: publicFrom() got a CIDR, whose value only the deployment knows: whether it is public and how broad it is was not checked; write the CIDR itself, or check the value where it is set [cdk-secure-eks:endpointCidrUnknown]']);
  expect(accepted(office)).toEqual([office]);
  expect(planEndpoint({ publicCidrs: [office] }).diagnostics[0].severity).toBe('warning');
});

test('every problem is reported, and order decides nothing', () => {
  const wrong: Cidr[] = ['0.0.0.0/0', '10.0.0.0/8', 'office', '52.94.76.1/24', '::/0'];
  expect(found(...wrong)).toHaveLength(5);
  expect(found(...[...wrong].reverse()).sort()).toEqual(found(...wrong).sort());
});

test('private sources: everybody is nobody', () => {
  const { plan, diagnostics } = planEndpoint({
    privateSources: [{ name: '10.0.0.0/8', cidr: '10.0.0.0/8' }, { name: 'any', cidr: '0.0.0.0/0' }, { name: 'any6', cidr: '::/0' }, { name: 'sg' }, { name: 'sg' }],
  });
  expect(plan.privateSources).toEqual(['10.0.0.0/8', 'sg']);
  expect(diagnostics.map(formatDiagnostic)).toEqual(['0.0.0.0/0', '::/0'].map((cidr) =>
    `endpointAccess: withPrivateSources() got '${cidr}', which is every address; name the ranges, security groups or prefix lists that need the endpoint [cdk-secure-eks:privateSourceOpenToWorld]`));
});
