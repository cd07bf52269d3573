import fc from 'fast-check';
import { CidrSet, checkNamedSources, PUBLIC_ADDRESSES, SourceRules, SPECIAL_RANGES, specialNames } from '../../../src/core/sets';

const PUBLIC: SourceRules = { addresses: 'public', smallestPrefix: { 4: 16 } };
const BOTH: SourceRules = { addresses: 'public', smallestPrefix: { 4: 16, 6: 32 } };
const ANY: SourceRules = { addresses: 'any', smallestPrefix: { 4: 8, 6: 32 } };

const said = (rules: SourceRules, ...sources: string[]) => checkNamedSources(sources, rules).findings.map(({ flaw, problem, fix }) => `${flaw}: ${problem}; ${fix}`);
const flaws = (rules: SourceRules, ...sources: string[]) => checkNamedSources(sources, rules).findings.map(({ flaw }) => flaw);
const accepted = (rules: SourceRules, ...sources: string[]) => checkNamedSources(sources, rules).accepted;

describe('one source', () => {
  test.each<[string, string]>([
    ['office', "syntax: 'office', which is no CIDR; write an address and a prefix length, such as 52.94.76.0/24"],
    ['52.94.76.1', "syntax: '52.94.76.1', which has no prefix length; write '52.94.76.1/32' for the one address"],
    ['2600::/24', "family: '2600::/24', which is IPv6, and only IPv4 is taken; write the IPv4 ranges of the same sources"],
    ['52.94.76.9/24', "hostBits: '52.94.76.9/24', which has bits set behind its prefix of 24; write '52.94.76.0/24' for the range, or '52.94.76.9/32' for the one address"],
    ['10.1.0.0/16', "special: '10.1.0.0/16', which holds addresses that nobody on the internet has: private (RFC 1918); name public ranges"],
    ['8.0.0.0/6', "special: '8.0.0.0/6', which holds addresses that nobody on the internet has: private (RFC 1918); name public ranges"],
    ['52.0.0.0/15', "broad: '52.0.0.0/15', which is broader than a /16; name the ranges of those who need it"],
    ['0.0.0.0/0', "everything: '0.0.0.0/0', which is every address of IPv4; name the ranges of those who need it"],
    ['::/0', "everything: '::/0', which is every address of IPv6; name the ranges of those who need it"],
  ])('%s', (source, finding) => {
    expect(said(PUBLIC, source)).toEqual([finding]);
  });

  test('a range of the smallest prefix, and one address, pass', () => {
    expect(checkNamedSources(['52.0.0.0/16'], PUBLIC)).toEqual({ findings: [], accepted: ['52.0.0.0/16'] });
    expect(checkNamedSources(['54.239.1.1/32', '2600:1f00::/32'], BOTH)).toEqual({ findings: [], accepted: ['54.239.1.1/32', '2600:1f00::/32'] });
  });

  test('private addresses pass where any may', () => {
    expect(checkNamedSources(['10.0.0.0/8', 'fd00::/48'], ANY)).toEqual({ findings: [], accepted: ['10.0.0.0/8', 'fd00::/48'] });
  });

  test('what is refused is left out, what is broad may be accepted by somebody', () => {
    expect(accepted(PUBLIC, 'office', '10.0.0.0/8', '52.94.76.9/24', '2600::/24', '52.0.0.0/15', '54.0.0.0/24')).toEqual(['52.0.0.0/15', '54.0.0.0/24']);
  });
});

// Written from the registries of IANA for IPv4 and IPv6: https://www.iana.org/assignments/iana-ipv4-special-registry.
test.each([
  ['10.0.0.0/8', 'private'], ['172.16.0.0/12', 'private'], ['192.168.1.0/24', 'private'], ['100.64.0.0/10', 'carrier-grade NAT'], ['127.0.0.1/32', 'loopback'],
  ['169.254.169.254/32', 'link-local'], ['192.0.2.0/24', 'documentation'], ['198.51.100.0/24', 'documentation'], ['203.0.113.0/24', 'documentation'],
  ['198.18.0.0/15', 'benchmarking'], ['192.0.0.0/24', 'reserved'], ['192.88.99.0/24', '6to4 relay'], ['224.0.0.0/4', 'multicast'], ['240.0.0.0/4', 'reserved'],
  ['255.255.255.255/32', 'reserved'], ['0.1.0.0/16', 'this network'], ['172.0.0.0/8', 'private'], ['192.88.0.0/16', '6to4 relay'],
  ['2001:db8::/48', 'documentation'], ['3fff::/32', 'documentation'], ['2002::/32', '6to4'], ['2001::/32', 'reserved'], ['fd00::/48', 'private'],
  ['fe80::/64', 'link-local'], ['ff02::/64', 'multicast'], ['::1/128', 'reserved'], ['64:ff9b::/96', 'reserved'], ['5f00::/32', 'reserved'],
])('%s is or holds %s', (source, what) => {
  expect(said(BOTH, source)).toEqual([expect.stringContaining(`which holds addresses that nobody on the internet has: ${what}`)]);
  expect(accepted(BOTH, source)).toEqual([]);
});

