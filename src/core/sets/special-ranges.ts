import { CidrSet } from './cidr-set';

/** Addresses that are no public ones, and why. */
export interface SpecialRange {
  readonly cidr: string;
  readonly name: string;
  readonly set: CidrSet;
}

const named = (entries: Readonly<Record<string, string>>): readonly SpecialRange[] =>
  Object.entries(entries).map(([cidr, name]) => ({ cidr, name, set: CidrSet.of(cidr) }));

/** Private networks. https://www.rfc-editor.org/rfc/rfc1918 */
export const RFC1918 = named({ '10.0.0.0/8': 'private (RFC 1918)', '172.16.0.0/12': 'private (RFC 1918)', '192.168.0.0/16': 'private (RFC 1918)' });

/** Between a provider and its customers, and in VPCs as well. https://www.rfc-editor.org/rfc/rfc6598 */
export const SHARED = named({ '100.64.0.0/10': 'carrier-grade NAT (RFC 6598)' });

/** They never leave the host, or the link. */
export const LOCAL = named({ '127.0.0.0/8': 'loopback (RFC 1122)', '169.254.0.0/16': 'link-local (RFC 3927)' });

/** No address of one host. */
export const NO_UNICAST = named({ '224.0.0.0/4': 'multicast (RFC 5771)', '240.0.0.0/4': 'reserved (RFC 1112)' });

/**
 * Nobody comes from the internet with such an address.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const SPECIAL_RANGES: readonly SpecialRange[] = [
  ...RFC1918,
  ...SHARED,
  ...named({ '0.0.0.0/8': 'this network (RFC 791)' }),
  ...LOCAL,
  ...named({
    '192.0.0.0/24': 'reserved for protocols (RFC 6890)',
    '192.0.2.0/24': 'documentation (RFC 5737)',
    '192.88.99.0/24': '6to4 relay (RFC 7526)',
    '198.18.0.0/15': 'benchmarking (RFC 2544)',
    '198.51.100.0/24': 'documentation (RFC 5737)',
    '203.0.113.0/24': 'documentation (RFC 5737)',
  }),
  ...NO_UNICAST,
  ...named({
    '2001::/23': 'reserved for protocols (RFC 2928)',
    '2001:db8::/32': 'documentation (RFC 3849)',
    '2002::/16': '6to4 (RFC 3056)',
    '3fff::/20': 'documentation (RFC 9637)',
    'fc00::/7': 'private (RFC 4193)',
    'fe80::/10': 'link-local (RFC 4291)',
    'ff00::/8': 'multicast (RFC 4291)',
    // Global unicast is 2000::/3; the rest of IPv6 in as few pieces as there are.
    '::/3': 'reserved (RFC 4291)',
    '4000::/2': 'reserved (RFC 4291)',
    '8000::/2': 'reserved (RFC 4291)',
    'c000::/3': 'reserved (RFC 4291)',
    'e000::/4': 'reserved (RFC 4291)',
    'f000::/5': 'reserved (RFC 4291)',
    'f800::/6': 'reserved (RFC 4291)',
    'fe00::/9': 'reserved (RFC 4291)',
    'fec0::/10': 'reserved (RFC 3879)',
  }),
];

/** Every address that somebody on the internet may have. */
export const PUBLIC_ADDRESSES = SPECIAL_RANGES.reduce((rest, { set }) => rest.subtract(set), CidrSet.ALL);

/** What a set is or includes besides public addresses, each named once. */
export function specialNames(set: CidrSet): string[] {
  return [...new Set(SPECIAL_RANGES.filter((special) => special.set.overlaps(set)).map(({ name }) => name))];
}
