import { Diagnostic } from '../diagnostic';
import { allowExempted, allowPolicies, asPods, defaultDeny } from './allows';
import { TIERS } from './facts';
import { beyondInternetGuardrail, guardrailDenials, guardrailExemption, internetExemption } from './guardrails';
import { PolicyRequest } from './intent';
import { Policy, Tier } from './policy';
import { quarantinePolicy } from './quarantine';
import { checkRequest } from './request-check';

/** The policies of a cluster by what they do, in the order in which enforcing writes them. */
export interface PolicyPlan {
  readonly tiers: readonly Tier[];
  /** By the name of the rule or exemption that asked for them. */
  readonly allows: ReadonlyMap<string, readonly Policy[]>;
  readonly exemptions: ReadonlyMap<string, readonly Policy[]>;
  readonly denials: readonly Policy[];
  /** The one object that decides between open and closed by default; as emitted two, where namespaces differ. */
  readonly defaultDeny: readonly Policy[];
}

/** Decides every policy of ours. Total: what is wrong is left out and reported, the rest stands. */
export function planPolicies(request: PolicyRequest): { plan: PolicyPlan; diagnostics: Diagnostic[] } {
  const { addresses, systemNamespaces } = request;
  const { rules, exemptions, quarantines, diagnostics } = checkRequest(request);
  const passes = rules.flatMap((rule) => {
    const source = asPods(rule.source);
    const needed = source && beyondInternetGuardrail(rule, addresses) && !systemNamespaces.includes(source.namespace ?? '');
    return needed ? [[rule.name, [internetExemption(rule, source, addresses)]] as const] : [];
  });
  const plan: PolicyPlan = {
    tiers: Object.values(TIERS),
    allows: new Map<string, readonly Policy[]>([
      ...rules.map((rule) => [rule.name, allowPolicies(rule, addresses)] as const),
      ...exemptions.map((exemption) => [exemption.name, [allowExempted(exemption, addresses)]] as const),
    ]),
    exemptions: new Map<string, readonly Policy[]>([
      ...passes,
      ...exemptions.map((exemption) => [exemption.name, [guardrailExemption(exemption, addresses)]] as const),
    ]),
    denials: [...quarantines.map((quarantine) => quarantinePolicy(quarantine, addresses)), ...guardrailDenials(addresses, systemNamespaces)],
    defaultDeny: [defaultDeny(systemNamespaces, request.nodeLocalDns)],
  };
  return { plan, diagnostics };
}

/** All of a plan, as the cluster has it once everything is in force. */
export function policiesOf(plan: PolicyPlan): Policy[] {
  return [...[...plan.allows.values()].flat(), ...[...plan.exemptions.values()].flat(), ...plan.denials, ...plan.defaultDeny];
}
