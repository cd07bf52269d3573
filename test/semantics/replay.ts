import { PolicyPlan } from '../../src/core/policy/baseline';
import { Policy, policyKey } from '../../src/core/policy/policy';
import { PoliciesToDeploy } from '../../src/kubernetes/deploy/network';
import { RELEASES } from '../../src/kubernetes/deploy/release-name';
import { testNetwork } from '../kubernetes/deploy/fixture';

type Part = 'allows' | 'exemptions' | 'denials' | 'defaultDeny';
const PARTS: readonly Part[] = ['allows', 'exemptions', 'denials', 'defaultDeny'];

/** The releases of policies in the order in which the deployment runs them. */
export function partsInOrder(towards: PoliciesToDeploy['towards']): Part[] {
  const some: Policy = { kind: 'GlobalNetworkPolicy', name: 'x.x', tier: 'x', types: ['Egress'] };
  const named = (name: string) => [{ ...some, name: `x.${name.toLowerCase()}` }];
  const { releases } = testNetwork().network.deployPolicies({
    tiers: [], allows: named('allows'), exemptions: named('exemptions'), denials: named('denials'), defaultDeny: named('switch'), towards,
  });
  return releases.map(({ releaseName }) => PARTS.find((part) => RELEASES[part] === releaseName)!);
}

export interface Replay {
  readonly from: PolicyPlan;
  readonly to: PolicyPlan;
  readonly order: readonly Part[];
  /** Shuffles what Helm writes concurrently. */
  readonly shuffle: <T>(items: readonly T[]) => T[];
}

/**
 * Every state of the cluster from one plan to another, one for each write. An upgrade of a release first creates what is new and
 * updates what changed, then deletes what is gone; an object that changes its kind is a new one and one that is gone.
 * https://github.com/helm/helm/blob/main/pkg/kube/client.go (Update)
 */
export function* states({ from, to, order, shuffle }: Replay): Generator<{ readonly write: string; readonly policies: readonly Policy[] }> {
  const now = new Map(PARTS.flatMap((part) => partOf(from, part)).map((policy) => [policyKey(policy), policy]));
  for (const part of order) {
    const wanted = new Map(partOf(to, part).map((policy) => [policyKey(policy), policy]));
    for (const [key, policy] of shuffle([...wanted])) {
      if (now.get(key) === policy) continue;
      now.set(key, policy);
      yield { write: `${part}: apply ${key}`, policies: [...now.values()] };
    }
    for (const policy of shuffle(partOf(from, part))) {
      const key = policyKey(policy);
      if (wanted.has(key)) continue;
      now.delete(key);
      yield { write: `${part}: delete ${key}`, policies: [...now.values()] };
    }
  }
}

export function partOf(plan: PolicyPlan, part: Part): readonly Policy[] {
  switch (part) {
    case 'allows': case 'exemptions': return [...plan[part].values()].flat();
    case 'denials': return plan.denials;
    case 'defaultDeny': return [plan.defaultDeny];
  }
}
