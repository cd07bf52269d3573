import { CLUSTER_DNS, POD_IDENTITY, TIERS } from './facts';
import { everyPodOutside, serviceAccountsIn, targetRules } from './guardrails';
import { ClusterAddresses, ExemptionIntent, Peer, PodPeer, TrafficIntent } from './intent';
import { entitiesOf, rulesOf, selectionOf } from './match';
import { Cidr, Policy, Rule } from './policy';

const ORDER = 1000;

/** Both halves of a rule: who may send, who may receive. A half whose end is no pod has nothing to select. */
export function allowPolicies({ name, source, destination, ports }: TrafficIntent, addresses: ClusterAddresses): Policy[] {
  const from = asPods(source);
  const to = asPods(destination);
  return [
    ...from ? [allow(`${name}-egress`, selectionOf(from), 'egress', rulesOf('Allow', 'destination', entitiesOf(destination, addresses), ports))] : [],
    ...to ? [allow(`${name}-ingress`, selectionOf(to), 'ingress', rulesOf('Allow', 'source', entitiesOf(source, addresses), ports))] : [],
  ];
}

/** The other half of an exemption: the guardrail lets it pass, this lets it through the default deny. */
export function allowExempted({ name, guardrail, namespace, serviceAccounts }: ExemptionIntent, addresses: ClusterAddresses): Policy {
  return allow(`${name}-egress`, {
    namespaceSelector: `projectcalico.org/name == '${namespace}'`,
    serviceAccountSelector: serviceAccountsIn(serviceAccounts),
  }, 'egress', targetRules(guardrail, 'Allow', addresses));
}

/**
 * One object, after every other tier: it selects all pods in its scope and allows only what a pod gets without asking.
 * Basics in a policy of their own would isolate by themselves.
 */
export function defaultDeny(systemNamespaces: readonly string[], nodeLocalDns: readonly Cidr[] = []): Policy {
  const tier = TIERS.defaultDeny.name;
  const dns = { namespaceSelector: `projectcalico.org/name == '${CLUSTER_DNS.namespace}'`, selector: `k8s-app == '${CLUSTER_DNS.labels['k8s-app']}'` };
  const egress: Rule[] = [
    ...['UDP', 'TCP'].map((protocol): Rule => ({ action: 'Allow', protocol, destination: { ...dns, ports: [CLUSTER_DNS.port] } })),
    // The cache is on the host's network, and takes queries to the DNS Service before they are translated.
    ...nodeLocalDns.length > 0 ? ['UDP', 'TCP'].map((protocol): Rule => ({ action: 'Allow', protocol, destination: { nets: nodeLocalDns, ports: [CLUSTER_DNS.port] } })) : [],
    ...[POD_IDENTITY.ipv4, POD_IDENTITY.ipv6].map((agent): Rule => ({
      action: 'Allow', protocol: 'TCP', destination: { nets: [agent], ports: [POD_IDENTITY.port] },
    })),
  ];
  return {
    kind: 'GlobalNetworkPolicy',
    tier,
    name: `${tier}.default-deny`,
    order: ORDER,
    ...everyPodOutside(systemNamespaces),
    types: ['Ingress', 'Egress'],
    egress,
  };
}

/** The pods behind a peer, where there are any. */
export function asPods(peer: Peer): PodPeer | undefined {
  if (peer.kind === 'pods') return peer;
  return peer.kind === 'clusterDns' ? { kind: 'pods', namespace: CLUSTER_DNS.namespace, labels: CLUSTER_DNS.labels } : undefined;
}

type Selection = Pick<Policy, 'selector' | 'namespaceSelector' | 'serviceAccountSelector'>;

function allow(name: string, selection: Selection, direction: 'ingress' | 'egress', rules: Rule[]): Policy {
  const tier = TIERS.allow.name;
  return {
    kind: 'GlobalNetworkPolicy',
    tier,
    name: `${tier}.${name}`,
    order: ORDER,
    ...selection,
    types: [direction === 'egress' ? 'Egress' : 'Ingress'],
    [direction]: rules,
  };
}
