import { Target, targetsIn } from './carriage-targets';
import { Closed, closedBy, closedOutside, Nodes, postsIn } from './carriage-ways';
import { groupPorts } from './group-ports';
import { groupKey, rulesOf } from './group-rules';
import { guardedGroups } from './groups';
import { Places, rangesOf } from './places';
import { Template } from './resource';
import { nameOfService } from './service-endpoints';
import { authored, TemplateView } from './view';
import { Diagnostic } from '../diagnostic';
import { Carried, CarriedRule } from './carried';
import { describePorts } from '../policy/intent';
import { Cidr } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';

/** Whether security groups, network ACLs and routes carry what a rule allows. */
export interface CarriageLine {
  readonly text: string;
  readonly verdict: 'carried' | 'closed' | 'undetermined' | 'not in view';
}

export interface Carriage {
  readonly lines: readonly CarriageLine[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Policy is one half of a connection with something outside the cluster; what AWS lets through is the other. */
export function checkCarriage(view: TemplateView, { rules, reach }: Carried): Carriage {
  const { final } = view;
  const cluster = final.get(view.cluster);
  if (!cluster) return { lines: [], diagnostics: [] };
  const places = new Places(final, view.places);
  const nodes: Nodes = {
    groups: [...guardedGroups(view, cluster)].filter(([, guarded]) => guarded === 'nodes').map(([key]) => key),
    places: places.of(view.pods),
  };
  const targets = targetsIn(final, places);
  const judged = rules.map((rule) => towards(final, nodes, targets, rule));
  return {
    lines: judged.flatMap(({ lines }) => lines),
    diagnostics: [...judged.flatMap(({ diagnostics }) => diagnostics), ...reach ? targets.flatMap((target) => withoutPolicy(final, nodes, target, reach)) : []],
  };
}

function towards(final: Template, nodes: Nodes, targets: readonly Target[], rule: CarriedRule): Carriage {
  const ports = describePorts(rule.ports);
  const asked = `${rule.peer}, ${ports} (${rule.origin})`;
  if (rule.cidrs.some((cidr) => typeof cidr !== 'string')) return { lines: [{ text: `to ${asked}: its addresses are known only at deployment`, verdict: 'undetermined' }], diagnostics: [] };
  const meant = setOf(rule.cidrs);
  const found = targets.filter((target) => rangesOf(target.places).overlaps(meant) && isMeant(rule, target));
  if (found.length === 0) return nothingThere(final, nodes, rule, meant, asked);
  const judged = found.map((target): Carriage => {
    const name = `${target.resource.type.replace(/^AWS::/, '')} ${authored(target.resource.path)}`;
    const text = `to ${name}, ${ports} (${rule.origin})`;
    const stops = unique(groupPorts(rule.ports).flatMap((each) => closedBy(final, nodes, target, each)), (each) => each.text);
    const known = stops.filter(({ unsure }) => !unsure);
    if (known.length > 0) return { lines: [{ text: `${text}: ${known.map((each) => each.text).join('; ')}`, verdict: 'closed' }], diagnostics: rule.to === 'vpc' ? [] : known.map((each) => closed(rule, name, each)) };
    return { lines: [stops.length > 0 ? { text: `${text}: ${stops[0].text}`, verdict: 'undetermined' } : { text, verdict: 'carried' }], diagnostics: [] };
  });
  return { lines: unique(judged.flatMap(({ lines }) => lines), ({ text }) => text), diagnostics: unique(judged.flatMap(({ diagnostics }) => diagnostics), ({ message }) => message) };
}

/** Of the endpoints of AWS services, those of the one that a rule names. */
function isMeant({ to, service }: CarriedRule, { resource }: Target): boolean {
  if (to !== 'endpoints') return true;
  return resource.type === 'AWS::EC2::VPCEndpoint' && (service === undefined || nameOfService(resource) === service);
}

/** Nothing of the app is there; but the way there begins in it. */
function nothingThere(final: Template, nodes: Nodes, rule: CarriedRule, meant: CidrSet, asked: string): Carriage {
  const stops = rule.to === 'addresses' || rule.to === 'internet' ? unique(groupPorts(rule.ports).flatMap((each) => closedOutside(final, nodes, meant, rule.inside, each)), ({ text }) => text) : [];
  if (stops.length > 0) return { lines: [{ text: `to ${asked}: ${stops.map(({ text }) => text).join('; ')}`, verdict: 'closed' }], diagnostics: stops.map((each) => closed(rule, rule.peer, each)) };
  return rule.to === 'internet' ? { lines: [{ text: `to ${asked}: out of the VPC; what answers there is not`, verdict: postsIn(final, nodes).length > 0 ? 'carried' : 'not in view' }], diagnostics: [] }
    : { lines: [{ text: `to ${asked}: nothing of this app is known to be there`, verdict: 'not in view' }], diagnostics: [] };
}

function closed({ origin, ports }: CarriedRule, name: string, { code, text, fix }: Closed): Diagnostic {
  return { code, severity: 'warning', acknowledgeable: true, subject: origin, message: `it allows ${describePorts(ports)} to ${name}, and ${text}: no such connection is carried`, fix };
}

/** The other half alone: a group lets pods in, and no policy lets them out. */
function withoutPolicy(final: Template, nodes: Nodes, target: Target, reach: CidrSet): Diagnostic[] {
  if (!target.store || target.places.length === 0) return [];
  const reached = rangesOf(target.places);
  const admits = target.groups.flatMap((id) => rulesOf(final, groupKey(id), 'Ingress')).some(({ group }) => group !== undefined && nodes.groups.includes(group));
  return !admits || reach.overlaps(reached) ? [] : [{
    code: 'policyClosed', severity: 'warning', acknowledgeable: true, subject: authored(target.resource.path),
    message: `its security group admits nodes and pods, and no rule of the cluster lets any pod reach ${reached.toString()}: no connection is carried`,
    fix: 'say by allowTraffic() whose pods reach its subnets, or close the group again',
  }];
}

function setOf(cidrs: readonly Cidr[]): CidrSet {
  return CidrSet.of(...cidrs.filter((cidr): cidr is string => typeof cidr === 'string'));
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
