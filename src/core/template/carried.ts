import { TIERS } from '../policy/facts';
import { ClusterAddresses, describePeer, PortIntent, TrafficIntent, WellKnown } from '../policy/intent';
import { Cidr, EntityRule, Policy } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';
import { PUBLIC_ADDRESSES } from '../sets/special-ranges';

/** What a policy lets pods reach by addresses, for AWS to carry. */
export interface CarriedRule {
  /** Construct path. */
  readonly origin: string;
  readonly peer: string;
  readonly to: 'addresses' | Extract<WellKnown, 'vpc' | 'endpoints' | 'internet'>;
  /** Of endpoints: whose, where the rule says it. */
  readonly service?: string;
  readonly cidrs: readonly Cidr[];
  /** Whether some of it is in the VPC, where everything has a route. */
  readonly inside: boolean;
  readonly ports: readonly PortIntent[];
}

export interface Carried {
  readonly rules: readonly CarriedRule[];
  /** What any pod is let out to by any policy; undefined: maybe everything. */
  readonly reach?: CidrSet;
}

/** The part of what was said and decided that leaves the cluster. */
export function carriedBy(rules: readonly TrafficIntent[], policies: readonly Policy[], { addresses, enforced }: { readonly addresses: ClusterAddresses; readonly enforced: boolean }): Carried {
  const own = CidrSet.of(...textsOf(addresses.vpc));
  return {
    rules: rules.flatMap(({ origin, source, destination, ports }): CarriedRule[] => {
      if (source.kind !== 'pods') return [];
      const rule = { origin, ports, peer: describePeer(destination) };
      switch (destination.kind) {
        case 'addresses': return [{ ...rule, to: 'addresses', peer: destination.name, cidrs: destination.cidrs, inside: CidrSet.of(...textsOf(destination.cidrs)).overlaps(own) || own.isEmpty() }];
        case 'vpc': return [{ ...rule, to: 'vpc', cidrs: addresses.vpc, inside: true }];
        case 'endpoints': return [{ ...rule, to: 'endpoints', ...destination.service !== undefined && { service: destination.service }, cidrs: addresses.endpoints, inside: true }];
        case 'internet': return [{ ...rule, to: 'internet', cidrs: PUBLIC_ADDRESSES.intersect(CidrSet.ALL_V4).toCidrs(), inside: false }];
        default: return [];
      }
    }),
    ...enforced && { reach: reachOf(policies) },
  };
}

/** By whatever policy, of the library or of users: the guardrails' own allows are none. */
function reachOf(policies: readonly Policy[]): CidrSet | undefined {
  const allows = policies.filter(({ staged, tier, types }) => !staged && tier !== TIERS.guardrails.name && types.includes('Egress'))
    .flatMap(({ egress = [] }) => egress).filter(({ action }) => action === 'Allow' || action === 'Pass').map(({ destination = {} }) => addressesOf(destination));
  return allows.includes(undefined) ? undefined : allows.reduce<CidrSet>((all, set) => all.union(set!), CidrSet.EMPTY);
}

function addressesOf({ nets, notNets = [], selector, namespaceSelector, serviceAccounts, services }: EntityRule): CidrSet | undefined {
  if (nets === undefined && (selector ?? namespaceSelector ?? serviceAccounts ?? services) !== undefined) return CidrSet.EMPTY;
  if ([...nets ?? [], ...notNets].some((cidr) => typeof cidr !== 'string')) return undefined;
  return (nets === undefined ? CidrSet.ALL : CidrSet.of(...textsOf(nets))).subtract(CidrSet.of(...textsOf(notNets)));
}

function textsOf(cidrs: readonly Cidr[] = []): string[] {
  return cidrs.filter((cidr): cidr is string => typeof cidr === 'string');
}
