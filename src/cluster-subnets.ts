import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Which subnets of a given VPC serve what. They are checked, and nothing of them is changed: no tag, no route.
 *
 * Each is a selection, so that subnets may be named (`{ subnets: [...] }`) or found (`{ subnetGroupName: 'nodes' }`).
 */
export interface ClusterSubnets {
  /**
   * Network interfaces of the control plane: at least two zones, apart from all others, `/28` or larger. Where they are
   * not apart, no policy can tell the control plane from nodes, which is said at synthesis. A later change updates the
   * cluster in place, if the zones stay the same.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
   * @default - the subnets of nodes
   */
  readonly controlPlane?: ec2.SubnetSelection;

  /**
   * Nodes, pods, and the two functions that deploy objects: private, at least two zones, with a way out. A later change
   * replaces node groups.
   * @see https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html
   * @default - the private subnets with egress
   */
  readonly nodes?: ec2.SubnetSelection;

  /**
   * Pods, on network interfaces of their own: one subnet in each zone of the nodes, usually in a further range of the VPC such
   * as `100.64.0.0/16`. They have the security group of the nodes; what leaves the VPC leaves with the node's address. Nodes
   * that were made before keep their pods in their own subnets: replace them.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html
   * @default - the subnets of nodes
   */
  readonly pods?: ec2.SubnetSelection;

  /**
   * Internal load balancers. Kubernetes finds them by the tag `kubernetes.io/role/internal-elb`, which is yours to set.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html
   * @default - the subnets of nodes
   */
  readonly loadBalancers?: ec2.SubnetSelection;

  /**
   * Interface VPC endpoints.
   * @default - the subnets of nodes
   */
  readonly endpoints?: ec2.SubnetSelection;
}
