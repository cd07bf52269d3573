import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { App, CfnParameter, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { build, codes, only, resources, templateOf, warnings } from './fixture';
import { createCluster } from '../../src/aws/cluster';
import { createVpc } from '../../src/aws/vpc';
import { planNetwork } from '../../src/core/plan/network-plan';
import { ClusterEndpointAccess } from '../../src/endpoint-access';

const DEFAULT = templateOf();
const removalPolicy = RemovalPolicy.RETAIN;
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/one';
const keyOf = (stack: Stack, keyArn: string): kms.IKey => kms.Key.fromKeyArn(stack, 'Given', keyArn);
const cluster = (template = DEFAULT) => only(template, 'AWS::EKS::Cluster');
const access = (endpoint: ClusterEndpointAccess) => ({
  request: { endpoint: endpoint._toRequest() },
  cluster: { privateSources: endpoint._privateSources },
});

describe('size', () => {
  test('at most 80 resources and two functions, with one node group', () => {
    expect(Object.keys(resources(DEFAULT)).length).toBeLessThanOrEqual(80);
    DEFAULT.resourceCountIs('AWS::Lambda::Function', 2);
  });

  test('no stack output, no nested stack, no warning', () => {
    expect(DEFAULT.findOutputs('*')).toEqual({});
    DEFAULT.resourceCountIs('AWS::CloudFormation::Stack', 0);
    const { stack, diagnostics } = build();
    expect(warnings(stack)).toEqual([]);
    expect(diagnostics).toEqual([]);
  });
});

describe('what replaces the cluster is decided', () => {
  test('name, role, network, add-ons, creator, encryption', () => {
    expect(cluster().Properties).toMatchObject({
      Name: 'Demo',
      RoleArn: { 'Fn::GetAtt': ['ClusterRoleD9CA7471', 'Arn'] },
      BootstrapSelfManagedAddons: false,
      AccessConfig: { AuthenticationMode: 'API', BootstrapClusterCreatorAdminPermissions: false },
      KubernetesNetworkConfig: { IpFamily: 'ipv4', ServiceIpv4Cidr: '172.20.0.0/16' },
      EncryptionConfig: [{ Provider: { KeyArn: { 'Fn::GetAtt': ['SecretsKey317DCF94', 'Arn'] } }, Resources: ['secrets'] }],
    });
    expect(cluster().Properties).not.toHaveProperty('OutpostConfig');
    expect(cluster().Properties).not.toHaveProperty('RemoteNetworkConfig');
  });

  test('logical ids of what holds state', () => {
    const stateful = ['AWS::EC2::VPC', 'AWS::EC2::Subnet', 'AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::EKS::Cluster', 'AWS::EKS::Nodegroup', 'AWS::EKS::AccessEntry', 'AWS::EC2::SecurityGroup'];
    expect(Object.entries(resources(DEFAULT)).filter(([, { Type }]) => stateful.includes(Type)).map(([id]) => id).sort()).toEqual([
      'Admins1f58c1ba7FD2C7B7',
      'ClusterClusterAdminRoleAccessF2BFF759',
      'ClusterEB0386A7',
      'ControlPlaneLogs95F30E24',
      'ControlPlaneSecurityGroupBA03A401',
      'NodeSecurityGroup73B1F8A3',
      'SecretsKey317DCF94',
      'Vpc8378EB38',
      'VpcFlowLogGroupBF601037',
      'VpccontrolplaneSubnet1SubnetABA07DFD',
      'VpccontrolplaneSubnet2SubnetD3E5C9AC',
      'VpcendpointSubnet1Subnet013E0EDB',
      'VpcendpointSubnet2Subnet474496F4',
      'VpcloadbalancerSubnet1Subnet7A85A0A4',
      'VpcloadbalancerSubnet2SubnetCD2E62F6',
      'VpcnodeSubnet1Subnet920C4D8D',
      'VpcnodeSubnet2Subnet939CF11D',
      'VpcpublicSubnet1Subnet2BB74ED7',
      'VpcpublicSubnet2SubnetE34B022A',
      'WorkersNodegroupE5AD12AF',
    ]);
  });

  test('a derived name comes from stack and construct, and tells two clusters apart', () => {
    const names = ['Cluster', 'Other'].map((id) => {
      const stack = new Stack(new App(), 'Demo', { stackName: 'demo-eu' });
      const scope = new Construct(stack, id);
      const { plan } = planNetwork({ admins: 1 });
      const kubectlLayer = new KubectlV35Layer(stack, 'Kubectl');
      return createCluster(scope, { plan, removalPolicy, network: createVpc(scope, plan, { removalPolicy }), version: eks.KubernetesVersion.V1_35, kubectlLayer, admins: [] }).clusterName;
    });
    expect(names).toEqual(['demo-eu-Cluster-FDB8ABDE', 'demo-eu-Other-865DBC18']);
  });

  test('a name of its own', () => {
    const named = templateOf({ cluster: { clusterName: 'prod' } });
    expect(cluster(named).Properties.Name).toBe('prod');
    named.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/eks/prod/cluster' });
    named.hasResourceProperties('AWS::EC2::SecurityGroup', { Tags: [{ Key: 'kubernetes.io/cluster/prod', Value: 'owned' }] });
  });

  test('a name that only the deployment knows', () => {
    const named = templateOf({ with: (stack) => ({ cluster: { clusterName: new CfnParameter(stack, 'Name').valueAsString } }) });
    expect(cluster(named).Properties.Name).toEqual({ Ref: 'Name' });
    named.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: { 'Fn::Join': ['', ['/aws/eks/', { Ref: 'Name' }, '/cluster']] } });
    named.hasResourceProperties('AWS::EC2::SecurityGroup', { Tags: [{ Key: { 'Fn::Join': ['', ['kubernetes.io/cluster/', { Ref: 'Name' }]] }, Value: 'owned' }] });
  });

  test.each([
    ['a literal', '10.100.0.0/16' as const],
    ['a token', { opaque: 'serviceIpv4Cidr', token: Fn.ref('Services') }],
  ])('a service range that is %s', (_, serviceIpv4Cidr) => {
    const expected = typeof serviceIpv4Cidr === 'string' ? serviceIpv4Cidr : { Ref: 'Services' };
    expect(cluster(templateOf({ request: { serviceIpv4Cidr } })).Properties.KubernetesNetworkConfig.ServiceIpv4Cidr).toEqual(expected);
  });
});

