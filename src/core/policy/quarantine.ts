import { TIERS } from './facts';
import { ClusterAddresses, Labels, Peer } from './intent';
import { entitiesOf, rulesOf, selectionOf } from './match';
import { Policy } from './policy';

/** Pods that are cut off, from everything but what is kept open. */
export interface QuarantineIntent {
  readonly name: string;
  readonly origin: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** For these ends nothing changes: other policies decide. */
  readonly keepOpen: readonly Peer[];
}

/** Before every other policy of the guardrails, so that no exemption and no allow is asked. */
const ORDER = 10;

export function quarantinePolicy({ name, namespace, labels, keepOpen }: QuarantineIntent, addresses: ClusterAddresses): Policy {
  const pass = (side: 'source' | 'destination') => keepOpen.flatMap((peer) => rulesOf('Pass', side, entitiesOf(peer, addresses), [{}]));
  return {
    kind: 'GlobalNetworkPolicy',
    tier: TIERS.guardrails.name,
    name: `${TIERS.guardrails.name}.quarantine-${name}`,
    order: ORDER,
    ...selectionOf({ kind: 'pods', namespace, labels }),
    types: ['Ingress', 'Egress'],
    ingress: [...pass('source'), { action: 'Deny' }],
    egress: [...pass('destination'), { action: 'Deny' }],
  };
}
