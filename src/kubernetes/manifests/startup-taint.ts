import { KubernetesObject } from './objects';
import { FELIX_READINESS, STARTUP_TAINT, startupImages } from '../../core/engine/startup-taint';

/** One name for all of it, so that an on-call engineer finds each. */
const NAME = 'secure-eks-startup-taint';
const NAMESPACE = 'kube-system';
/** Of no user that exists on a node. https://github.com/kubernetes/kubernetes/blob/v1.35.4/build/pause/Dockerfile */
const NOBODY = 65535;

const CONTAINER = {
  resources: { requests: { cpu: '5m', memory: '16Mi' } },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, runAsUser: NOBODY, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
};

/**
 * On every node: taints it, waits until Felix there is ready, takes the taint away. It tolerates every taint and is on the network of the node, so that it waits for nothing. It may read
 * and patch nodes, and nothing else: EKS gives its storage drivers the same.
 *
 * @param settings changes whenever node groups do: EKS may then put their taints back, and each node is visited again
 */
export function startupTaintObjects(settings: string, registry?: string): KubernetesObject[] {
  const [kubectl, pause] = startupImages(registry).map(({ repository, tag }) => `${repository}:${tag}`);
  const taint = (name: string, ...args: string[]) => ({
    name, image: kubectl, command: ['/bin/kubectl', 'taint', 'node', '$(NODE_NAME)', ...args], ...CONTAINER,
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  });
  const { key, value } = STARTUP_TAINT;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace: NAMESPACE } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: NAME }, rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'patch'] }] },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: NAME },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME }, subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
    },
    {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: NAME, namespace: NAMESPACE },
      spec: {
        selector: { matchLabels: { app: NAME } },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
        template: {
          metadata: { labels: { app: NAME }, annotations: { 'secure-eks.io/node-groups': settings } },
          spec: {
            serviceAccountName: NAME,
            hostNetwork: true,
            priorityClassName: 'system-node-critical',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [{ operator: 'Exists' }],
            initContainers: [
              // Also where it is not yet: a node that restarts, one whose maker did not set it. And a taint that is not there cannot be taken away.
              taint('taint', `${key}=${value}:NoSchedule`, '--overwrite'),
              // The next one starts when its probe succeeds. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
              { name: 'felix-is-ready', image: pause, restartPolicy: 'Always', ...CONTAINER, startupProbe: { httpGet: { ...FELIX_READINESS }, periodSeconds: 2, failureThreshold: 1800 } },
              taint('untaint', `${key}:NoSchedule-`),
            ],
            containers: [{ name: 'done', image: pause, ...CONTAINER }],
          },
        },
      },
    },
  ];
}
