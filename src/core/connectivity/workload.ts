import { ESCAPE_FIELDS, escapesOf } from '../guard/escapes';
import { isUnknown } from '../policy/syntax';

/** Kubernetes objects that make pods, read by shape: the same for every version of every library that writes them. */

/** As much of an object as this file reads. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec?: any;
}

export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What the workload itself uses to find its pods; its pods' labels where it has no selector. */
  readonly selector: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly protocol: string; readonly unknown?: boolean }[];
  readonly images: readonly string[];
  /** Ways out of its pod, past every policy, beside the host's network. */
  readonly escapes: readonly string[];
}

const TEMPLATED = ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'ReplicationController', 'StatefulSet'];

/** The workload that an object is, or nothing where it makes no pods. */
export function workloadOf(object: KubernetesObject): Workload | undefined {
  const pod = podOf(object);
  if (!pod) return undefined;
  const labels = pod.metadata?.labels ?? {};
  const containers: any[] = [pod.spec?.containers, pod.spec?.initContainers].flatMap((some) => Array.isArray(some) ? some : []);
  return {
    kind: object.kind!,
    name: object.metadata?.name ?? '',
    namespace: object.metadata?.namespace ?? 'default',
    labels,
    selector: object.spec?.selector?.matchLabels ?? labels,
    serviceAccount: pod.spec?.serviceAccountName || pod.spec?.serviceAccount || 'default',
    hostNetwork: pod.spec?.hostNetwork === true,
    ports: containers.flatMap((container) => (container.ports ?? []).map((port: any) => ({
      name: port.name, port: port.containerPort, protocol: port.protocol ?? 'TCP', ...isUnknown(port.containerPort) && { unknown: true },
    }))),
    escapes: escapesOf(pod.spec),
    images: containers.map((container) => container.image).filter((image) => typeof image === 'string'),
  };
}

/** Labels that Kubernetes gives pods as they start. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const RUNTIME_LABELS = [
  'apps.kubernetes.io/pod-index', 'batch.kubernetes.io/', 'controller-revision-hash', 'controller-uid', 'job-name', 'pod-template-generation', 'pod-template-hash',
  'statefulset.kubernetes.io/pod-name',
];

const DECIDING = ['metadata.labels', 'spec.hostNetwork', 'spec.serviceAccountName', 'spec.serviceAccount', ...ESCAPE_FIELDS.map((field) => `spec.${field}`)];
const SELECTING = ['spec.selector.matchLabels'];

/** What decides about a workload's pods and is a token: the first such field, as a path. */
export function unreadableFieldOf(object: KubernetesObject): string | undefined {
  const { kind = '' } = object;
  // Where a volume lies, whoever may claim it may reach: src/core/network/object-checks.ts.
  if (kind === 'PersistentVolume') return isUnknown(object.spec) ? 'spec' : undefined;
  const pod = kind === 'Pod' ? '' : kind === 'CronJob' ? 'spec.jobTemplate.spec.template.' : TEMPLATED.includes(kind) ? 'spec.template.' : undefined;
  if (pod === undefined) return undefined;
  for (const path of [...kind === 'Pod' ? [] : SELECTING, ...DECIDING.map((field) => pod + field)]) {
    const found = unknownAt(object, path.split('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first token on the way to a field; `[]` goes through every item of a list. */
function unknownAt(value: any, [step, ...rest]: readonly string[], at = ''): string | undefined {
  if (isUnknown(value)) return at;
  if (step === undefined) return /labels$/i.test(at) && Object.entries(value ?? {}).flat().some(isUnknown) ? at : undefined;
  const name = step.replace('[]', '');
  const path = at === '' ? name : `${at}.${name}`;
  const inside = value?.[name];
  if (!step.endsWith('[]') || !Array.isArray(inside)) return unknownAt(inside, rest, path);
  for (const [index, item] of inside.entries()) {
    const found = unknownAt(item, rest, `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function podOf({ kind = '', metadata, spec }: KubernetesObject): KubernetesObject | undefined {
  if (kind === 'Pod') return { metadata, spec };
  if (kind === 'CronJob') return spec?.jobTemplate?.spec?.template;
  return TEMPLATED.includes(kind) ? spec?.template : undefined;
}
