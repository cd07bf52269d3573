import { ESCAPING_CAPABILITIES } from '../guard/guard-facts';
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
  /** Ways out of its pod, past every policy, beside the host's network: fields that give it the node. */
  readonly escapes: readonly string[];
}

const TEMPLATED = ['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'ReplicationController', 'StatefulSet'];

/** The workload that an object is, or nothing where it makes no pods. */
export function workloadOf(object: KubernetesObject): Workload | undefined {
  const pod = podOf(object);
  if (!pod) return undefined;
  const labels = pod.metadata?.labels ?? {};
  const containers: any[] = [...pod.spec?.containers ?? [], ...pod.spec?.initContainers ?? []];
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

/** The same conditions as those of the guard in the cluster: src/kubernetes/manifests/guards/pod-escapes.ts. */
function escapesOf(spec: any): string[] {
  const containers: any[] = [...spec?.containers ?? [], ...spec?.initContainers ?? [], ...spec?.ephemeralContainers ?? []];
  const some = (holds: (context: any) => boolean) => containers.some(({ securityContext }) => securityContext && holds(securityContext));
  const gives = (capability: unknown) => (ESCAPING_CAPABILITIES as readonly string[]).includes(String(capability).toUpperCase().replace('CAP_', ''));
  const found: Record<string, boolean> = {
    'hostPID': spec?.hostPID === true,
    'privileged': some(({ privileged }) => privileged === true),
    'hostPath': (spec?.volumes ?? []).some((volume: any) => volume?.hostPath),
    'windowsOptions.hostProcess': spec?.securityContext?.windowsOptions?.hostProcess === true || some(({ windowsOptions }) => windowsOptions?.hostProcess === true),
    'capabilities': some(({ capabilities }) => (capabilities?.add ?? []).some(gives)),
    'procMount': some(({ procMount }) => procMount === 'Unmasked'),
  };
  return Object.keys(found).filter((name) => found[name]);
}

/** Labels that Kubernetes gives pods as they start. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const RUNTIME_LABELS = [
  'apps.kubernetes.io/pod-index', 'batch.kubernetes.io/', 'controller-revision-hash', 'controller-uid', 'job-name', 'pod-template-generation', 'pod-template-hash',
  'statefulset.kubernetes.io/pod-name',
];

const DECIDING = ['metadata', 'metadata.labels', 'spec', 'spec.hostNetwork', 'spec.serviceAccountName', 'spec.serviceAccount'];
const SELECTING = ['spec.selector', 'spec.selector.matchLabels'];

/** What decides about a workload's pods and is a token: the first such field, as a path. */
export function unreadableFieldOf(object: KubernetesObject): string | undefined {
  const { kind = '' } = object;
  const pod = kind === 'Pod' ? '' : kind === 'CronJob' ? 'spec.jobTemplate.spec.template.' : TEMPLATED.includes(kind) ? 'spec.template.' : undefined;
  if (pod === undefined) return undefined;
  const above = [...pod.matchAll(/\./g)].map(({ index }) => pod.slice(0, index));
  return [...above, ...kind === 'Pod' ? [] : SELECTING, ...DECIDING.map((field) => pod + field)].find((path) => {
    const value: unknown = path.split('.').reduce((at: any, key) => at?.[key], object);
    return isUnknown(value) || (/labels$/i.test(path) && Object.entries(value ?? {}).flat().some(isUnknown));
  });
}

function podOf({ kind = '', metadata, spec }: KubernetesObject): KubernetesObject | undefined {
  if (kind === 'Pod') return { metadata, spec };
  if (kind === 'CronJob') return spec?.jobTemplate?.spec?.template;
  return TEMPLATED.includes(kind) ? spec?.template : undefined;
}
