import fc from 'fast-check';
import { parsePolicyObjects } from '../../src/core/policy';
import { EmittedPlan } from '../../src/core/policy/enforcement';
import { TIERS } from '../../src/core/policy/facts';
import { Policy, policyKey } from '../../src/core/policy/policy';
import { testNetwork } from '../kubernetes/deploy/fixture';

/** One release of policies, as Helm is given it. */
export interface WrittenRelease {
  readonly name: string;
  readonly policies: readonly Policy[];
}

/** The releases of a plan in the order in which the deployment runs them, read back from the objects that they hold. */
export function releasesOf(plan: EmittedPlan): WrittenRelease[] {
  const { releases } = testNetwork().network.deployPolicies({
    ...plan, allows: [...plan.allows.values()].flat(), exemptions: [...plan.exemptions.values()].flat(),
  });
  return releases.map(({ releaseName, objects }) => {
    const { policies, diagnostics } = parsePolicyObjects(JSON.parse(JSON.stringify(objects)), { tiers: Object.values(TIERS) });
    if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
    return { name: releaseName, policies };
  });
}

/** Shuffles what Helm writes concurrently. */
export type Shuffle = <T>(items: readonly T[]) => T[];

export function shuffledBy(seed: number): Shuffle {
  let call = 0;
  return (items) => items.length < 2 ? [...items] : fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { numRuns: 1, seed: seed + (call += 1) })[0];
}

export interface State {
  readonly write: string;
  readonly policies: readonly Policy[];
}

/**
 * Every state of the cluster while one stack is updated, one for each write, on what is there already. An upgrade of a release first
 * creates what is new and updates what changed, then deletes what is gone; an object that changes its kind is a new one and one that is
 * gone. Releases that are gone CloudFormation removes when everything else is done, the last one first.
 * https://github.com/helm/helm/blob/main/pkg/kube/client.go (Update)
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
export function* update(now: Map<string, Policy>, from: readonly WrittenRelease[], to: readonly WrittenRelease[], shuffle: Shuffle): Generator<State> {
  const gone = from.filter(({ name }) => !to.some((release) => release.name === name)).reverse().map(({ name }): WrittenRelease => ({ name, policies: [] }));
  for (const { name, policies } of [...to, ...gone]) {
    const wanted = new Map(policies.map((policy) => [policyKey(policy), policy]));
    for (const [key, policy] of shuffle([...wanted])) {
      if (JSON.stringify(now.get(key)) === JSON.stringify(policy)) continue;
      now.set(key, policy);
      yield { write: `${name}: apply ${key}`, policies: [...now.values()] };
    }
    for (const policy of shuffle(from.find((release) => release.name === name)?.policies ?? [])) {
      const key = policyKey(policy);
      if (wanted.has(key)) continue;
      now.delete(key);
      yield { write: `${name}: delete ${key}`, policies: [...now.values()] };
    }
  }
}

export const byKey = (releases: readonly WrittenRelease[]): Map<string, Policy> => new Map(releases.flatMap(({ policies }) => policies).map((policy) => [policyKey(policy), policy]));

/** The same of one stack alone. */
export function states(from: readonly WrittenRelease[], to: readonly WrittenRelease[], shuffle: Shuffle): Generator<State> {
  return update(byKey(from), from, to, shuffle);
}
