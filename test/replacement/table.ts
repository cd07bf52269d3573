import { RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import {
  AwsService, CalicoOptions, ClusterEndpointAccess, ControlPlaneScalingTier, InternetAccess, LoadBalancerController, NetworkPeer, NetworkPort, NodegroupOptions, PolicyEnforcement, SecureEksCluster,
  SecureEksClusterProps, SystemNamespaces, UpgradeSupport,
} from '../../src';

/** A small app: one cluster, a node group, and what else it holds. */
export interface SmallApp {
  readonly cluster?: (stack: Stack) => Partial<SecureEksClusterProps>;
  /** Default: the defaults; null: no group. */
  readonly nodegroup?: ((stack: Stack) => NodegroupOptions) | null;
  /** Default: none, so that account and region are open. */
  readonly zones?: readonly string[];
  readonly and?: (cluster: SecureEksCluster) => void;
}

export interface Row {
  /** What changes, in the words of the page. */
  readonly change: string;
  readonly before?: SmallApp;
  readonly after: SmallApp;
  /** Types of resources, without `AWS::`. */
  readonly replaces?: readonly string[];
  readonly removes?: readonly string[];
  /** What the reader should know. */
  readonly note?: string;
}

const ofCluster = (props: (stack: Stack) => Partial<SecureEksClusterProps>): SmallApp => ({ cluster: props });
const ofNodes = (options: (stack: Stack) => NodegroupOptions): SmallApp => ({ nodegroup: options });
const key = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
const role = (stack: Stack, name: string) => iam.Role.fromRoleArn(stack, name, `arn:aws:iam::111122223333:role/${name}`);
const givenVpc = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Given', {
  vpcId: 'vpc-1', vpcCidrBlock: '10.9.0.0/16', availabilityZones: ['eu-west-1a', 'eu-west-1b'],
  privateSubnetIds: ['subnet-a', 'subnet-b', 'subnet-c', 'subnet-d'], privateSubnetNames: ['One', 'Two'], privateSubnetRouteTableIds: ['rtb-a', 'rtb-b', 'rtb-c', 'rtb-d'],
});
const inGiven = (subnetGroupName: string): SmallApp => ofCluster((stack) => ({
  vpc: givenVpc(stack), subnets: { controlPlane: { subnetGroupName: 'One' }, nodes: { subnetGroupName } },
}));
const MIRROR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror';
const OTHER_CALICO: CalicoOptions = { registry: 'registry.example.com/calico' };
const PUBLIC = (...egressAddresses: string[]) => ofCluster(() => ({ endpointAccess: ClusterEndpointAccess.publicFrom('52.94.76.0/24'), egressAddresses }));
const ZONES = ['eu-west-1a', 'eu-west-1b'];

/** What cannot be without its cluster. */
const CLUSTER_AND_ALL_ON_IT = ['EKS::AccessEntry', 'EKS::Addon', 'EKS::Cluster', 'EKS::Nodegroup'];
const GROUPS = ['EC2::SecurityGroup', 'EC2::SecurityGroupEgress', 'EC2::SecurityGroupIngress'];

