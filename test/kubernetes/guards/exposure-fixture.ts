import { GuardedServer, openDefinition } from './guarded-server';
import { exposureGuards } from '../../../src/kubernetes/manifests/guards/exposure';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';

/** The guards of load balancers on a server, with namespaces of either kind. */

export const CONTROLLER = 'system:serviceaccount:kube-system:aws-load-balancer-controller';
export const NAMESAKE = 'system:serviceaccount:shop:aws-load-balancer-controller';
export const NARROW = ['52.94.76.0/24'];
/** Open for load balancers by its label. */
export const EDGE = 'edge';
/** No test keeps an object that they refuse once they are in force. */
export const HELD = 'example.com/hold';

const NAMESPACES = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: EDGE, labels: { 'secure-eks.io/allow-internet-facing': 'true' } } },
];
const DEFINITIONS = [
  openDefinition('elbv2.k8s.aws', 'v1beta1', 'IngressClassParams', 'Cluster'), openDefinition('eks.amazonaws.com', 'v1', 'IngressClassParams', 'Cluster'),
  openDefinition('gateway.k8s.aws', 'v1', 'LoadBalancerConfiguration', 'Namespaced'), openDefinition('aga.k8s.aws', 'v1beta1', 'GlobalAccelerator', 'Namespaced'),
  openDefinition('elbv2.k8s.aws', 'v1alpha1', 'TargetGroupBinding', 'Namespaced'), openDefinition('eks.amazonaws.com', 'v1', 'TargetGroupBinding', 'Namespaced'),
];

export function installGuards(guarded: GuardedServer, mode: 'deny' | 'warn', accepted: readonly string[] = []): void {
  guarded.apply(...exposureGuards({ dialects: ['inTree', 'awsController'], controllerAccounts: [CONTROLLER], accepted }).flatMap((guard) => guardObjects(guard, mode)));
}

/** A server where these objects were before the guards came; in force as soon as it refuses `canary`. */
export async function guardedServer(before: readonly KubernetesObject[], canary: KubernetesObject, accepted: readonly string[] = []): Promise<GuardedServer> {
  const guarded = await GuardedServer.start();
  guarded.apply(...DEFINITIONS, ...NAMESPACES);
  expect(guarded.server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])).toMatchObject({ status: 0 });
  await guarded.bind([CONTROLLER, NAMESAKE]);
  guarded.apply(...before);
  installGuards(guarded, 'deny', accepted);
  await guarded.untilRefused(canary);
  return guarded;
}

/** The same object with a finalizer of somebody else's. */
export const held = (object: KubernetesObject): KubernetesObject => ({ ...object, metadata: { ...object.metadata, finalizers: [HELD] } }) as KubernetesObject;
