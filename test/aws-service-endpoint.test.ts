import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { clusterIn, errorsOf, fileOf, Resource, resourcesOf, testCluster, waitsFor } from './fixture';
import { AwsService, InternetAccess, NetworkPort } from '../src';

const { SQS, SSM, SSM_MESSAGES, EKS } = ec2.InterfaceVpcEndpointAwsService;
const { S3, DYNAMODB } = ec2.GatewayVpcEndpointAwsService;

const below = (template: Template, type: string, id: RegExp) => Object.entries(template.findResources(type)).filter(([name]) => id.test(name)) as [string, Resource][];

describe('an interface endpoint', () => {
  const { stack, app, cluster } = testCluster();
  const endpoint = cluster.addAwsServiceEndpoint('Sqs', { service: AwsService.byInterface(SQS) });
  const web = cluster.addNamespace('web');
  cluster.addManifest('Web', {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'web', labels: { app: 'web' } }, spec: { serviceAccountName: 'web', containers: [{ name: 'web', image: 'example.com/web:1' }] },
  });
  cluster.allowTraffic('WebToSqs', { source: web.pods({ app: 'web' }), destination: endpoint, ports: [NetworkPort.tcp(443)] });
  cluster.expectAllowed('WebReachesSqs', { source: web.pods({ app: 'web' }), destination: endpoint, ports: [NetworkPort.tcp(443)] });
  const assembly = app.synth();
  const template = Template.fromStack(stack);
  const [[id, { Properties }]] = below(template, 'AWS::EC2::VPCEndpoint', /Sqs/);

  test('stands in its subnets, one in a zone, and answers to the private name', () => {
    expect(Properties).toMatchObject({ VpcEndpointType: 'Interface', PrivateDnsEnabled: true, ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.sqs']] } });
    expect(Properties.SubnetIds).toEqual([{ Ref: expect.stringMatching(/VpcendpointSubnet1Subnet/) }, { Ref: expect.stringMatching(/VpcendpointSubnet2Subnet/) }]);
    expect(Properties).not.toHaveProperty('PolicyDocument');
  });

  test('admits nodes and the deploying functions on 443 and nobody else, and never asks', () => {
    const [[group, { Properties: own }]] = below(template, 'AWS::EC2::SecurityGroup', /Sqs/);
    expect(Properties.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [group, 'GroupId'] }]);
    expect(own).not.toHaveProperty('SecurityGroupIngress');
    expect(own.SecurityGroupEgress).toEqual([{ CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 }]);
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).filter(({ Properties: rule }) => JSON.stringify(rule.GroupId).includes(group));
    expect(rules.map(({ Properties: rule }) => [rule.SourceSecurityGroupId['Fn::GetAtt'], rule.IpProtocol, rule.FromPort, rule.ToPort])).toEqual([
      [[expect.stringMatching(/^ClusterNodeSecurityGroup/), 'GroupId'], 'tcp', 443, 443],
      [[expect.stringMatching(/^Cluster[0-9A-F]{8}$/), 'ClusterSecurityGroupId'], 'tcp', 443, 443],
    ]);
  });

  test('is there, with its rules, before nodes and before every object', () => {
    const resources = resourcesOf(assembly, stack);
    for (const type of ['AWS::EKS::Nodegroup', 'Custom::AWSCDK-EKS-HelmChart']) {
      const waiting = Object.keys(resources).filter((name) => resources[name].Type === type);
      expect(waiting.length).toBeGreaterThan(0);
      expect(waiting.filter((name) => !waitsFor(resources, name, id))).toEqual([]);
    }
    const rules = below(template, 'AWS::EC2::SecurityGroupIngress', /EndpointsSqsSecurityGroupfrom/).map(([name]) => name);
    expect(rules).toHaveLength(2);
    expect(resources[id].DependsOn).toEqual(expect.arrayContaining(rules));
  });

  test('is a peer: every service in its subnets, which is said', () => {
    expect(endpoint.peerName).toBe('the interface endpoints of AWS services, of which sqs is one');
    const report = fileOf(assembly, 'Platform.network-report.md');
    expect(report).toContain('- met: ');
    expect(report).toContain('(Platform/Cluster/ExpectAllowed/WebReachesSqs)');
    expect(report).not.toContain('awsService');
  });
});

