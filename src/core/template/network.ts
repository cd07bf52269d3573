import { isOn } from './access';
import { groupKey } from './group-rules';
import { booleanOf, listOf, numberOf, same, TemplateResource } from './resource';
import { leadsToInternet, routesOf } from './routes';
import { checkSettings, finding, Finding, Setting, SubnetUse, TemplateView, unknown } from './view';
import { CidrSet } from '../sets/cidr-set';
import { PUBLIC_ADDRESSES } from '../sets/special-ranges';

/** https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html */
const INTERNAL = 'kubernetes.io/role/internal-elb';
const PUBLIC = 'kubernetes.io/role/elb';

const WORDS: Record<SubnetUse, string> = { controlPlane: 'the control plane', nodes: 'nodes', loadBalancers: 'internal load balancers', endpoints: 'interface endpoints' };

const DNS = { code: 'vpcDnsOff', rule: 'without DNS support and DNS hostnames nobody finds the private endpoint', fix: 'set both on the VPC' };
const VPC: readonly Setting[] = [
  { property: 'EnableDnsSupport', holds: (value) => value === undefined || booleanOf(value) === true, ...DNS },
  { property: 'EnableDnsHostnames', holds: (value) => booleanOf(value) === true, ...DNS },
];
const FLOW_LOG: readonly Setting[] = ['TrafficType', 'ResourceId', 'ResourceType'].map((property) => ({
  property, holds: () => false, code: 'flowLogChanged', acknowledgeable: true, rule: 'it would no longer record all traffic of the VPC', fix: 'remove what sets it',
}));
const LOG_GROUP: readonly Setting[] = [{
  property: 'RetentionInDays', holds: (days, decided) => days === undefined || (numberOf(days) ?? 0) >= (numberOf(decided) ?? 0),
  code: 'logRetentionShort', severity: 'warning', acknowledgeable: true, rule: 'logs would be gone before logRetention says', fix: 'write it in logRetention',
}];

/** Subnets, routes, the VPC and its records. */
export function checkNetwork(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided } = view;
  const uses = Object.entries(view.subnets) as [SubnetUse, readonly unknown[]][];
  const known = new Map<string, SubnetUse[]>();
  for (const [use, ids] of uses) for (const id of ids) if (final.target(id)) known.set(final.target(id)!.path, [...known.get(final.target(id)!.path) ?? [], use]);
  const subnets = [...known].map(([path, of]) => ({ subnet: final.get(path)!, of }));
  const vpcs = new Map(subnets.flatMap(({ subnet }) => final.target(subnet.properties.VpcId) ?? []).map((vpc) => [vpc.path, vpc]));
  const own = (type: string) => decided.ofType(type).flatMap(({ path }) => final.get(path) ?? []);
  return [
    // Of given subnets the checks of a given VPC tell.
    ...subnets.filter(({ subnet }) => decided.get(subnet.path)).flatMap(({ subnet, of }) => [...checkSubnet(subnet, of), ...checkRoutes(view, subnet, of)]),
    ...own('AWS::EC2::Subnet').filter(({ path }) => !known.has(path)).flatMap((subnet) => hasTag(subnet, INTERNAL) ? [tagged(subnet, INTERNAL, 'it is for public load balancers')] : []),
    ...[...vpcs.values()].flatMap((vpc) => checkSettings(view, vpc, VPC)),
    ...own('AWS::EC2::FlowLog').flatMap((log) => checkSettings(view, log, FLOW_LOG)),
    ...own('AWS::Logs::LogGroup').flatMap((group) => checkSettings(view, group, LOG_GROUP)),
    ...checkNodeSubnets(view, cluster),
  ];
}

function checkSubnet(subnet: TemplateResource, uses: readonly SubnetUse[]): Finding[] {
  const found: Finding[] = [];
  const { MapPublicIpOnLaunch } = subnet.properties;
  const words = uses.map((use) => WORDS[use]).join(' and ');
  if (MapPublicIpOnLaunch !== undefined && booleanOf(MapPublicIpOnLaunch) !== false) {
    found.push(finding(subnet, 'MapPublicIpOnLaunch', MapPublicIpOnLaunch, { code: 'subnetPublicAddresses', rule: `what starts here, ${words}, would get a public address`, fix: 'remove what sets it' }));
  }
  if (hasTag(subnet, PUBLIC)) found.push(tagged(subnet, PUBLIC, `it is for ${words}, and Kubernetes would place public load balancers in it`));
  if (hasTag(subnet, INTERNAL) && !uses.includes('loadBalancers')) found.push(tagged(subnet, INTERNAL, `it is for ${words}, and Kubernetes would place load balancers in it`));
  return found;
}

function tagged(subnet: TemplateResource, key: string, rule: string): Finding {
  return finding(subnet, 'Tags', key, { code: 'loadBalancerTag', acknowledgeable: true, rule, fix: 'tag the subnets of load balancers alone' });
}

function hasTag({ properties }: TemplateResource, key: string): boolean {
  return listOf(properties.Tags).some(({ Key }) => Key === key);
}

/** Private is what no internet gateway leads to. */
function checkRoutes({ final }: TemplateView, subnet: TemplateResource, uses: readonly SubnetUse[]): Finding[] {
  const words = uses.map((use) => WORDS[use]).join(' and ');
  const isolated = !uses.includes('nodes');
  return routesOf(final, subnet).flatMap((route): Finding[] => {
    const { GatewayId, DestinationCidrBlock, DestinationIpv6CidrBlock } = route.properties;
    const destination = DestinationCidrBlock ?? DestinationIpv6CidrBlock;
    const gateway = leadsToInternet(final, GatewayId);
    const rule = `the subnet of ${words} would be on the internet`;
    if (gateway === true) return [finding(route, 'GatewayId', GatewayId, { code: 'routeToInternetGateway', rule, fix: 'route through a NAT gateway, or use subnets made for it' })];
    if (gateway === undefined) return [unknown(route, 'GatewayId', GatewayId, rule)];
    return isolated && typeof destination === 'string' && CidrSet.of(destination).overlaps(PUBLIC_ADDRESSES) ? [finding(route, 'DestinationCidrBlock', destination, {
      code: 'isolatedSubnetRouted', acknowledgeable: true, rule: `the subnet of ${words} has no way out by design`, fix: 'remove the route',
    })] : [];
  });
}

function checkNodeSubnets({ final, decided }: TemplateView, cluster: TemplateResource): Finding[] {
  return final.ofType('AWS::EKS::Nodegroup').filter(({ properties }) => isOn(cluster, properties.ClusterName)).flatMap((nodegroup): Finding[] => {
    const { Subnets } = nodegroup.properties;
    const open = listOf(Subnets).flatMap((id) => final.target(id) ?? [])
      .filter((subnet) => booleanOf(subnet.properties.MapPublicIpOnLaunch) === true || routesOf(final, subnet).some(({ properties }) => leadsToInternet(final, properties.GatewayId) === true));
    if (open.length > 0) return [finding(nodegroup, 'Subnets', open.map(({ path }) => path), { code: 'nodeSubnetPublic', rule: 'nodes and pods would be on the internet', fix: 'select private subnets in subnets.nodes' })];
    const before = decided.get(nodegroup.path);
    return !before || same(before.properties.Subnets, Subnets) ? [] : [finding(nodegroup, 'Subnets', listOf(Subnets).map(groupKey), {
      code: 'nodeSubnetsChanged', rule: 'policies name nodes by their subnets, and these are others', fix: 'select them in subnets.nodes',
    })];
  });
}
