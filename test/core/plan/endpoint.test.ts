import { formatDiagnostic } from '../../../src/core/diagnostic';
import { describeEndpoint, EndpointRequest, planEndpoint } from '../../../src/core/plan/endpoint';
import { PrivateSource } from '../../../src/core/plan/private-sources';
import { checkPublicCidrs, MAX_PUBLIC_CIDRS } from '../../../src/core/plan/public-cidrs';
import { Cidr } from '../../../src/core/policy/policy';

const found = (...publicCidrs: Cidr[]) => planEndpoint({ publicCidrs }).diagnostics.map(formatDiagnostic);
const accepted = (...publicCidrs: Cidr[]) => planEndpoint({ publicCidrs }).plan.publicCidrs;
const OFFICE = { opaque: 'a token in place 1', token: '${Office}' };

test('nothing said is a private endpoint', () => {
  expect(planEndpoint({})).toEqual({ plan: { publicCidrs: [], privateSources: [], openToPods: { verdict: 'no', because: 'there is no public endpoint' } }, diagnostics: [] });
});

test('named public ranges pass', () => {
  expect(found('52.94.76.0/24', '54.239.1.1/32')).toEqual([]);
  expect(accepted('54.239.1.1/32', '52.94.76.0/24')).toEqual(['54.239.1.1/32', '52.94.76.0/24']);
  expect(found('8.0.0.0/16')).toEqual([]);
});

const EVERYTHING = 'name the CIDRs that need the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointOpenToWorld]';
const BROAD = 'name the ranges of those who need the endpoint, or acknowledge it where all of it is yours [cdk-secure-eks:endpointCidrBroad]';
const RESERVED = ', and EKS refuses a range that includes one; name public ranges here, and private ones in withPrivateSources() [cdk-secure-eks:endpointCidrReserved]';

test.each<[string, string]>([
  ['0.0.0.0/0', `endpointAccess: publicFrom() got '0.0.0.0/0', which is every address of IPv4; ${EVERYTHING}`],
  ['::/0', `endpointAccess: publicFrom() got '::/0', which is every address of IPv6; ${EVERYTHING}`],
  ['2600:1f00::/24', "endpointAccess: publicFrom() got '2600:1f00::/24', which is IPv6, and only IPv4 is taken; write the IPv4 ranges of the same sources [cdk-secure-eks:endpointCidrIpv6]"],
  ['office', "endpointAccess: publicFrom() got 'office', which is no CIDR; write an address and a prefix length, such as 52.94.76.0/24 [cdk-secure-eks:endpointCidrSyntax]"],
  ['52.94.76.9/24', "endpointAccess: publicFrom() got '52.94.76.9/24', which has bits set behind its prefix of 24; write '52.94.76.0/24' for the range, or '52.94.76.9/32' for the one address [cdk-secure-eks:endpointCidrHostBits]"],
  ['10.1.0.0/16', `endpointAccess: publicFrom() got '10.1.0.0/16', which holds addresses that nobody on the internet has: private (RFC 1918)${RESERVED}`],
  ['203.0.113.0/24', `endpointAccess: publicFrom() got '203.0.113.0/24', which holds addresses that nobody on the internet has: documentation (RFC 5737)${RESERVED}`],
  ['8.0.0.0/6', `endpointAccess: publicFrom() got '8.0.0.0/6', which holds addresses that nobody on the internet has: private (RFC 1918)${RESERVED}`],
])('%s is refused, and cannot be acknowledged', (cidr, message) => {
  expect(found(cidr)).toEqual([message]);
  expect(accepted(cidr)).toEqual([]);
  expect(planEndpoint({ publicCidrs: [cidr] }).diagnostics).toEqual([expect.not.objectContaining({ acknowledgeable: true })]);
});

