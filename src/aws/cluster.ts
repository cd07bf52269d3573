import { Names, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnCluster } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, DependencyGroup } from 'constructs';
import { grantAdmins } from './access';
import { attempt } from './attempt';
import { createSecurityGroups, SecurityGroups } from './security-groups';
import { ClusterVpc, DEFAULT_LOG_RETENTION } from './vpc';
import { STARTUP_TAINT } from '../core/engine/startup-taint';
import { NetworkPlan } from '../core/plan/network-plan';

export interface ClusterOptions {
  readonly plan: NetworkPlan;
  readonly network: ClusterVpc;
  readonly version: eks.KubernetesVersion;
  readonly kubectlLayer: lambda.ILayerVersion;
  /** The plan says which of them are admitted. */
  readonly privateSources?: readonly ec2.IPeer[];
  readonly admins: readonly iam.IRole[];
  /** Default: from the names of stack and constructs. */
  readonly clusterName?: string;
  /** Default: a key with rotation. */
  readonly secretsEncryptionKey?: kms.IKey;
  /** Default: all five. */
  readonly clusterLogging?: readonly eks.ClusterLoggingTypes[];
  /** Default: one year. */
  readonly logRetention?: logs.RetentionDays;
  /** Default: false, because it also blocks the rollback of a failed first deployment. */
  readonly deletionProtection?: boolean;
  /** Of logs and the secrets key. */
  readonly removalPolicy: RemovalPolicy;
  /** Default: EKS' own, false: it helps only where the other zones carry the load. */
  readonly zonalShift?: boolean;
  /** As EKS names it. Default: EKS' own, EXTENDED. */
  readonly upgradeSupport?: string;
  /** As EKS names it. Default: EKS' own, standard. */
  readonly controlPlaneScalingTier?: string;
  /** Whether pods wait for Calico on a new node. Default: no. */
  readonly startupTaint?: object;
  /** Default: none. */
  readonly toleratedTaints?: readonly eks.TaintSpec[];
}

/** A cluster and what is built around it. */
export interface ClusterParts {
  /** Where its constructs live. */
  readonly scope: Construct;
  readonly eksCluster: eks.Cluster;
  readonly version: eks.KubernetesVersion;
  readonly clusterName: string;
  readonly serviceIpv4Cidr: string;
  readonly network: ClusterVpc;
  /** Whether nothing leaves the VPC. */
  readonly isolated: boolean;
  readonly groups: SecurityGroups;
  readonly secretsKey: kms.IKey;
  /** Nodes wait for what is in here; add to it what they need. */
  readonly beforeNodes: DependencyGroup;
  /** Every node group. */
  readonly nodes: DependencyGroup;
  /** What CoreDNS and Calico tolerate. */
  readonly toleratedTaints: readonly eks.TaintSpec[];
  /** What every node group has beside its own. */
  readonly commonTaints: readonly eks.TaintSpec[];
}

const ALL_LOGS = [
  eks.ClusterLoggingTypes.API,
  eks.ClusterLoggingTypes.AUDIT,
  eks.ClusterLoggingTypes.AUTHENTICATOR,
  eks.ClusterLoggingTypes.CONTROLLER_MANAGER,
  eks.ClusterLoggingTypes.SCHEDULER,
];

/** Longest name that leaves room in the names made from it; EKS takes 100. */
const MAX_DERIVED_NAME = 63;

