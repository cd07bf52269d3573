import { CfnResource } from 'aws-cdk-lib';
import { Fault, Healthy } from '../fixture';

const template = (property: string, value: unknown): Fault['apply'] => ({ launchTemplate }) => launchTemplate.addPropertyOverride(`LaunchTemplateData.${property}`, value);
const group = (property: string, value: unknown): Fault['apply'] => ({ at }) => at('Nodegroups/Workers/Nodegroup').addPropertyOverride(property, value);

const elsewhere = ({ stack, at }: Healthy, data: object) => new CfnResource(stack, 'Elsewhere', {
  type: 'AWS::EC2::LaunchTemplate', properties: { LaunchTemplateName: 'mine', LaunchTemplateData: { SecurityGroupIds: [at('NodeSecurityGroup').getAtt('GroupId')], ...data } },
});
const hosts = (type: string, properties: object = {}): Fault['apply'] => ({ stack, cluster }) => {
  new CfnResource(stack, 'Hosts', { type, properties: { ClusterName: cluster.clusterName, ...properties } });
};

export const NODE_FAULTS: Fault[] = [
  { name: 'metadata without a token', code: 'metadataV1', apply: template('MetadataOptions.HttpTokens', 'optional') },
  { name: 'metadata without any option', code: 'metadataV1', apply: ({ launchTemplate }) => launchTemplate.addPropertyDeletionOverride('LaunchTemplateData.MetadataOptions') },
  { name: 'two hops', code: 'metadataHops', apply: template('MetadataOptions.HttpPutResponseHopLimit', 2) },
  { name: 'two hops, set on the resource itself', code: 'metadataHops', apply: ({ launchTemplate }) => {
    launchTemplate.launchTemplateData = { ...launchTemplate.launchTemplateData as object, metadataOptions: { httpTokens: 'required', httpEndpoint: 'enabled', httpPutResponseHopLimit: 2 } };
  } },
  { name: 'no metadata', code: 'metadataOff', apply: template('MetadataOptions.HttpEndpoint', 'disabled') },
  { name: 'tags in metadata', code: 'metadataTags', apply: template('MetadataOptions.InstanceMetadataTags', 'enabled') },
  { name: 'metadata over IPv6', code: 'metadataIpv6', apply: template('MetadataOptions.HttpProtocolIpv6', 'enabled') },
  { name: 'a volume not encrypted', code: 'volumeNotEncrypted', apply: template('BlockDeviceMappings.0.Ebs.Encrypted', false) },
  { name: 'no volume described', code: 'volumeNotEncrypted', apply: template('BlockDeviceMappings', []) },
  { name: 'a public address', code: 'nodePublicAddress', apply: template('NetworkInterfaces', [{ DeviceIndex: 0, AssociatePublicIpAddress: true }]) },
  { name: 'the group of nodes dropped', code: 'nodeGroupDropped', apply: template('SecurityGroupIds', ['sg-12345678']) },
  { name: 'no group of nodes', code: 'nodeGroupDropped', apply: ({ launchTemplate }) => launchTemplate.addPropertyDeletionOverride('LaunchTemplateData.SecurityGroupIds') },
  { name: 'a key pair', code: 'nodeKeyPair', apply: template('KeyName', 'ops') },
  { name: 'user data', code: 'nodeUserData', apply: template('UserData', 'IyEvYmluL3No') },
  { name: 'an image', code: 'nodeImage', apply: template('ImageId', 'ami-12345678') },
  { name: 'another launch template', code: 'launchTemplateChanged', apply: group('LaunchTemplate', { Id: 'lt-12345678', Version: '1' }) },
  { name: 'a volume left to the image', code: 'volumeNotEncrypted', apply: ({ launchTemplate }) => launchTemplate.addPropertyDeletionOverride('LaunchTemplateData.BlockDeviceMappings.0.Ebs') },
  { name: 'nodes made elsewhere with two hops', code: 'metadataHops', apply: (app) => { elsewhere(app, { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 } }); } },
  { name: 'nodes made elsewhere with volumes of the image', code: 'volumeNotEncrypted', apply: (app) => { elsewhere(app, { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } }); } },
  { name: 'a launch template by its name', code: 'metadataV1', apply: (app) => {
    elsewhere(app, { SecurityGroupIds: ['sg-1'], MetadataOptions: { HttpTokens: 'optional' } });
    hosts('AWS::EKS::Nodegroup', { LaunchTemplate: { Name: 'mine' } })(app);
  } },
  { name: 'nodes past addNodegroup()', code: 'nodesOutsideModel', apply: hosts('AWS::EKS::Nodegroup') },
  { name: 'pods on Fargate', code: 'fargateOutsideNetwork', apply: hosts('AWS::EKS::FargateProfile') },
  { name: 'an old version of the launch template', code: 'resourceChanged', apply: group('LaunchTemplate.Version', '1') },
  { name: 'SSH', code: 'nodeRemoteAccess', apply: group('RemoteAccess', { Ec2SshKey: 'ops' }) },
  { name: 'nodes in public subnets', code: 'nodeSubnetPublic', apply: ({ at, cluster }) => at('Nodegroups/Workers/Nodegroup').addPropertyOverride('Subnets', cluster.vpc.publicSubnets.map(({ subnetId }) => subnetId)) },
  { name: 'nodes in other subnets', code: 'nodeSubnetsChanged', apply: group('Subnets', ['subnet-1', 'subnet-2']) },
  { name: 'another role of nodes', code: 'resourceChanged', apply: group('NodeRole', 'arn:aws:iam::111122223333:role/other') },
];