test('a broad range can be acknowledged, each by itself', () => {
  const { diagnostics, plan } = planEndpoint({ publicCidrs: ['52.0.0.0/15', '17.0.0.0/8'] });
  expect(diagnostics.map(formatDiagnostic)).toEqual([
    `endpointAccess 52.0.0.0/15: publicFrom() got '52.0.0.0/15', which is broader than a /16; ${BROAD}`,
    `endpointAccess 17.0.0.0/8: publicFrom() got '17.0.0.0/8', which is broader than a /16; ${BROAD}`,
  ]);
  expect(diagnostics.every(({ acknowledgeable }) => acknowledgeable)).toBe(true);
  expect(plan.publicCidrs).toEqual(['52.0.0.0/15', '17.0.0.0/8']);
});

test('so can many that are broad together', () => {
  expect(found('52.0.0.0/17', '52.1.0.0/17', '52.2.0.0/17')).toEqual([`endpointAccess: publicFrom() got ranges that together are broader than a /16: 98304 addresses; ${BROAD}`]);
});

test('halves of the internet are the internet, whatever else is wrong with them', () => {
  const { diagnostics, plan } = planEndpoint({ publicCidrs: ['0.0.0.0/1', '128.0.0.0/1', '52.94.76.0/24'] });
  expect(diagnostics.map(({ code }) => code)).toEqual(['endpointCidrReserved', 'endpointCidrReserved', 'endpointOpenToWorld']);
  expect(formatDiagnostic(diagnostics[2])).toBe(`endpointAccess: publicFrom() got ranges that add up to every address of IPv4; ${EVERYTHING}`);
  expect(plan.publicCidrs).toEqual([]);
  // No range of these holds anything but public addresses.
  const half = ['1.0.0.0/8', '2.0.0.0/7', '4.0.0.0/6', '8.0.0.0/7', '11.0.0.0/8', '12.0.0.0/6', '16.0.0.0/4', '32.0.0.0/3', '64.0.0.0/3', '128.0.0.0/3', '160.0.0.0/5', '208.0.0.0/4'];
  expect(planEndpoint({ publicCidrs: half }).diagnostics.map(({ code }) => code)).toEqual([...half.map(() => 'endpointCidrBroad'), 'endpointOpenToWorld']);
});

test('none at all is refused', () => {
  expect(found()).toEqual(['endpointAccess: publicFrom() got no CIDR, and EKS reads an empty list as 0.0.0.0/0; name the CIDRs that may reach the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointCidrMissing]']);
  expect(accepted()).toEqual([]);
});

describe('how many', () => {
  const apart = Array.from({ length: MAX_PUBLIC_CIDRS + 1 }, (_, index) => `52.94.${2 * index}.0/24`);
  const neighbours = Array.from({ length: MAX_PUBLIC_CIDRS + 1 }, (_, index) => `52.94.${index}.0/24`);
  const TOO_MANY = 'endpointAccess: publicFrom() got 41 CIDRs, and EKS takes 40; ';

  test('as many as EKS takes, and one more', () => {
    expect(found(...apart.slice(1))).toEqual([]);
    expect(found(...apart)).toEqual([`${TOO_MANY}leave some out, or reach the private endpoint through a VPN [cdk-secure-eks:endpointCidrTooMany]`]);
    expect(accepted(...apart)).toHaveLength(MAX_PUBLIC_CIDRS);
  });

  test('neighbours can be merged', () => {
    expect(found(...neighbours)).toEqual([`${TOO_MANY}merge neighbouring ranges, which makes them 3 [cdk-secure-eks:endpointCidrTooMany]`]);
    expect(found(OFFICE, ...neighbours.slice(1))[1]).toBe(`${TOO_MANY}merge neighbouring ranges, which makes them 8 [cdk-secure-eks:endpointCidrTooMany]`);
  });

  test('what is covered does not count', () => {
    expect(planEndpoint({ publicCidrs: [...apart.slice(1), apart[1], '52.94.2.128/25'] }).diagnostics.map(({ code }) => code)).toEqual(['endpointCidrDuplicate', 'endpointCidrDuplicate']);
  });
});

