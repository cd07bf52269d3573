/**
 * A taint that keeps pods off each new node until Calico enforces there, and what takes it away: a DaemonSet in `kube-system` with two images of the Kubernetes project, `kubectl` and
 * `pause`, that may read and patch nodes.
 */
export interface StartupTaintOptions {
  /**
   * Registry of the two images, with a path where the mirror has one: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/kubernetes`. It is not `imageRegistry`, which mirrors another registry.
   * @default 'registry.k8s.io'
   */
  readonly imageRegistry?: string;
}
