import { CfnParameter, Size, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { build, codes, only, resources, templateOf } from './fixture';
import { addNodegroup, NodegroupSpec } from '../../src/aws/nodegroup';
import { NodegroupOptions } from '../../src/nodegroup';

/** Each member with the same type and the same optionality; the compiler says which differs. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : never;
const SAME: Same<NodegroupSpec, NodegroupOptions> = true;

const DEFAULT = templateOf();
const properties = (nodegroup: NodegroupSpec) => only(templateOf({ nodegroup }), 'AWS::EKS::Nodegroup').Properties;
const launchTemplate = (nodegroup: NodegroupSpec) => only(templateOf({ nodegroup }), 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
const types = (...names: string[]) => ({ instanceTypes: names.map((name) => new ec2.InstanceType(name)) });

test('the options of users are those that are read here', () => expect(SAME).toBe(true));

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

  test('labels and taints that only the deployment knows', () => {
    const template = templateOf({
      with: (stack) => {
        const text = (id: string) => new CfnParameter(stack, id).valueAsString;
        return { nodegroup: { labels: { team: text('Team') }, taints: [{ key: text('Key'), value: text('Value'), effect: eks.TaintEffect.NO_SCHEDULE }] } };
      },
    });
    expect(only(template, 'AWS::EKS::Nodegroup').Properties).toMatchObject({
      Labels: { team: { Ref: 'Team' } }, Taints: [{ Key: { Ref: 'Key' }, Value: { Ref: 'Value' }, Effect: 'NO_SCHEDULE' }],
    });
  });

  test('how many nodes an update takes, or what share of them, also where only the deployment knows', () => {
    expect(properties({ maxUnavailable: 2 }).UpdateConfig).toEqual({ MaxUnavailable: 2 });
    expect(properties({ maxUnavailablePercentage: 33 }).UpdateConfig).toEqual({ MaxUnavailablePercentage: 33 });
    const template = templateOf({
      with: (stack) => {
        const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
        return { nodegroup: { maxUnavailable: number('Nodes'), maxSize: number('Max') } };
      },
    });
    expect(only(template, 'AWS::EKS::Nodegroup').Properties.UpdateConfig).toEqual({ MaxUnavailable: { Ref: 'Nodes' } });
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

describe('a key for volumes', () => {
  const AUTO_SCALING = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling']] };
  const ofAutoScaling = (template: Template) => Object.values(resources(template)).filter(({ Type }) => Type === 'AWS::KMS::Key')
    .flatMap(({ Properties }) => Properties.KeyPolicy.Statement).filter(({ Principal }) => JSON.stringify(Principal).includes('AWSServiceRoleForAutoScaling'));
  const withKey = (amiType?: eks.NodegroupAmiType) => build({ with: (stack) => ({ nodegroup: { amiType, volumeEncryptionKey: new kms.Key(stack, 'VolumeKey') } }) });

  test('encrypts every volume of each family', () => {
    for (const [family, devices] of [[eks.NodegroupAmiType.AL2023_X86_64_STANDARD, ['/dev/xvda']], [eks.NodegroupAmiType.BOTTLEROCKET_X86_64, ['/dev/xvda', '/dev/xvdb']]] as const) {
      const { BlockDeviceMappings } = only(Template.fromStack(withKey(family).stack), 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
      expect(BlockDeviceMappings.map((each: any) => [each.DeviceName, each.Ebs.Encrypted, each.Ebs.KmsKeyId])).toEqual(devices.map((device) => (
        [device, true, { 'Fn::GetAtt': [expect.stringMatching(/^VolumeKey/), 'Arn'] }]
      )));
    }
  });

  test('lets Auto Scaling use it for volumes, and nothing else create grants', () => {
    const { stack, diagnostics } = withKey();
    expect(diagnostics).toEqual([]);
    expect(ofAutoScaling(Template.fromStack(stack))).toEqual([
      { Effect: 'Allow', Principal: { AWS: AUTO_SCALING }, Resource: '*', Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'] },
      { Effect: 'Allow', Principal: { AWS: AUTO_SCALING }, Resource: '*', Action: 'kms:CreateGrant', Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
    ]);
  });

  test('of two groups has the statements once', () => {
    const { stack, parts } = build();
    const volumeEncryptionKey = new kms.Key(stack, 'VolumeKey');
    for (const id of ['A', 'B']) addNodegroup(parts, stack, id, { volumeEncryptionKey });
    expect(ofAutoScaling(Template.fromStack(stack))).toHaveLength(2);
  });

  test.each<[string, (stack: Stack) => string, unknown]>([
    ['a literal', () => 'arn:aws:kms:eu-west-1:111122223333:key/1', 'arn:aws:kms:eu-west-1:111122223333:key/1'],
    ['a token', (stack) => new CfnParameter(stack, 'Arn').valueAsString, { Ref: 'Arn' }],
  ])('that is given by %s is warned of', (_, arn, expected) => {
    const { stack, diagnostics } = build({ with: (scope) => ({ nodegroup: { volumeEncryptionKey: kms.Key.fromKeyArn(scope, 'VolumeKey', arn(scope)) } }) });
    expect(codes(diagnostics)).toEqual(['volumeKeyPolicyUnseen']);
    expect(diagnostics[0]).toMatchObject({ subject: 'nodegroup Demo/Workers', severity: 'warning' });
    expect(ofAutoScaling(Template.fromStack(stack))).toEqual([]);
    expect(only(Template.fromStack(stack), 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData.BlockDeviceMappings[0].Ebs.KmsKeyId).toEqual(expected);
  });
});

test('the one group of a node interface has the tag of the cluster, and no other group of the template', () => {
  const tagged = Object.entries(resources(DEFAULT)).filter(([, { Type, Properties }]) => Type === 'AWS::EC2::SecurityGroup'
    && (Properties.Tags ?? []).some(({ Key }: { Key: unknown }) => JSON.stringify(Key).includes('kubernetes.io/cluster/'))).map(([id]) => id);
  expect(tagged).toEqual(['NodeSecurityGroup73B1F8A3']);
  const { SecurityGroupIds } = only(DEFAULT, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;
  expect(SecurityGroupIds.map((id: any) => id['Fn::GetAtt'][0])).toEqual(tagged);
});

test('the name of a label that is a token, and a type that is none, are told at synthesis', () => {
  const { diagnostics, stack } = build({ with: (scope) => ({ nodegroup: { labels: { [new CfnParameter(scope, 'Key').valueAsString]: 'a', team: 'b' }, instanceTypes: [new ec2.InstanceType('nonsense')] } }) });
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ['amiTypeUnknown', 'an instance type is a token or no type, so that its architecture is not known'],
    ['nodeLabel', 'the name of a label is a token, and a template takes names as they are written only'],
  ]);
  Template.fromStack(stack).hasResourceProperties('AWS::EKS::Nodegroup', { Labels: { team: 'b' } });
});
