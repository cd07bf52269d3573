import { PolicyPlan } from './baseline';
import { bindingAllBut, bindingOnly } from './namespace-scope';
import { Policy } from './policy';

/** Which of the platform's policies have an effect. */
export type Enforcement = 'enforced' | 'allowsEnforced' | 'staged';

/** Of a namespace by itself: allows without denials are a step of the whole cluster. */
export type NamespaceEnforcement = Exclude<Enforcement, 'allowsEnforced'>;

/** What has an effect where. */
export interface EnforcementModes {
  readonly cluster: Enforcement;
  /** Namespaces with a mode of their own, by name. */
  readonly namespaces: ReadonlyMap<string, NamespaceEnforcement>;
}

/** A plan as it is emitted, and the order in which its objects are written. */
export interface EmittedPlan extends PolicyPlan {
  /** Whether every namespace is towards enforced, towards staged, or some are one and some the other. */
  readonly towards: 'enforcing' | 'staging' | 'both';
}

/**
 * The plan as it is emitted: a policy without effect is of its Staged kind. Staging the allows too is what makes staging change
 * nothing: an early allow would open what a team's policy closes. A policy over several namespaces becomes two where these differ.
 */
export function withEnforcement(plan: PolicyPlan, modes: EnforcementModes): EmittedPlan {
  const { cluster } = modes;
  const opening = (policies: ReadonlyMap<string, readonly Policy[]>) => new Map([...policies].map(([name, some]) => [name, inModes(some, modes, (mode) => mode !== 'staged')]));
  const closing = (policies: readonly Policy[]) => inModes(policies, modes, (mode) => mode === 'enforced');
  return {
    tiers: plan.tiers,
    allows: opening(plan.allows),
    exemptions: opening(plan.exemptions),
    denials: closing(plan.denials),
    defaultDeny: closing(plan.defaultDeny),
    towards: differing(modes).length > 0 ? 'both' : cluster === 'enforced' ? 'enforcing' : 'staging',
  };
}

/** Whether everything of the plan has an effect everywhere. */
export function isEnforced(modes: EnforcementModes): boolean {
  return modes.cluster === 'enforced' && differing(modes).length === 0;
}

/** Namespaces whose mode is not the cluster's, sorted. */
export function differing({ cluster, namespaces }: EnforcementModes): string[] {
  return [...namespaces].filter(([, mode]) => mode !== cluster).map(([name]) => name).sort();
}

/**
 * The enforced ones of these a second time, under other names: each is in force as soon as the first of the two is written, and as long
 * as one of them is there. So namespaces that are enforced and others that are staged are switched in one deployment, each in its order.
 */
export function ahead(policies: readonly Policy[]): Policy[] {
  // No name that is made from an id has two hyphens in a row.
  return policies.filter(({ staged }) => !staged).map((policy) => ({ ...policy, name: `${policy.name}--ahead` }));
}

function inModes(policies: readonly Policy[], modes: EnforcementModes, hasEffect: (mode: Enforcement) => boolean): Policy[] {
  const usual = hasEffect(modes.cluster);
  const others = differing(modes).filter((name) => hasEffect(modes.namespaces.get(name)!) !== usual);
  return policies.flatMap((policy) => [
    ...withEffect(bindingAllBut(policy, others), usual),
    ...withEffect(bindingOnly(policy, others), !usual),
  ]);
}

function withEffect(policy: Policy | undefined, effect: boolean): Policy[] {
  if (!policy) return [];
  return [effect ? policy : { ...policy, staged: true }];
}
