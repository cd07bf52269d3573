import { Image } from '../image';
import { Toleration } from '../plan/tolerations';

/** Keeps pods off a new node until Felix has written its first rules there. As EKS has it, and as pods tolerate it. */
export const STARTUP_TAINT = { key: 'secure-eks.io/policies-not-in-force', value: 'true', effect: 'NO_SCHEDULE' } as const;
export const STARTUP_TOLERATION: Toleration = { key: STARTUP_TAINT.key, operator: 'Exists', effect: 'NoSchedule' };

/** Felix answers 200 on the node itself once its first rules are written. https://github.com/kubernetes-sigs/node-readiness-controller/tree/v0.5.0/examples/cni-readiness */
export const FELIX_READINESS = { host: '127.0.0.1', port: 9099, path: '/readiness' } as const;

/** https://kubernetes.io/blog/2023/03/10/image-registry-redirect/ */
export const KUBERNETES_REGISTRY = 'registry.k8s.io';

/** Both by the Kubernetes project, without a shell. https://github.com/kubernetes/kubernetes/tree/v1.35.4/build */
const IMAGES = { kubectl: 'v1.35.4', pause: '3.10' } as const;

/** What takes the taint away. */
export function startupImages(registry: string = KUBERNETES_REGISTRY): Image[] {
  return Object.entries(IMAGES).map(([name, tag]) => ({
    kind: 'image', name, repository: `${registry}/${name}`, tag, source: `${KUBERNETES_REGISTRY}/${name}`, usedBy: 'the startup taint: what takes it away from a node',
  }));
}
