import { formatRange, Ipv4Range } from './ipv4';
import { CidrSet } from '../sets/cidr-set';
import { RFC1918, SHARED, SpecialRange } from '../sets/special-ranges';

/** The only ranges that EKS takes for Services. */
export function isRfc1918(range: Ipv4Range): boolean {
  return isInside(range, RFC1918);
}

export function isVpcRange(range: Ipv4Range): boolean {
  return isInside(range, [...RFC1918, ...SHARED]);
}

function isInside(range: Ipv4Range, known: readonly SpecialRange[]): boolean {
  const set = CidrSet.of(formatRange(range));
  return known.some((each) => each.set.covers(set));
}
