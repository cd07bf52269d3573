import { ExposureGuardIntent, exposureGuards } from './exposure';
import { GuardMode, guardObjects } from './guard';
import { namespaceLabelsGuard } from './namespace-labels';
import { podEscapesGuard, volumeEscapesGuard } from './pod-escapes';
import { probePodsGuard } from './probe-pods';
import { Deployer, policyStorageGuard, policyTamperGuard } from './tamper';
import { differing, Enforcement, EnforcementModes } from '../../../core/policy/enforcement';
import { KubernetesObject } from '../objects';

/** What guards depend on. */
export interface GuardIntent {
  readonly modes: EnforcementModes;
  /** Namespaces whose pods run the cluster itself. */
  readonly systemNamespaces: readonly string[];
  /** Undefined where nobody knows who deploys: then policies are not guarded. */
  readonly deployer?: Deployer;
  /** Tiers before the guardrails that were accepted by name. */
  readonly acceptedTiers: readonly string[];
  readonly exposure: ExposureGuardIntent;
  /** Whether probes run. Default: none. */
  readonly probes?: boolean;
}

/** Every guard, with its binding. */
export function guardSet({ modes, systemNamespaces, deployer, acceptedTiers, exposure, probes = false }: GuardIntent): KubernetesObject[] {
  const guards = [
    ...exposureGuards(exposure),
    namespaceLabelsGuard(systemNamespaces),
    podEscapesGuard(systemNamespaces),
    volumeEscapesGuard(systemNamespaces),
    ...probes ? [probePodsGuard()] : [],
    policyStorageGuard(),
    ...deployer ? [policyTamperGuard(deployer, acceptedTiers)] : [],
  ];
  const usual = modeOf(modes.cluster);
  const others = differing(modes).filter((name) => modeOf(modes.namespaces.get(name)!) !== usual);
  return guards.flatMap((guard) => {
    if (guard.mode === 'ofCluster') return guardObjects(guard, usual);
    if (guard.mode === 'strictest') return guardObjects(guard, others.length > 0 ? 'deny' : usual);
    return guardObjects(guard, usual, others);
  });
}

/** Where denials are staged, guards tell and refuse nothing. */
const modeOf = (enforcement: Enforcement): GuardMode => enforcement === 'enforced' ? 'deny' : 'warn';