/** Each member of `SecureEksClusterProps`. */
export const CLUSTER: Readonly<Record<string, Row>> = {
  version: { change: 'version', after: ofCluster(() => ({ version: eks.KubernetesVersion.of('1.36') })), note: 'control plane first, then every node group is rolled' },
  kubectlLayer: { change: 'kubectlLayer', after: ofCluster((stack) => ({ kubectlLayer: LayerVersion.fromLayerVersionArn(stack, 'Other', 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:2') })) },
  admins: { change: 'admins', after: ofCluster((stack) => ({ admins: [role(stack, 'platform'), role(stack, 'second')] })), note: 'one more; one less removes its access entry' },
  endpointAccess: { change: 'endpointAccess', after: ofCluster(() => ({ endpointAccess: ClusterEndpointAccess.publicFrom('52.94.76.0/24') })), note: 'in both directions an update in place' },
  clusterName: { change: 'clusterName', after: ofCluster(() => ({ clusterName: 'other' })), replaces: [...GROUPS, ...CLUSTER_AND_ALL_ON_IT, 'Logs::LogGroup'], note: 'another cluster' },
  vpc: { change: 'vpc', after: ofCluster((stack) => ({ vpc: givenVpc(stack) })), replaces: [...GROUPS, ...CLUSTER_AND_ALL_ON_IT], removes: [
    'EC2::EIP', 'EC2::FlowLog', 'EC2::InternetGateway', 'EC2::NatGateway', 'EC2::Route', 'EC2::RouteTable', 'EC2::Subnet', 'EC2::SubnetRouteTableAssociation', 'EC2::VPC', 'EC2::VPCEndpoint',
    'EC2::VPCGatewayAttachment', 'IAM::Policy', 'IAM::Role', 'Logs::LogGroup',
  ], note: 'EKS does not follow into another VPC: make another cluster' },
  subnets: { change: 'subnets', before: inGiven('One'), after: inGiven('Two'), replaces: ['EKS::Nodegroup'], note: '`nodes`: new nodes come first, then the old go' },
  vpcCidr: { change: 'vpcCidr', after: ofCluster(() => ({ vpcCidr: '10.1.0.0/16' })), replaces: [
    'EC2::FlowLog', 'EC2::NatGateway', 'EC2::Route', 'EC2::RouteTable', ...GROUPS, 'EC2::Subnet', 'EC2::SubnetRouteTableAssociation', 'EC2::VPC', 'EC2::VPCEndpoint',
    'EC2::VPCGatewayAttachment', ...CLUSTER_AND_ALL_ON_IT,
  ], note: 'EKS does not follow into another VPC: make another cluster' },
  internetAccess: { change: 'internetAccess', after: ofCluster(() => ({ internetAccess: InternetAccess.nat({ gateways: 1 }) })), removes: ['EC2::EIP', 'EC2::NatGateway'], note: 'fewer gateways' },
  egressAddresses: { change: 'egressAddresses', before: PUBLIC(), after: PUBLIC('54.239.1.1/32') },
  serviceIpv4Cidr: { change: 'serviceIpv4Cidr', after: ofCluster(() => ({ serviceIpv4Cidr: '10.100.0.0/16' })), replaces: CLUSTER_AND_ALL_ON_IT, note: 'CloudFormation refuses it, see below' },
  imageRegistry: { change: 'imageRegistry', after: ofCluster(() => ({ imageRegistry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay' })) },
  calico: { change: 'calico', after: ofCluster(() => ({ calico: OTHER_CALICO })) },
  enforcement: { change: 'enforcement', after: ofCluster(() => ({ enforcement: PolicyEnforcement.STAGED })) },
  systemNamespaces: { change: 'systemNamespaces', after: ofCluster(() => ({ systemNamespaces: SystemNamespaces.HARDENED })) },
  loadBalancerController: { change: 'loadBalancerController', after: ofCluster(() => ({ loadBalancerController: LoadBalancerController.AWS })) },
  secretsEncryptionKey: { change: 'secretsEncryptionKey', after: ofCluster((stack) => ({ secretsEncryptionKey: key(stack) })), replaces: CLUSTER_AND_ALL_ON_IT, removes: ['KMS::Key'], note: 'CloudFormation refuses it, see below' },
  clusterLogging: { change: 'clusterLogging', after: ofCluster(() => ({ clusterLogging: [eks.ClusterLoggingTypes.AUDIT] })), note: 'with none at all the log group leaves the stack, and is kept' },
  logRetention: { change: 'logRetention', after: ofCluster(() => ({ logRetention: logs.RetentionDays.ONE_MONTH })) },
  deletionProtection: { change: 'deletionProtection', after: ofCluster(() => ({ deletionProtection: true })), note: 'see below' },
  removalPolicy: { change: 'removalPolicy', after: ofCluster(() => ({ removalPolicy: RemovalPolicy.DESTROY })), note: 'counts from the next deployment on' },
  zonalShift: { change: 'zonalShift', after: ofCluster(() => ({ zonalShift: true })) },
  upgradeSupport: { change: 'upgradeSupport', after: ofCluster(() => ({ upgradeSupport: UpgradeSupport.STANDARD })) },
  controlPlaneScalingTier: { change: 'controlPlaneScalingTier', after: ofCluster(() => ({ controlPlaneScalingTier: ControlPlaneScalingTier.XL })) },
  startupTaint: { change: 'startupTaint', after: ofCluster(() => ({ startupTaint: {} })), note: 'nodes that run get the taint and lose it again; no pod is ended' },
  toleratedTaints: { change: 'toleratedTaints', after: ofCluster(() => ({ toleratedTaints: [{ key: 'dedicated', effect: eks.TaintEffect.NO_SCHEDULE }] })) },
  nodeLocalDnsCache: { change: 'nodeLocalDnsCache', after: ofCluster(() => ({ nodeLocalDnsCache: true })) },
  addonVersions: { change: 'addonVersions', after: ofCluster(() => ({ addonVersions: { coreDns: 'v1.12.1-eksbuild.2' } })) },
};

/** Each member of `NodegroupOptions`. */
export const NODEGROUP: Readonly<Record<string, Row>> = {
  instanceTypes: { change: 'instanceTypes', after: ofNodes(() => ({ instanceTypes: [new ec2.InstanceType('m7i.large')] })), replaces: ['EKS::Nodegroup'], note: 'new nodes come first, then the old go' },
  amiType: { change: 'amiType', after: ofNodes(() => ({ amiType: eks.NodegroupAmiType.BOTTLEROCKET_X86_64 })), replaces: ['EKS::Nodegroup'], note: 'new nodes come first, then the old go' },
  minSize: { change: 'minSize', after: ofNodes(() => ({ minSize: 1 })) },
  desiredSize: { change: 'desiredSize', after: ofNodes(() => ({ desiredSize: 3 })) },
  maxSize: { change: 'maxSize', after: ofNodes(() => ({ maxSize: 9 })) },
  diskSize: { change: 'diskSize', after: ofNodes(() => ({ diskSize: Size.gibibytes(50) })), note: 'nodes are rolled' },
  volumeEncryptionKey: { change: 'volumeEncryptionKey', after: ofNodes((stack) => ({ volumeEncryptionKey: key(stack) })), note: 'nodes are rolled' },
  labels: { change: 'labels', after: ofNodes(() => ({ labels: { team: 'a' } })) },
  taints: { change: 'taints', after: ofNodes(() => ({ taints: [{ key: 'team', effect: eks.TaintEffect.PREFER_NO_SCHEDULE }] })) },
  capacityType: { change: 'capacityType', after: ofNodes(() => ({ capacityType: eks.CapacityType.SPOT })), replaces: ['EKS::Nodegroup'], note: 'new nodes come first, then the old go' },
  metadataHopLimit: { change: 'metadataHopLimit', after: ofNodes(() => ({ metadataHopLimit: 2 })), note: 'nodes are rolled' },
  forceUpdate: { change: 'forceUpdate', after: ofNodes(() => ({ forceUpdate: true })) },
  maxUnavailable: { change: 'maxUnavailable', after: ofNodes(() => ({ maxUnavailable: 2 })) },
  maxUnavailablePercentage: { change: 'maxUnavailablePercentage', after: ofNodes(() => ({ maxUnavailablePercentage: 50 })) },
};

/** What else changes in the life of an app. */
export const OTHER: readonly Row[] = [
  { change: '`env` of the stack, with the same zones', after: { zones: ZONES } },
  { change: '`env` of the stack, with a third zone', after: { zones: [...ZONES, 'eu-west-1c'] }, replaces: ['EKS::Nodegroup'], note: 'new nodes come first, then the old go; the control plane stays where it was' },
  { change: 'a third zone in a stack with `env`', before: { zones: ZONES }, after: { zones: [...ZONES, 'eu-west-1c'] }, replaces: ['EKS::Nodegroup'], note: 'the same' },
  {
    change: '`subnets.controlPlane`',
    before: inGiven('One'),
    after: ofCluster((stack) => ({ vpc: givenVpc(stack), subnets: { controlPlane: { subnetGroupName: 'Two' }, nodes: { subnetGroupName: 'One' } } })),
    replaces: CLUSTER_AND_ALL_ON_IT,
    note: 'CloudFormation refuses it, see below',
  },
  {
    change: '`internetAccess`, from NAT to `InternetAccess.NONE`', after: ofCluster(() => ({ internetAccess: InternetAccess.NONE, imageRegistry: MIRROR, calico: { chartRepository: `oci://${MIRROR}/charts` } })),
    removes: ['EC2::EIP', 'EC2::InternetGateway', 'EC2::NatGateway', 'EC2::Route', 'EC2::RouteTable', 'EC2::Subnet', 'EC2::SubnetRouteTableAssociation', 'EC2::VPCGatewayAttachment'],
    note: 'gateways and public subnets go, endpoints come first; fill the mirror before',
  },
  { change: 'a private source more', after: ofCluster(() => ({ endpointAccess: ClusterEndpointAccess.PRIVATE.withPrivateSources(ec2.Peer.ipv4('10.8.0.0/16')) })) },
  { change: 'a bastion more', after: { and: (cluster) => { cluster.addBastion('Operators'); } } },
  { change: 'an endpoint for an AWS service more', after: { and: (cluster) => { cluster.addAwsServiceEndpoint('Queues', { service: AwsService.byInterface(ec2.InterfaceVpcEndpointAwsService.SQS) }); } } },
  { change: 'a node group more', after: { and: (cluster) => { cluster.addNodegroup('More'); } } },
  { change: 'a node group less', before: { and: (cluster) => { cluster.addNodegroup('More'); } }, after: {}, removes: ['EC2::LaunchTemplate', 'EKS::Nodegroup', 'IAM::Role'] },
  { change: 'an administrator less', before: { cluster: (stack) => ({ admins: [role(stack, 'platform'), role(stack, 'second')] }) }, after: { cluster: (stack) => ({ admins: [role(stack, 'platform')] }) }, removes: ['EKS::AccessEntry'] },
  { change: 'no logs of the control plane', after: ofCluster(() => ({ clusterLogging: [] })), removes: ['Logs::LogGroup'], note: 'the log group is kept' },
  {
    change: 'a staged namespace that becomes enforced, as all others are',
    before: { and: (cluster) => { cluster.addNamespace('shop', { enforcement: PolicyEnforcement.STAGED }); } },
    after: { and: (cluster) => { cluster.addNamespace('shop'); } },
    removes: ['Custom::AWSCDK-EKS-HelmChart'],
    note: 'copies of policies, which are needed while namespaces differ',
  },
  {
    change: 'a namespace that becomes staged',
    before: { and: (cluster) => { cluster.addNamespace('shop'); } },
    after: { and: (cluster) => { cluster.addNamespace('shop', { enforcement: PolicyEnforcement.STAGED }); } },
  },
  {
    change: 'a namespace and a rule more',
    after: {
      and: (cluster) => {
        const shop = cluster.addNamespace('shop');
        cluster.allowTraffic('Web', { source: shop.pods({ app: 'web' }), destination: NetworkPeer.pods('shop', { app: 'api' }), ports: [NetworkPort.tcp(8080)] });
      },
    },
  },
];
