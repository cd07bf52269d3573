import { asPods } from './allows';
import { ANY_POD, INSTANCE_METADATA, NOT_PUBLIC_IPV4, TIERS } from './facts';
import { ClusterAddresses, Labels, Peer, PodPeer } from './intent';
import { isIpv6, outside, selectionOf } from './match';
import { Cidr, EntityRule, Policy, Rule } from './policy';
import { CidrSet } from '../sets/cidr-set';

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

/** What its policy is called. */
export const quarantineName = ({ name }: Pick<QuarantineIntent, 'name'>): string => `${TIERS.guardrails.name}.quarantine-${name}`;

/** Denies what is not kept, instead of passing what is: a Pass would leave the tier, and with it the guardrails that come next. */
export function quarantinePolicy(quarantine: QuarantineIntent, addresses: ClusterAddresses): Policy {
  const { namespace, labels, keepOpen } = quarantine;
  const others = allBut(keepOpen, addresses);
  return {
    kind: 'GlobalNetworkPolicy',
    tier: TIERS.guardrails.name,
    name: quarantineName(quarantine),
    order: ORDER,
    ...selectionOf({ kind: 'pods', namespace, labels }),
    types: ['Ingress', 'Egress'],
    ingress: others.map(({ end, ...rest }): Rule => ({ action: 'Deny', ...rest, ...end && { source: end } })),
    egress: others.map(({ end, ...rest }): Rule => ({ action: 'Deny', ...rest, ...end && { destination: end } })),
  };
}

interface Others {
  readonly ipVersion?: 4 | 6;
  readonly end?: EntityRule;
}

/** Every end but these: the other pods, and of each IP version the other addresses that are no pod's. */
function allBut(kept: readonly Peer[], addresses: ClusterAddresses): Others[] {
  if (kept.length === 0) return [{}];
  const pods = kept.flatMap((peer) => asPods(peer) ?? []).map(podSelector);
  const cidrs = kept.flatMap((peer) => addressesOf(peer, addresses));
  const internet = kept.some(({ kind }) => kind === 'internet');
  const family = (ipVersion: 4 | 6, net: EntityRule, but: readonly Cidr[]): Others[] => isEverything(but) ? []
    // Ranges say their version themselves.
    : [{ ...but.length === 0 && { ipVersion }, end: { ...net, ...but.length > 0 && { notNets: but }, notSelector: ANY_POD } }];
  return [
    { end: { selector: ANY_POD, ...pods.length > 0 && { notSelector: pods.map((selector) => `(${selector})`).join(' || ') } } },
    ...cidrs.length === 0 && !internet ? [{ end: { notSelector: ANY_POD } }] : [
      ...family(4, internet ? { nets: [...NOT_PUBLIC_IPV4, ...outside(addresses.vpc)] } : {}, cidrs.filter((cidr) => !isIpv6(cidr))),
      ...family(6, {}, cidrs.filter(isIpv6)),
    ],
  ];
}

/** Namespaces and service accounts by the labels that pods inherit: a selector that must not match takes no other form. */
function podSelector({ namespace, namespaceLabels = {}, labels = {}, serviceAccount }: PodPeer): string {
  const equals = ([key, value]: [string, string]) => `${key} == '${value}'`;
  const parts = [
    ...namespace === undefined ? [] : [`projectcalico.org/namespace == '${namespace}'`],
    ...Object.entries(namespaceLabels).sort().map(([key, value]) => equals([`pcns.${key}`, value])),
    ...Object.entries(labels).sort().map(equals),
    ...serviceAccount === undefined ? [] : [`pcsa.projectcalico.org/name == '${serviceAccount}'`],
  ];
  return parts.length > 0 ? parts.join(' && ') : ANY_POD;
}

function addressesOf(peer: Peer, { vpc, nodes, controlPlane, loadBalancers, endpoints }: ClusterAddresses): readonly Cidr[] {
  switch (peer.kind) {
    case 'addresses': return peer.cidrs;
    case 'vpc': return vpc;
    case 'nodes': case 'kubelet': return nodes;
    case 'controlPlane': case 'apiServer': return controlPlane;
    case 'loadBalancers': return loadBalancers;
    case 'endpoints': return endpoints;
    case 'instanceMetadata': return [INSTANCE_METADATA.ipv4, INSTANCE_METADATA.ipv6];
    case 'pods': case 'clusterDns': case 'internet': return [];
  }
}

/** Calico refuses a negated range of everything. */
function isEverything(cidrs: readonly Cidr[]): boolean {
  const known = CidrSet.of(...cidrs.filter((cidr): cidr is string => typeof cidr === 'string'));
  return [CidrSet.ALL_V4, CidrSet.ALL_V6].some((all) => all.subtract(known).isEmpty());
}
