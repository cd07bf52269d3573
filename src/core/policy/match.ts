import { ANY_POD, API_SERVER, CLUSTER_DNS, LINK_LOCAL, NOT_PUBLIC_IPV4 } from './facts';
import { ClusterAddresses, Labels, Peer, PodPeer, PortIntent } from './intent';
import { Cidr, EntityRule, Policy, Rule, RuleAction } from './policy';
import { CidrSet } from '../sets/cidr-set';

/** What a policy selects when it is to bind exactly this peer. Positive, so that it never selects a host endpoint. */
export function selectionOf(peer: PodPeer): Pick<Policy, 'selector' | 'namespaceSelector' | 'serviceAccountSelector'> {
  return {
    namespaceSelector: namespaceSelectorOf(peer),
    ...peer.labels && { selector: labelSelector(peer.labels) },
    ...peer.serviceAccount !== undefined && { serviceAccountSelector: nameSelector(peer.serviceAccount) },
  };
}

/** The peer as one end of a rule; several where address families must not share one. */
export function entitiesOf(peer: Peer, addresses: ClusterAddresses): EntityRule[] {
  switch (peer.kind) {
    case 'pods': return [{
      namespaceSelector: namespaceSelectorOf(peer),
      ...peer.labels && { selector: labelSelector(peer.labels) },
      ...peer.serviceAccount !== undefined && { serviceAccounts: { names: [peer.serviceAccount] } },
    }];
    case 'clusterDns': return entitiesOf({ kind: 'pods', namespace: CLUSTER_DNS.namespace, labels: CLUSTER_DNS.labels }, addresses);
    case 'addresses': return addressEntities(peer.cidrs, addresses);
    case 'vpc': return addressEntities(addresses.vpc, addresses);
    case 'nodes': case 'kubelet': return addressEntities(addresses.nodes, addresses);
    case 'controlPlane': return addressEntities(addresses.controlPlane, addresses);
    case 'loadBalancers': return addressEntities(addresses.loadBalancers, addresses);
    case 'endpoints': return addressEntities(addresses.endpoints, addresses);
    // The Service match follows the interfaces as EKS replaces them; it takes no port beside it.
    case 'apiServer': return [{ services: API_SERVER.service }];
    case 'internet': return [{ notNets: [...NOT_PUBLIC_IPV4, ...outside(ownRanges(addresses))] }];
    case 'instanceMetadata': throw new Error('instance metadata is matched by the guardrail alone');
  }
}

/** One rule for each protocol of the ports and each entity. */
export function rulesOf(action: RuleAction, side: 'source' | 'destination', entities: readonly EntityRule[], ports: readonly PortIntent[]): Rule[] {
  return entities.flatMap((entity) => ports.map(({ protocol, ports: numbers, icmp }): Rule => {
    const destination = { ...side === 'destination' ? entity : {}, ...numbers && { ports: numbers } };
    return {
      action,
      ...protocol !== undefined && { protocol },
      ...icmp && { icmp },
      ...side === 'source' && { source: entity },
      ...Object.keys(destination).length > 0 && { destination },
    };
  }));
}

/** `yes` when every address is in the ranges, `no` when none is, `maybe` where they only overlap or are not known yet. */
export function within(cidr: Cidr, ranges: readonly Cidr[]): 'yes' | 'no' | 'maybe' {
  if (typeof cidr !== 'string') return ranges.some((range) => typeof range !== 'string' && range.token === cidr.token) ? 'yes' : 'maybe';
  const known = CidrSet.of(...ranges.filter((range): range is string => typeof range === 'string'));
  const asked = CidrSet.of(cidr);
  if (asked.subtract(known).isEmpty()) return 'yes';
  if (!asked.intersect(known).isEmpty()) return 'maybe';
  return ranges.some((range) => typeof range !== 'string') ? 'maybe' : 'no';
}

/** Where pods are: with the VPC CNI where nodes are, unless they have subnets of their own. */
export function podRanges({ nodes, pods = nodes }: ClusterAddresses): readonly Cidr[] {
  return pods;
}

/** The VPC, and what of the cluster lies in its secondary ranges. */
export function ownRanges({ vpc, nodes, pods = [], controlPlane, loadBalancers, endpoints }: ClusterAddresses): Cidr[] {
  return [...vpc, ...[...nodes, ...pods, ...controlPlane, ...loadBalancers, ...endpoints].filter((cidr) => within(cidr, vpc) !== 'yes')];
}

/** What a pod may address without leaving the cluster's own network. */
export function insideRanges(addresses: ClusterAddresses): { ipv4: Cidr[]; ipv6: Cidr[] } {
  return { ipv4: [...ownRanges(addresses), addresses.services, LINK_LOCAL.ipv4], ipv6: LINK_LOCAL.ipv6 };
}

function addressEntities(cidrs: readonly Cidr[], { nodes, pods }: ClusterAddresses): EntityRule[] {
  // Nodes made before pods had subnets of their own keep pods in theirs.
  const shared = [nodes, ...pods ? [pods] : []];
  const families = [cidrs.filter((cidr) => !isIpv6(cidr)), cidrs.filter(isIpv6)];
  return families.filter((nets) => nets.length > 0).map((nets) => ({
    nets,
    // Pods have addresses of the VPC: an address peer must not mean them, least of all where these are not known.
    ...shared.some((ranges) => ranges.length === 0 || nets.some((net) => meet(net, ranges))) && { notSelector: ANY_POD },
  }));
}

/** Whether they have an address in common, or might. */
function meet(cidr: Cidr, ranges: readonly Cidr[]): boolean {
  return within(cidr, ranges) !== 'no' || ranges.some((range) => within(range, [cidr]) !== 'no');
}

/** Addresses of IPv6; a token stands for the version that it says. */
export const isIpv6 = (cidr: Cidr): boolean => typeof cidr === 'string' ? cidr.includes(':') : cidr.ipVersion === 6;
/** Ranges of the VPC that are public ones by their numbers. */
export const outside = (vpc: readonly Cidr[]): Cidr[] => vpc.filter((cidr) => within(cidr, NOT_PUBLIC_IPV4) !== 'yes');
const nameSelector = (name: string): string => `projectcalico.org/name == '${name}'`;
const labelSelector = (labels: Labels): string =>
  Object.keys(labels).sort().map((key) => `${key} == '${labels[key]}'`).join(' && ');

function namespaceSelectorOf({ namespace, namespaceLabels }: PodPeer): string {
  if (namespace !== undefined) return nameSelector(namespace);
  return namespaceLabels ? labelSelector(namespaceLabels) : 'all()';
}
