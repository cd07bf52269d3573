import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as kms from 'aws-cdk-lib/aws-kms';

/**
 * A managed group of Linux nodes. Always: instance metadata by session tokens only (IMDSv2), encrypted gp3 volumes, private
 * subnets, the cluster's one security group of nodes and pods, no key pair. Wrong values are reported at synthesis, all at
 * once; tokens are passed on unchecked.
 *
 * Its nodes have the Kubernetes version of the cluster, and follow an upgrade of it in the same deployment. A later change of
 * `instanceTypes`, `amiType` or `capacityType` replaces the group: new nodes come first, then the old go.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 */
export interface NodegroupOptions {
  /**
   * Instance types to choose from, all of one architecture. A change replaces the group.
   * @default - m6i.large
   */
  readonly instanceTypes?: ec2.InstanceType[];

  /**
   * The image family: AL2023 or Bottlerocket. Must be set where an instance type is a token. A change replaces the group.
   * @default - AL2023 for the architecture of the instance types
   */
  readonly amiType?: eks.NodegroupAmiType;

  /**
   * Fewest nodes, 0 to 450.
   * @default 2
   */
  readonly minSize?: number;

  /**
   * Nodes to start with, 0 to 450. A deployment that changes the group returns to it.
   * @default - minSize
   */
  readonly desiredSize?: number;

  /**
   * Most nodes, 1 to 450.
   * @default - desiredSize, at least 3
   */
  readonly maxSize?: number;

  /**
   * Size of the volume that holds images and containers, 20 GiB or more. Encrypted always.
   * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
   * @default - 20 GiB
   */
  readonly diskSize?: Size;

  /**
   * Key that encrypts the volumes. The policy of a key made in this app gets what EC2 Auto Scaling needs to start nodes with it;
   * its service-linked role must exist in the account, as it does wherever there ever was an Auto Scaling group. For any other key
   * a warning says that its policy was not seen. A change rolls the nodes.
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
   * @default - the account's default key for EBS
   */
  readonly volumeEncryptionKey?: kms.IKey;

  /**
   * Kubernetes labels of the nodes. Not of the domains `kubernetes.io` (but for `node.kubernetes.io`), `k8s.io` and
   * `eks.amazonaws.com`: kubelets and EKS refuse them.
   * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
   * @default - none but those of EKS
   */
  readonly labels?: { [key: string]: string };

  /**
   * Kubernetes taints of the nodes, at most 50, each with a key and an effect.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/node-taints-managed-node-groups.html
   * @default - none
   */
  readonly taints?: eks.TaintSpec[];

  /**
   * On-demand or spot. A change replaces the group.
   * @default - on-demand
   */
  readonly capacityType?: eks.CapacityType;

  /**
   * How many network hops an answer of the instance metadata service survives, 1 to 64. With 1 it reaches the node and no
   * pod with a network of its own; 2 is needed, besides `allowInstanceMetadataAccess()`, where such a pod must ask it.
   * @see https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
   * @default 1
   */
  readonly metadataHopLimit?: number;

  /**
   * Whether an update of the nodes goes on where a PodDisruptionBudget forbids to evict a pod: it is then ended all the same.
   * Without it such an update fails, and the group stays as it was.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
   * @default false
   */
  readonly forceUpdate?: boolean;

  /**
   * How many nodes an update of the group takes away at once, 1 to 100 and at most `maxSize`. Not with `maxUnavailablePercentage`.
   * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html
   * @default - one
   */
  readonly maxUnavailable?: number;

  /**
   * The same in per cent of the group's nodes, 1 to 100: an update of a large group takes as long as one of a small group.
   * @default - one node
   */
  readonly maxUnavailablePercentage?: number;
}
