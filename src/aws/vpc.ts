import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { NetworkPlan } from '../core/plan/network-plan';
import { SubnetTier, VpcLayout, ZONE_SLOTS } from '../core/plan/vpc-layout';

/** The VPC of a cluster and which of its subnets serve what. */
export interface ClusterVpc {
  readonly vpc: ec2.IVpc;
  /** The control plane's network interfaces. */
  readonly controlPlane: readonly ec2.ISubnet[];
  /** Nodes, and the functions that deploy objects. */
  readonly nodes: readonly ec2.ISubnet[];
  /** Pods, where they are not in the subnets of nodes: one in each zone. */
  readonly pods?: readonly ec2.ISubnet[];
  /** Internal load balancers. */
  readonly loadBalancers: readonly ec2.ISubnet[];
  /** Interface VPC endpoints. */
  readonly endpoints: readonly ec2.ISubnet[];
  /** Of a VPC that is made without a way out: its policy admits what is needed, and nothing else. */
  readonly s3Gateway?: ec2.GatewayVpcEndpoint;
}

/** https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html: where Kubernetes places load balancers. */
export const INTERNAL_LOAD_BALANCER_TAG = 'kubernetes.io/role/internal-elb';
export const PUBLIC_LOAD_BALANCER_TAG = 'kubernetes.io/role/elb';

/**
 * EKS takes no subnet in a zone that the cluster was not created with, so a zone that `env` adds later must not reach it:
 * https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html. It runs in three zones of its own all the same.
 */
const CONTROL_PLANE_ZONES = 2;

/** Not their route tables, gateways and addresses, which a tag of the subnet's construct would reach too. */
const SUBNETS_ONLY = { includeResourceTypes: ['AWS::EC2::Subnet'] };

export const DEFAULT_LOG_RETENTION = logs.RetentionDays.ONE_YEAR;

/** The tiers that become subnets, in the order in which zones are filled. */
const TIERS: readonly (readonly [SubnetTier, ec2.SubnetType])[] = [
  ['public', ec2.SubnetType.PUBLIC],
  ['node', ec2.SubnetType.PRIVATE_WITH_EGRESS],
  ['load-balancer', ec2.SubnetType.PRIVATE_ISOLATED],
  ['control-plane', ec2.SubnetType.PRIVATE_ISOLATED],
  ['endpoint', ec2.SubnetType.PRIVATE_ISOLATED],
];

export interface VpcOptions {
  /** How long flow logs are kept. Default: one year. */
  readonly logRetention?: logs.RetentionDays;
  /** Of the flow logs. */
  readonly removalPolicy: RemovalPolicy;
}

/** The VPC of a plan: its ranges come from the plan alone, so that neither `env` nor a zone moves a subnet. */
export function createVpc(scope: Construct, plan: NetworkPlan, options: VpcOptions): ClusterVpc {
  if (!plan.layout) throw new Error('the plan has no layout: its VPC is given');
  const tiers = plan.isolated ? TIERS.filter(([, type]) => type !== ec2.SubnetType.PUBLIC).map(([name]) => [name, ec2.SubnetType.PRIVATE_ISOLATED] as const) : TIERS;
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    ipAddresses: plannedAddresses(String(plan.vpcCidrs[0]), plan.layout),
    maxAzs: ZONE_SLOTS,
    natGateways: plan.natGateways,
    ...!plan.isolated && { natGatewaySubnets: { subnetGroupName: 'public' } },
    subnetConfiguration: tiers.map(([name, subnetType]) => ({
      name,
      subnetType,
      // Gateways and load balancers bring their own addresses; nothing else starts here.
      ...subnetType === ec2.SubnetType.PUBLIC ? { mapPublicIpOnLaunch: false } : {},
    })),
    enableDnsSupport: true,
    enableDnsHostnames: true,
    // Closing it takes one more Lambda function with rights on security groups; nothing here is ever in that group.
    restrictDefaultSecurityGroup: false,
  });
  const tier = (subnetGroupName: SubnetTier) => vpc.selectSubnets({ subnetGroupName }).subnets;
  const s3Gateway = vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [{ subnets: tier('node') }] });
  addFlowLog(vpc, options);
  tier('load-balancer').forEach((subnet) => Tags.of(subnet).add(INTERNAL_LOAD_BALANCER_TAG, '1', SUBNETS_ONLY));
  if (!plan.isolated) tier('public').forEach((subnet) => Tags.of(subnet).add(PUBLIC_LOAD_BALANCER_TAG, '1', SUBNETS_ONLY));
  const controlPlane = tier('control-plane').slice(0, CONTROL_PLANE_ZONES);
  return { vpc, controlPlane, nodes: tier('node'), loadBalancers: tier('load-balancer'), endpoints: tier('endpoint'), ...plan.isolated && { s3Gateway } };
}

function addFlowLog(vpc: ec2.Vpc, { logRetention, removalPolicy }: VpcOptions): void {
  const group = new logs.LogGroup(vpc, 'FlowLogGroup', { retention: logRetention ?? DEFAULT_LOG_RETENTION, removalPolicy });
  vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(group), trafficType: ec2.FlowLogTrafficType.ALL });
}

/** The plan's ranges: the n-th subnet of a tier is in zone slot n. */
function plannedAddresses(cidrBlock: string, layout: VpcLayout): ec2.IIpAddresses {
  return {
    allocateVpcCidr: () => ({ cidrBlock }),
    allocateSubnetsCidr: ({ requestedSubnets }) => {
      const slots = new Map<string, number>();
      return {
        allocatedSubnets: requestedSubnets.map(({ configuration: { name } }) => {
          const slot = slots.get(name) ?? 0;
          slots.set(name, slot + 1);
          return { cidr: layout[name as SubnetTier][slot] };
        }),
      };
    },
  };
}
