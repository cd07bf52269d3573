import { exposureOf } from '../load-balancer/exposure';
import { planPolicies, policiesOf } from '../policy/baseline';
import { NetworkDecision } from './decision';
import { NetworkIntent } from './network-intent';
import { checkObjects } from './object-checks';

/** Decides everything that follows from an intent. Pure and total: what is wrong is reported, the rest stands. */
export function decideNetwork(intent: NetworkIntent): NetworkDecision {
  const created = intent.objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata?.name ?? '');
  const { plan, diagnostics } = planPolicies({
    ...intent,
    namespaces: [...intent.namespaces.map(({ name }) => name), ...created],
    systemNamespaces: intent.systemNamespaces.map(({ name }) => name),
  });
  const exposures = intent.objects.map(exposureOf);
  return {
    plan,
    policies: { tiers: plan.tiers, policies: policiesOf(plan) },
    workloads: [],
    exposures: exposures.flatMap(({ exposure }) => exposure ? [exposure] : []),
    expectations: [],
    diagnostics: [...diagnostics, ...checkObjects(intent), ...exposures.flatMap((each) => each.diagnostics)],
  };
}
