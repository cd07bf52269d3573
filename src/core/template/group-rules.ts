import { canonical, isUnknown, numberOf, possibleIn, Template, TemplateResource } from './resource';

/** One rule of a security group, wherever it is written. */
export interface GroupRule {
  /** The group itself, or a resource of its own. */
  readonly resource: TemplateResource;
  readonly property: string;
  readonly cidr?: unknown;
  /** Key of another group. */
  readonly group?: string;
  readonly prefixList?: unknown;
  readonly protocol: string;
  /** Every port where the protocol is `-1`. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Only the deployment knows what it says. */
  readonly unseen?: unknown;
}

export type Direction = 'Ingress' | 'Egress';

const LAST_PORT = 65535;

/** What names a group: its path, an id written out, or `path.Attribute` of the resource that made it. */
export function groupKey(value: any): string {
  if (typeof value === 'string') return value;
  if (typeof value?.Ref === 'string') return value.Ref;
  const [path, attribute] = value?.['Fn::GetAtt'] ?? [];
  return path === undefined ? canonical(value) : attribute === 'GroupId' || attribute === 'Id' ? path : `${path}.${attribute}`;
}

/** Every rule of a group: its own and those that any stack adds. */
export function rulesOf(template: Template, key: string, direction: Direction): GroupRule[] {
  const inline = `SecurityGroup${direction}`;
  const group = template.get(key);
  return [
    ...possibleIn(group?.properties[inline]).map((rule) => readRule(group!, inline, rule, direction)),
    ...template.ofType(`AWS::EC2::SecurityGroup${direction}`).filter(({ properties }) => possibleIn(properties.GroupId).some((id) => groupKey(id) === key))
      .map((resource) => readRule(resource, direction === 'Ingress' ? 'source' : 'destination', resource.properties, direction)),
  ];
}

function readRule(resource: TemplateResource, property: string, rule: any, direction: Direction): GroupRule {
  const [group, prefixList] = direction === 'Ingress' ? [rule.SourceSecurityGroupId, rule.SourcePrefixListId] : [rule.DestinationSecurityGroupId, rule.DestinationPrefixListId];
  const protocol = String(rule.IpProtocol).toLowerCase();
  const every = protocol === '-1';
  return {
    resource,
    property,
    cidr: rule.CidrIp ?? rule.CidrIpv6,
    group: group === undefined ? undefined : groupKey(group),
    prefixList,
    protocol: { '6': 'tcp', '17': 'udp' }[protocol] ?? protocol,
    from: every ? 0 : numberOf(rule.FromPort) ?? 0,
    to: every ? LAST_PORT : numberOf(rule.ToPort) ?? LAST_PORT,
    text: canonical({ ...rule, Description: undefined, GroupId: undefined }),
    ...isUnknown(rule) && { unseen: rule },
  };
}

/** `tcp 443`, `every port`. */
export function portsOf({ protocol, from, to }: GroupRule): string {
  return protocol === '-1' ? 'every protocol and port' : `${protocol} ${from === to ? from : `${from}-${to}`}`;
}

export function coversPort({ protocol, from, to }: GroupRule, port: number): boolean {
  return ['tcp', '-1'].includes(protocol) && from <= port && port <= to;
}

export function coversAll({ protocol, from, to }: GroupRule): boolean {
  return protocol === '-1' || from <= 1 && to >= LAST_PORT && ['tcp', 'udp'].includes(protocol);
}
