import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { clusterIn, errorsOf, fileOf, Resource, testCluster, TestCluster } from './fixture';
import { BastionAccess, BastionOptions } from '../src';

function built(options?: BastionOptions | ((stack: Stack) => BastionOptions)): TestCluster & { template: Template } {
  const found = testCluster();
  found.cluster.addBastion('Ops', typeof options === 'function' ? options(found.stack) : options);
  return { ...found, get template() { return Template.fromStack(found.stack); } };
}

function only(template: Template, type: string, of: RegExp): Resource {
  const found = Object.entries(template.findResources(type)).filter(([id]) => of.test(id));
  expect(found).toHaveLength(1);
  return found[0][1] as Resource;
}

const BASTION = /BastionsOps/;
const IN_NAMESPACE = (name: string, ...namespaces: string[]) => eks.AccessPolicy.fromAccessPolicyName(name, { accessScopeType: eks.AccessScopeType.NAMESPACE, namespaces });
const EVERYWHERE = (name: string) => eks.AccessPolicy.fromAccessPolicyName(name, { accessScopeType: eks.AccessScopeType.CLUSTER });

describe('the instance', () => {
  const { template, stack } = built();
  const all = template.toJSON();
  const { Properties } = only(template, 'AWS::EC2::Instance', BASTION);

  test('has no key pair, no public address, no user data that does anything, and an encrypted volume', () => {
    expect(Properties).not.toHaveProperty('KeyName');
    expect(Properties.UserData).toEqual({ 'Fn::Base64': '#!/bin/bash' });
    expect(Properties.BlockDeviceMappings).toEqual([{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true, Encrypted: true, VolumeSize: 8, VolumeType: 'gp3' } }]);
    expect(Properties.NetworkInterfaces).toMatchObject([{ AssociatePublicIpAddress: false, DeviceIndex: '0' }]);
    expect(Properties.MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
  });

  test('is arm64 with Amazon Linux 2023 in a subnet of nodes', () => {
    expect(Properties.InstanceType).toBe('t4g.nano');
    expect(all.Parameters[Properties.ImageId.Ref].Default).toMatch(/al2023-ami-kernel-[\d.a-z]+-arm64$/);
    expect(JSON.stringify(Properties.NetworkInterfaces)).toMatch(/VpcnodeSubnet1Subnet/);
    expect(Properties).not.toHaveProperty('AvailabilityZone');
  });

  test('lets nobody in, and goes out on 443 alone', () => {
    expect(only(template, 'AWS::EC2::SecurityGroup', BASTION).Properties).toEqual({
      GroupDescription: expect.stringMatching(/^Bastion of EKS cluster /),
      SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', Description: 'API endpoint, and Systems Manager', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' }],
      VpcId: expect.anything(),
    });
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).filter(({ Properties: rule }) => BASTION.test(JSON.stringify(rule.GroupId)));
    expect(rules).toEqual([]);
  });

  test('reaches the API endpoint on 443, and nothing of the nodes', () => {
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).filter(({ Properties: rule }) => BASTION.test(JSON.stringify(rule.SourceSecurityGroupId)));
    expect(rules.map(({ Properties: { SourceSecurityGroupId: _, ...rule } }) => rule)).toEqual([{
      GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^ClusterControlPlaneSecurityGroup/), 'GroupId'] }, IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'Bastion to the API endpoint',
    }]);
  });

  test('has a role for Systems Manager and nothing else', () => {
    expect(JSON.stringify(only(template, 'AWS::IAM::Role', BASTION).Properties.ManagedPolicyArns)).toMatch(/^\[\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},":iam::aws:policy\/AmazonSSMManagedInstanceCore"\]\]\}\]$/);
    expect(Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) => BASTION.test(id))).toEqual([]);
  });

  test('tells how to forward a port, and which name the certificate has', () => {
    const outputs = Object.fromEntries(Object.entries<any>(all.Outputs).map(([id, { Value }]) => [id.replace(/^ClusterBastionsOps|.{8}$/g, ''), JSON.stringify(stack.resolve(Value)['Fn::Join'][1])]));
    const host = '{"Fn::Select":[2,{"Fn::Split":["/",{"Fn::GetAtt":["ClusterEB0386A7","Endpoint"]}]}]}'.replace('ClusterEB0386A7', /"(Cluster[^"]*)","Endpoint"/.exec(JSON.stringify(all.Outputs))![1]);
    expect(Object.keys(outputs).sort()).toEqual(['KubectlCommand', 'PortForwardCommand']);
    expect(outputs.PortForwardCommand).toContain('aws ssm start-session --region ');
    expect(outputs.PortForwardCommand).toContain(`--document-name AWS-StartPortForwardingSessionToRemoteHost --parameters host=",${host},",portNumber=443,localPortNumber=8443"`);
    expect(outputs.KubectlCommand).toMatch(/^\["kubectl config set-cluster ",\{"Fn::GetAtt":\["Cluster[^"]*","Arn"\]\}," --server=https:\/\/localhost:8443 --tls-server-name=",/);
    expect(outputs.KubectlCommand).toContain(host);
  });
});