test('an endpoint policy', () => {
  const { stack, cluster } = testCluster();
  cluster.addAwsServiceEndpoint('Sqs', { service: AwsService.byInterface(SQS), policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['sqs:SendMessage'], resources: ['*'] })] });
  const [[, { Properties }]] = below(Template.fromStack(stack), 'AWS::EC2::VPCEndpoint', /Sqs/);
  expect(Properties.PolicyDocument.Statement).toEqual([{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:SendMessage', Resource: '*' }]);
});

test('more is admitted through its connections, without a cycle and without a rule twice', () => {
  const { stack, cluster } = testCluster();
  const endpoint = cluster.addAwsServiceEndpoint('Sqs', { service: AwsService.byInterface(SQS) });
  endpoint.connections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Other', { vpc: cluster.vpc }));
  // Admitted already: EC2 refuses the same rule twice.
  endpoint.connections.allowDefaultPortFrom(cluster);
  const rules = below(Template.fromStack(stack), 'AWS::EC2::SecurityGroupIngress', /EndpointsSqsSecurityGroupfrom/);
  expect(rules.map(([, { Properties }]) => [Properties.SourceSecurityGroupId['Fn::GetAtt'][0].slice(0, -8), Properties.FromPort])).toEqual([
    ['ClusterNodeSecurityGroup', 443], ['Cluster', 443], ['Other', 443],
  ]);
});

describe('a gateway endpoint', () => {
  test('is a route of the node subnets', () => {
    const { stack, cluster } = testCluster();
    cluster.addAwsServiceEndpoint('Tables', { service: AwsService.byGateway(DYNAMODB) });
    const [[, { Properties }]] = below(Template.fromStack(stack), 'AWS::EC2::VPCEndpoint', /Tables/);
    expect(Properties).toMatchObject({ VpcEndpointType: 'Gateway', ServiceName: { 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.dynamodb']] } });
    expect(Properties.RouteTableIds.map(({ Ref }: any) => Ref.replace(/.{8}$/, ''))).toEqual(['ClusterVpcnodeSubnet1RouteTable', 'ClusterVpcnodeSubnet2RouteTable']);
    expect(below(Template.fromStack(stack), 'AWS::EC2::SecurityGroup', /Tables/)).toEqual([]);
  });

  test('is no peer and has no group', () => {
    const { app, cluster } = testCluster();
    const endpoint = cluster.addAwsServiceEndpoint('Tables', { service: AwsService.byGateway(DYNAMODB) });
    expect(() => endpoint.connections).toThrow(new Error('Platform/Cluster/AwsServiceEndpoints/Tables: a gateway endpoint is a route and has no security group; its endpoint policy says what it lets through'));
    cluster.allowTraffic('ToTables', { source: cluster.addNamespace('web'), destination: endpoint, ports: [NetworkPort.tcp(443)] });
    expect(() => app.synth()).toThrow('Platform/Cluster/AwsServiceEndpoints/Tables: a gateway endpoint leads to public addresses, which no policy tells from others; name its ranges with NetworkPeer.cidr(), or allow NetworkPeer.internet()');
  });

  test('needs to see route tables', () => {
    const stack = new Stack(new App(), 'Platform');
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], vpcCidrBlock: '10.0.0.0/16' });
    const nodes = ['subnet-1', 'subnet-2'].map((subnetId, index) => ec2.Subnet.fromSubnetAttributes(stack, subnetId, { subnetId, availabilityZone: 'ab'[index], ...index === 0 && { routeTableId: 'rtb-1' } }));
    const cluster = clusterIn(stack, { cluster: { vpc, subnets: { nodes: { subnets: nodes } } } });
    cluster.addAwsServiceEndpoint('Tables', { service: AwsService.byGateway(DYNAMODB) });
    expect(errorsOf({ app: stack.node.root as App, cluster })).toEqual([
      'Platform/Cluster/AwsServiceEndpoints/Tables: a gateway endpoint is a route in the tables of the node subnets, and those of subnet-2 are not visible; give subnets that know their route tables, as Vpc.fromLookup finds them [cdk-secure-eks:awsServiceRouteTables]',
    ]);
  });
});

describe('one endpoint for a service', () => {
  const twice = (id: string, what: string, other: string) =>
    `Platform/Cluster/AwsServiceEndpoints/${id}: the VPC has ${what} already, ${other}, and EC2 refuses a second; remove one of them [cdk-secure-eks:awsServiceEndpointTwice]`;

  test('not two of this cluster, and not one besides that of the VPC', () => {
    const found = testCluster();
    found.cluster.addAwsServiceEndpoint('A', { service: AwsService.byInterface(SQS) });
    found.cluster.addAwsServiceEndpoint('B', { service: AwsService.byInterface(SQS) });
    found.cluster.addAwsServiceEndpoint('Buckets', { service: AwsService.byGateway(S3) });
    expect(errorsOf(found)).toEqual([
      twice('B', 'an interface endpoint for sqs', 'Platform/Cluster/AwsServiceEndpoints/A'),
      twice('Buckets', 'a gateway endpoint for s3', 'Platform/Cluster/Vpc/S3'),
    ]);
  });

  test('not besides what a given VPC of the app has, in another stack', () => {
    const app = new App();
    const env = { account: '111122223333', region: 'eu-west-1' };
    const network = new Stack(app, 'Network', { env });
    const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2, subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC }, { name: 'nodes', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }] });
    vpc.addInterfaceEndpoint('Queue', { service: SQS });
    const stack = new Stack(app, 'Platform', { env });
    const cluster = clusterIn(stack, { cluster: { vpc } });
    cluster.addAwsServiceEndpoint('Mine', { service: AwsService.byInterface(SQS) });
    cluster.addAwsServiceEndpoint('Eks', { service: AwsService.byInterface(EKS) });
    expect(errorsOf({ app, cluster })).toEqual([twice('Mine', 'an interface endpoint for sqs', 'Network/Vpc/Queue')]);
  });

  test('nor besides one of an imported VPC that the app makes', () => {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], vpcCidrBlock: '10.0.0.0/16', privateSubnetIds: ['subnet-1', 'subnet-2'] });
    new ec2.CfnVPCEndpoint(stack, 'Queue', { vpcId: 'vpc-1', serviceName: 'com.amazonaws.eu-west-1.sqs', vpcEndpointType: 'Interface' });
    new ec2.CfnVPCEndpoint(stack, 'Elsewhere', { vpcId: 'vpc-2', serviceName: 'com.amazonaws.eu-west-1.ssm', vpcEndpointType: 'Interface' });
    const cluster = clusterIn(stack, { cluster: { vpc } });
    cluster.addAwsServiceEndpoint('Mine', { service: AwsService.byInterface(SQS) });
    cluster.addAwsServiceEndpoint('Ssm', { service: AwsService.byInterface(SSM) });
    expect(errorsOf({ app, cluster })).toEqual([twice('Mine', 'an interface endpoint for sqs', 'Platform/Queue')]);
  });

  test('a service that is a token is a warning', () => {
    const { app, stack, cluster } = testCluster();
    const name = new CfnParameter(stack, 'Service').valueAsString;
    expect(cluster.addAwsServiceEndpoint('Some', { service: AwsService.byInterface(new ec2.InterfaceVpcEndpointService(name)) }).peerName)
      .toBe('the interface endpoints of AWS services, of which a service known at deployment is one');
    expect(fileOf(app.synth(), 'Platform.network-report.md'))
      .toContain('- Platform/Cluster/AwsServiceEndpoints/Some: only the deployment knows its service: whether the VPC has an endpoint for it already was not checked (awsServiceUnknown)');
  });
});

