import { CompiledPolicy, CompiledTier } from './bindings';
import { PolicyIndex } from './label-index';
import { RuleCompiler } from './rule-compiler';
import { Topology } from './topology';
import { Direction } from './verdict';
import { BUILT_IN_TIERS, DEFAULT_TIER_ORDER, Policy, policyKey, PolicySet, policySelector, Tier } from '../policy';

/** Tiers by order and name, in each the enforced policies that can bind pods, by order and then name, namespace, kind. */
export function compileTiers({ tiers, policies }: PolicySet, topology: Topology): CompiledTier[] {
  const compiler = new RuleCompiler(topology);
  const all = new Map<string, Tier>([...BUILT_IN_TIERS, ...tiers].map((tier) => [tier.name, tier]));
  const byTier = new Map<string, Policy[]>();
  for (const policy of policies) {
    if (policy.staged || policy.doNotTrack || policy.preDNAT) continue;
    const list = byTier.get(policy.tier);
    if (list) list.push(policy); else byTier.set(policy.tier, [policy]);
  }
  const ordered = [...all.values()].sort((a, b) => (a.order ?? DEFAULT_TIER_ORDER) - (b.order ?? DEFAULT_TIER_ORDER) || compareText(a.name, b.name));
  return ordered.map((tier): CompiledTier => {
    const sorted = (byTier.get(tier.name) ?? []).map((policy) => ({ policy, tie: `${policy.name}/${policy.namespace ?? ''}/${policy.kind}` }))
      .sort((a, b) => compareNumber(a.policy.order ?? Infinity, b.policy.order ?? Infinity) || compareText(a.tie, b.tie))
      .map(({ policy }) => compilePolicy(policy, compiler));
    return { name: tier.name, defaultAction: tier.defaultAction ?? 'Deny', policies: sorted, index: new PolicyIndex(sorted) };
  });
}

function compilePolicy(policy: Policy, compiler: RuleCompiler): CompiledPolicy {
  const rules = (direction: Direction) => {
    if (!policy.types.includes(direction)) return undefined;
    return (direction === 'Ingress' ? policy.ingress ?? [] : policy.egress ?? []).map((rule, i) => compiler.compile(rule, i, policy.namespace));
  };
  return {
    key: policyKey(policy),
    selector: policySelector(policy),
    ...policy.namespace !== undefined && { namespace: policy.namespace },
    rules: { Ingress: rules('Ingress'), Egress: rules('Egress') },
  };
}

const compareNumber = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** By code point, which is the order of UTF-8 bytes, as Calico compares. */
function compareText(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}
