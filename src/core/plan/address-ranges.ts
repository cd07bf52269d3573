import { contains, ipv4, Ipv4Range, overlaps } from './ipv4';

interface NamedRange {
  readonly range: Ipv4Range;
  readonly name: string;
}

const named = (entries: Readonly<Record<string, string>>): readonly NamedRange[] =>
  Object.entries(entries).map(([cidr, name]) => ({ range: ipv4(cidr), name }));

/** RFC 1918: the only ranges that EKS takes for Services. */
const RFC1918 = named({ '10.0.0.0/8': 'private (RFC 1918)', '172.16.0.0/12': 'private (RFC 1918)', '192.168.0.0/16': 'private (RFC 1918)' });

/** RFC 6598, which a VPC may use as well. */
const SHARED = named({ '100.64.0.0/10': 'carrier-grade NAT (RFC 6598)' });

/** https://www.iana.org/assignments/iana-ipv4-special-registry: nobody comes from the internet with such an address. */
const SPECIAL: readonly NamedRange[] = [
  ...RFC1918,
  ...SHARED,
  ...named({
    '0.0.0.0/8': 'this network (RFC 791)',
    '127.0.0.0/8': 'loopback (RFC 1122)',
    '169.254.0.0/16': 'link-local (RFC 3927)',
    '192.0.0.0/24': 'reserved for protocols (RFC 6890)',
    '192.0.2.0/24': 'documentation (RFC 5737)',
    '198.18.0.0/15': 'benchmarking (RFC 2544)',
    '198.51.100.0/24': 'documentation (RFC 5737)',
    '203.0.113.0/24': 'documentation (RFC 5737)',
    '224.0.0.0/4': 'multicast (RFC 5771)',
    '240.0.0.0/4': 'reserved (RFC 1112)',
  }),
];

/** What the range is or includes besides public addresses; undefined for a public one. */
export function specialRange(range: Ipv4Range): string | undefined {
  return SPECIAL.find((special) => overlaps(special.range, range))?.name;
}

export function isRfc1918(range: Ipv4Range): boolean {
  return RFC1918.some((known) => contains(known.range, range));
}

export function isVpcRange(range: Ipv4Range): boolean {
  return isRfc1918(range) || SHARED.some((known) => contains(known.range, range));
}
