import { ipv4Ranges, overlaps } from './ipv4';
import { within } from '../policy/match';
import { Cidr } from '../policy/policy';

/** What can be seen of a subnet that the user gives. */
export interface GivenSubnet {
  readonly name: string;
  /** Compared only. A token is compared by what it resolves to, and is no zone's name. */
  readonly zone?: string;
  readonly isZoneToken?: boolean;
  readonly cidr?: Cidr;
  /** What the VPC calls it; undefined where the VPC does not know it. */
  readonly kind?: 'public' | 'private' | 'isolated';
  /** Made in this app, so that its tags and routes are in view. */
  readonly isOwn?: boolean;
}

/** What can be seen of a VPC that the user gives. */
export interface GivenVpc {
  readonly name: string;
  /** `Vpc.fromLookup` has not looked yet: everything about it is made up. */
  readonly pending: boolean;
  readonly cidr?: Cidr;
  /** Further ranges; undefined where the VPC does not know whether it has any. */
  readonly secondaryCidrs?: readonly Cidr[];
  /** Whether DNS support and DNS hostnames are on; undefined where that cannot be seen. */
  readonly dns?: boolean;
  readonly controlPlane: readonly GivenSubnet[];
  readonly nodes: readonly GivenSubnet[];
  /** Of pods, where these are not in the subnets of nodes. */
  readonly pods?: readonly GivenSubnet[];
  readonly loadBalancers: readonly GivenSubnet[];
  readonly endpoints: readonly GivenSubnet[];
  /** Selections that found no subnet, with the reason. */
  readonly unselected: readonly { readonly member: string; readonly reason: string }[];
}

/** Whether the control plane's network interfaces have subnets of their own, so that their ranges mean nothing else. */
export function isControlPlaneApart(vpc: GivenVpc): boolean {
  const { controlPlane } = vpc;
  const others = [...vpc.nodes, ...vpc.pods ?? [], ...vpc.loadBalancers, ...vpc.endpoints];
  // One subnet may have been imported twice, under two names.
  const same = (a: GivenSubnet, b: GivenSubnet) => a.name === b.name
    || ipv4Ranges(a.cidr).some((one) => ipv4Ranges(b.cidr).some((other) => overlaps(one, other)));
  return controlPlane.length > 0 && controlPlane.every((own) => !others.some((other) => same(own, other)));
}

/** The ranges of all of them, or none: some of them would be taken for all. */
export function rangesOf(subnets: readonly GivenSubnet[]): Cidr[] {
  const known = subnets.flatMap(({ cidr }) => cidr === undefined ? [] : [cidr]);
  return known.length === subnets.length ? [...new Map(known.map((cidr) => [typeof cidr === 'string' ? cidr : cidr.token, cidr])).values()] : [];
}

/** The primary range, the further ones that are seen, and what of the cluster lies in one that is not. */
export function vpcRangesOf({ cidr, secondaryCidrs, controlPlane, nodes, pods = [], loadBalancers, endpoints }: GivenVpc): Cidr[] {
  if (cidr === undefined) return [];
  const found: Cidr[] = [cidr, ...secondaryCidrs ?? []];
  // With an unknown range among them nobody can tell which subnets it holds.
  if (found.some((range) => typeof range !== 'string')) return found;
  for (const range of [controlPlane, nodes, pods, loadBalancers, endpoints].flatMap(rangesOf)) {
    const isElsewhere = typeof range === 'string' || secondaryCidrs === undefined;
    if (isElsewhere && within(range, found) !== 'yes') found.push(range);
  }
  return found;
}
