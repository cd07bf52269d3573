import { aclClosed } from './acl';
import { Target } from './carriage-targets';
import { closedPorts, GroupPorts } from './group-ports';
import { groupKey, GroupRule, rulesOf } from './group-rules';
import { Place } from './places';
import { Template } from './resource';
import { leadsTo } from './routes';
import { authored } from './view';
import { CidrSet } from '../sets/cidr-set';

/** Where connections of pods begin. */
export interface Nodes {
  /** Keys of the groups of their interfaces. */
  readonly groups: readonly string[];
  /** Subnets of pods, as far as their ranges are known. */
  readonly places: readonly Place[];
}

/** What stops a connection. */
export interface Closed {
  readonly code: string;
  readonly text: string;
  readonly fix: string;
  /** Something that is not in view may let it through. */
  readonly unsure?: boolean;
}

const OPEN_GROUP = 'open it, for example by connections.allowDefaultPortFrom(cluster) of it, where cluster is the SecureEksCluster: the group of eksCluster is not that of nodes';

/** What stops connections from pods to a target of the app. */
export function closedBy(final: Template, nodes: Nodes, target: Target, ports: GroupPorts): Closed[] {
  const keys = target.groups.map(groupKey);
  const found: Closed[] = [];
  const inward = gaps(final, ports, keys, 'Ingress', { groups: nodes.groups, places: nodes.places });
  if (inward !== undefined) {
    found.push(inward === 'unsure' || keys.length === 0 || keys.some((key) => !final.get(key)) ? { code: 'groupClosed', text: 'a security group of it, or a range that it admits, is not in view', fix: '', unsure: true }
      : { code: 'groupClosed', text: `its security group does not admit nodes and pods${inward}`, fix: OPEN_GROUP });
  }
  found.push(...egressClosed(final, nodes, ports, { groups: keys, places: target.places }, 'nothing out to it'));
  const arriving = target.places.flatMap((place) => nodes.places.map((from) => aclClosed(final, place.key, CidrSet.of(from.cidr), ports, true)));
  const leaving = nodes.places.flatMap((place) => target.places.map((to) => aclClosed(final, place.key, CidrSet.of(to.cidr), ports, false)));
  const acl = [...leaving, ...arriving].find((each) => each !== undefined);
  if (acl) found.push(aclSays(acl, ports));
  const route = strangers(final, nodes.places, target.places) ?? strangers(final, target.places, nodes.places);
  return route ? [...found, { code: 'routeMissing', text: route, fix: 'add routes in both directions' }] : found;
}

/** What stops connections from pods to addresses where nothing of the app is. */
export function closedOutside(final: Template, nodes: Nodes, meant: CidrSet, inside: boolean, ports: GroupPorts): Closed[] {
  const posts = postsIn(final, nodes);
  const lost = inside ? [] : posts.filter(({ key }) => !leadsTo(final, { path: key }, meant));
  const acl = meant.size > MANY ? undefined : nodes.places.map(({ key }) => aclClosed(final, key, meant, ports, false)).find((each) => each !== undefined);
  return [
    ...egressClosed(final, nodes, ports, { groups: [], ranges: meant }, 'nothing out to it'),
    ...acl ? [aclSays(acl, ports)] : [],
    ...lost.length > 0 ? [{ code: 'routeMissing', text: `${lost.map(nameOf).join(', ')} ${lost.length === 1 ? 'has' : 'have'} no route there`, fix: 'add a route, or acknowledge that it is made elsewhere' }] : [],
  ];
}

/** Where routes of pods' subnets are in view. */
export function postsIn(final: Template, { places }: Nodes): Place[] {
  return places.filter(({ key }) => final.get(key) !== undefined);
}

/** Of so many addresses an ACL may deny some with reason. */
const MANY = 1n << 24n;

function aclSays(text: string, { from, to }: GroupPorts): Closed {
  return { code: 'aclClosed', text: `${text} on ${from === to ? from : `${from}-${to}`}`, fix: 'add entries to the network ACL for the connection and for its answers' };
}

interface Other {
  readonly groups: readonly string[];
  readonly places?: readonly Place[];
  readonly ranges?: CidrSet;
}

/** A group that says nothing of egress lets everything out; so, for all that is known, does one that is not in view. */
function egressClosed(final: Template, { groups }: Nodes, ports: GroupPorts, to: Other, what: string): Closed[] {
  const silent = groups.some((key) => !final.get(key) || final.get(key)!.properties.SecurityGroupEgress === undefined && rulesOf(final, key, 'Egress').length === 0);
  const outward = silent ? undefined : gaps(final, ports, groups, 'Egress', to);
  return outward === undefined || outward === 'unsure' ? [] : [{ code: 'nodeEgressClosed', text: `the security group of nodes and pods lets ${what}${outward}`, fix: 'let the group of nodes out to it' }];
}

/** Which ports the rules of groups leave closed for another; `unsure` where a rule that nobody can read may open them. */
function gaps(final: Template, ports: GroupPorts, keys: readonly string[], direction: 'Ingress' | 'Egress', other: Other): string | undefined {
  const rules = keys.flatMap((key) => rulesOf(final, key, direction));
  const parts = other.ranges ? [other.ranges] : other.places?.length ? other.places.map(({ cidr }) => CidrSet.of(cidr)) : [undefined];
  for (const part of parts) {
    const sure = rules.filter((rule) => rule.group !== undefined ? other.groups.includes(rule.group) : part !== undefined && addressesOf(final, rule)?.covers(part));
    const closed = closedPorts(ports, sure);
    if (closed === undefined) continue;
    const unread = rules.filter((rule) => rule.group === undefined && (part === undefined || rule.unseen !== undefined || addressesOf(final, rule) === undefined));
    return closedPorts(ports, [...sure, ...unread]) === undefined ? 'unsure' : closed;
  }
  return undefined;
}

/** The addresses of a rule, of the range of a VPC of the app too; undefined: only the deployment knows. */
function addressesOf(final: Template, { cidr, prefixList }: GroupRule): CidrSet | undefined {
  const text = typeof cidr === 'string' ? cidr : final.target(cidr)?.properties.CidrBlock;
  return typeof text === 'string' ? CidrSet.of(text) : prefixList === undefined && cidr === undefined ? CidrSet.EMPTY : undefined;
}

/** Inside a VPC everything has a route; between two, those in view are asked. */
function strangers(final: Template, from: readonly Place[], to: readonly Place[]): string | undefined {
  const stranger = from.filter(({ key }) => final.get(key)).find((place) => to.some((other) => other.vpc !== place.vpc && !leadsTo(final, { path: place.key }, CidrSet.of(other.cidr))));
  return stranger && `${nameOf(stranger)} has no route to ${to.map(nameOf).join(', ')}, which is in another VPC`;
}

/** As its author calls it. */
function nameOf({ key }: Place): string {
  return authored(key).replace(/\/Subnet$/, '');
}