describe('its role in Kubernetes', () => {
  const entry = (options?: BastionOptions) => Object.entries(built(options).template.findResources('AWS::EKS::AccessEntry')).filter(([id]) => BASTION.test(id)).map(([, { Properties }]) => Properties);
  const policy = (name: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:eks::aws:cluster-access-policy/${name}`]] });

  test('views', () => {
    expect(entry()).toEqual([expect.objectContaining({
      PrincipalArn: { 'Fn::GetAtt': [expect.stringMatching(BASTION), 'Arn'] }, AccessPolicies: [{ AccessScope: { Type: 'cluster' }, PolicyArn: policy('AmazonEKSViewPolicy') }],
    })]);
  });

  test('is nothing with NONE, and has no entry', () => {
    expect(entry({ kubernetesAccess: BastionAccess.NONE })).toEqual([]);
  });

  test('is what is said', () => {
    expect(entry({ kubernetesAccess: BastionAccess.policies(IN_NAMESPACE('AmazonEKSAdminPolicy', 'shop', 'web')) })[0].AccessPolicies).toEqual([
      { AccessScope: { Type: 'namespace', Namespaces: ['shop', 'web'] }, PolicyArn: policy('AmazonEKSAdminPolicy') },
    ]);
  });

  test('no policy is not no access', () => {
    expect(() => BastionAccess.policies()).toThrow(new Error('BastionAccess.policies(): no policy is given; use BastionAccess.NONE for no access'));
  });

  const FIX = 'for good; give it less, such as AmazonEKSEditPolicy in named namespaces: administrators use their own role through the forwarded port [cdk-secure-eks:bastionAdministers]';
  test.each<[eks.IAccessPolicy, string]>([
    [EVERYWHERE('AmazonEKSClusterAdminPolicy'), `bastion Platform/Cluster/Bastions/Ops: its role gets AmazonEKSClusterAdminPolicy: whoever may start a session on it would administer the cluster, ${FIX}`],
    [IN_NAMESPACE('AmazonEKSClusterAdminPolicy', 'a'), `bastion Platform/Cluster/Bastions/Ops: its role gets AmazonEKSClusterAdminPolicy: whoever may start a session on it would administer the cluster, ${FIX}`],
    [EVERYWHERE('AmazonEKSAdminPolicy'), `bastion Platform/Cluster/Bastions/Ops: its role gets AmazonEKSAdminPolicy in the whole cluster: whoever may start a session on it would administer the cluster, ${FIX}`],
  ])('never administers', (refused, message) => {
    const found = built({ kubernetesAccess: BastionAccess.policies(refused, EVERYWHERE('AmazonEKSViewPolicy')) });
    expect(errorsOf(found)).toEqual([message]);
  });

  test('a policy that only the deployment knows is warned of', () => {
    const found = built((stack) => ({ kubernetesAccess: BastionAccess.policies({ policy: new CfnParameter(stack, 'Policy').valueAsString, accessScope: { type: eks.AccessScopeType.CLUSTER } }) }));
    const report = fileOf(found.app.synth(), 'Platform.network-report.md');
    expect(report).toContain('- bastion Platform/Cluster/Bastions/Ops: its role gets an access policy that only the deployment knows: whether it administers the cluster was not checked (bastionAccessUnknown)');
    expect(report).toContain('- by the private endpoint: bastion Platform/Cluster/Bastions/Ops, whose role has a policy known at deployment in the whole cluster');
  });
});

test('the report names it', () => {
  expect(fileOf(built().app.synth(), 'Platform.network-report.md')).toContain('\n- by the private endpoint: bastion Platform/Cluster/Bastions/Ops, whose role has AmazonEKSViewPolicy in the whole cluster\n');
  expect(fileOf(built({ kubernetesAccess: BastionAccess.NONE }).app.synth(), 'Platform.network-report.md')).toContain('bastion Platform/Cluster/Bastions/Ops, whose role may do nothing in Kubernetes\n');
});

test('an x86_64 type has its image', () => {
  const { template } = built({ instanceType: new ec2.InstanceType('t3.micro') });
  const { InstanceType, ImageId } = only(template, 'AWS::EC2::Instance', BASTION).Properties;
  expect(InstanceType).toBe('t3.micro');
  expect(template.toJSON().Parameters[ImageId.Ref].Default).toMatch(/x86_64$/);
});

test('a type that is a token leaves the image open, which is an error', () => {
  expect(errorsOf(built((stack) => ({ instanceType: new ec2.InstanceType(new CfnParameter(stack, 'Type').valueAsString) })))).toEqual([
    'bastion Platform/Cluster/Bastions/Ops: its instance type is a token or no type, and the image follows the architecture of the type; write the type itself [cdk-secure-eks:bastionArchitectureUnknown]',
  ]);
});

test('a given VPC that knows its subnets by their ids alone', () => {
  const app = new App();
  const stack = new Stack(app, 'Network');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], vpcCidrBlock: '10.0.0.0/16' });
  const nodes = ['subnet-1', 'subnet-2'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));
  clusterIn(stack, { cluster: { vpc, subnets: { nodes: { subnets: nodes } } } }).addBastion('Ops');
  const { Properties } = only(Template.fromStack(stack), 'AWS::EC2::Instance', BASTION);
  expect(Properties.NetworkInterfaces[0].SubnetId).toBe('subnet-1');
  expect(Properties).not.toHaveProperty('AvailabilityZone');
});

test('others reach it, and it reaches others, as any group does', () => {
  const found = testCluster();
  const bastion = found.cluster.addBastion('Ops');
  const database = new ec2.SecurityGroup(found.stack, 'Database', { vpc: found.cluster.vpc });
  database.connections.allowFrom(bastion, ec2.Port.tcp(5432));
  bastion.role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('CloudWatchAgentServerPolicy'));
  Template.fromStack(found.stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, SourceSecurityGroupId: { 'Fn::GetAtt': [only(Template.fromStack(found.stack), 'AWS::EC2::Instance', BASTION).Properties.NetworkInterfaces[0].GroupSet[0]['Fn::GetAtt'][0], 'GroupId'] } });
});

test('admitting it to the API once more is one rule still', () => {
  const { stack, cluster } = testCluster();
  const bastion = cluster.addBastion('Ops');
  cluster.apiConnections.connections.allowDefaultPortFrom(bastion);
  cluster.apiConnections.connections.allowDefaultPortFrom(cluster);
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')).filter(({ Properties }) => /ControlPlane/.test(JSON.stringify(Properties.GroupId)));
  expect(rules.map(({ Properties }) => Properties.Description)).toEqual(['Nodes and pods to the API endpoint', 'Bastion to the API endpoint']);
});