// First and last of each, with the RFC that the registries name: https://www.iana.org/assignments/iana-ipv6-special-registry.
test.each([
  ['10.255.255.255', 'private (RFC 1918)'], ['172.31.255.255', 'private (RFC 1918)'], ['192.168.255.255', 'private (RFC 1918)'], ['100.127.255.255', 'carrier-grade NAT (RFC 6598)'],
  ['0.255.255.255', 'this network (RFC 791)'], ['127.255.255.255', 'loopback (RFC 1122)'], ['169.254.255.255', 'link-local (RFC 3927)'], ['192.0.0.255', 'reserved for protocols (RFC 6890)'],
  ['192.0.2.255', 'documentation (RFC 5737)'], ['192.88.99.255', '6to4 relay (RFC 7526)'], ['198.19.255.255', 'benchmarking (RFC 2544)'], ['198.51.100.255', 'documentation (RFC 5737)'],
  ['203.0.113.255', 'documentation (RFC 5737)'], ['239.255.255.255', 'multicast (RFC 5771)'], ['240.0.0.0', 'reserved (RFC 1112)'],
  ['2001:1ff:ffff::', 'reserved for protocols (RFC 2928)'], ['2001:db8:ffff::', 'documentation (RFC 3849)'], ['2002:ffff::', '6to4 (RFC 3056)'], ['3fff:fff::', 'documentation (RFC 9637)'],
  ['fc00::', 'private (RFC 4193)'], ['fdff::', 'private (RFC 4193)'], ['febf::', 'link-local (RFC 4291)'], ['ffff::', 'multicast (RFC 4291)'], ['1fff::', 'reserved (RFC 4291)'], ['4000::', 'reserved (RFC 4291)'],
  ['7fff::', 'reserved (RFC 4291)'], ['8000::', 'reserved (RFC 4291)'], ['bfff::', 'reserved (RFC 4291)'], ['c000::', 'reserved (RFC 4291)'], ['dfff::', 'reserved (RFC 4291)'], ['e000::', 'reserved (RFC 4291)'],
  ['efff::', 'reserved (RFC 4291)'], ['f000::', 'reserved (RFC 4291)'], ['f7ff::', 'reserved (RFC 4291)'], ['f800::', 'reserved (RFC 4291)'], ['fbff::', 'reserved (RFC 4291)'], ['fe00::', 'reserved (RFC 4291)'],
  ['fe7f::', 'reserved (RFC 4291)'], ['fec0::', 'reserved (RFC 3879)'], ['feff::', 'reserved (RFC 3879)'],
])('%s is %s', (address, name) => expect(specialNames(CidrSet.of(address))).toEqual([name]));

test('only IPv6 may be taken too', () => {
  expect(said({ addresses: 'public', smallestPrefix: { 6: 32 } }, '52.94.76.0/24')).toEqual(["family: '52.94.76.0/24', which is IPv4, and only IPv6 is taken; write the IPv6 ranges of the same sources"]);
  expect(said(BOTH, '2600:1f00::1/32')).toEqual(["hostBits: '2600:1f00::1/32', which has bits set behind its prefix of 32; write '2600:1f00::/32' for the range, or '2600:1f00::1/128' for the one address"]);
});

test.each(['9.255.0.0/16', '11.0.0.0/16', '172.15.0.0/16', '172.32.0.0/16', '100.63.0.0/16', '100.128.0.0/16', '192.167.0.0/16', '192.169.0.0/16', '192.88.98.0/24', '223.255.255.0/24',
  '2001:200::/32', '2600::/32', '3ffe::/32', '2003::/32'])('%s lies beside one and passes', (source) => expect(said(BOTH, source)).toEqual([]));

test('no IPv6 address is public but global unicast', () => {
  expect(CidrSet.of('2000::/3').covers(PUBLIC_ADDRESSES.intersect(CidrSet.ALL_V6))).toBe(true);
  expect(SPECIAL_RANGES.every(({ cidr }) => CidrSet.isCidr(cidr))).toBe(true);
});

