import { booleanOf, canonical, numberOf, possibleIn, Template, TemplateResource } from './resource';
import { routesOf } from './routes';
import { nameOf } from './service-endpoints';
import { SubnetUse, TemplateView } from './view';

/** A subnet of the cluster's VPC, as CloudFormation gets it. */
export interface SubnetAsSeen {
  /** Construct path where the app makes it, else its id. */
  readonly name: string;
  /** Absent: known at deployment. */
  readonly range?: string;
  /** A zone, or its place among those of the region. */
  readonly zone?: string;
  /** What is in it. None: nothing of the cluster. */
  readonly uses: readonly (SubnetUse | 'pods')[];
  /** Beside the one to the VPC itself. Absent: not in view. */
  readonly routes?: readonly { readonly destination: string; readonly target: string }[];
  /** `default`: the VPC's own, which lets everything through unless somebody changed it. Absent: not in view. */
  readonly networkAcl?: 'default' | { readonly name: string; readonly entries: readonly AclEntry[] };
}

export interface AclEntry {
  readonly direction: 'ingress' | 'egress';
  readonly number: number;
  readonly action: string;
  readonly protocol: string;
  readonly ports?: string;
  readonly range: string;
}

/** Every subnet that the cluster uses, and every other one that the app makes in its VPC. */
export function subnetsAsSeen(view: TemplateView, vpcId: unknown): SubnetAsSeen[] {
  const { final, subnets, pods, places } = view;
  const found = new Map<string, { readonly reference: unknown; readonly uses: Set<SubnetAsSeen['uses'][number]> }>();
  const add = (reference: unknown, use?: SubnetAsSeen['uses'][number]) => {
    const name = nameOf(reference);
    const known = found.get(name) ?? { reference, uses: new Set() };
    found.set(name, known);
    if (use) known.uses.add(use);
  };
  for (const [use, ids] of Object.entries(subnets)) for (const id of ids) add(id, use as SubnetUse);
  for (const id of pods) add(id, 'pods');
  for (const { path, properties } of final.ofType('AWS::EC2::Subnet')) if (canonical(properties.VpcId) === canonical(vpcId)) add({ Ref: path });
  return [...found].map(([name, { reference, uses }]): SubnetAsSeen => {
    const made = final.target(reference);
    const range = made ? made.properties.CidrBlock : places.find(({ key }) => key === name)?.cidr;
    return {
      name,
      ...typeof range === 'string' && { range },
      ...made && { zone: zoneOf(made), routes: routesOf(final, made).map(routeOf).sort((a, b) => a.destination < b.destination ? -1 : 1), networkAcl: aclOf(final, made) },
      uses: USES.filter((use) => uses.has(use)),
    };
  }).sort((a, b) => a.name < b.name ? -1 : 1);
}

const USES: readonly SubnetAsSeen['uses'][number][] = ['controlPlane', 'nodes', 'pods', 'loadBalancers', 'endpoints'];

function zoneOf({ properties: { AvailabilityZone: zone } }: TemplateResource): string {
  const index = zone?.['Fn::Select']?.[0];
  return typeof zone === 'string' ? zone : numberOf(index) !== undefined ? `zone ${numberOf(index)! + 1} of the region` : 'known at deployment';
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html */
const TARGETS = [
  'CarrierGatewayId', 'CoreNetworkArn', 'EgressOnlyInternetGatewayId', 'GatewayId', 'InstanceId', 'LocalGatewayId', 'NatGatewayId', 'NetworkInterfaceId', 'TransitGatewayId',
  'VpcEndpointId', 'VpcPeeringConnectionId',
];

function routeOf({ properties }: TemplateResource): { destination: string; target: string } {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = properties;
  return {
    destination: nameOf(DestinationCidrBlock ?? DestinationIpv6CidrBlock ?? DestinationPrefixListId),
    target: TARGETS.filter((name) => properties[name] !== undefined).map((name) => nameOf(properties[name])).join(', ') || 'known at deployment',
  };
}

function aclOf(final: Template, subnet: TemplateResource): SubnetAsSeen['networkAcl'] {
  const association = final.ofType('AWS::EC2::SubnetNetworkAclAssociation').find(({ properties }) => possibleIn(properties.SubnetId).some((id) => final.target(id)?.path === subnet.path));
  if (!association) return 'default';
  const id = association.properties.NetworkAclId;
  const entries = final.ofType('AWS::EC2::NetworkAclEntry').filter(({ properties }) => canonical(properties.NetworkAclId) === canonical(id)).map(entryOf);
  return { name: nameOf(id), entries: entries.sort((a, b) => a.direction !== b.direction ? (a.direction < b.direction ? 1 : -1) : a.number - b.number) };
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html: -1 is every protocol. */
const PROTOCOLS: Readonly<Record<string, string>> = { '-1': 'all', '1': 'ICMP', '6': 'TCP', '17': 'UDP' };

function entryOf({ properties: { Egress, RuleNumber, RuleAction, Protocol, PortRange, CidrBlock, Ipv6CidrBlock } }: TemplateResource): AclEntry {
  const { From, To } = PortRange ?? {};
  return {
    direction: booleanOf(Egress) === true ? 'egress' : 'ingress',
    number: numberOf(RuleNumber) ?? 0,
    action: nameOf(RuleAction),
    protocol: PROTOCOLS[String(Protocol)] ?? nameOf(String(Protocol)),
    ...From !== undefined && { ports: From === To ? String(From) : `${From}-${To}` },
    range: nameOf(CidrBlock ?? Ipv6CidrBlock),
  };
}
