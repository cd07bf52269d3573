/** What an entry of `cluster.images` is. */
export enum ClusterImageKind {
  /** A container image, which nodes fetch. */
  IMAGE = 'image',
  /** A Helm chart, which the function that deploys objects fetches. */
  CHART = 'chart',
}

/** Something that the cluster fetches from outside the VPC, or from a mirror that you name. */
export interface ClusterImage {
  /** Image or chart. */
  readonly kind: ClusterImageKind;

  /** How its publisher calls it: `calico/node`, `tigera-operator`. */
  readonly name: string;

  /** From where it is fetched, without tag: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/calico/node`. */
  readonly repository: string;

  /**
   * Its tag; of a chart its version.
   * @default - not known at synthesis: the chart that needs the image brings it
   */
  readonly tag?: string;

  /**
   * `sha256:` and 64 hexadecimal digits.
   * @default - it is fetched by its tag
   */
  readonly digest?: string;

  /** Where it is published, without tag: what a mirror copies. `quay.io/calico/node`. */
  readonly source: string;

  /** Who needs it, in words. */
  readonly usedBy: string;
}
