import { CfnParameter, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { BuildOptions, ENV, resources, templateOf, zones } from './fixture';
import { ClusterEndpointAccess } from '../../src/endpoint-access';

/** Properties whose change replaces the resource, from CloudFormation's resource reference. Zones: see docs/decisions/0003. */
const REPLACING: Record<string, string[]> = {
  'AWS::EKS::Cluster': ['Name', 'RoleArn', 'BootstrapSelfManagedAddons', 'EncryptionConfig', 'KubernetesNetworkConfig', 'AccessConfig', 'OutpostConfig'],
  'AWS::EC2::VPC': ['CidrBlock', 'InstanceTenancy'],
  'AWS::EC2::Subnet': ['CidrBlock', 'VpcId'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::EC2::SecurityGroup': ['GroupDescription', 'GroupName', 'VpcId'],
  'AWS::EKS::AccessEntry': ['ClusterName', 'PrincipalArn', 'Type'],
  'AWS::EKS::Addon': ['AddonName', 'ClusterName'],
  'AWS::EKS::Nodegroup': ['AmiType', 'CapacityType', 'ClusterName', 'DiskSize', 'InstanceTypes', 'NodegroupName', 'NodeRole', 'RemoteAccess', 'Subnets'],
};

function state(options: BuildOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(resources(templateOf(options))).flatMap(([id, { Type, Properties }]) =>
    (REPLACING[Type] ?? []).map((property) => [`${id}.${property}`, Properties?.[property]])));
}

const BEFORE = Object.entries(state({}));

/** What a change replaces or removes, of all that holds state. */
function replaced(change: BuildOptions): string[] {
  const after = state(change);
  return BEFORE.filter(([key, value]) => JSON.stringify(after[key]) !== JSON.stringify(value)).map(([key]) => key);
}

const endpoint = (access: ClusterEndpointAccess): BuildOptions => ({
  request: { endpoint: access._toRequest() },
  cluster: { privateSources: access._privateSources },
});

test.each<[string, BuildOptions]>([
  ['env', { stack: ENV, app: zones('eu-west-1a', 'eu-west-1b') }],
  ['a public endpoint', endpoint(ClusterEndpointAccess.publicFrom('52.94.76.0/24'))],
  ['a private source', endpoint(ClusterEndpointAccess.PRIVATE.withPrivateSources(ec2.Peer.ipv4('10.8.0.0/16')))],
  ['fewer gateways', { request: { internet: { kind: 'nat', gateways: 1 } } }],
  ['other logs, kept longer', { cluster: { clusterLogging: [eks.ClusterLoggingTypes.AUDIT], logRetention: logs.RetentionDays.TWO_YEARS } }],
  ['deletion protection', { cluster: { deletionProtection: true } }],
  ['one admin more', { with: (stack) => ({ cluster: { admins: ['other', 'platform'].map((name) => iam.Role.fromRoleArn(stack, name, `arn:aws:iam::111122223333:role/${name}`)) } }) }],
  ['a Kubernetes version', { cluster: { version: eks.KubernetesVersion.of('1.36') } }],
  ['versions of add-ons', { addons: { coreDns: 'v1', vpcCni: 'v2' } }],
  ['sizes, labels, taints, disk and hops of nodes', {
    nodegroup: { minSize: 3, maxSize: 6, labels: { a: 'b' }, taints: [{ key: 'a', effect: eks.TaintEffect.NO_SCHEDULE }], diskSize: Size.gibibytes(50), metadataHopLimit: 2 },
  }],
])('%s replaces nothing that holds state', (_, change) => {
  expect(replaced(change)).toEqual([]);
});

test.each<[string, BuildOptions, string[]]>([
  ['a third zone', { stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c') }, ['WorkersNodegroupE5AD12AF.Subnets']],
  ['instance types', { nodegroup: { instanceTypes: [new ec2.InstanceType('m7g.large')] } }, ['WorkersNodegroupE5AD12AF.AmiType', 'WorkersNodegroupE5AD12AF.InstanceTypes']],
  ['spot', { nodegroup: { capacityType: eks.CapacityType.SPOT } }, ['WorkersNodegroupE5AD12AF.CapacityType']],
  ['the service range', { request: { serviceIpv4Cidr: '10.100.0.0/16' } }, ['ClusterEB0386A7.KubernetesNetworkConfig']],
  ['the name', { cluster: { clusterName: 'other' } }, [
    'NodeSecurityGroup73B1F8A3.GroupDescription', 'ControlPlaneSecurityGroupBA03A401.GroupDescription', 'ClusterEB0386A7.Name', 'ControlPlaneLogs95F30E24.LogGroupName',
  ]],
])('%s replaces what docs/decisions/0003 says', (_, change, expected) => {
  expect(replaced(change)).toEqual(expected);
});

test('from private to public and back: one property of the cluster changes, in place', () => {
  const [closed, open, closedAgain] = [ClusterEndpointAccess.PRIVATE, ClusterEndpointAccess.publicFrom('52.94.76.0/24'), ClusterEndpointAccess.PRIVATE]
    .map((access) => resources(templateOf(endpoint(access))));
  const CLUSTER = 'ClusterEB0386A7';
  const rest = (all: typeof open) => ({ ...all, [CLUSTER]: { ...all[CLUSTER], Properties: { ...all[CLUSTER].Properties, ResourcesVpcConfig: undefined } } });
  expect(rest(open)).toEqual(rest(closed));
  const { PublicAccessCidrs, ...others } = open[CLUSTER].Properties.ResourcesVpcConfig;
  expect(PublicAccessCidrs).toEqual(['52.94.76.0/24']);
  expect(others).toEqual({ ...closed[CLUSTER].Properties.ResourcesVpcConfig, EndpointPublicAccess: true });
  expect(closedAgain).toEqual(closed);
});

test('the control plane stays in the zones that it was created with', () => {
  const subnets = (options: BuildOptions) => Object.values(resources(templateOf(options))).find(({ Type }) => Type === 'AWS::EKS::Cluster')!.Properties.ResourcesVpcConfig.SubnetIds;
  expect(subnets({ stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c') })).toEqual(subnets({}));
  expect(subnets({})).toHaveLength(2);
});

test('a name that is a token changes with the deployment only', () => {
  const named = (stack: ConstructorParameters<typeof CfnParameter>[0]) => ({ cluster: { clusterName: new CfnParameter(stack, 'Name').valueAsString } });
  expect(state({ with: named })).toEqual(state({ with: named }));
});
