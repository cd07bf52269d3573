import { ipv4, overlaps, size } from '../../../src/core/plan/ipv4';
import { layoutVpc, SUBNET_TIERS, ZONE_SLOTS } from '../../../src/core/plan/vpc-layout';

/** The address plan, written by hand: whoever changes a line here replaces subnets, and all in them, of every user. */
const PINNED = {
  '10.0.0.0/16': {
    'node': ['10.0.0.0/18', '10.0.64.0/18', '10.0.128.0/18'],
    'windows': ['10.0.192.0/21', '10.0.200.0/21', '10.0.208.0/21'],
    'public': ['10.0.224.0/23', '10.0.226.0/23', '10.0.228.0/23'],
    'load-balancer': ['10.0.232.0/23', '10.0.234.0/23', '10.0.236.0/23'],
    'endpoint': ['10.0.240.0/24', '10.0.241.0/24', '10.0.242.0/24'],
    'control-plane': ['10.0.248.0/27', '10.0.248.32/27', '10.0.248.64/27'],
  },
  '192.168.16.0/20': {
    'node': ['192.168.16.0/22', '192.168.20.0/22', '192.168.24.0/22'],
    'windows': ['192.168.28.0/25', '192.168.28.128/25', '192.168.29.0/25'],
    'public': ['192.168.30.0/27', '192.168.30.32/27', '192.168.30.64/27'],
    'load-balancer': ['192.168.30.128/27', '192.168.30.160/27', '192.168.30.192/27'],
    'endpoint': ['192.168.31.0/28', '192.168.31.16/28', '192.168.31.32/28'],
    'control-plane': ['192.168.31.128/28', '192.168.31.144/28', '192.168.31.160/28'],
  },
};

test.each(Object.entries(PINNED))('the ranges of %s', (cidr, expected) => {
  expect(layoutVpc(ipv4(cidr))).toEqual(expected);
});

test.each(['10.0.0.0/16', '10.1.0.0/17', '172.16.0.0/18', '100.64.32.0/19', '192.168.240.0/20'])('in %s all ranges lie inside, apart, and are no smaller than AWS allows', (cidr) => {
  const layout = layoutVpc(ipv4(cidr));
  const ranges = SUBNET_TIERS.flatMap((tier) => layout[tier].map(ipv4));
  expect(ranges).toHaveLength(SUBNET_TIERS.length * ZONE_SLOTS);
  const whole = ipv4(cidr);
  expect(ranges.every(({ base, prefix }) => whole.base <= base && base + size(prefix) <= whole.base + size(whole.prefix) && prefix <= 28)).toBe(true);
  expect(ranges.some((a, i) => ranges.some((b, j) => i !== j && overlaps(a, b)))).toBe(false);
});
