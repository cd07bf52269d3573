import { TEAM_POLICIES, TOPOLOGY } from './fixtures/cluster';
import { Line } from './fixtures/table';
import { allows, compile, Compiled, evaluateFlow } from '../../src/core/connectivity';
import { decideNetwork } from '../../src/core/network/decide';
import { NetworkIntent } from '../../src/core/network/network-intent';
import { parsePolicyObjects, PolicySet } from '../../src/core/policy';
import { policiesOf } from '../../src/core/policy/baseline';
import { policySetObjects } from '../../src/kubernetes/manifests/policy-objects';

/** What a cluster of this intent is given, as it is read back from the objects that are emitted. */
export function baselineOf(intent: NetworkIntent): PolicySet {
  const { plan, diagnostics } = decideNetwork(intent);
  const wrong = diagnostics.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong, null, 2));
  return reread({ tiers: plan.tiers, policies: policiesOf(plan) });
}

export function reread(set: PolicySet): PolicySet {
  const { tiers, policies, diagnostics } = parsePolicyObjects(JSON.parse(JSON.stringify(policySetObjects(set))));
  if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics, null, 2));
  return { tiers, policies };
}

/** Beside the team's policies. */
export function compiled({ tiers, policies }: PolicySet, users: readonly unknown[] = TEAM_POLICIES): Compiled {
  const theirs = parsePolicyObjects(users);
  return compile({ tiers: [...tiers, ...theirs.tiers], policies: [...policies, ...theirs.policies] }, { ...TOPOLOGY, networkSets: theirs.networkSets });
}

/** Each line that does not hold. */
export function failures(set: Compiled, lines: readonly Line[], most = Infinity): string[] {
  const found: string[] = [];
  for (const { name, flow, verdict, why, halves } of lines) {
    const actual = evaluateFlow(set, flow);
    if (actual.verdict === verdict && (!halves || (allows(actual.egress) === halves.egress && allows(actual.ingress) === halves.ingress))) continue;
    found.push(`${name} must be ${verdict}${halves ? ` ${JSON.stringify(halves)}` : ''} (${why}), is ${actual.verdict}: ${JSON.stringify([actual.egress, actual.ingress, actual.because])}`);
    if (found.length >= most) break;
  }
  return found;
}