test('twice the same, and what another holds, are said and left out', () => {
  const { plan, diagnostics } = planEndpoint({ publicCidrs: ['52.94.76.128/25', OFFICE, '52.94.76.0/24', '52.94.76.0/24'] });
  expect(plan.publicCidrs).toEqual([OFFICE, '52.94.76.0/24']);
  expect(diagnostics.slice(0, 2)).toEqual([
    { code: 'endpointCidrDuplicate', severity: 'warning', subject: 'endpointAccess', message: "publicFrom() got '52.94.76.128/25', which '52.94.76.0/24' holds already", fix: 'leave it out' },
    { code: 'endpointCidrDuplicate', severity: 'warning', subject: 'endpointAccess', message: "publicFrom() got '52.94.76.0/24' twice", fix: 'write it once' },
  ]);
});

test('what only the deployment knows passes with a warning each', () => {
  const second = { opaque: 'a token in place 2', token: '${Home}' };
  expect(found(OFFICE, second)).toEqual(['1', '2'].map((place) =>
    `endpointAccess: publicFrom() got a token in place ${place}, whose value only the deployment knows: whether it is public and how broad it is was not checked; write the CIDR itself, or check the value where it is set [cdk-secure-eks:endpointCidrUnknown]`));
  expect(accepted(OFFICE, second)).toEqual([OFFICE, second]);
  expect(planEndpoint({ publicCidrs: [OFFICE] }).diagnostics[0]).toMatchObject({ severity: 'warning', acknowledgeable: true });
});

test('every problem is reported, and order decides nothing', () => {
  const wrong: Cidr[] = ['10.0.0.0/8', 'office', '52.94.76.1/24', '2600::/24', '17.0.0.0/8', '54.0.0.0/24', '54.0.0.0/25'];
  expect(found(...wrong)).toHaveLength(6);
  expect(found(...[...wrong].reverse()).sort()).toEqual(found(...wrong).sort());
});

test('the same for a list found elsewhere', () => {
  const { accepted: kept, diagnostics } = checkPublicCidrs(['0.0.0.0/0'], { subject: 'AWS::EKS::Cluster Demo', got: 'PublicAccessCidrs has' });
  expect(kept).toEqual([]);
  expect(diagnostics.map(formatDiagnostic)).toEqual([`AWS::EKS::Cluster Demo: PublicAccessCidrs has '0.0.0.0/0', which is every address of IPv4; ${EVERYTHING}`]);
});

