/** How Calico, the engine that enforces policies, is installed. */
export interface CalicoOptions {
  /**
   * Calico's release, as its charts call it. One that was not tested with the cluster's Kubernetes is a warning, one that is known to fail on EKS an error.
   * [docs/upgrading-calico.md](docs/upgrading-calico.md) tells how to change it.
   *
   * @default 'v3.32.1'
   */
  readonly version?: string;

  /**
   * Tag of the operator's image.
   *
   * @default - the one that was released with the version
   */
  readonly operatorVersion?: string;

  /**
   * Registry that Calico's and the operator's images come from, with a path where the mirror has one:
   * `111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay`.
   *
   * @default - the cluster's image registry; without one quay.io
   */
  readonly registry?: string;

  /**
   * Path of Calico's images in the registry. The operator's image keeps its path `tigera/operator`.
   *
   * @default 'calico'
   */
  readonly imagePath?: string;

  /**
   * Digests by which images are fetched, `sha256:` and 64 hexadecimal digits, by the name under which each is published: `calico/apiserver`,
   * `calico/kube-controllers`, `calico/node`, `calico/typha` and `tigera/operator`, all or none. They change with `version`.
   *
   * @see https://docs.tigera.io/calico/3.32/operations/image-options/imageset
   * @default - by tags
   */
  readonly imageDigests?: { [image: string]: string };

  /**
   * Repository that Calico's two charts come from: an `https://` repository, or `oci://` and the path that holds both, as
   * `oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/calico/charts`. The kubectl function must be able to reach it.
   *
   * @default 'https://docs.tigera.io/calico/charts'
   */
  readonly chartRepository?: string;
}