test.each([false, true])('sessions of a bastion pass, whichever came first (the bastion: %s)', (bastionFirst) => {
  const { stack, cluster } = testCluster();
  if (bastionFirst) cluster.addBastion('Ops');
  cluster.addAwsServiceEndpoint('Ssm', { service: AwsService.byInterface(SSM) });
  cluster.addAwsServiceEndpoint('Messages', { service: AwsService.byInterface(SSM_MESSAGES) });
  cluster.addAwsServiceEndpoint('Sqs', { service: AwsService.byInterface(SQS) });
  if (!bastionFirst) cluster.addBastion('Ops');
  const rules = below(Template.fromStack(stack), 'AWS::EC2::SecurityGroupIngress', /AwsServiceEndpoints.*BastionsOps/);
  expect(rules.map(([id, { Properties }]) => [/Endpoints(.*)SecurityGroupfrom/.exec(id)![1], Properties.FromPort]).sort()).toEqual([['Messages', 443], ['Ssm', 443]]);
});

test('each of two clusters with the same names, in two stacks, has one', () => {
  const app = new App();
  const clusters = ['A', 'B'].map((id) => clusterIn(new Stack(app, id)));
  for (const cluster of clusters) cluster.addAwsServiceEndpoint('Sqs', { service: AwsService.byInterface(SQS) });
  expect(errorsOf({ app, cluster: clusters[0] })).toEqual([]);
});