describe('private sources', () => {
  const range = (cidr: string): PrivateSource => ({ id: cidr, name: `range ${cidr}`, cidr });
  const group: PrivateSource = { id: 'sg', name: 'security group sg' };
  const planned = (...privateSources: PrivateSource[]) => {
    const { plan, diagnostics } = planEndpoint({ privateSources });
    return { names: plan.privateSources.map(({ name }) => name), said: diagnostics.map(formatDiagnostic), diagnostics };
  };
  const WORLD = 'name the ranges, security groups or prefix lists that need the endpoint [cdk-secure-eks:privateSourceOpenToWorld]';

  test('private ranges, groups and lists pass, each once; one inside another is no mistake', () => {
    expect(planned(range('10.0.0.0/8'), range('172.16.0.0/12'), range('192.168.0.0/16'), range('100.64.0.0/10'), range('10.1.0.0/16'), group, group)).toMatchObject({
      names: ['range 10.0.0.0/8', 'range 172.16.0.0/12', 'range 192.168.0.0/16', 'range 100.64.0.0/10', 'range 10.1.0.0/16', 'security group sg'], said: [],
    });
  });

  test.each<[string, string]>([
    ['0.0.0.0/0', `endpointAccess: withPrivateSources() got '0.0.0.0/0', which is every address of IPv4; ${WORLD}`],
    ['::/0', `endpointAccess: withPrivateSources() got '::/0', which is every address of IPv6; ${WORLD}`],
    ['8.0.0.0/6', `endpointAccess: withPrivateSources() got '8.0.0.0/6', which is broader than a /7; ${WORLD}`],
    ['fd00::/8', "endpointAccess: withPrivateSources() got 'fd00::/8', which is IPv6, and only IPv4 is taken; write the IPv4 ranges of the same sources: the private endpoint of an IPv4 cluster has IPv4 addresses only [cdk-secure-eks:privateSourceIpv6]"],
    ['10.8.1.0/16', "endpointAccess: withPrivateSources() got '10.8.1.0/16', which has bits set behind its prefix of 16; write '10.8.0.0/16' for the range, or '10.8.1.0/32' for the one address [cdk-secure-eks:privateSourceHostBits]"],
    ['10.8.1.300/16', "endpointAccess: withPrivateSources() got '10.8.1.300/16', which is no CIDR; write an address and a prefix length, such as 52.94.76.0/24 [cdk-secure-eks:privateSourceSyntax]"],
  ])('%s is refused', (cidr, message) => {
    expect(planned(range(cidr), group, range('10.9.0.0/16'))).toMatchObject({ names: ['security group sg', 'range 10.9.0.0/16'], said: [message] });
    expect(planned(range(cidr)).diagnostics).toEqual([expect.not.objectContaining({ acknowledgeable: true })]);
  });

  test('halves add up, and then no range is admitted', () => {
    expect(planned(range('0.0.0.0/1'), range('128.0.0.0/1'), range('10.0.0.0/16'), group)).toMatchObject({
      names: ['security group sg'],
      said: expect.arrayContaining([`endpointAccess: withPrivateSources() got ranges that add up to every address of IPv4; ${WORLD}`]),
    });
  });

  test('public ranges are named, and may be your own', () => {
    expect(planned(range('52.94.76.0/24'), range('198.18.0.0/15'))).toMatchObject({
      names: ['range 52.94.76.0/24', 'range 198.18.0.0/15'],
      said: [
        "endpointAccess: withPrivateSources() got '52.94.76.0/24', which is not inside RFC 1918 or RFC 6598: nobody comes from the internet to the private endpoint, so this admits somebody only where your own network uses such addresses; name the private ranges, or the public ones in publicFrom() [cdk-secure-eks:privateSourceNotPrivate]",
        "endpointAccess: withPrivateSources() got '198.18.0.0/15', which is not inside RFC 1918 or RFC 6598 but holds benchmarking (RFC 2544): nobody comes from the internet to the private endpoint, so this admits somebody only where your own network uses such addresses; name the private ranges, or the public ones in publicFrom() [cdk-secure-eks:privateSourceNotPrivate]",
      ],
      diagnostics: [{ severity: 'warning', acknowledgeable: true }, { severity: 'warning', acknowledgeable: true }],
    });
  });

  test('a token passes with a warning', () => {
    expect(planned({ id: '${Vpn}', name: 'a token in place 1', cidr: { opaque: 'a token in place 1', token: '${Vpn}' } })).toMatchObject({
      names: ['a token in place 1'],
      said: ['endpointAccess: withPrivateSources() got a token in place 1, whose value only the deployment knows: whether it is private and how broad it is was not checked; write the CIDR itself, or check the value where it is set [cdk-secure-eks:privateSourceUnknown]'],
      diagnostics: [{ severity: 'warning', acknowledgeable: true }],
    });
  });
});

