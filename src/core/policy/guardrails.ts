import { API_SERVER, INSTANCE_METADATA, KUBELET_PORTS, TIERS } from './facts';
import { ClusterAddresses, ExemptionIntent, Guardrail, PodPeer, TrafficIntent } from './intent';
import { entitiesOf, insideRanges, rulesOf, selectionOf, within } from './match';
import { Policy, Rule } from './policy';

const TIER = TIERS.guardrails.name;
/** A Pass leaves the tier, so what it exempts from comes before what it must not skip. */
const ORDER: Record<Guardrail | 'internet', number> = { kubelet: 100, apiServer: 200, instanceMetadata: 300, internet: 400 };
const WORD: Record<Guardrail | 'internet', string> = { kubelet: 'kubelet', apiServer: 'apiserver', instanceMetadata: 'imds', internet: 'internet' };

/** What nobody below can lift: kubelet, API server, instance metadata, internet. */
export function guardrailDenials(addresses: ClusterAddresses, systemNamespaces: readonly string[]): Policy[] {
  const { ipv4, ipv6 } = insideRanges(addresses);
  const users = everyPodOutside(systemNamespaces);
  return [
    deny('kubelet', { namespaceSelector: 'all()' }, [{ action: 'Deny', protocol: 'TCP', destination: { ports: KUBELET_PORTS } }]),
    deny('apiServer', users, apiServerRules('Deny', addresses)),
    deny('instanceMetadata', users, [
      { action: 'Deny', destination: { nets: [INSTANCE_METADATA.ipv4] } },
      { action: 'Deny', destination: { nets: [INSTANCE_METADATA.ipv6] } },
    ]),
    deny('internet', users, [
      { action: 'Deny', destination: { notNets: ipv4 } },
      { action: 'Deny', destination: { notNets: ipv6 } },
    ]),
  ];
}

/** Pass, for one identity and one guardrail's target only: every other guardrail still binds it. */
export function guardrailExemption(exemption: ExemptionIntent, addresses: ClusterAddresses): Policy {
  return exempt(exemption.guardrail, `${exemption.name}-exempt`, {
    namespaceSelector: `projectcalico.org/name == '${exemption.namespace}'`,
    serviceAccountSelector: serviceAccountsIn(exemption.serviceAccounts),
  }, targetRules(exemption.guardrail, 'Pass', addresses));
}

/** Pass for a rule whose destination lies beyond the internet guardrail, keyed by namespace and service account. */
export function internetExemption(rule: TrafficIntent, source: PodPeer, addresses: ClusterAddresses): Policy {
  const identity = { kind: 'pods', namespace: source.namespace, serviceAccount: source.serviceAccount } as const;
  return exempt('internet', `internet-${rule.name}-exempt`, selectionOf(identity), rulesOf('Pass', 'destination', entitiesOf(rule.destination, addresses), rule.ports));
}

/** Whether the internet guardrail stands between pods and this destination, or might. */
export function beyondInternetGuardrail({ destination }: TrafficIntent, addresses: ClusterAddresses): boolean {
  if (destination.kind === 'internet') return true;
  if (destination.kind !== 'addresses') return false;
  const { ipv4, ipv6 } = insideRanges(addresses);
  return destination.cidrs.some((cidr) => within(cidr, [...ipv4, ...ipv6]) !== 'yes');
}

/** The target of a guardrail, as the rules that deny, exempt or allow it. */
export function targetRules(guardrail: Guardrail, action: 'Allow' | 'Deny' | 'Pass', addresses: ClusterAddresses): Rule[] {
  switch (guardrail) {
    case 'kubelet': return rulesOf(action, 'destination', entitiesOf({ kind: 'kubelet' }, addresses), [{ protocol: 'TCP', ports: [KUBELET_PORTS[0]] }]);
    case 'apiServer': return apiServerRules(action, addresses);
    case 'instanceMetadata': return [{ action, protocol: 'TCP', destination: { nets: [INSTANCE_METADATA.ipv4], ports: [INSTANCE_METADATA.port] } }];
  }
}

/** The Service's endpoints, and the subnets where new ones appear: only where nothing else lives there. */
function apiServerRules(action: 'Allow' | 'Deny' | 'Pass', addresses: ClusterAddresses): Rule[] {
  return [
    { action, protocol: 'TCP', destination: { services: API_SERVER.service } },
    ...addresses.controlPlaneDedicated
      ? [{ action, protocol: 'TCP', destination: { nets: addresses.controlPlane, ports: [API_SERVER.port] } }] : [],
  ];
}

/** `not in` alone would also select host endpoints, which have no namespace. */
export function everyPodOutside(namespaces: readonly string[]): Pick<Policy, 'selector' | 'namespaceSelector'> {
  return {
    namespaceSelector: `kubernetes.io/metadata.name not in {${[...namespaces].sort().map((name) => `'${name}'`).join(', ')}}`,
    selector: 'has(projectcalico.org/namespace)',
  };
}

export function serviceAccountsIn(names: readonly string[]): string {
  return `projectcalico.org/name in {${[...new Set(names)].sort().map((name) => `'${name}'`).join(', ')}}`;
}

type Selection = Pick<Policy, 'selector' | 'namespaceSelector' | 'serviceAccountSelector'>;

function deny(guardrail: Guardrail | 'internet', selection: Selection, egress: Rule[]): Policy {
  return policy(`${WORD[guardrail]}-deny`, ORDER[guardrail] + 10, selection, egress);
}

function exempt(guardrail: Guardrail | 'internet', name: string, selection: Selection, egress: Rule[]): Policy {
  return policy(name, ORDER[guardrail], selection, egress);
}

function policy(name: string, order: number, selection: Selection, egress: Rule[]): Policy {
  return { kind: 'GlobalNetworkPolicy', tier: TIER, name: `${TIER}.${name}`, order, ...selection, types: ['Egress'], egress };
}