describe('all together', () => {
  test('halves add up to the internet, however they are cut', () => {
    expect(said(PUBLIC, '0.0.0.0/1', '128.0.0.0/1').at(-1)).toBe('everything: ranges that add up to every address of IPv4; name the ranges of those who need it');
    expect(flaws(PUBLIC, '128.0.0.0/1')).toEqual(['special', 'everything']);
    expect(said(ANY, '0.0.0.0/2', '64.0.0.0/2').at(-1)).toBe('everything: ranges that add up to at least half of all addresses of IPv4; name the ranges of those who need it');
    expect(said(BOTH, '2000::/4', '3000::/12').at(-1)).toBe('everything: ranges that add up to at least half of all addresses of IPv6; name the ranges of those who need it');
  });

  test('every public address without the others is everything too', () => {
    const whole = PUBLIC_ADDRESSES.intersect(CidrSet.ALL_V4).toCidrs();
    expect(said(PUBLIC, ...whole).at(-1)).toBe('everything: ranges that add up to every address of IPv4; name the ranges of those who need it');
    expect(accepted(PUBLIC, ...whole, '54.0.0.0/24')).toEqual([]);
  });

  test('just below half of it is broad only', () => {
    const blocks = PUBLIC_ADDRESSES.intersect(CidrSet.ALL_V4).toCidrs();
    const half = PUBLIC_ADDRESSES.intersect(CidrSet.ALL_V4).size;
    let index = 0;
    for (let size = 0n; (size + CidrSet.of(blocks[index]).size) * 2n < half; index++) size += CidrSet.of(blocks[index]).size;
    expect(flaws(PUBLIC, ...blocks.slice(0, index))).not.toContain('everything');
    expect(flaws(PUBLIC, ...blocks.slice(0, index + 1))).toContain('everything');
  });

  test('many named ones may be broader than one of the smallest prefix', () => {
    expect(said(PUBLIC, '52.0.0.0/17', '52.0.128.0/17')).toEqual([]);
    expect(said(PUBLIC, '52.0.0.0/17', '52.0.128.0/17', '54.0.0.1/32')).toEqual(['broad: ranges that together are broader than a /16: 65537 addresses; name the ranges of those who need it']);
    expect(said(BOTH, '2600::/32', '2600:1::/48')).toEqual([expect.stringMatching(/^broad: ranges that together are broader than a \/32 of IPv6: /)]);
  });

  test('what is broad by itself is said once', () => {
    expect(flaws(PUBLIC, '52.0.0.0/12', '54.0.0.0/24')).toEqual(['broad']);
  });

  test('twice, and held by another', () => {
    expect(said(PUBLIC, '52.94.76.0/24', '52.94.76.0/24')).toEqual(["covered: '52.94.76.0/24' twice; write it once"]);
    expect(said(PUBLIC, '52.94.76.128/25', '52.94.76.0/24')).toEqual(["covered: '52.94.76.128/25', which '52.94.76.0/24' holds already; leave it out"]);
    expect(accepted(PUBLIC, '52.94.76.128/25', '52.94.76.0/24', '52.94.76.0/24')).toEqual(['52.94.76.0/24']);
    expect(accepted(BOTH, '2600::/48', '2600:0::/48')).toEqual(['2600::/48']);
  });
});

const sources = fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 1, max: 32 })).map(([address, prefix]) => {
  const base = prefix === 32 ? address : Math.floor(address / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join('.')}/${prefix}`;
}), { maxLength: 12 });

test('laws: what is accepted holds what was usable and nothing else, no two overlap, and order decides nothing', () => {
  fc.assert(fc.property(sources, (list) => {
    const { findings, accepted: kept } = checkNamedSources(list, PUBLIC);
    const refused = new Set(findings.filter(({ flaw }) => flaw === 'special').map(({ source }) => source));
    const open = findings.some(({ flaw }) => flaw === 'everything');
    const expected = open ? CidrSet.EMPTY : CidrSet.of(...list.filter((source) => !refused.has(source)));
    const sizes = kept.reduce((sum, source) => sum + CidrSet.of(source).size, 0n);
    const reversed = checkNamedSources([...list].reverse(), PUBLIC);
    return CidrSet.of(...kept).equals(expected) && sizes === expected.size
      && [...reversed.accepted].sort().join() === [...kept].sort().join()
      && reversed.findings.map(({ flaw }) => flaw).sort().join() === findings.map(({ flaw }) => flaw).sort().join();
  }), { seed: 20_261_123, numRuns: 300 });
});
