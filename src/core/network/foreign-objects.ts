import { Diagnostic } from '../diagnostic';
import { NetworkIntent } from './network-intent';
import { checkObjects } from './object-checks';
import { wellShaped } from './object-shapes';
import { KubernetesObject } from '../connectivity/workload';
import { IN_TREE } from '../load-balancer/context';
import { exposuresOf } from '../load-balancer/exposure';

/** What of objects outside the model would escape the network or be open to the world. Their namespaces are not ours to know. */
export function checkForeignObjects(intent: NetworkIntent, given: readonly KubernetesObject[]): Diagnostic[] {
  const { objects, diagnostics } = wellShaped(given);
  const namespaces = objects.flatMap(({ metadata }) => metadata?.namespace ?? []).map((name) => ({ name, labels: {} }));
  const context = { ...intent.loadBalancers ?? IN_TREE, objects: [...intent.objects, ...objects] };
  return [...diagnostics, ...checkObjects({ ...intent, objects, namespaces, serviceAccounts: [], charts: [] }), ...exposuresOf(objects, context).diagnostics];
}
