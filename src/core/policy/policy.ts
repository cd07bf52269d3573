/**
 * Policies as Calico means them, field for field `projectcalico.org/v3`; a Kubernetes NetworkPolicy is converted into the
 * same shape. This value is what is emitted, what is evaluated and what is reported.
 */

/** A value known only at deployment: emitted as `token`, called `opaque` wherever a verdict depends on it. */
export interface Opaque {
  readonly opaque: string;
  readonly token: string;
  /** Of the range behind the token. Default: 4. */
  readonly ipVersion?: 4 | 6;
}

/** `10.0.0.0/16` in canonical text, or a token. */
export type Cidr = string | Opaque;

/** `80`, `'8000:8100'` or the name of a container port. */
export type Port = number | string;

/** A name of Calico's (`TCP`, `UDP`, `SCTP`, `UDPLite`, `ICMP`, `ICMPv6`) or an IP protocol number. */
export type Protocol = string | number;

export type RuleAction = 'Allow' | 'Deny' | 'Pass' | 'Log';
export type PolicyKind = 'GlobalNetworkPolicy' | 'NetworkPolicy' | 'KubernetesNetworkPolicy';

export interface Tier {
  readonly name: string;
  /** Lower is earlier. Default: 1,000,000. */
  readonly order?: number;
  /** What happens at its end. Default: Deny. */
  readonly defaultAction?: 'Deny' | 'Pass';
}

export interface Policy {
  readonly kind: PolicyKind;
  /** A Staged kind: previewed, never enforced. */
  readonly staged?: boolean;
  /** Of a namespaced policy. */
  readonly namespace?: string;
  readonly name: string;
  readonly tier: string;
  /** Lower is earlier; without one it comes last. */
  readonly order?: number;
  readonly selector?: string;
  readonly namespaceSelector?: string;
  readonly serviceAccountSelector?: string;
  readonly types: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
  /** These bind host endpoints: a policy with one of the first two has no effect on pods. */
  readonly doNotTrack?: boolean;
  readonly preDNAT?: boolean;
  readonly applyOnForward?: boolean;
  readonly performanceHints?: readonly string[];
  /** Of a staged kind: what applying the preview would do. Default: Set. */
  readonly stagedAction?: 'Set' | 'Delete' | 'Learn' | 'Ignore';
}

export interface Rule {
  readonly action: RuleAction;
  readonly ipVersion?: 4 | 6;
  readonly protocol?: Protocol;
  readonly notProtocol?: Protocol;
  readonly icmp?: Icmp;
  readonly notICMP?: Icmp;
  readonly source?: EntityRule;
  readonly destination?: EntityRule;
  /** Index in the object as written, where it differs: one Kubernetes rule becomes several of Calico's. */
  readonly index?: number;
  /** Comments that Calico carries to the dataplane. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Icmp {
  readonly type?: number;
  readonly code?: number;
}

export interface EntityRule {
  readonly nets?: readonly Cidr[];
  readonly notNets?: readonly Cidr[];
  readonly selector?: string;
  readonly notSelector?: string;
  readonly namespaceSelector?: string;
  readonly ports?: readonly Port[];
  readonly notPorts?: readonly Port[];
  readonly serviceAccounts?: { readonly names?: readonly string[]; readonly selector?: string };
  readonly services?: { readonly name: string; readonly namespace?: string };
}

/** Addresses under labels, for rules to select. */
export interface NetworkSet {
  readonly kind: 'NetworkSet' | 'GlobalNetworkSet';
  readonly namespace?: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nets: readonly Cidr[];
}

/** Everything that a cluster's verdicts depend on, besides who is in it. */
export interface PolicySet {
  readonly tiers: readonly Tier[];
  readonly policies: readonly Policy[];
}

/** `GlobalNetworkPolicy/name`, `NetworkPolicy/namespace/name`: how verdicts and reports call a policy. */
export function policyKey(policy: Pick<Policy, 'kind' | 'namespace' | 'name' | 'staged'>): string {
  return [policy.staged ? `Staged${policy.kind}` : policy.kind, policy.namespace, policy.name].filter((part) => part !== undefined).join('/');
}

/** The order that Calico gives a tier or a Kubernetes policy that names none. */
export const DEFAULT_TIER_ORDER = 1_000_000;
export const KUBERNETES_POLICY_ORDER = 1000;

/** In every cluster without being listed. */
export const BUILT_IN_TIERS: readonly Required<Tier>[] = [
  { name: 'kube-admin', order: 1000, defaultAction: 'Pass' },
  { name: 'default', order: DEFAULT_TIER_ORDER, defaultAction: 'Deny' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'Pass' },
];
