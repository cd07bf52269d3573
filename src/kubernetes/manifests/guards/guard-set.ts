import { ExposureGuardIntent, exposureGuards } from './exposure';
import { GuardMode, guardObjects } from './guard';
import { namespaceLabelsGuard } from './namespace-labels';
import { podEscapesGuard, volumeEscapesGuard } from './pod-escapes';
import { Deployer, policyStorageGuard, policyTamperGuard } from './tamper';
import { KubernetesObject } from '../objects';

/** What guards depend on. */
export interface GuardIntent {
  readonly mode: GuardMode;
  /** Namespaces whose pods run the cluster itself. */
  readonly systemNamespaces: readonly string[];
  /** Undefined where nobody knows who deploys: then policies are not guarded. */
  readonly deployer?: Deployer;
  /** Tiers before the guardrails that were accepted by name. */
  readonly acceptedTiers: readonly string[];
  readonly exposure: ExposureGuardIntent;
}

/** Every guard, with its binding. */
export function guardSet({ mode, systemNamespaces, deployer, acceptedTiers, exposure }: GuardIntent): KubernetesObject[] {
  const guards = [
    ...exposureGuards(exposure),
    namespaceLabelsGuard(systemNamespaces),
    podEscapesGuard(systemNamespaces),
    volumeEscapesGuard(systemNamespaces),
    policyStorageGuard(),
    ...deployer ? [policyTamperGuard(deployer, acceptedTiers)] : [],
  ];
  return guards.flatMap((guard) => guardObjects(guard, mode));
}
