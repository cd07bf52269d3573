import { KubernetesObject, objectKey } from './objects';

/** The order in which Helm installs kinds; kinds it does not know come after, by name. https://github.com/helm/helm/blob/v4.1.4/pkg/release/v1/util/kind_sorter.go */
const INSTALL_ORDER = [
  'PriorityClass', 'Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodSecurityPolicy', 'PodDisruptionBudget', 'ServiceAccount', 'Secret',
  'SecretList', 'ConfigMap', 'StorageClass', 'PersistentVolume', 'PersistentVolumeClaim', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleList',
  'ClusterRoleBinding', 'ClusterRoleBindingList', 'Role', 'RoleList', 'RoleBinding', 'RoleBindingList', 'Service', 'DaemonSet', 'Pod',
  'ReplicationController', 'ReplicaSet', 'Deployment', 'HorizontalPodAutoscaler', 'StatefulSet', 'Job', 'CronJob', 'IngressClass', 'Ingress', 'APIService',
  'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration',
];
const RANK = new Map(INSTALL_ORDER.map((kind, index) => [kind, index]));

/** By kind as Helm installs, then by namespace and name: the same objects give the same bytes. */
export function inApplyOrder(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [...objects].sort((a, b) => rank(a) - rank(b) || compare(a.kind, b.kind) || compare(objectKey(a), objectKey(b)));
}

function rank({ kind }: KubernetesObject): number {
  return RANK.get(kind) ?? INSTALL_ORDER.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a release must not take with it: a namespace goes with all in it, a definition with all objects of its kind. */
const KEPT_KINDS = ['CustomResourceDefinition', 'Namespace'];

/** Kept objects carry Helm's own word for it. */
export const KEEP_ANNOTATION = { 'helm.sh/resource-policy': 'keep' };

export function splitKept(objects: readonly KubernetesObject[]): { kept: KubernetesObject[]; rest: KubernetesObject[] } {
  const isKept = ({ kind }: KubernetesObject) => KEPT_KINDS.includes(kind);
  return { kept: objects.filter(isKept).map(keep), rest: objects.filter((object) => !isKept(object)) };
}

function keep(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...KEEP_ANNOTATION } } };
}
