import { CfnOutput, CfnResource, Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Fault, Healthy } from '../fixture';

const NODES = 'NodeSecurityGroup';
const API = 'ControlPlaneSecurityGroup';
type Rule = Partial<ec2.CfnSecurityGroupIngressProps>;
const TCP_8080 = { ipProtocol: 'tcp', fromPort: 8080, toPort: 8080 };
const HTTPS_RULE = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' };
const HTTPS = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };

/** A rule in another stack, about a group of the cluster. */
const ingress = (groupId: (app: Healthy) => string, ...rules: Rule[]): Fault['apply'] => (app) => rules.forEach((rule, index) => {
  new ec2.CfnSecurityGroupIngress(app.other, `Rule${index}`, { groupId: groupId(app), ...TCP_8080, ...rule });
});
const of = (path: string) => ({ at }: Healthy) => at(path).getAtt('GroupId').toString();
const clusterGroup = ({ eks }: Healthy) => eks.attrClusterSecurityGroupId;

export const GROUP_FAULTS: Fault[] = [
  { name: 'nodes open to the world', code: 'groupOpenToWorld', apply: ({ cluster }) => cluster.connections.allowFromAnyIpv4(ec2.Port.tcp(8080)) },
  { name: 'nodes open to the world in an override', code: 'groupOpenToWorld', apply: ({ at }) => at(NODES).addPropertyOverride('SecurityGroupIngress', [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 }]) },
  { name: 'nodes open to the world by the words of what they let out', code: 'groupOpenToWorld', apply: ({ at }) => at(NODES).addPropertyOverride('SecurityGroupIngress', [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }]) },
  { name: 'nodes open to the world of IPv6, from another stack', code: 'groupOpenToWorld', apply: ingress(of(NODES), { cidrIpv6: '::/0' }) },
  { name: 'nodes open to two halves of the world, in two rules', code: 'groupOpenToWorld', apply: ingress(of(NODES), { cidrIp: '0.0.0.0/2' }, { cidrIp: '64.0.0.0/2' }, { cidrIp: '128.0.0.0/2' }) },
  { name: 'nodes open to public addresses', code: 'groupOpenToPublic', apply: ingress(of(NODES), { cidrIp: '52.94.76.0/24' }) },
  { name: 'nodes open to a whole private range', code: 'groupBroad', apply: ingress(of(NODES), { cidrIp: '10.0.0.0/8' }) },
  { name: 'nodes open to what only the deployment knows', code: 'templateValueUnknown', apply: ingress(of(NODES), { cidrIp: Fn.importValue('office') }) },
  { name: 'nodes open to a prefix list', code: 'templateValueUnknown', apply: ingress(of(NODES), { sourcePrefixListId: 'pl-12345678' }) },
  { name: 'every port of nodes', code: 'groupAllPorts', apply: ({ cluster }) => cluster.connections.allowFrom(ec2.Peer.ipv4('10.9.0.0/24'), ec2.Port.allTraffic()) },
  { name: 'the kubelet opened to another group', code: 'kubeletOpened', apply: ingress(of(NODES), { sourceSecurityGroupId: 'sg-12345678', fromPort: 10000, toPort: 11000 }) },
  { name: 'SSH to nodes', code: 'shellOpened', apply: ingress(of(NODES), { cidrIp: '10.9.0.0/24', fromPort: 22, toPort: 22 }) },
  { name: 'the endpoint open to the world', code: 'groupOpenToWorld', apply: ({ cluster }) => cluster.apiConnections.connections.allowDefaultPortFromAnyIpv4() },
  { name: 'the endpoint open to the world, by an exported name', code: 'groupOpenToWorld', apply: (app) => {
    new CfnOutput(app.stack, 'Group', { value: of(API)(app), exportName: 'api-group' });
    ingress(() => Fn.importValue('api-group'), { ...HTTPS, cidrIp: '0.0.0.0/1' })(app);
  } },
  { name: 'another port of the endpoint', code: 'apiGroupPorts', apply: ingress(of(API), { cidrIp: '10.9.0.0/24' }) },
  { name: 'the control plane calling anywhere', code: 'controlPlaneEgress', apply: ({ cluster }) => {
    new ec2.CfnSecurityGroupEgress(cluster.eksCluster, 'Egress', { groupId: cluster.apiConnections.connections.securityGroups[0].securityGroupId, ipProtocol: '-1', cidrIp: '0.0.0.0/0' });
  } },
  { name: "EKS' own group open to the world", code: 'groupOpenToWorld', apply: ingress(clusterGroup, { ...HTTPS, cidrIp: '0.0.0.0/0' }) },
  { name: "EKS' own group open on every port", code: 'apiGroupPorts', apply: ({ cluster }) => cluster.eksCluster.connections.allowFrom(ec2.Peer.ipv4('10.9.0.0/24'), ec2.Port.allTraffic()) },
  { name: 'an endpoint of a service open to the world', code: 'groupOpenToWorld', apply: ({ cluster, stack }) => {
    const group = new ec2.SecurityGroup(stack, 'EndpointGroup', { vpc: cluster.vpc });
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
    new ec2.InterfaceVpcEndpoint(stack, 'Endpoint', { vpc: cluster.vpc, service: ec2.InterfaceVpcEndpointAwsService.STS, securityGroups: [group], subnets: { subnetGroupName: 'endpoint' } });
  } },
  { name: 'nodes open to the world, if a condition holds', code: 'groupOpenToWorld', apply: ({ at }) => at(NODES).addPropertyOverride('SecurityGroupIngress', { 'Fn::If': ['Open', [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 }], { Ref: 'AWS::NoValue' }] }) },
  { name: 'one rule of nodes to the world, if a condition holds', code: 'groupOpenToWorld', apply: ({ at }) => at(NODES).addPropertyOverride('SecurityGroupIngress', [{ 'Fn::If': ['Open', { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 }, { Ref: 'AWS::NoValue' }] }]) },
  { name: 'rules of nodes that only the deployment knows', code: 'templateValueUnknown', apply: ({ at }) => at(NODES).addPropertyOverride('SecurityGroupIngress', [{ 'Fn::Transform': { Name: 'Rules' } }]) },
  { name: 'a rule whose group a condition chooses', code: 'groupOpenToWorld', apply: ({ stack, at }) => {
    new CfnResource(stack, 'Rule', { type: 'AWS::EC2::SecurityGroupIngress', properties: { ...HTTPS_RULE, GroupId: { 'Fn::If': ['Open', { 'Fn::GetAtt': [at(NODES).logicalId, 'GroupId'] }, 'sg-1'] } } });
  } },
  { name: 'the kubelet, in capitals', code: 'kubeletOpened', apply: ingress(of(NODES), { ipProtocol: 'TCP', fromPort: 10250, toPort: 10250, cidrIp: '10.9.0.0/24' }) },
  { name: 'a control plane whose group no longer says what it lets out', code: 'controlPlaneEgress', apply: ({ at }) => at(API).addPropertyDeletionOverride('SecurityGroupEgress') },
  { name: 'a machine in the group of nodes', code: 'clusterGroupShared', apply: (app) => { new ec2.CfnInstance(app.other, 'Machine', { imageId: 'ami-1', securityGroupIds: [of(NODES)(app)] }); } },
  { name: "a function in EKS' own group", code: 'clusterGroupShared', apply: (app) => {
    new CfnResource(app.other, 'Function', { type: 'AWS::Lambda::Function', properties: { VpcConfig: { SecurityGroupIds: [clusterGroup(app)] } } });
  } },
  { name: 'a rule by condition', code: 'resourceConditional', apply: ({ at }) => at('SecurityGroupRules/NodesToApi').addOverride('Condition', 'Sometimes') },
  { name: 'a source that is no CIDR', code: 'groupSourceInvalid', apply: ingress(of(NODES), { cidrIp: 'office' }) },
  { name: 'a rule between nodes and endpoint gone', code: 'resourceRemoved', apply: ({ cluster }) => { cluster.node.findChild('SecurityGroupRules').node.tryRemoveChild('NodesToApi'); } },
  { name: 'the cluster tag moved away', code: 'clusterTag', apply: ({ at }) => at(NODES).addPropertyOverride('Tags', []) },
  { name: 'the cluster tag on two groups of one interface', code: 'clusterTag', apply: ({ cluster, stack, launchTemplate, at }) => {
    const second = new ec2.CfnSecurityGroup(stack, 'Second', { groupDescription: 'second', vpcId: cluster.vpc.vpcId, tags: [{ key: `kubernetes.io/cluster/${cluster.clusterName}`, value: 'owned' }] });
    launchTemplate.addPropertyOverride('LaunchTemplateData.SecurityGroupIds', [at(NODES).getAtt('GroupId'), second.attrGroupId]);
  } },
];
