import { Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { Fault, Healthy } from '../fixture';

const subnet = (name: string) => `Vpc/${name}Subnet1/Subnet`;
const tag = (name: string, key: string): Fault['apply'] => ({ at }) => at(subnet(name)).addPropertyOverride('Tags', [{ Key: key, Value: '1' }]);
const route = (name: string, destinationCidrBlock: string): Fault['apply'] => ({ other, at, cluster }) => {
  new ec2.CfnRoute(other, 'Route', { routeTableId: at(`Vpc/${name}Subnet1/RouteTable`).ref, destinationCidrBlock, gatewayId: (cluster.vpc as ec2.Vpc).internetGatewayId });
};
const remove = (...path: string[]): Fault['apply'] => ({ cluster }: Healthy) => {
  const parent = path.slice(0, -1).reduce<IConstruct>((scope, id) => scope.node.findChild(id), cluster);
  parent.node.tryRemoveChild(path.at(-1)!);
};
const AUTO_PUBLIC: Fault['apply'] = ({ at }) => at(subnet('node')).addPropertyOverride('MapPublicIpOnLaunch', true);

export const NETWORK_FAULTS: Fault[] = [
  { name: 'public addresses on node subnets', code: 'subnetPublicAddresses', apply: AUTO_PUBLIC },
  { name: 'public addresses on control-plane subnets', code: 'subnetPublicAddresses', apply: ({ at }) => at(subnet('control-plane')).addPropertyOverride('MapPublicIpOnLaunch', true) },
  { name: 'a route from a node subnet to the internet', code: 'routeToInternetGateway', apply: ({ at, cluster }) => {
    const found = at('Vpc/nodeSubnet1/DefaultRoute');
    found.addPropertyDeletionOverride('NatGatewayId');
    found.addPropertyOverride('GatewayId', (cluster.vpc as ec2.Vpc).internetGatewayId);
  } },
  { name: 'a route added to the table of the control plane, from another stack', code: 'routeToInternetGateway', apply: route('control-plane', '0.0.0.0/0') },
  { name: 'a narrow route to the internet', code: 'routeToInternetGateway', apply: route('endpoint', '52.94.76.0/24') },
  { name: 'a node subnet in the table of public ones', code: 'routeToInternetGateway', apply: ({ at }) => at('Vpc/nodeSubnet1/RouteTableAssociation').addPropertyOverride('RouteTableId', { Ref: at('Vpc/publicSubnet1/RouteTable').logicalId }) },
  { name: 'a way out of the subnets of load balancers', code: 'isolatedSubnetRouted', apply: ({ other, at }) => {
    new ec2.CfnRoute(other, 'Route', { routeTableId: at('Vpc/load-balancerSubnet1/RouteTable').ref, destinationCidrBlock: '0.0.0.0/0', natGatewayId: at('Vpc/publicSubnet1/NATGateway').ref });
  } },
  { name: 'half a way out of the subnets of load balancers', code: 'isolatedSubnetRouted', apply: ({ other, at }) => {
    new ec2.CfnRoute(other, 'Route', { routeTableId: at('Vpc/load-balancerSubnet1/RouteTable').ref, destinationCidrBlock: '0.0.0.0/1', natGatewayId: at('Vpc/publicSubnet1/NATGateway').ref });
  } },
  { name: 'a route whose table a condition chooses', code: 'routeToInternetGateway', apply: ({ stack, at }) => {
    new ec2.CfnRoute(stack, 'Route', { routeTableId: Fn.conditionIf('Open', at('Vpc/nodeSubnet1/RouteTable').ref, 'rtb-1').toString(), destinationCidrBlock: '52.0.0.0/8', gatewayId: 'igw-1' });
  } },
  { name: 'something else instead of the flow log', code: 'resourceRemoved', apply: ({ at }) => at('Vpc/FlowLog/FlowLog').addOverride('Type', 'AWS::CloudFormation::WaitConditionHandle') },
  { name: 'load balancers in control-plane subnets', code: 'loadBalancerTag', apply: tag('control-plane', 'kubernetes.io/role/internal-elb') },
  { name: 'public load balancers in node subnets', code: 'loadBalancerTag', apply: tag('node', 'kubernetes.io/role/elb') },
  { name: 'internal load balancers in public subnets', code: 'loadBalancerTag', apply: tag('public', 'kubernetes.io/role/internal-elb') },
  { name: 'a NAT gateway gone', code: 'resourceRemoved', apply: remove('Vpc', 'nodeSubnet1', 'DefaultRoute') },
  { name: 'the flow log gone', code: 'resourceRemoved', apply: remove('Vpc', 'FlowLog') },
  { name: 'the flow log by condition', code: 'resourceConditional', apply: ({ at }) => at('Vpc/FlowLog/FlowLog').addOverride('Condition', 'IsProd') },
  { name: 'a flow log of rejects alone', code: 'flowLogChanged', apply: ({ at }) => at('Vpc/FlowLog/FlowLog').addPropertyOverride('TrafficType', 'REJECT') },
  { name: 'control-plane logs kept for a day', code: 'logRetentionShort', apply: ({ at }) => at('ControlPlaneLogs').addPropertyOverride('RetentionInDays', 1) },
  { name: 'control-plane logs deleted with the stack', code: 'resourceChanged', apply: ({ at }) => at('ControlPlaneLogs').addOverride('DeletionPolicy', 'Delete') },
  { name: 'no DNS in the VPC', code: 'vpcDnsOff', apply: ({ at }) => at('Vpc').addPropertyOverride('EnableDnsSupport', false) },
  { name: 'no DNS names in the VPC', code: 'vpcDnsOff', apply: ({ at }) => at('Vpc').addPropertyDeletionOverride('EnableDnsHostnames') },
  { name: 'another range of a subnet', code: 'resourceChanged', apply: ({ at }) => at(subnet('node')).addPropertyOverride('CidrBlock', '10.0.0.0/20') },
];
