import { PolicyPlan } from './baseline';
import { Policy } from './policy';

/** Which of the platform's policies have an effect. */
export type Enforcement = 'enforced' | 'allowsEnforced' | 'staged';

/**
 * The plan as it is emitted: a policy without effect is of its Staged kind. Staging the allows too is what makes staging change
 * nothing: an early allow would open what a team's policy closes.
 */
export function withEnforcement(plan: PolicyPlan, enforcement: Enforcement): PolicyPlan {
  if (enforcement === 'enforced') return plan;
  const opening = enforcement === 'staged' ? stageAll : (policies: ReadonlyMap<string, readonly Policy[]>) => policies;
  return {
    tiers: plan.tiers,
    allows: opening(plan.allows),
    exemptions: opening(plan.exemptions),
    denials: plan.denials.map(stage),
    defaultDeny: stage(plan.defaultDeny),
  };
}

function stageAll(policies: ReadonlyMap<string, readonly Policy[]>): Map<string, readonly Policy[]> {
  return new Map([...policies].map(([name, some]) => [name, some.map(stage)]));
}

function stage(policy: Policy): Policy {
  return { ...policy, staged: true };
}
