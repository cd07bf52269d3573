import { GroupPorts } from './group-ports';
import { booleanOf, canonical, numberOf, Template, TemplateResource } from './resource';
import { CidrSet } from '../sets/cidr-set';

const LAST_PORT = 65535;
/** Answers arrive at one of these. https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports */
const EPHEMERAL = { from: 1024, to: LAST_PORT };
const NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };

/** What the network ACL of a subnet denies of connections with a peer, and of their answers; undefined where it denies nothing or none is in view. */
export function aclClosed(final: Template, subnet: string, peer: CidrSet, ports: GroupPorts, arriving: boolean): string | undefined {
  const association = final.ofType('AWS::EC2::SubnetNetworkAclAssociation').find(({ properties: { SubnetId } }) => (final.target(SubnetId)?.path ?? SubnetId) === subnet);
  const number = NUMBERS[ports.protocol ?? ''];
  if (!association || number === undefined || ports.whole) return undefined;
  const acl = canonical(association.properties.NetworkAclId);
  const entries = final.ofType('AWS::EC2::NetworkAclEntry').filter(({ properties }) => canonical(properties.NetworkAclId) === acl)
    .sort((a, b) => (numberOf(a.properties.RuleNumber) ?? 0) - (numberOf(b.properties.RuleNumber) ?? 0));
  const passes = (egress: boolean, range: Range) => pieces(range, entries).every((piece) => {
    const first = entries.find(({ properties }) => (booleanOf(properties.Egress) ?? false) === egress && matches(properties, peer, number, piece));
    return first?.properties.RuleAction === 'allow';
  });
  const name = final.target(association.properties.NetworkAclId)?.path ?? 'its network ACL';
  if (!passes(!arriving, ports)) return `${name} lets no connection ${arriving ? 'in' : 'out'}`;
  return passes(arriving, EPHEMERAL) ? undefined : `${name} lets no answer ${arriving ? 'out' : 'in'}`;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A range as entries cut it: several of them may let it through together. */
function pieces({ from, to }: Range, entries: readonly TemplateResource[]): Range[] {
  const cuts = entries.map(({ properties }) => portsOf(properties)).flatMap((each) => [each.from, each.to + 1]).filter((cut) => cut > from && cut <= to);
  const starts = [...new Set([from, ...cuts])].sort((a, b) => a - b);
  return starts.map((start, index) => ({ from: start, to: (starts[index + 1] ?? to + 1) - 1 }));
}

function portsOf({ Protocol, PortRange }: TemplateResource['properties']): Range {
  return numberOf(Protocol) === -1 || !PortRange ? { from: 0, to: LAST_PORT } : { from: numberOf(PortRange.From) ?? 0, to: numberOf(PortRange.To) ?? LAST_PORT };
}

/** An entry that denies matches what it touches; one that allows, what it holds whole. */
function matches(properties: TemplateResource['properties'], peer: CidrSet, protocol: number, { from, to }: Range): boolean {
  const { Protocol, CidrBlock, RuleAction } = properties;
  if (![-1, protocol].includes(numberOf(Protocol) ?? -1) || typeof CidrBlock !== 'string') return false;
  const ports = portsOf(properties);
  const range = CidrSet.of(CidrBlock);
  return RuleAction === 'allow' ? range.covers(peer) && ports.from <= from && to <= ports.to : range.overlaps(peer) && ports.from <= to && from <= ports.to;
}
