import { Cidr } from '../policy';
import { ConnectionSet, Family } from '../sets';

export type Verdict = 'allow' | 'deny' | 'undetermined';
export type Direction = 'Ingress' | 'Egress';

/** One step of a decision. `rule` -1: the end of the tier; null: the namespace's default. */
export interface Step {
  readonly tier: string | null;
  /** `GlobalNetworkPolicy/name`, `NetworkPolicy/namespace/name`, `KubernetesNetworkPolicy/...`, `Profile/kns.namespace`. */
  readonly policy: string;
  readonly rule: number | null;
  readonly action: 'Allow' | 'Deny' | 'Pass';
}

/** What decided, with the Pass steps before it; or why nothing had to. */
export type Decision = 'self' | 'not-an-endpoint' | (Step & { readonly via?: readonly Step[] });

/** Connections between two peers that have one verdict for one reason. */
export interface Piece {
  readonly connections: ConnectionSet;
  readonly verdict: Verdict;
  /** Of an undetermined piece: what would have to be known. */
  readonly because?: readonly string[];
  /** Of the policies at the source and at the destination; of an undetermined piece: in the case that allows. */
  readonly egress: Decision;
  readonly ingress: Decision;
  /** Only where the peers' IP versions differ in verdict. */
  readonly ipVersion?: Family;
  /** Only where an outside peer's addresses differ in verdict: those of this piece. */
  readonly source?: readonly Cidr[];
  readonly destination?: readonly Cidr[];
}

/** The default of a namespace, where no policy decides. */
export function profileOf(namespace: string): string {
  return `Profile/kns.${namespace}`;
}

export function allows(decision: Decision): boolean {
  return typeof decision === 'string' || decision.action === 'Allow';
}

/** `tier eks-guardrails, GlobalNetworkPolicy/eks-guardrails.kubelet-deny, rule 0: Deny` */
export function describeStep({ tier, policy, rule, action }: Step): string {
  if (tier === null) return `${policy}: ${action}`;
  return `tier ${tier}, ${policy}, ${rule === -1 ? 'end of tier' : `rule ${rule}`}: ${action}`;
}

export function describeDecision(decision: Decision): string {
  if (decision === 'self') return 'a pod reaches itself';
  if (decision === 'not-an-endpoint') return 'no policy binds it';
  return [...decision.via ?? [], decision].map(describeStep).join(', then ');
}

export function describeVerdict({ verdict, egress, ingress, because }: Piece): string {
  if (verdict === 'undetermined') return `undetermined because of ${because!.join('; ')}`;
  if (verdict === 'allow') return `allowed at egress by ${describeDecision(egress)}; at ingress by ${describeDecision(ingress)}`;
  return [[egress, 'egress'] as const, [ingress, 'ingress'] as const].filter(([decision]) => !allows(decision))
    .map(([decision, where]) => `denied at ${where} by ${describeDecision(decision)}`).join('; ');
}
