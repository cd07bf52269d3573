import { KubernetesObject } from './objects';
import { emitPolicy, emitTier } from '../../core/policy/emit';
import { Policy, PolicySet, Tier } from '../../core/policy/policy';

type CalicoPolicy = Policy & { readonly kind: 'GlobalNetworkPolicy' | 'NetworkPolicy' };

export function policyObject(policy: Policy): KubernetesObject {
  if (!isCalicoPolicy(policy)) throw new Error(`${policy.name} is a Kubernetes NetworkPolicy, whose owner emits it`);
  return emitPolicy(policy) as unknown as KubernetesObject;
}

export function tierObject(tier: Tier): KubernetesObject {
  return emitTier(tier) as unknown as KubernetesObject;
}

/** Tiers before the policies that name them. Kubernetes policies are evaluated with the rest, but their owner emits them. */
export function policySetObjects({ tiers, policies }: PolicySet): KubernetesObject[] {
  return [...tiers.map(tierObject), ...policies.filter(isCalicoPolicy).map(policyObject)];
}

function isCalicoPolicy(policy: Policy): policy is CalicoPolicy {
  return policy.kind !== 'KubernetesNetworkPolicy';
}
