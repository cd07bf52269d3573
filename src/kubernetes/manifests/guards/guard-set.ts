import { ExposureGuardIntent, exposureGuards } from './exposure';
import { guardObjects } from './guard';
import { namespaceLabelsGuard } from './namespace-labels';
import { podEscapesGuard, volumeEscapesGuard } from './pod-escapes';
import { probePodsGuard } from './probe-pods';
import { replacementsGuard } from './replacements';
import { Deployer, policyStorageGuard, policyTamperGuard } from './tamper';
import { GUARDS } from '../../../core/guard/guard-facts';
import { GuardModes, GuardsInForce } from '../../../core/guard/guards-in-force';
import { Dialect } from '../../../core/load-balancer/dialects';
import { CONTROLLER_ACCOUNTS } from '../load-balancer-controller';
import { KubernetesObject } from '../objects';

/** What guards depend on. */
export interface GuardIntent {
  readonly where: GuardModes;
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

/** The guards of a cluster, as they were decided. `ownController`: this library installed the controller of AWS; else others have it where its chart puts it. */
export function clusterGuards(
  { where, systemNamespaces, accepted, acceptedTiers, guards }: GuardsInForce, deployer: Deployer | undefined, controller: Dialect, ownController: boolean,
): KubernetesObject[] {
  const byAws = controller === 'awsController';
  return guardSet({
    where, systemNamespaces, deployer, acceptedTiers, probes: guards.includes(GUARDS.probePods),
    exposure: { dialects: byAws ? ['inTree', 'awsController'] : ['inTree'], controllerAccounts: byAws ? [ownController ? CONTROLLER_ACCOUNTS.own : CONTROLLER_ACCOUNTS.others] : [], accepted },
  });
}

/** Every guard, with its binding. */
export function guardSet({ where, systemNamespaces, deployer, acceptedTiers, exposure, probes = false }: GuardIntent): KubernetesObject[] {
  const guards = [
    ...exposureGuards(exposure),
    replacementsGuard(),
    namespaceLabelsGuard(systemNamespaces),
    podEscapesGuard(systemNamespaces),
    volumeEscapesGuard(systemNamespaces),
    ...probes ? [probePodsGuard()] : [],
    policyStorageGuard(),
    ...deployer ? [policyTamperGuard(deployer, acceptedTiers)] : [],
  ];
  const usual = where.refuses ? 'deny' : 'warn';
  return guards.flatMap((guard) => {
    if (guard.mode === 'warnsOnly') return guardObjects(guard, 'warn');
    if (guard.mode === 'ofCluster') return guardObjects(guard, usual);
    if (guard.mode === 'strictest') return guardObjects(guard, where.refusesPolicies ? 'deny' : 'warn');
    return guardObjects(guard, usual, where.otherwise);
  });
}
