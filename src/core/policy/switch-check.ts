import { differing, EmittedPlan, EnforcementModes } from './enforcement';
import { bindingOnly } from './namespace-scope';
import { Policy } from './policy';
import { Diagnostic } from '../diagnostic';

/** Rules and exemptions whose policies travel in another stack than the denials. */
export interface StackOfRules {
  /** Construct path of the stack. */
  readonly stack: string;
  /** By name of rule or exemption. */
  readonly names: readonly string[];
}

/**
 * What another stack allows is written after the denials of the cluster's stack: a switch in one step would close it in between, or open
 * what a guardrail denies before and a team's policy afterwards. Told while something is staged, since a template knows no past.
 */
export function checkSwitch({ allows, exemptions }: Pick<EmittedPlan, 'allows' | 'exemptions'>, modes: EnforcementModes, others: readonly StackOfRules[]): Diagnostic[] {
  const policiesOf = (name: string): readonly Policy[] => [...allows.get(name) ?? [], ...exemptions.get(name) ?? []];
  return others.flatMap(({ stack, names }): Diagnostic[] => {
    const between = 'until this stack is deployed after that of the cluster, what they allow would be closed, or open past a guardrail';
    if (modes.cluster === 'staged') {
      return [{
        code: 'switchInSeveralStacks', severity: 'warning', subject: stack, acknowledgeable: true,
        message: `its rules ${names.join(', ')} must not switch between STAGED and ENFORCED in one step: ${between}`,
        fix: 'deploy all stacks with enforcement: PolicyEnforcement.ALLOWS_ENFORCED on the way, in either direction',
      }];
    }
    return differing(modes).flatMap((namespace): Diagnostic[] => {
      const bound = names.filter((name) => policiesOf(name).some((policy) => bindingOnly(policy, [namespace])));
      return bound.length === 0 ? [] : [{
        code: 'switchInSeveralStacks', severity: 'warning', subject: stack, acknowledgeable: true,
        message: `its rules ${bound.join(', ')} must not switch with namespace '${namespace}' alone: ${between}`,
        fix: `say these rules in the stack of the cluster, or switch '${namespace}' while the whole cluster goes through PolicyEnforcement.ALLOWS_ENFORCED`,
      }];
    });
  });
}
