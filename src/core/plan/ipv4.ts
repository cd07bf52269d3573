import { IPv4, IPv6 } from 'ipaddr.js';

/** An IPv4 range; `base` is its first address as a number. */
export interface Ipv4Range {
  readonly base: number;
  readonly prefix: number;
}

const CIDR = /^(.+)\/(0|[1-9]\d{0,2})$/;

/** The range and whether the text had bits set behind the mask; undefined where it is no IPv4 CIDR. */
export function parseIpv4(text: string): { readonly range: Ipv4Range; readonly hostBits: boolean } | undefined {
  const [, address, length] = CIDR.exec(text) ?? [];
  // isValidFourPartDecimal: the parser alone also takes octal, hexadecimal and short forms.
  if (address === undefined || Number(length) > 32 || !IPv4.isValidFourPartDecimal(address) || /(^|\.)0\d/.test(address)) return undefined;
  const value = IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const prefix = Number(length);
  const base = value - (value % size(prefix));
  return { range: { base, prefix }, hostBits: base !== value };
}

export function isIpv6Cidr(text: string): boolean {
  const [, address, length] = CIDR.exec(text) ?? [];
  return address !== undefined && Number(length) <= 128 && IPv6.isValid(address);
}

/** A range that the library's own constants spell right. */
export function ipv4(text: string): Ipv4Range {
  const parsed = parseIpv4(text);
  if (!parsed) throw new Error(`'${text}' is no IPv4 CIDR`);
  return parsed.range;
}

/** The range of a text; none where it is no IPv4 CIDR or is known at deployment only. */
export function ipv4Ranges(cidr: unknown): Ipv4Range[] {
  const parsed = typeof cidr === 'string' ? parseIpv4(cidr) : undefined;
  return parsed ? [parsed.range] : [];
}

/** Addresses in a range of this prefix. */
export function size(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** The `index`-th range of this prefix inside another. */
export function part(range: Ipv4Range, prefix: number, index: number): Ipv4Range {
  return { base: range.base + index * size(prefix), prefix };
}

export function overlaps(a: Ipv4Range, b: Ipv4Range): boolean {
  return a.base < b.base + size(b.prefix) && b.base < a.base + size(a.prefix);
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function formatRange({ base, prefix }: Ipv4Range): string {
  return `${formatAddress(base)}/${prefix}`;
}
