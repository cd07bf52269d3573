import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { build, resources, templateOf } from './fixture';
import { allowFromControlPlane } from '../../src/aws/security-groups';

const NODES = { 'Fn::GetAtt': ['NodeSecurityGroup73B1F8A3', 'GroupId'] };
const CONTROL_PLANE = { 'Fn::GetAtt': ['ControlPlaneSecurityGroupBA03A401', 'GroupId'] };

const template = templateOf();
const ingress = (of: Template) => Object.values(of.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties: p }) =>
  [p.SourceSecurityGroupId, p.GroupId, p.IpProtocol, p.FromPort, p.ToPort]);

test('who may open a connection to whom, completely', () => {
  expect(ingress(template)).toEqual([
    [NODES, NODES, '-1', undefined, undefined],
    [NODES, CONTROL_PLANE, 'tcp', 443, 443],
    [CONTROL_PLANE, NODES, 'tcp', 5443, 5443],
    [CONTROL_PLANE, NODES, 'tcp', 10250, 10250],
    [CONTROL_PLANE, NODES, 'tcp', 10251, 10251],
  ]);
  for (const { Properties } of Object.values(template.findResources('AWS::EC2::SecurityGroup'))) expect(Properties).not.toHaveProperty('SecurityGroupIngress');
});

test('the control plane opens connections to nodes only', () => {
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'API endpoint of EKS cluster Demo',
    SecurityGroupEgress: [{ CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 }],
  });
  expect(Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(({ Properties }) => Properties)).toEqual([{
    GroupId: CONTROL_PLANE,
    DestinationSecurityGroupId: NODES,
    IpProtocol: 'tcp',
    FromPort: 0,
    ToPort: 65535,
    Description: 'To nodes; their group decides which ports',
  }]);
});

test('only the group of nodes carries the tag of the cluster', () => {
  const tagged = Object.entries(resources(template)).filter(([, { Properties }]) => JSON.stringify(Properties?.Tags ?? []).includes('kubernetes.io/cluster/'));
  expect(tagged.map(([id]) => id)).toEqual(['NodeSecurityGroup73B1F8A3']);
});

describe('allowFromControlPlane', () => {
  test('opens a port and a range, once', () => {
    const { stack, parts } = build();
    allowFromControlPlane(parts.groups, { from: 8443 }, 'webhook');
    allowFromControlPlane(parts.groups, { from: 8443 }, 'webhook');
    allowFromControlPlane(parts.groups, { from: 9000, to: 9010 }, 'range');
    const found = Template.fromStack(stack);
    expect(ingress(found).slice(5)).toEqual([[CONTROL_PLANE, NODES, 'tcp', 8443, 8443], [CONTROL_PLANE, NODES, 'tcp', 9000, 9010]]);
    expect(Object.keys(found.findResources('AWS::EC2::SecurityGroupIngress')).slice(5).map((id) => id.slice(0, -8)))
      .toEqual(['SecurityGroupRulesControlPlaneToNodesTcp8443', 'SecurityGroupRulesControlPlaneToNodesTcp9000To9010']);
  });

  test('comes before nodes, whenever it is called', () => {
    const { stack, parts } = build();
    allowFromControlPlane(parts.groups, { from: 8443 }, 'webhook');
    const found = Template.fromStack(stack);
    const [nodegroup] = Object.values(found.findResources('AWS::EKS::Nodegroup'));
    const rules = Object.entries(resources(found)).filter(([, { Type }]) => /SecurityGroup(In|E)gress$/.test(Type)).map(([id]) => id);
    expect(rules).toHaveLength(7);
    expect(nodegroup.DependsOn).toEqual(expect.arrayContaining(rules));
  });
});

describe('connections', () => {
  test('a database opens to nodes and pods', () => {
    const { stack, parts } = build();
    const database = new ec2.SecurityGroup(stack, 'Database', { vpc: parts.network.vpc });
    database.connections.allowFrom(parts.groups.nodeConnections, ec2.Port.tcp(5432));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Database'), 'GroupId'] },
      SourceSecurityGroupId: NODES,
      FromPort: 5432,
    });
  });

  test('a runner reaches the API on 443', () => {
    const { stack, parts } = build();
    parts.groups.apiConnections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Runner', { vpc: parts.network.vpc }));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: CONTROL_PLANE,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Runner'), 'GroupId'] },
      FromPort: 443,
      ToPort: 443,
    });
  });
});

const added = (stack: Stack) => ingress(Template.fromStack(stack)).filter((rule) => !ingress(template).some((known) => JSON.stringify(known) === JSON.stringify(rule)));

test('a rule that is there already is not made a second time, which EC2 would refuse', () => {
  const { stack, parts: { groups } } = build();
  const twin = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Twin', groups.nodes.securityGroupId);
  for (const nodes of [groups.nodes, twin]) groups.apiConnections.allowDefaultPortFrom(nodes, 'once more');
  groups.nodeConnections.allowInternally(ec2.Port.allTraffic());
  groups.nodeConnections.allowFrom(groups.controlPlane, ec2.Port.tcp(10250));
  groups.nodeConnections.allowFrom(groups.controlPlane, ec2.Port.tcp(8443), 'first');
  allowFromControlPlane(groups, { from: 8443 }, 'second');
  for (const id of ['One', 'Two']) groups.apiConnections.allowDefaultPortFrom(ec2.SecurityGroup.fromSecurityGroupId(stack, id, 'sg-1'));
  expect(ingress(Template.fromStack(stack))).toHaveLength(7);
  expect(added(stack)).toEqual([[CONTROL_PLANE, NODES, 'tcp', 8443, 8443], ['sg-1', CONTROL_PLANE, 'tcp', 443, 443]]);
});

test('another port of the same source is another rule', () => {
  const { stack, parts: { groups } } = build();
  groups.apiConnections.allowFrom(groups.nodes, ec2.Port.tcp(8443));
  groups.apiConnections.allowFrom(groups.nodes, ec2.Port.udp(443));
  expect(added(stack)).toEqual([[NODES, CONTROL_PLANE, 'tcp', 8443, 8443], [NODES, CONTROL_PLANE, 'udp', 443, 443]]);
});