describe('control plane', () => {
  test('writes all five logs into a group that exists before it and outlives it', () => {
    expect(cluster().Properties.Logging.ClusterLogging.EnabledTypes.map(({ Type }: { Type: string }) => Type))
      .toEqual(['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']);
    expect(cluster().DependsOn).toContain('ControlPlaneLogs95F30E24');
    DEFAULT.hasResource('AWS::Logs::LogGroup', {
      Properties: { LogGroupName: '/aws/eks/Demo/cluster', RetentionInDays: 365 },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('writes the logs that are named, for as long as is said', () => {
    const some = templateOf({ cluster: { clusterLogging: [eks.ClusterLoggingTypes.AUDIT], logRetention: logs.RetentionDays.TWO_YEARS } });
    expect(cluster(some).Properties.Logging.ClusterLogging.EnabledTypes).toEqual([{ Type: 'audit' }]);
    some.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/eks/Demo/cluster', RetentionInDays: 731 });
  });

  test('makes no log group where no log is written', () => {
    const none = templateOf({ cluster: { clusterLogging: [] } });
    expect(Object.values(none.findResources('AWS::Logs::LogGroup')).map(({ Properties }) => Properties.LogGroupName)).toEqual([undefined]);
  });

  test('encrypts secrets with a key that rotates and stays', () => {
    DEFAULT.hasResource('AWS::KMS::Key', { Properties: { EnableKeyRotation: true }, DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test.each([
    ['by a literal', () => KEY_ARN, KEY_ARN],
    ['by a token', (stack: Stack) => new CfnParameter(stack, 'Arn', { default: KEY_ARN }).valueAsString, { Ref: 'Arn' }],
  ])('takes a key that is given %s', (_, arn, expected) => {
    const given = templateOf({ with: (stack) => ({ cluster: { secretsEncryptionKey: keyOf(stack, arn(stack)) } }) });
    given.resourceCountIs('AWS::KMS::Key', 0);
    expect(cluster(given).Properties.EncryptionConfig[0].Provider.KeyArn).toEqual(expected);
  });

  test('is never in Auto Mode', () => {
    expect(cluster().Properties).toMatchObject({ ComputeConfig: { Enabled: false }, StorageConfig: { BlockStorage: { Enabled: false } } });
    expect(cluster().Properties.ComputeConfig).toEqual({ Enabled: false });
  });

  test('may be deleted unless protected', () => {
    expect(cluster().Properties.DeletionProtection).toBe(false);
    expect(cluster(templateOf({ cluster: { deletionProtection: true } })).Properties.DeletionProtection).toBe(true);
  });

  test('sits in its own subnets, the functions in those of nodes', () => {
    expect(cluster().Properties.ResourcesVpcConfig.SubnetIds).toEqual([{ Ref: 'VpccontrolplaneSubnet1SubnetABA07DFD' }, { Ref: 'VpccontrolplaneSubnet2SubnetD3E5C9AC' }]);
    for (const { Properties } of Object.values(DEFAULT.findResources('AWS::Lambda::Function'))) {
      expect(Properties.VpcConfig).toEqual({
        SecurityGroupIds: [{ 'Fn::GetAtt': ['ClusterEB0386A7', 'ClusterSecurityGroupId'] }],
        SubnetIds: [{ Ref: 'VpcnodeSubnet1Subnet920C4D8D' }, { Ref: 'VpcnodeSubnet2Subnet939CF11D' }],
      });
    }
  });

  test('looks at the node subnets only, where constructs ask the cluster for its VPC', () => {
    const { stack, parts } = build();
    const { subnetIds } = parts.eksCluster.vpc.selectSubnets();
    expect(stack.resolve(subnetIds)).toEqual([{ Ref: 'VpcnodeSubnet1Subnet920C4D8D' }, { Ref: 'VpcnodeSubnet2Subnet939CF11D' }]);
  });

  test('is made after the routes of the functions that talk to it, and goes before them', () => {
    expect(cluster().DependsOn).toEqual([
      'ControlPlaneLogs95F30E24',
      'VpcnodeSubnet1DefaultRoute1F3E873C',
      'VpcnodeSubnet1RouteTableAssociation5593A9B7',
      'VpcnodeSubnet2DefaultRouteC6AD6430',
      'VpcnodeSubnet2RouteTableAssociation8F0571E5',
    ]);
  });
});

describe('endpoint', () => {
  const vpcConfig = (endpoint: ClusterEndpointAccess) => cluster(templateOf(access(endpoint))).Properties.ResourcesVpcConfig;

  test('is private', () => {
    expect(cluster().Properties.ResourcesVpcConfig).toMatchObject({ EndpointPrivateAccess: true, EndpointPublicAccess: false });
    DEFAULT.hasResourceProperties('AWS::EKS::Cluster', { ResourcesVpcConfig: { PublicAccessCidrs: Match.absent() } });
  });

  test('is public for named ranges, and still private', () => {
    expect(vpcConfig(ClusterEndpointAccess.publicFrom('52.94.76.0/24', '54.239.1.1/32'))).toMatchObject({
      EndpointPrivateAccess: true,
      EndpointPublicAccess: true,
      PublicAccessCidrs: ['52.94.76.0/24', '54.239.1.1/32'],
    });
  });

  test('is public for a range and for a list that only the deployment knows', () => {
    const cidr = templateOf({ with: (stack) => access(ClusterEndpointAccess.publicFrom(new CfnParameter(stack, 'Office').valueAsString)) });
    expect(cluster(cidr).Properties.ResourcesVpcConfig.PublicAccessCidrs).toEqual([{ Ref: 'Office' }]);
    const list = templateOf({ with: (stack) => access(ClusterEndpointAccess.publicFrom(...new CfnParameter(stack, 'Offices', { type: 'CommaDelimitedList' }).valueAsList)) });
    expect(cluster(list).Properties.ResourcesVpcConfig.PublicAccessCidrs).toEqual({ Ref: 'Offices' });
  });

  test.each([['nothing', []], ['every address', ['0.0.0.0/0']], ['private ranges', ['10.0.0.0/8']]])('stays private where publicFrom() got %s', (_, cidrs) => {
    const { stack, diagnostics } = build(access(ClusterEndpointAccess.publicFrom(...cidrs)));
    expect(diagnostics).toHaveLength(1);
    const { ResourcesVpcConfig } = cluster(Template.fromStack(stack)).Properties;
    expect(ResourcesVpcConfig).toMatchObject({ EndpointPublicAccess: false, EndpointPrivateAccess: true });
  });

  test('admits private sources of each kind to port 443', () => {
    const template = templateOf({
      with: (stack) => access(ClusterEndpointAccess.PRIVATE.withPrivateSources(
        ec2.Peer.ipv4('10.8.0.0/16'),
        ec2.Peer.prefixList('pl-0123'),
        ec2.Peer.ipv4(new CfnParameter(stack, 'Vpn').valueAsString),
        ec2.SecurityGroup.fromSecurityGroupId(stack, 'Runner', 'sg-0123'),
      )),
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [
        { CidrIp: '10.8.0.0/16', FromPort: 443, ToPort: 443, IpProtocol: 'tcp', Description: 'Private source of the API endpoint' },
        { CidrIp: { Ref: 'Vpn' }, FromPort: 443, ToPort: 443, IpProtocol: 'tcp', Description: 'Private source of the API endpoint' },
      ],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-0123', FromPort: 443, ToPort: 443 });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: 'sg-0123', FromPort: 443, ToPort: 443 });
  });

  test('admits nobody by a private source that is everybody', () => {
    const { stack, diagnostics } = build(access(ClusterEndpointAccess.PRIVATE.withPrivateSources(ec2.Peer.anyIpv4(), ec2.Peer.anyIpv6())));
    expect(codes(diagnostics)).toEqual(['privateSourceOpenToWorld', 'privateSourceOpenToWorld']);
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', { GroupDescription: 'API endpoint of EKS cluster Demo', SecurityGroupIngress: Match.absent() });
  });
});

describe('admins', () => {
  test('administer the cluster, besides the role that deploys objects', () => {
    const principals = Object.values(DEFAULT.findResources('AWS::EKS::AccessEntry')).map(({ Properties }) => Properties.PrincipalArn);
    expect(principals).toEqual([
      { 'Fn::GetAtt': ['ClusterKubectlProviderHandlerServiceRoleB460AA6D', 'Arn'] },
      'arn:aws:iam::111122223333:role/platform',
    ]);
    DEFAULT.hasResourceProperties('AWS::EKS::AccessEntry', {
      PrincipalArn: 'arn:aws:iam::111122223333:role/platform',
      AccessPolicies: [{ AccessScope: { Type: 'cluster' }, PolicyArn: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy']] } }],
    });
  });

  test('have the same logical ids in any order, and once', () => {
    const entries = (order: (roles: iam.IRole[]) => iam.IRole[]) => Object.keys(templateOf({
      with: (stack) => ({
        cluster: {
          admins: order([
            iam.Role.fromRoleArn(stack, 'A', 'arn:aws:iam::111122223333:role/a'),
            iam.Role.fromRoleArn(stack, 'AgainA', 'arn:aws:iam::111122223333:role/a'),
            new iam.Role(stack, 'B', { assumedBy: new iam.AccountRootPrincipal() }),
          ]),
        },
      }),
    }).findResources('AWS::EKS::AccessEntry')).sort();
    expect(entries((roles) => roles)).toHaveLength(3);
    expect(entries((roles) => [...roles].reverse())).toEqual(entries((roles) => roles));
  });

  test('are missed where there are none', () => {
    expect(codes(build({ request: { admins: 0 }, cluster: { admins: [] } }).diagnostics)).toEqual(['adminsMissing']);
  });
});
