import { formatRange, Ipv4Range, part } from './ipv4';

/** What a subnet is for. Windows ranges are reserved, and become subnets with the first Windows node group. */
export type SubnetTier = 'node' | 'windows' | 'public' | 'load-balancer' | 'endpoint' | 'control-plane';

export const SUBNET_TIERS: readonly SubnetTier[] = ['node', 'windows', 'public', 'load-balancer', 'endpoint', 'control-plane'];

/** Reserved always, whatever the number of zones in use: a zone that is added later moves no subnet. */
export const ZONE_SLOTS = 3;

/** The ranges of a VPC that we make, by tier and zone slot. */
export type VpcLayout = Readonly<Record<SubnetTier, readonly string[]>>;

/**
 * Where every subnet of our VPC lies. A subnet's range is a property whose change replaces it and all in it, so the
 * range depends on the tier and the zone slot only: never on the number of zones, on the other tiers, or on an order.
 *
 *     VPC /p      0/4            1/4            2/4            3/4 = Q
 *                +--------------+--------------+--------------+--------------+
 *                | node slot 0  | node slot 1  | node slot 2  | all others   |   node: /p+2
 *                +--------------+--------------+--------------+--------------+
 *
 *     Q /p+2      0/8    1/8    2/8    3/8    4/8    5/8    6/8    7/8
 *                +------+------+------+------+------+------+------+------+
 *                | win0 | win1 | win2 | free |public|  lb  |endpt | ctrl |      windows: /p+5
 *                +------+------+------+------+------+------+------+------+
 *     eighth      public         slots 0 1 2 of  /p+7     /16 -> /23   /20 -> /27
 *     /p+5        load-balancer  slots 0 1 2 of  /p+7     /16 -> /23   /20 -> /27
 *                 endpoint       slots 0 1 2 of  /p+8     /16 -> /24   /20 -> /28
 *                 control-plane  slots 0 1 2 of  /p+11, at most /28    /16 -> /27   /20 -> /28
 *
 * Nodes get three quarters, because with the VPC CNI every pod takes an address of its node's subnet.
 */
export function layoutVpc(vpc: Ipv4Range): VpcLayout {
  const p = vpc.prefix;
  const last = part(vpc, p + 2, 3);
  const eighth = (index: number) => part(last, p + 5, index);
  const slots = (from: Ipv4Range, prefix: number) => Array.from({ length: ZONE_SLOTS }, (_, slot) => formatRange(part(from, prefix, slot)));
  return {
    'node': slots(vpc, p + 2),
    'windows': slots(last, p + 5),
    'public': slots(eighth(4), p + 7),
    'load-balancer': slots(eighth(5), p + 7),
    'endpoint': slots(eighth(6), p + 8),
    'control-plane': slots(eighth(7), Math.min(28, p + 11)),
  };
}
