import { booleanOf, canonical, numberOf, Template, TemplateResource } from './resource';
import { CidrSet } from '../sets/cidr-set';

const LAST_PORT = 65535;
/** Answers arrive at one of these. https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports */
const EPHEMERAL = 1024;

/** What the network ACL of a subnet denies of connections with a peer, and of their answers; undefined where it denies nothing or none is in view. */
export function aclClosed(final: Template, subnet: TemplateResource, peer: CidrSet, port: number, arriving: boolean): string | undefined {
  const association = final.ofType('AWS::EC2::SubnetNetworkAclAssociation').find(({ properties }) => final.target(properties.SubnetId)?.path === subnet.path);
  if (!association) return undefined;
  const acl = canonical(association.properties.NetworkAclId);
  const entries = final.ofType('AWS::EC2::NetworkAclEntry').filter(({ properties }) => canonical(properties.NetworkAclId) === acl)
    .sort((a, b) => (numberOf(a.properties.RuleNumber) ?? 0) - (numberOf(b.properties.RuleNumber) ?? 0));
  const passes = (egress: boolean, from: number, to: number) => {
    const first = entries.find(({ properties }) => (booleanOf(properties.Egress) ?? false) === egress && matches(properties, peer, from, to));
    return first?.properties.RuleAction === 'allow';
  };
  const name = final.target(association.properties.NetworkAclId)?.path ?? 'its network ACL';
  if (!passes(!arriving, port, port)) return `${name} lets no connection ${arriving ? 'in' : 'out'}`;
  return passes(arriving, EPHEMERAL, LAST_PORT) ? undefined : `${name} lets no answer ${arriving ? 'out' : 'in'}`;
}

/** An entry that denies matches what it touches; one that allows, what it holds whole. */
function matches({ Protocol, CidrBlock, PortRange, RuleAction }: TemplateResource['properties'], peer: CidrSet, from: number, to: number): boolean {
  if (![-1, 6].includes(numberOf(Protocol) ?? -1) || typeof CidrBlock !== 'string') return false;
  const [low, high] = numberOf(Protocol) === -1 || !PortRange ? [0, LAST_PORT] : [numberOf(PortRange.From) ?? 0, numberOf(PortRange.To) ?? LAST_PORT];
  const range = CidrSet.of(CidrBlock);
  return RuleAction === 'allow' ? range.covers(peer) && low <= from && to <= high : range.overlaps(peer) && low <= to && from <= high;
}
