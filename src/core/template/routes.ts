import { canonical, possibleIn, Template, TemplateResource } from './resource';
import { CidrSet } from '../sets/cidr-set';
import { RFC1918, SHARED } from '../sets/special-ranges';

/** No gateway of AWS sends these to the internet. */
const PRIVATE = [...RFC1918, ...SHARED].reduce((all, { set }) => all.union(set), CidrSet.EMPTY);

/** Routes of the tables that a subnet is given. */
export function routesOf(final: Template, subnet: Pick<TemplateResource, 'path'>): TemplateResource[] {
  const tables = final.ofType('AWS::EC2::SubnetRouteTableAssociation').filter(({ properties }) => possibleIn(properties.SubnetId).some((id) => final.target(id)?.path === subnet.path))
    .flatMap(({ properties }) => possibleIn(properties.RouteTableId).map(canonical));
  return final.ofType('AWS::EC2::Route').filter(({ properties }) => possibleIn(properties.RouteTableId).some((table) => tables.includes(canonical(table))));
}

/** A gateway may also be one of a private network; undefined: nobody can say. */
export function leadsToInternet(final: Template, gateway: unknown): boolean | undefined {
  if (gateway === undefined) return false;
  if (typeof gateway === 'string') return gateway.startsWith('igw-');
  const type = final.target(gateway)?.type;
  return type === 'AWS::EC2::InternetGateway' ? true : type === 'AWS::EC2::VPNGateway' ? false : undefined;
}

/** Whether routes of a subnet that the app makes lead to all these addresses outside its VPC. NAT and internet gateways know public ones alone. */
export function leadsTo(final: Template, subnet: Pick<TemplateResource, 'path'>, addresses: CidrSet): boolean {
  const routes = routesOf(final, subnet).map(({ properties }) => properties);
  // A prefix list holds what nobody sees here.
  if (routes.some(({ DestinationPrefixListId }) => DestinationPrefixListId !== undefined)) return true;
  const led = routes.flatMap(({ DestinationCidrBlock: destination, NatGatewayId, GatewayId }) => {
    if (typeof destination !== 'string') return [];
    const onlyPublic = NatGatewayId !== undefined || leadsToInternet(final, GatewayId) === true;
    return [onlyPublic ? CidrSet.of(destination).subtract(PRIVATE) : CidrSet.of(destination)];
  });
  return led.reduce((all, set) => all.union(set), CidrSet.EMPTY).covers(addresses);
}