describe('whether pods reach the public endpoint', () => {
  const eip = { opaque: 'egressAddresses[0]', token: '${Eip}/32' };
  const verdict = (publicCidrs: Cidr[], egressAddresses?: Cidr[]) => planEndpoint({ publicCidrs, egressAddresses }).plan.openToPods;

  test.each<[string, Cidr[], Cidr[] | undefined, string, string]>([
    ['the address in a range', ['52.94.76.0/24'], ['54.0.0.1/32', '52.94.76.9/32'], 'yes', 'the public ranges hold 52.94.76.9/32, by which traffic of this VPC leaves'],
    ['a range in a range of egress', ['52.94.76.9/32'], ['52.94.76.0/24'], 'yes', 'the public ranges hold 52.94.76.0/24, by which traffic of this VPC leaves'],
    ['the token of the address itself', ['52.94.76.0/24', { ...eip, opaque: 'a token in place 2' }], [eip], 'yes', 'the public ranges hold egressAddresses[0], by which traffic of this VPC leaves'],
    ['other addresses', ['52.94.76.0/24'], ['52.94.77.0/32'], 'no', 'no public range holds an address by which traffic of this VPC leaves'],
    ['no way out at all', ['52.94.76.0/24', OFFICE], [], 'no', 'no public range holds an address by which traffic of this VPC leaves'],
    ['an address that is a token', ['52.94.76.0/24'], ['54.0.0.1/32', eip], 'undetermined', 'the value of egressAddresses[0] is known only at deployment'],
    ['a range that is a token', [OFFICE], ['54.0.0.1/32'], 'undetermined', 'the value of a token in place 1 is known only at deployment'],
    ['addresses that nobody named', ['52.94.76.0/24'], undefined, 'undetermined', 'by which addresses the traffic of this VPC leaves is known only at deployment'],
    ['no public endpoint', ['10.0.0.0/8'], ['52.94.76.9/32'], 'no', 'there is no public endpoint'],
  ])('%s', (_, publicCidrs, egress, expected, because) => {
    expect(verdict(publicCidrs, egress)).toEqual({ verdict: expected, because });
  });

  test('an address of the VPC among the public ranges is a warning', () => {
    const { diagnostics } = planEndpoint({ publicCidrs: ['52.94.76.0/24'], egressAddresses: ['52.94.76.9/32'] });
    expect(diagnostics).toMatchObject([{ severity: 'warning', acknowledgeable: true }]);
    expect(diagnostics.map(formatDiagnostic)).toEqual(['endpointAccess: the public ranges hold 52.94.76.9/32, by which traffic of this VPC leaves: pods that may reach the internet reach the public endpoint too, past the denial of the API server; leave that address out: nodes and pods of the VPC use the private endpoint [cdk-secure-eks:endpointOpenToPods]']);
  });

  test.each([
    ['10.0.0.5/32', "egressAddresses: it got '10.0.0.5/32', which holds addresses that nobody on the internet has: private (RFC 1918); name public ranges [cdk-secure-eks:egressAddress]"],
    ['52.94.76.9', "egressAddresses: it got '52.94.76.9', which has no prefix length; write '52.94.76.9/32' for the one address [cdk-secure-eks:egressAddress]"],
  ])('%s is no address by which traffic leaves', (cidr, message) => {
    expect(planEndpoint({ egressAddresses: [cidr] }).diagnostics.map(formatDiagnostic)).toEqual([message]);
  });
});

describe('in words', () => {
  const lines = (request: EndpointRequest) => describeEndpoint(planEndpoint(request).plan);

  test('private', () => expect(lines({})).toEqual([{ text: 'from the internet nobody: there is no public endpoint' }]));

  test('every source is named, and what is undetermined', () => {
    expect(lines({ publicCidrs: ['52.94.76.0/24', OFFICE], privateSources: [{ id: 'sg', name: 'security group sg' }, { id: '10.8.0.0/16', name: 'range 10.8.0.0/16', cidr: '10.8.0.0/16' }] })).toEqual([
      { text: 'from the internet, by the public endpoint: 52.94.76.0/24, a token in place 1' },
      { text: 'whether pods that may reach the internet reach the public endpoint: by which addresses the traffic of this VPC leaves is known only at deployment', undetermined: true },
      { text: 'by the private endpoint: security group sg' },
      { text: 'by the private endpoint: range 10.8.0.0/16' },
    ]);
  });

  test.each<[string[], string]>([
    [['52.94.76.9/32'], 'pods that may reach the internet reach the public endpoint as well: the public ranges hold 52.94.76.9/32, by which traffic of this VPC leaves'],
    [['54.0.0.1/32'], 'pods that may reach the internet do not reach the public endpoint: no public range holds an address by which traffic of this VPC leaves'],
  ])('where %s is the way out', (egressAddresses, text) => {
    expect(lines({ publicCidrs: ['52.94.76.0/24'], egressAddresses })[1]).toEqual({ text });
  });
});
