import { CfnParameter, Size, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { build, codes, only, templateOf } from './fixture';
import { NodegroupSpec } from '../../src/aws/nodegroup';

const DEFAULT = templateOf();
const properties = (nodegroup: NodegroupSpec) => only(templateOf({ nodegroup }), 'AWS::EKS::Nodegroup').Properties;
const launchTemplate = (nodegroup: NodegroupSpec) => only(templateOf({ nodegroup }), 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
const types = (...names: string[]) => ({ instanceTypes: names.map((name) => new ec2.InstanceType(name)) });

describe('defaults', () => {
  test('AL2023 in the subnets of nodes', () => {
    expect(only(DEFAULT, 'AWS::EKS::Nodegroup').Properties).toEqual({
      AmiType: 'AL2023_x86_64_STANDARD',
      ClusterName: { Ref: 'ClusterEB0386A7' },
      ForceUpdateEnabled: false,
      InstanceTypes: ['m6i.large'],
      LaunchTemplate: {
        Id: { Ref: expect.stringMatching(/^WorkersLaunchTemplate/) },
        Version: { 'Fn::GetAtt': [expect.stringMatching(/^WorkersLaunchTemplate/), 'LatestVersionNumber'] },
      },
      NodeRole: { 'Fn::GetAtt': [expect.stringMatching(/^WorkersRole/), 'Arn'] },
      ScalingConfig: { MinSize: 2, DesiredSize: 2, MaxSize: 3 },
      Subnets: [{ Ref: 'VpcnodeSubnet1Subnet920C4D8D' }, { Ref: 'VpcnodeSubnet2Subnet939CF11D' }],
      Version: '1.35',
    });
  });

  test('whatever the feature flags say', () => {
    const flags = ['@aws-cdk/aws-eks:defaultToAL2023', '@aws-cdk/aws-eks:nodegroupNameAttribute', '@aws-cdk/aws-ec2:launchTemplateDefaultUserData'];
    const flagged = templateOf({ app: { context: Object.fromEntries(flags.map((flag) => [flag, true])) } });
    for (const type of ['AWS::EKS::Nodegroup', 'AWS::EC2::LaunchTemplate']) expect(only(flagged, type)).toEqual(only(DEFAULT, type));
  });

  test('hardened machines: IMDSv2 with one hop, an encrypted volume, the group of nodes and no other', () => {
    DEFAULT.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'disabled' },
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 20, DeleteOnTermination: true } }],
        SecurityGroupIds: [{ 'Fn::GetAtt': ['NodeSecurityGroup73B1F8A3', 'GroupId'] }],
        NetworkInterfaces: Match.absent(),
        KeyName: Match.absent(),
        UserData: Match.absent(),
        ImageId: Match.absent(),
        IamInstanceProfile: Match.absent(),
      },
    });
  });

  test("machines and volumes carry the app's tags", () => {
    const { stack } = build();
    Tags.of(stack).add('team', 'platform');
    const { TagSpecifications } = only(Template.fromStack(stack), 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
    expect(TagSpecifications).toEqual(['instance', 'volume'].map((ResourceType) => (
      { ResourceType, Tags: [{ Key: 'Name', Value: 'Demo/Workers/LaunchTemplate' }, { Key: 'team', Value: 'platform' }] }
    )));
  });

  test('a role for nodes and nobody else', () => {
    const policy = (name: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::aws:policy/${name}`]] });
    DEFAULT.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } }] },
      ManagedPolicyArns: [policy('AmazonEKSWorkerNodePolicy'), policy('AmazonEC2ContainerRegistryPullOnly'), policy('AmazonEKS_CNI_Policy')],
    });
  });
});

describe('options', () => {
  test('instance types decide the architecture of the image', () => {
    expect(properties(types('m7g.large', 'c7g.large'))).toMatchObject({ AmiType: 'AL2023_ARM_64_STANDARD', InstanceTypes: ['m7g.large', 'c7g.large'] });
  });

  test('an instance type that only the deployment knows, with amiType', () => {
    const template = templateOf({
      with: (stack) => ({
        nodegroup: { instanceTypes: [new ec2.InstanceType(new CfnParameter(stack, 'Type').valueAsString)], amiType: eks.NodegroupAmiType.AL2023_ARM_64_STANDARD },
      }),
    });
    expect(only(template, 'AWS::EKS::Nodegroup').Properties).toMatchObject({ AmiType: 'AL2023_ARM_64_STANDARD', InstanceTypes: [{ Ref: 'Type' }] });
  });

  test('an accelerated instance with its image', () => {
    expect(properties({ ...types('g5.xlarge'), amiType: eks.NodegroupAmiType.AL2023_X86_64_NVIDIA })).toMatchObject({ AmiType: 'AL2023_x86_64_NVIDIA', InstanceTypes: ['g5.xlarge'] });
  });

  test('sizes', () => {
    expect(properties({ minSize: 1, desiredSize: 4, maxSize: 9 }).ScalingConfig).toEqual({ MinSize: 1, DesiredSize: 4, MaxSize: 9 });
    expect(properties({ minSize: 5 }).ScalingConfig).toEqual({ MinSize: 5, DesiredSize: 5, MaxSize: 5 });
    expect(properties({ minSize: 0 }).ScalingConfig).toEqual({ MinSize: 0, DesiredSize: 0, MaxSize: 3 });
  });

  test('numbers that only the deployment knows', () => {
    const { stack: built, diagnostics } = build({
      with: (stack) => {
        const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
        return { nodegroup: { minSize: number('Min'), maxSize: number('Max'), metadataHopLimit: number('Hops'), diskSize: Size.gibibytes(number('Disk')) } };
      },
    });
    expect(diagnostics).toEqual([]);
    const template = Template.fromStack(built);
    expect(only(template, 'AWS::EKS::Nodegroup').Properties.ScalingConfig).toEqual({ MinSize: { Ref: 'Min' }, DesiredSize: { Ref: 'Min' }, MaxSize: { Ref: 'Max' } });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { MetadataOptions: { HttpPutResponseHopLimit: { Ref: 'Hops' } }, BlockDeviceMappings: [{ Ebs: { VolumeSize: { Ref: 'Disk' } } }] },
    });
  });

  test('updates that go over PodDisruptionBudgets', () => {
    expect(properties({ forceUpdate: true }).ForceUpdateEnabled).toBe(true);
  });

  test('the version of the cluster, which it comes after', () => {
    const group = only(templateOf({ cluster: { version: eks.KubernetesVersion.of('1.36') } }), 'AWS::EKS::Nodegroup');
    expect(group.Properties).toMatchObject({ Version: '1.36', ClusterName: { Ref: 'ClusterEB0386A7' } });
  });

  test('hop limit and disk', () => {
    expect(launchTemplate({ metadataHopLimit: 2, diskSize: Size.gibibytes(100) })).toMatchObject({
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
      BlockDeviceMappings: [{ Ebs: { VolumeSize: 100, Encrypted: true } }],
    });
  });

  test('Bottlerocket has two volumes, both encrypted', () => {
    expect(launchTemplate({ amiType: eks.NodegroupAmiType.BOTTLEROCKET_X86_64 }).BlockDeviceMappings).toEqual([
      { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 4, DeleteOnTermination: true } },
      { DeviceName: '/dev/xvdb', Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 20, DeleteOnTermination: true } },
    ]);
  });

  test('labels, taints, spot', () => {
    expect(properties({
      labels: { team: 'a' },
      taints: [{ key: 'team', value: 'a', effect: eks.TaintEffect.NO_SCHEDULE }],
      capacityType: eks.CapacityType.SPOT,
    })).toMatchObject({ Labels: { team: 'a' }, Taints: [{ Key: 'team', Value: 'a', Effect: 'NO_SCHEDULE' }], CapacityType: 'SPOT' });
  });

  test('what is wrong is reported, and a safe group stands in its place', () => {
    const { diagnostics, group } = build({ nodegroup: { ...types('m7g.large', 'm6i.large'), minSize: 4, maxSize: 2 } });
    expect(codes(diagnostics)).toEqual(['instanceTypesMixed', 'nodegroupSizes']);
    expect(group.plan).toMatchObject({ minSize: 2, desiredSize: 2, maxSize: 3 });
  });
});
