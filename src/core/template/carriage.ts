import { aclClosed } from './acl';
import { Target, targetsIn } from './carriage-targets';
import { groupKey, GroupRule, rulesOf } from './group-rules';
import { guardedGroups } from './groups';
import { routesOf } from './network';
import { same, Template, TemplateResource } from './resource';
import { authored, TemplateView } from './view';
import { Diagnostic } from '../diagnostic';
import { describePorts, PortIntent } from '../policy/intent';
import { Cidr } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';

/** What a policy lets pods reach by addresses. */
export interface CarriedRule {
  /** Construct path. */
  readonly origin: string;
  readonly peer: string;
  readonly cidrs: readonly Cidr[];
  readonly ports: readonly PortIntent[];
}

/** Whether security groups, network ACLs and routes carry what a rule allows. */
export interface CarriageLine {
  readonly text: string;
  readonly verdict: 'carried' | 'closed' | 'undetermined' | 'not in view';
}

export interface Carriage {
  readonly lines: readonly CarriageLine[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Nodes {
  readonly groups: readonly string[];
  readonly subnets: readonly TemplateResource[];
  readonly ranges: CidrSet;
}

/** Policy is one half of a connection with something outside the cluster; what AWS lets through is the other. */
export function checkCarriage(view: TemplateView, rules: readonly CarriedRule[]): Carriage {
  const { final } = view;
  const cluster = final.get(view.cluster);
  if (!cluster) return { lines: [], diagnostics: [] };
  const subnets = view.subnets.nodes.flatMap((id) => final.target(id) ?? []);
  const nodes: Nodes = {
    groups: [...guardedGroups(view, cluster)].filter(([, guarded]) => guarded === 'nodes').map(([key]) => key),
    subnets,
    ranges: rangesOf(subnets),
  };
  const targets = targetsIn(final);
  const judged = rules.map((rule) => towards(final, nodes, targets, rule));
  return {
    lines: judged.flatMap(({ lines }) => lines),
    diagnostics: [...judged.flatMap(({ diagnostics }) => diagnostics), ...targets.flatMap((target) => withoutPolicy(final, nodes, target, rules))],
  };
}

function towards(final: Template, nodes: Nodes, targets: readonly Target[], rule: CarriedRule): Carriage {
  const asked = `${rule.peer}, ${describePorts(rule.ports)} (${rule.origin})`;
  if (rule.cidrs.some((cidr) => typeof cidr !== 'string')) return { lines: [{ text: `to ${asked}: its addresses are known only at deployment`, verdict: 'undetermined' }], diagnostics: [] };
  const found = targets.filter(({ subnets }) => rangesOf(subnets).overlaps(setOf(rule.cidrs)));
  if (found.length === 0) return { lines: [{ text: `to ${asked}: nothing of this app is known to be there`, verdict: 'not in view' }], diagnostics: [] };
  const lines: CarriageLine[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const target of found) {
    const name = `${target.resource.type.replace(/^AWS::/, '')} ${authored(target.resource.path)}`;
    const closed = portsOf(rule).flatMap((port) => closedBy(final, nodes, target, port));
    const unseen = target.groups.length === 0 || target.groups.some((id) => !final.get(groupKey(id)));
    const reasons = [...new Set(closed)];
    const known = reasons.filter(({ group }) => !group || !unseen);
    lines.push(known.length > 0 ? { text: `to ${name}, ${describePorts(rule.ports)} (${rule.origin}): ${known.map(({ text }) => text).join('; ')}`, verdict: 'closed' }
      : reasons.length > 0 ? { text: `to ${name}, ${describePorts(rule.ports)} (${rule.origin}): a security group of it is not in view`, verdict: 'undetermined' }
        : { text: `to ${name}, ${describePorts(rule.ports)} (${rule.origin})`, verdict: 'carried' });
    for (const { code, text, fix } of known) {
      diagnostics.push({ code, severity: 'warning', acknowledgeable: true, subject: rule.origin, message: `it allows ${describePorts(rule.ports)} to ${name}, and ${text}: no such connection is carried`, fix });
    }
  }
  return { lines: unique(lines, ({ text }) => text), diagnostics: unique(diagnostics, ({ message }) => message) };
}

interface Closed {
  readonly code: string;
  readonly text: string;
  readonly fix: string;
  /** It rests on the rules of the target's own groups. */
  readonly group?: boolean;
}

/** What stops a connection from nodes and pods to one port of a target; undefined: to any. */
function closedBy(final: Template, nodes: Nodes, target: Target, port: number | undefined): Closed[] {
  const found: Closed[] = [];
  const ingress = target.groups.flatMap((id) => rulesOf(final, groupKey(id), 'Ingress'));
  const reached = rangesOf(target.subnets);
  const where = port === undefined ? '' : ` on ${port}`;
  if (!ingress.some((rule) => isOpen(rule, port) && (nodes.groups.includes(rule.group ?? '') || holds(final, rule, nodes.ranges)))) {
    found.push({ code: 'groupClosed', group: true, text: `its security group does not admit nodes and pods${where}`, fix: 'open it, for example by connections.allowDefaultPortFrom(cluster) of it, where cluster is the SecureEksCluster: the group of eksCluster is not that of nodes' });
  }
  const egress = nodes.groups.map((key) => ({ rules: rulesOf(final, key, 'Egress'), isSeen: final.get(key) !== undefined, saysNothing: final.get(key)?.properties.SecurityGroupEgress === undefined }));
  // A group that says nothing of egress lets everything out.
  const out = egress.some(({ rules, isSeen, saysNothing }) => !isSeen || saysNothing && rules.length === 0
    || rules.some((rule) => isOpen(rule, port) && (target.groups.map(groupKey).includes(rule.group ?? '') || holds(final, rule, reached))));
  if (!out) found.push({ code: 'nodeEgressClosed', text: `the security group of nodes and pods lets nothing out to it${where}`, fix: 'let the group of nodes out to it' });
  if (port !== undefined) {
    const arriving = target.subnets.map((subnet) => aclClosed(final, subnet, nodes.ranges, port, true));
    const leaving = nodes.subnets.map((subnet) => aclClosed(final, subnet, reached, port, false));
    const acl = [...leaving, ...arriving].find((each) => each !== undefined);
    if (acl) found.push({ code: 'aclClosed', text: `${acl}${where}`, fix: 'add entries to the network ACL for the connection and for its answers' });
  }
  const route = routeMissing(final, nodes.subnets, target.subnets) ?? routeMissing(final, target.subnets, nodes.subnets);
  if (route) found.push({ code: 'routeMissing', text: route, fix: 'add routes in both directions' });
  return found;
}

/** Inside a VPC everything has a route. */
function routeMissing(final: Template, from: readonly TemplateResource[], to: readonly TemplateResource[]): string | undefined {
  const stranger = from.find((subnet) => to.some((other) => !same(other.properties.VpcId, subnet.properties.VpcId)
    && !routesOf(final, subnet).some(({ properties }) => typeof properties.DestinationCidrBlock === 'string' && properties.GatewayId === undefined && properties.NatGatewayId === undefined
      && CidrSet.of(properties.DestinationCidrBlock).covers(rangesOf([other])))));
  return stranger && `${authored(stranger.path)} has no route to ${to.map(({ path }) => authored(path)).join(', ')}, which is in another VPC`;
}

/** The other half alone: a group lets pods in, and no policy lets them out. */
function withoutPolicy(final: Template, nodes: Nodes, target: Target, rules: readonly CarriedRule[]): Diagnostic[] {
  if (!target.store || target.subnets.length === 0) return [];
  const reached = rangesOf(target.subnets);
  const admits = target.groups.flatMap((id) => rulesOf(final, groupKey(id), 'Ingress')).some(({ group }) => group !== undefined && nodes.groups.includes(group));
  const allowed = rules.some(({ cidrs }) => cidrs.some((cidr) => typeof cidr !== 'string' || CidrSet.of(cidr).overlaps(reached)));
  return !admits || allowed ? [] : [{
    code: 'policyClosed', severity: 'warning', acknowledgeable: true, subject: authored(target.resource.path),
    message: `its security group admits nodes and pods, and no rule of the cluster lets any pod reach ${reached.toString()}: no connection is carried`,
    fix: 'say by allowTraffic() whose pods reach its subnets, or close the group again',
  }];
}

function isOpen({ protocol, from, to }: GroupRule, port: number | undefined): boolean {
  return protocol === '-1' || ['tcp', 'udp'].includes(protocol) && (port === undefined || from <= port && port <= to);
}

function holds(final: Template, rule: GroupRule, ranges: CidrSet): boolean {
  return !ranges.isEmpty() && addressesOf(final, rule).covers(ranges);
}

/** The addresses of a rule; of the range of a VPC of the app too. */
function addressesOf(final: Template, { cidr }: GroupRule): CidrSet {
  const text = typeof cidr === 'string' ? cidr : final.target(cidr)?.properties.CidrBlock;
  return typeof text === 'string' ? CidrSet.of(text) : CidrSet.EMPTY;
}

/** Each port by itself; of a range both ends; undefined where all are meant. */
function portsOf({ ports }: CarriedRule): (number | undefined)[] {
  const numbers = ports.flatMap((port): (number | undefined)[] => port.ports ? port.ports.flatMap((each) => String(each).split(':').map(Number)) : [undefined]);
  return [...new Set(numbers.map((number) => number === undefined || Number.isNaN(number) ? undefined : number))];
}

function rangesOf(subnets: readonly TemplateResource[]): CidrSet {
  return CidrSet.of(...subnets.map(({ properties }) => properties.CidrBlock).filter((cidr): cidr is string => typeof cidr === 'string'));
}

function setOf(cidrs: readonly Cidr[]): CidrSet {
  return CidrSet.of(...cidrs.filter((cidr): cidr is string => typeof cidr === 'string'));
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
