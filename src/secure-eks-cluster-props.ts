import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { CalicoOptions } from './calico';
import { ClusterAddonVersions } from './cluster-addon-versions';
import { ClusterSubnets } from './cluster-subnets';
import { ControlPlaneScalingTier, UpgradeSupport } from './control-plane';
import { ClusterEndpointAccess } from './endpoint-access';
import { InternetAccess } from './internet-access';
import { LoadBalancerController } from './load-balancer-controller';
import { PolicyEnforcement } from './policy-enforcement';
import { StartupTaintOptions } from './startup-taint';
import { SystemNamespaces } from './system-namespaces';

/** A cluster and its network. Everything left out is closed. */
export interface SecureEksClusterProps {
  /** Kubernetes version of the control plane and of its node groups, which follow it. Add-ons do not: see `addonVersions`. */
  readonly version: eks.KubernetesVersion;

  /** Layer with kubectl and helm for the function that deploys objects, of the same Kubernetes version: `@aws-cdk/lambda-layer-kubectl-v35`. */
  readonly kubectlLayer: lambda.ILayerVersion;

  /**
   * Roles that administer the cluster, at least one. The creator gets no access, and the role that deploys objects is not
   * for people.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
   */
  readonly admins: iam.IRole[];

  /**
   * Who reaches the Kubernetes API endpoint. The private endpoint is always on.
   * @default ClusterEndpointAccess.PRIVATE
   * @see https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
   */
  readonly endpointAccess?: ClusterEndpointAccess;

  /**
   * Name of the cluster. Changing it replaces the cluster.
   * @default - from the names of stack and construct
   */
  readonly clusterName?: string;

  /**
   * A VPC that exists. It is checked, and nothing of it is changed. Another one later replaces the cluster.
   * @default - a VPC is made for the cluster
   */
  readonly vpc?: ec2.IVpc;

  /**
   * What the subnets of a given VPC are for. Changing those of nodes replaces the node groups, changing those of the control plane
   * the cluster.
   * @default - private subnets with a way out, for everything
   */
  readonly subnets?: ClusterSubnets;

  /**
   * Range of the VPC that is made, /16 to /20. Changing it replaces the VPC.
   * @default '10.0.0.0/16'
   */
  readonly vpcCidr?: string;

  /**
   * How nodes and pods that are allowed to reach the internet.
   * @default - NAT, one gateway in each zone
   */
  readonly internetAccess?: InternetAccess;

  /**
   * Public addresses by which traffic of this VPC leaves, as `52.94.76.9/32`: of NAT gateways or a firewall, also tokens. A
   * public endpoint that admits one is open to pods that may reach the internet, which is then said.
   * @default - not known: the report says of a public endpoint that this is undetermined
   */
  readonly egressAddresses?: string[];

  /**
   * Range of Service addresses, /12 to /24 of RFC 1918, apart from the VPC. Changing it replaces the cluster.
   * @default '172.20.0.0/16'
   * @see https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
   */
  readonly serviceIpv4Cidr?: string;

  /**
   * Registry that images come from, of Calico and of what this library installs besides, with a path where the mirror has one: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay`.
   * @default - where each is published: quay.io, public.ecr.aws
   */
  readonly imageRegistry?: string;

  /**
   * How Calico is installed.
   * @default - the release that this library was tested with
   */
  readonly calico?: CalicoOptions;

  /**
   * Whether the policies have an effect; a namespace may differ (`addNamespace(name, { enforcement })`). Every change of it is one deployment, in an
   * order in which no flow flips back and forth; with rules in several stacks it goes through `ALLOWS_ENFORCED`.
   * @default PolicyEnforcement.ENFORCED
   */
  readonly enforcement?: PolicyEnforcement;

  /**
   * Namespaces outside the default deny.
   * @default SystemNamespaces.DEFAULT
   */
  readonly systemNamespaces?: SystemNamespaces;

  /**
   * Who makes load balancers, and so which annotations count. `addLoadBalancerController()` changes it.
   * @default LoadBalancerController.IN_TREE
   */
  readonly loadBalancerController?: LoadBalancerController;

  /**
   * Key that encrypts Kubernetes Secrets. Adding or changing it later replaces the cluster. Turn on the rotation of a key of your
   * own: EKS goes on with it, nothing is encrypted anew.
   * @default - a key with yearly rotation is made, kept as `removalPolicy` says
   * @see https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
   */
  readonly secretsEncryptionKey?: kms.IKey;

  /**
   * Logs of the control plane.
   * @default - all five
   * @see https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
   */
  readonly clusterLogging?: eks.ClusterLoggingTypes[];

  /**
   * How long control-plane logs and flow logs are kept.
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Whether EKS refuses to delete the cluster. It then also refuses the rollback of a failed first deployment: set it
   * with the second.
   * @default false
   * @see https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html
   */
  readonly deletionProtection?: boolean;

  /**
   * What becomes of the control plane's logs, the flow logs and the key for Secrets when the stack is deleted. Nothing else holds
   * anything worth keeping that CloudFormation could keep: cluster, node groups and VPC go with the stack, see
   * `deletionProtection`. A key that is destroyed waits 30 days.
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE - kept, but not where the first deployment fails
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether Application Recovery Controller may shift the cluster's traffic away from a zone, which AWS then also does by itself.
   * Worth it where the other zones carry the load.
   * @default - as EKS has it, no
   * @see https://docs.aws.amazon.com/eks/latest/userguide/zone-shift.html
   */
  readonly zonalShift?: boolean;

  /**
   * What happens at the end of the standard support of the Kubernetes version.
   * @default - as EKS has it, UpgradeSupport.EXTENDED: nothing is upgraded behind the back of the code
   * @see https://docs.aws.amazon.com/eks/latest/userguide/view-support-options.html
   */
  readonly upgradeSupport?: UpgradeSupport;

  /**
   * Capacity of the control plane.
   * @default - as EKS has it, ControlPlaneScalingTier.STANDARD
   * @see https://docs.aws.amazon.com/eks/latest/userguide/eks-provisioned-control-plane.html
   */
  readonly controlPlaneScalingTier?: ControlPlaneScalingTier;

  /**
   * Keeps pods off each new node, by a taint of every group of `addNodegroup()`, until Calico's first rules are in force there. Pods that tolerate
   * every taint start earlier all the same. CoreDNS and Calico's own pods tolerate it.
   * @default - no taint: a pod that starts on a new node before Calico does is bound by no policy for some seconds, which the report says
   */
  readonly startupTaint?: StartupTaintOptions;

  /**
   * Taints that CoreDNS and Calico's own pods tolerate, each with a key and an effect; without a value, any value. For clusters in which
   * every node group has taints. What runs on every node (the VPC CNI, kube-proxy, Felix) tolerates all of them by itself.
   * @default - none: one group of `addNodegroup()` must have no taint
   * @see https://docs.aws.amazon.com/eks/latest/userguide/node-taints-managed-node-groups.html
   */
  readonly toleratedTaints?: eks.TaintSpec[];

  /**
   * Whether pods ask NodeLocal DNSCache, which you install: its link-local address and the DNS Service's own are then allowed.
   * @default false
   * @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
   */
  readonly nodeLocalDnsCache?: boolean;

  /**
   * Versions of the add-ons.
   * @default - what EKS chooses for the Kubernetes version, at creation only
   */
  readonly addonVersions?: ClusterAddonVersions;
}
