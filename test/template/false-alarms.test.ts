import { App, Aspects, CfnResource, Fn, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Healthy, healthy } from './fixture';
import { clusterIn, errorsOf, synthErrors } from '../fixture';

/** What people do to a cluster every day, and nobody is to be told of. */
const DAILY: { name: string; apply: (app: Healthy) => void }[] = [
  { name: 'a port of nodes for a group of theirs', apply: ({ cluster, stack }) => cluster.connections.allowFrom(new ec2.SecurityGroup(stack, 'Balancer', { vpc: cluster.vpc }), ec2.Port.tcp(8080)) },
  { name: 'tags', apply: ({ app }) => Tags.of(app).add('team', 'platform') },
  { name: 'a permissions boundary', apply: ({ app }) => iam.PermissionsBoundary.of(app).apply(iam.ManagedPolicy.fromAwsManagedPolicyName('Boundary')) },
  { name: 'an aspect that reads', apply: ({ app }) => Aspects.of(app).add({ visit: (node) => void node.node.path }) },
  { name: 'a metadata entry on every resource', apply: ({ app }) => Aspects.of(app).add({ visit: (node) => { if (CfnResource.isCfnResource(node)) node.addMetadata('owner', 'platform'); } }) },
  { name: 'a viewer of one namespace', apply: ({ other, cluster }) => {
    new CfnAccessEntry(other, 'Viewer', {
      clusterName: cluster.clusterName, principalArn: 'arn:aws:iam::111122223333:role/viewer',
      accessPolicies: [{ accessScope: { type: 'namespace', namespaces: ['shop', 'dev-*'] }, policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy' }],
    });
  } },
  { name: 'a route to a peered network', apply: ({ other, at }) => {
    new ec2.CfnRoute(other, 'Route', { routeTableId: at('Vpc/load-balancerSubnet1/RouteTable').ref, destinationCidrBlock: '10.80.0.0/16', vpcPeeringConnectionId: 'pcx-1' });
  } },
  { name: 'a macro that expands', apply: ({ stack }) => stack.addTransform('AWS::LanguageExtensions') },
  { name: 'a private range of the endpoint', apply: ({ cluster }) => cluster.apiConnections.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.80.0.0/24')) },
  { name: 'a bucket for nodes', apply: ({ at }) => at('Nodegroups/Workers/Role').addPropertyOverride('Policies', [{
    PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::bucket/*' }, { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }] },
  }]) },
  { name: 'a role of pods for one key', apply: ({ other, cluster }) => {
    const role = new iam.Role(other, 'Role', { assumedBy: new iam.ServicePrincipal('pods.eks.amazonaws.com') });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['kms:*'], resources: [Fn.importValue('key')] }));
    new CfnResource(other, 'Pods', { type: 'AWS::EKS::PodIdentityAssociation', properties: { ClusterName: cluster.clusterName, Namespace: 'shop', ServiceAccount: 'shop', RoleArn: role.roleArn } });
  } },
  { name: 'an Auto Scaling group of nodes as the documentation writes it', apply: ({ cluster, stack }) => {
    const nodes = cluster.nodeRequirements;
    const role = new iam.Role(stack, 'Nodes', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'), managedPolicies: nodes.managedPolicyNames.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)) });
    const launchTemplate = new ec2.LaunchTemplate(stack, 'Template', {
      machineImage: ec2.MachineImage.fromSsmParameter('/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id', { userData: ec2.UserData.custom('join') }),
      instanceType: new ec2.InstanceType('m6i.large'), role, securityGroup: nodes.securityGroup,
      requireImdsv2: true, httpPutResponseHopLimit: nodes.metadataOptions.httpPutResponseHopLimit, blockDevices: nodes.al2023BlockDevices,
    });
    new autoscaling.AutoScalingGroup(stack, 'Group', { vpc: cluster.vpc, vpcSubnets: { subnets: nodes.subnets }, launchTemplate });
    nodes.admitRole('Nodes', role);
  } },
];

/** Of the library; CDK has warnings of its own. */
function toldBy({ stack, other }: Healthy): string[] {
  return [stack, other].flatMap((each) => Annotations.fromStack(each).findWarning('*', Match.stringLikeRegexp('cdk-secure-eks:'))).map(({ entry }) => String(entry.data));
}

test.each(DAILY)('$name: nothing is said', ({ apply }) => {
  const made = healthy();
  apply(made);
  expect(errorsOf(made)).toEqual([]);
  expect(toldBy(made)).toEqual([]);
});

test('two clusters in one stack of a stage', () => {
  const app = new App();
  const stack = new Stack(new Stage(app, 'Production'), 'Platform');
  clusterIn(stack, {}, 'One');
  clusterIn(stack, {}, 'Two');
  expect(synthErrors(app)).toEqual([]);
});
