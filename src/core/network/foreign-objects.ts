import { Diagnostic } from '../diagnostic';
import { NetworkIntent } from './network-intent';
import { checkObjects } from './object-checks';
import { KubernetesObject } from '../connectivity/workload';
import { exposureOf } from '../load-balancer/exposure';

/** What of objects outside the model would escape the network or be open to the world. Their namespaces are not ours to know. */
export function checkForeignObjects(intent: NetworkIntent, objects: readonly KubernetesObject[]): Diagnostic[] {
  const namespaces = objects.flatMap(({ metadata }) => metadata?.namespace ?? []).map((name) => ({ name, labels: {} }));
  return [...checkObjects({ ...intent, objects, namespaces, serviceAccounts: [], charts: [] }), ...objects.flatMap((object) => exposureOf(object).diagnostics)];
}