describe('the report', () => {
  const linesOf = ({ app }: { app: App }) => fileOf(app.synth(), 'Platform.network-report.md').split('## AWS services inside the VPC\n\n')[1]?.split('\n\n')[0].split('\n');

  test('says of each endpoint where it is, whom it admits and what its policy lets through, as it is in the end', () => {
    const found = testCluster();
    const { stack, cluster } = found;
    cluster.addBastion('Ops');
    cluster.addAwsServiceEndpoint('Ssm', { service: AwsService.byInterface(SSM) });
    const endpoint = cluster.addAwsServiceEndpoint('Sqs', {
      service: AwsService.byInterface(SQS),
      policyStatements: [
        new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['sqs:SendMessage', 'sqs:ReceiveMessage'], resources: [stack.formatArn({ service: 'sqs', resource: 'jobs' })] }),
        new iam.PolicyStatement({ effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], notActions: ['sqs:*'], resources: ['*'], conditions: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ],
    });
    endpoint.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.9.0.0/16'));
    endpoint.connections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Other', { vpc: cluster.vpc }));
    cluster.addAwsServiceEndpoint('Tables', { service: AwsService.byGateway(DYNAMODB) });
    const inSubnets = 'in Platform/Cluster/Vpc/endpointSubnet1, Platform/Cluster/Vpc/endpointSubnet2';
    const inTables = 'a route in Platform/Cluster/Vpc/nodeSubnet1, Platform/Cluster/Vpc/nodeSubnet2';
    expect(linesOf(found)).toEqual([
      `- sqs: interface endpoint Platform/Cluster/AwsServiceEndpoints/Sqs/Endpoint, ${inSubnets}; admits 10.9.0.0/16, nodes and pods, the functions that deploy objects, security group Platform/Other; its policy: Allow sqs:SendMessage, sqs:ReceiveMessage on arn:PARTITION:sqs:REGION:ACCOUNT:jobs and Deny all but sqs:\\* on \\* under conditions`,
      `- ssm: interface endpoint Platform/Cluster/AwsServiceEndpoints/Ssm/Endpoint, ${inSubnets}; admits nodes and pods, the functions that deploy objects, bastion Platform/Cluster/Bastions/Ops; its policy: everything that IAM allows`,
      `- dynamodb: gateway endpoint Platform/Cluster/AwsServiceEndpoints/Tables/Endpoint, ${inTables}; its policy: everything that IAM allows`,
      expect.stringMatching(/^- s3: gateway endpoint Platform\/Cluster\/Vpc\/S3, a route in .*; its policy: everything that IAM allows$/),
    ]);
  });

  test('names those of others in the VPC, with groups that are not in view', () => {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], vpcCidrBlock: '10.0.0.0/16', privateSubnetIds: ['subnet-1', 'subnet-2'] });
    new ec2.CfnVPCEndpoint(stack, 'Queue', { vpcId: 'vpc-1', serviceName: 'com.amazonaws.eu-west-1.sqs', vpcEndpointType: 'Interface', subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'], policyDocument: { Statement: [] } });
    clusterIn(stack, { cluster: { vpc } });
    expect(linesOf({ app })).toEqual(['- sqs: interface endpoint Platform/Queue, in subnet-1; admits whom security group sg-1 admits, which is not in view; its policy: nothing']);
  });
});

describe('a bastion in isolated subnets', () => {
  function isolated(internetAccess?: InternetAccess) {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, subnetConfiguration: [{ name: 'nodes', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
    const cluster = clusterIn(stack, { cluster: { vpc, subnets: { nodes: { subnetGroupName: 'nodes' } }, internetAccess } });
    cluster.acknowledge('nodesWithoutWayOut', { subject: 'subnets.nodes', reason: 'endpoints' });
    cluster.addBastion('Ops');
    const warning = () => fileOf(app.synth({ force: true }), 'Platform.network-report.md').split('\n').filter((line) => line.includes('bastionWithoutWayOut'));
    return { stack, vpc, cluster, warning };
  }
  const warned = (missing: string) => [`- bastion Platform/Cluster/Bastions/Ops: the node subnets are isolated, and this app makes no interface endpoint for ${missing} in the VPC: no session would reach it (bastionWithoutWayOut)`];

  test('is warned of without the endpoints of sessions, whoever makes them', () => {
    const { cluster, vpc, warning } = isolated();
    expect(warning()).toEqual(warned('ssm and ssmmessages'));
    vpc.addInterfaceEndpoint('Ssm', { service: SSM });
    expect(warning()).toEqual(warned('ssmmessages'));
    expect(cluster.node.path).toBe('Platform/Cluster');
  });

  test('is not with both, nor where somebody vouches for the routes', () => {
    const { cluster, warning } = isolated();
    cluster.addAwsServiceEndpoint('Ssm', { service: AwsService.byInterface(SSM) });
    cluster.addAwsServiceEndpoint('Messages', { service: AwsService.byInterface(SSM_MESSAGES) });
    expect(warning()).toEqual([]);
    expect(isolated(InternetAccess.external({ reason: 'a firewall' })).warning()).toEqual([]);
  });

  test('the warning can be accepted', () => {
    const { cluster, warning } = isolated();
    cluster.acknowledge('bastionWithoutWayOut', { subject: 'bastion Platform/Cluster/Bastions/Ops', reason: 'the network team has them' });
    expect(warning()).toEqual([expect.stringMatching(/^- accepted: /)]);
  });
});
