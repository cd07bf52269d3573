import * as ipaddr from 'ipaddr.js';
import { IntervalSet } from './interval-set';

export type Family = 4 | 6;

const V4_BITS = 32;
const V6_BITS = 128n;
const V4_LAST = 2 ** V4_BITS - 1;
const V6_LAST = (1n << V6_BITS) - 1n;

/** What a text says, before anybody judges it. */
export interface ParsedCidr {
  readonly family: Family;
  readonly prefix: number;
  /** Whether the text had `/prefix`. */
  readonly masked: boolean;
  /** Whether address bits below the prefix are set. */
  readonly hostBits: boolean;
  readonly set: CidrSet;
}

/** IPv4 and IPv6 addresses as one set; canonical text is the fewest CIDRs, IPv4 first. */
export class CidrSet {
  static readonly EMPTY = new CidrSet(IntervalSet.of<number>(), IntervalSet.of<bigint>());
  static readonly ALL_V4 = new CidrSet(IntervalSet.of<number>([0, V4_LAST]), IntervalSet.of<bigint>());
  static readonly ALL_V6 = new CidrSet(IntervalSet.of<number>(), IntervalSet.of<bigint>([0n, V6_LAST]));
  static readonly ALL = CidrSet.ALL_V4.union(CidrSet.ALL_V6);

  /** Texts that parse; the others are left out: parse first where the input is not yet trusted. */
  static of(...texts: string[]): CidrSet {
    return texts.reduce((all, text) => all.union(parseCidr(text)?.set ?? CidrSet.EMPTY), CidrSet.EMPTY);
  }

  static family(family: Family): CidrSet {
    return family === 4 ? CidrSet.ALL_V4 : CidrSet.ALL_V6;
  }

  /** Whether the text is a CIDR with its prefix written and no bits below it. */
  static isCidr(text: string): boolean {
    const parsed = parseCidr(text);
    return parsed !== undefined && parsed.masked && !parsed.hostBits;
  }

  /** @internal */
  static v4(low: number, high: number): CidrSet {
    return new CidrSet(IntervalSet.of<number>([low, high]), CidrSet.EMPTY.v6);
  }

  /** @internal */
  static v6(low: bigint, high: bigint): CidrSet {
    return new CidrSet(CidrSet.EMPTY.v4, IntervalSet.of<bigint>([low, high]));
  }

  #text?: string;
  #key?: string;

  private constructor(private readonly v4: IntervalSet<number>, private readonly v6: IntervalSet<bigint>) {}

  isEmpty(): boolean {
    return this.v4.isEmpty() && this.v6.isEmpty();
  }

  /** How many addresses. */
  get size(): bigint {
    const count = (intervals: readonly (readonly [number | bigint, number | bigint])[]) =>
      intervals.reduce((sum, [low, high]) => sum + BigInt(high) - BigInt(low) + 1n, 0n);
    return count(this.v4.intervals) + count(this.v6.intervals);
  }

  /** Which IP versions it has addresses of. */
  get families(): Family[] {
    return [...(this.v4.isEmpty() ? [] : [4 as const]), ...(this.v6.isEmpty() ? [] : [6 as const])];
  }

  /** Whether it is exactly one address. */
  get isSingle(): boolean {
    const [four, six] = [this.v4.intervals, this.v6.intervals];
    return four.length + six.length === 1 && (four.length === 1 ? four[0][0] === four[0][1] : six[0][0] === six[0][1]);
  }

  covers(other: CidrSet): boolean {
    return this.v4.covers(other.v4) && this.v6.covers(other.v6);
  }

  overlaps(other: CidrSet): boolean {
    return this.v4.overlaps(other.v4) || this.v6.overlaps(other.v6);
  }

  union(other: CidrSet): CidrSet {
    return new CidrSet(this.v4.union(other.v4), this.v6.union(other.v6));
  }

  intersect(other: CidrSet): CidrSet {
    return new CidrSet(this.v4.intersect(other.v4), this.v6.intersect(other.v6));
  }

  subtract(other: CidrSet): CidrSet {
    return new CidrSet(this.v4.subtract(other.v4), this.v6.subtract(other.v6));
  }

  equals(other: CidrSet): boolean {
    return this === other || (this.v4.equals(other.v4) && this.v6.equals(other.v6));
  }

  /** The fewest CIDRs that make it up. */
  toCidrs(): string[] {
    return [
      ...this.v4.intervals.flatMap(([low, high]) => blocksV4(low, high)),
      ...this.v6.intervals.flatMap(([low, high]) => blocksV6(low, high)),
    ];
  }

  toString(): string {
    return this.#text ??= this.toCidrs().join(',');
  }

  /** Equal sets have one key. Cheaper than the text. */
  get key(): string {
    return this.#key ??= `${this.v4} ${this.v6}`;
  }
}

/** Go's `net.ParseCIDR` and `net.ParseIP` take dotted IPv4 without leading zeros and IPv6 without a zone; so does this. */
export function parseCidr(text: string): ParsedCidr | undefined {
  const match = /^([0-9a-fA-F:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  if (!match || (match[1].includes('.') && /:0[0-9]+\.|\.0[0-9]/.test(match[1]))) return undefined;
  const [, address, mask] = match;
  const masked = mask !== undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    const prefix = masked ? Number(mask) : V4_BITS;
    if (prefix > V4_BITS) return undefined;
    const value = ipaddr.IPv4.parse(address).toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
    const size = 2 ** (V4_BITS - prefix);
    const low = value - value % size;
    return { family: 4, prefix, masked, hostBits: low !== value, set: CidrSet.v4(low, low + size - 1) };
  }
  // Go reads an IPv4 address written as IPv6 (::ffff:10.0.0.1) as IPv4, and its prefix as IPv6: nobody means that.
  if (!ipaddr.IPv6.isValid(address) || ipaddr.IPv6.parse(address).isIPv4MappedAddress()) return undefined;
  const prefix = masked ? Number(mask) : Number(V6_BITS);
  if (prefix > Number(V6_BITS)) return undefined;
  const value = ipaddr.IPv6.parse(address).toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const size = 1n << (V6_BITS - BigInt(prefix));
  const low = value - value % size;
  return { family: 6, prefix, masked, hostBits: low !== value, set: CidrSet.v6(low, low + size - 1n) };
}

function blocksV4(low: number, high: number): string[] {
  const found: string[] = [];
  for (let start = low; start <= high;) {
    let [size, prefix] = [1, V4_BITS];
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= high) [size, prefix] = [size * 2, prefix - 1];
    found.push(`${start >>> 24}.${(start >>> 16) & 255}.${(start >>> 8) & 255}.${start & 255}/${prefix}`);
    start += size;
  }
  return found;
}

function blocksV6(low: bigint, high: bigint): string[] {
  const found: string[] = [];
  for (let start = low; start <= high;) {
    let [size, prefix] = [1n, Number(V6_BITS)];
    while (start % (size * 2n) === 0n && start + size * 2n - 1n <= high) [size, prefix] = [size * 2n, prefix - 1];
    found.push(`${writeV6(start)}/${prefix}`);
    start += size;
  }
  return found;
}

function writeV6(value: bigint): string {
  return new ipaddr.IPv6(Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * (15 - i))) & 255n))).toString();
}
