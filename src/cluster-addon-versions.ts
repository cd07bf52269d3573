/**
 * Versions of the EKS add-ons that every cluster has, as `v1.20.1-eksbuild.3`. EKS chooses one when it creates an add-on, and
 * an upgrade of Kubernetes takes no add-on along: name the versions with it.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html
 */
export interface ClusterAddonVersions {
  /**
   * Amazon VPC CNI.
   * @default - what EKS chooses for the Kubernetes version, at creation only
   */
  readonly vpcCni?: string;

  /**
   * kube-proxy.
   * @default - what EKS chooses for the Kubernetes version, at creation only
   */
  readonly kubeProxy?: string;

  /**
   * CoreDNS.
   * @default - what EKS chooses for the Kubernetes version, at creation only
   */
  readonly coreDns?: string;

  /**
   * EKS Pod Identity agent.
   * @default - what EKS chooses for the Kubernetes version, at creation only
   */
  readonly podIdentityAgent?: string;
}