/** The cluster, closed by default. docs/decisions/0003 lists what of it can never change without replacing it. */
export function createCluster(scope: Construct, options: ClusterOptions): ClusterParts {
  const { plan, network } = options;
  const clusterName = options.clusterName ?? derivedName(scope);
  const secretsKey = options.secretsEncryptionKey
    ?? new kms.Key(scope, 'SecretsKey', { description: `Secrets of EKS cluster ${clusterName}`, enableKeyRotation: true, removalPolicy: options.removalPolicy });
  const privateSources = (options.privateSources ?? []).filter(({ uniqueId }) => plan.endpoint.privateSources.some(({ id }) => id === uniqueId));
  const groups = createSecurityGroups(scope, { vpc: network.vpc, clusterName, privateSources });
  const clusterLogging = [...options.clusterLogging ?? ALL_LOGS];

  const eksCluster = new eks.Cluster(scope, 'Cluster', {
    clusterName,
    version: options.version,
    role: new iam.Role(scope, 'ClusterRole', {
      assumedBy: new iam.ServicePrincipal('eks.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonEKSClusterPolicy')],
    }),
    vpc: viewForEks(scope, network),
    vpcSubnets: [{ subnets: [...network.nodes] }],
    securityGroup: groups.controlPlane,
    endpointAccess: endpointAccessOf(plan),
    serviceIpv4Cidr: textOf(plan.serviceIpv4Cidr),
    ipFamily: eks.IpFamily.IP_V4,
    secretsEncryptionKey: secretsKey,
    clusterLogging,
    kubectlProviderOptions: { kubectlLayer: options.kubectlLayer },
    // Nodes are groups of our own making; Auto Mode admits neither Calico nor the settings of the VPC CNI.
    defaultCapacityType: eks.DefaultCapacityType.NODEGROUP,
    defaultCapacity: 0,
    bootstrapSelfManagedAddons: false,
    bootstrapClusterCreatorAdminPermissions: false,
    outputConfigCommand: false,
  });
  const resource = eksCluster.node.defaultChild as CfnCluster;
  // The L2 puts the kubectl functions where the control plane is; they need a way out, and it needs ranges of its own.
  resource.resourcesVpcConfig = {
    ...resource.resourcesVpcConfig as CfnCluster.ResourcesVpcConfigProperty,
    subnetIds: [...new Set(network.controlPlane.map(({ subnetId }) => subnetId))],
  };
  resource.deletionProtection = options.deletionProtection ?? false;
  setWhatTheL2Lacks(resource, options);
  if (clusterLogging.length > 0) {
    // EKS would make it without retention.
    resource.node.addDependency(new logs.LogGroup(scope, 'ControlPlaneLogs', {
      logGroupName: `/aws/eks/${clusterName}/cluster`,
      retention: options.logRetention ?? DEFAULT_LOG_RETENTION,
      removalPolicy: options.removalPolicy,
    }));
  }
  // Routes outlive the cluster: the kubectl functions use them until its last object is gone.
  resource.node.addDependency(...network.nodes.map((subnet) => subnet.internetConnectivityEstablished));
  grantAdmins(scope, eksCluster, options.admins);
  const beforeNodes = new DependencyGroup(groups.rules);
  const commonTaints = options.startupTaint ? [STARTUP_TAINT as eks.TaintSpec] : [];
  return {
    scope, eksCluster, version: options.version, clusterName, serviceIpv4Cidr: textOf(plan.serviceIpv4Cidr),
    network, isolated: plan.isolated, groups, secretsKey, beforeNodes, nodes: new DependencyGroup(),
    commonTaints,
    toleratedTaints: [...options.toleratedTaints ?? [], ...commonTaints],
  };
}

/** Left out where EKS' own default is meant: naming it later would be an update that changes nothing, which EKS refuses. */
function setWhatTheL2Lacks(resource: CfnCluster, { zonalShift, upgradeSupport, controlPlaneScalingTier }: ClusterOptions): void {
  if (zonalShift !== undefined) resource.zonalShiftConfig = { enabled: zonalShift };
  if (upgradeSupport !== undefined) resource.upgradePolicy = { supportType: upgradeSupport };
  if (controlPlaneScalingTier !== undefined) resource.controlPlaneScalingConfig = { tier: controlPlaneScalingTier };
}

/** `stack-construct-hash`: the same as long as the construct is where it is, and elsewhere the cluster is another one anyway. */
function derivedName(scope: Construct): string {
  return Names.uniqueResourceName(scope, { maxLength: MAX_DERIVED_NAME, separator: '-', allowedSpecialCharacters: '-' });
}

/** The VPC as eks.Cluster may see it: it tags every private and public subnet that it knows for load balancers. */
function viewForEks(scope: Construct, { vpc, nodes }: ClusterVpc): ec2.IVpc {
  const known = (read: (subnet: ec2.ISubnet) => string) => {
    const values = nodes.flatMap((subnet) => attempt(() => read(subnet)) ?? []);
    return values.length === nodes.length ? values : undefined;
  };
  const subnetIds = nodes.map(({ subnetId }) => subnetId);
  return ec2.Vpc.fromVpcAttributes(scope, 'NodeNetwork', {
    vpcId: vpc.vpcId,
    vpcCidrBlock: attempt(() => vpc.vpcCidrBlock),
    availabilityZones: known((subnet) => subnet.availabilityZone) ?? subnetIds,
    isolatedSubnetIds: subnetIds,
    isolatedSubnetIpv4CidrBlocks: known((subnet) => subnet.ipv4CidrBlock),
    isolatedSubnetRouteTableIds: known((subnet) => subnet.routeTable.routeTableId),
  });
}

function endpointAccessOf({ endpoint: { publicCidrs } }: NetworkPlan): eks.EndpointAccess {
  return publicCidrs.length === 0
    ? eks.EndpointAccess.PRIVATE
    : eks.EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...publicCidrs.map(textOf));
}

function textOf(cidr: NetworkPlan['serviceIpv4Cidr']): string {
  return typeof cidr === 'string' ? cidr : cidr.token;
}
