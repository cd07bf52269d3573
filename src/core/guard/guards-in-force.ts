import { GUARDED_EXPOSURES, GUARDS, INTERNET_FACING_LABEL, POD_SECURITY_LABEL } from './guard-facts';
import { differing, EnforcementModes } from '../policy/enforcement';
import { SYSTEM_NAMESPACES } from '../policy/facts';

/** Where guards refuse, and where they warn. In both modes they write to the audit log. */
export interface GuardModes {
  /** Whether they refuse where nothing else is said, and what belongs to no namespace. */
  readonly refuses: boolean;
  /** Namespaces in which it is the other way round, sorted. */
  readonly otherwise: readonly string[];
  /** Whether they refuse changes of policies and tiers: those of one namespace are a part of what binds all. */
  readonly refusesPolicies: boolean;
}

/** Where denials are staged, guards tell and refuse nothing. */
export function guardModes(modes: EnforcementModes): GuardModes {
  const refuses = modes.cluster === 'enforced';
  const otherwise = differing(modes).filter((name) => (modes.namespaces.get(name) === 'enforced') !== refuses);
  return { refuses, otherwise, refusesPolicies: refuses || otherwise.length > 0 };
}

/** What decides about the guards of one cluster. */
export interface GuardsRequest {
  readonly modes: EnforcementModes;
  readonly systemNamespaces: readonly { readonly name: string }[];
  /** Those that the platform makes or declares. */
  readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  readonly objects: readonly { readonly kind?: string; readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> } }[];
  /** Whether anybody knows under which name deployments come. */
  readonly deployerKnown: boolean;
  /** Whether probes run. */
  readonly probes: boolean;
  /** Subjects of diagnostics that were accepted, by code. */
  readonly accepted: (...codes: readonly string[]) => readonly string[];
}

/** What the guards of one cluster do, and where they do nothing. */
export interface GuardsInForce {
  readonly where: GuardModes;
  readonly guards: readonly { readonly name: string; readonly refuses?: string; readonly warns?: string }[];
  /** Namespaces whose pods run the cluster itself. */
  readonly systemNamespaces: readonly string[];
  /** Namespaces in view, by name: what Pod Security enforces, and whether load balancers may be open. */
  readonly namespaces: readonly { readonly name: string; readonly level?: string; readonly open: boolean }[];
  /** What may be exposed although it is open: `Service shop/web`. */
  readonly accepted: readonly string[];
  /** Tiers that may come before the guardrails. */
  readonly acceptedTiers: readonly string[];
}

export function guardsInForce({ modes, systemNamespaces, namespaces, objects, deployerKnown, probes, accepted }: GuardsRequest): GuardsInForce {
  const inView = new Map(namespaces.map(({ name, labels }) => [name, labels]));
  for (const { kind, metadata } of objects) if (kind === 'Namespace' && metadata?.name !== undefined) inView.set(metadata.name, { ...inView.get(metadata.name), ...metadata.labels });
  return {
    where: guardModes(modes),
    guards: Object.values(GUARDS).filter((guard) => (deployerKnown || guard !== GUARDS.policies) && (probes || guard !== GUARDS.probePods)),
    systemNamespaces: [...new Set([...SYSTEM_NAMESPACES, ...systemNamespaces.map(({ name }) => name)])].sort(),
    namespaces: [...inView].sort(([a], [b]) => a < b ? -1 : 1).map(([name, labels]) => ({ name, level: labels[POD_SECURITY_LABEL], open: labels[INTERNET_FACING_LABEL] === 'true' })),
    accepted: [...accepted(...GUARDED_EXPOSURES)].sort(),
    acceptedTiers: accepted('tierBeforeGuardrails').map((subject) => subject.replace(/^Tier /, '')),
  };
}
