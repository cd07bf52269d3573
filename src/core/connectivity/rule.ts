import { Subject } from './subject';
import { ServiceEndpoint } from './topology';
import { Answer, askFact, askInside, both, either, Fork, negate, Ranges, Side, World } from './world';
import { EntitySelectors, Rule, Selector } from '../policy';
import { ConnectionSet, Family, portSet, PROTOCOL } from '../sets';

/** A rule made ready to be asked often. */
export interface CompiledRule {
  readonly action: Rule['action'];
  readonly index: number;
  /** IP versions that it can match: those of `ipVersion` and of each of its lists of CIDRs. */
  readonly families: readonly Family[];
  readonly source: CompiledEntity;
  readonly destination: CompiledEntity;
  /** By protocol, ICMP fields and numeric ports, where no named port has a say. */
  readonly connections: Readonly<Record<Family, ConnectionSet>>;
  readonly named: readonly NamedPorts[];
}

/** Ports of one end of which some are names, to be resolved for who stands there. */
export interface NamedPorts {
  readonly end: 'source' | 'destination';
  readonly negated: boolean;
  readonly protocol: number | undefined;
  readonly numeric: ConnectionSet;
  readonly names: readonly string[];
}

/** What a rule asks of one end; one object for all that ask the same. */
export interface CompiledEntity {
  readonly selectors: EntitySelectors;
  /** Network sets that the positive or the negative selector selects. */
  readonly sets: readonly Ranges[];
  readonly notSets: readonly Ranges[];
  readonly nets?: Ranges;
  readonly notNets?: Ranges;
  readonly service?: ServiceMatch;
}

export interface ServiceMatch {
  readonly name: string;
  /** Undefined: it may have any endpoint. */
  readonly endpoints?: readonly (ServiceEndpoint & { readonly ranges: Ranges })[];
  readonly withPorts: boolean;
}

/** Whether the peers of a case are the ones that the rule means; ports aside. */
export function peersMatch(rule: CompiledRule, from: Subject, to: Subject, world: World): Answer {
  if (!rule.families.includes(world.family)) return false;
  const source = entityMatches(rule.source, from, 'from', world);
  return source === false ? false : both(() => source, () => entityMatches(rule.destination, to, 'to', world));
}

export function entityMatches(entity: CompiledEntity, subject: Subject, side: Side, world: World): Answer {
  const { nets, notNets, service, selectors: { positive, negative } } = entity;
  const labelled = positive ? among(positive, entity.sets, subject, side, world) : true;
  if (labelled === false || (!nets && !notNets && !negative && !service)) return labelled;
  return both(
    () => (nets ? askInside(world, side, nets) : true),
    () => (notNets ? negate(askInside(world, side, notNets)) : true),
    () => labelled,
    () => (negative ? negate(among(negative, entity.notSets, subject, side, world)) : true),
    () => (service && !service.withPorts ? serviceHas(service, subject, side, world) : true),
  );
}

/** Whether a side is a pod that the selector selects, or has an address of a network set that it selects. */
function among(selector: Selector, sets: readonly Ranges[], subject: Subject, side: Side, world: World): Answer {
  const pod = subject.bound ? subject.matches(selector, side, world) : false;
  return pod === true || sets.length === 0 ? pod : either(() => pod, ...sets.map((set) => () => askInside(world, side, set)));
}

/** Whether the address of a side is behind a Service at all. */
function serviceHas(service: ServiceMatch, subject: Subject, side: Side, world: World): Answer {
  if (isBehind(subject, service)) return true;
  if (!service.endpoints) return askFact(world, `the endpoints of Service ${service.name}`);
  return either(...service.endpoints.map((endpoint) => () => endpointIs(endpoint, service, subject, side, world)));
}

const isBehind = ({ outside }: Subject, { name }: ServiceMatch): boolean => outside?.backs !== undefined && `${outside.backs.namespace}/${outside.backs.name}` === name;

/** Being in a range where an endpoint is does not make an address that endpoint, and no pod is one. */
function endpointIs(endpoint: ServiceEndpoint & { ranges: Ranges }, service: ServiceMatch, subject: Subject, side: Side, world: World): Answer {
  if (endpoint.address !== undefined) return askInside(world, side, endpoint.ranges);
  if (!subject.outside) return false;
  return both(() => askInside(world, side, endpoint.ranges), () => askFact(world, `which addresses Service ${service.name} leads to`));
}

/** Whether the connections of a rule depend on who stands at one of its ends. */
export function connectionsDependOn({ named, destination }: CompiledRule, asked: 'source' | 'destination'): boolean {
  return named.some(({ end }) => end === asked) || (asked === 'destination' && destination.service?.withPorts === true);
}

/** The connections that a rule speaks about, between these peers. */
export function ruleConnections(rule: CompiledRule, from: Subject, to: Subject, world: World): ConnectionSet | Fork {
  let connections = rule.connections[world.family];
  for (const ports of rule.named) {
    const [subject, side] = ports.end === 'source' ? [from, 'from' as const] : [to, 'to' as const];
    const resolved = resolveNames(ports, rule[ports.end], subject, side, world);
    if (resolved instanceof Fork) return resolved;
    connections = ports.negated ? connections.subtract(ports.numeric.union(resolved)) : connections.intersect(ports.numeric.union(resolved));
    if (connections.isEmpty()) return connections;
  }
  const { service } = rule.destination;
  if (!service?.withPorts || connections.isEmpty()) return connections;
  const served = servedConnections(service, to, world);
  return served instanceof Fork ? served : connections.intersect(served);
}

/** Names resolve only for pods that the selector of the same end selects. */
function resolveNames({ names, protocol, end }: NamedPorts, { selectors }: CompiledEntity, subject: Subject, side: Side, world: World): ConnectionSet | Fork {
  if (!subject.bound) return ConnectionSet.NONE;
  const selected = selectors.positive ? subject.matches(selectors.positive, side, world) : true;
  if (selected === false) return ConnectionSet.NONE;
  let all = ConnectionSet.NONE;
  for (const name of names) {
    const found = subject.namedPort(name, protocol, end, world);
    if (found instanceof Fork) return found;
    all = all.union(found);
  }
  return selected === true || all.isEmpty() ? all : selected;
}

function servedConnections(service: ServiceMatch, to: Subject, world: World): ConnectionSet | Fork {
  const behind = isBehind(to, service);
  if (!service.endpoints) {
    const answer = askFact(world, `the endpoints of Service ${service.name}`);
    return typeof answer === 'boolean' ? (answer ? ConnectionSet.ALL : ConnectionSet.NONE) : answer;
  }
  let all = ConnectionSet.NONE;
  for (const endpoint of service.endpoints) {
    if (endpoint.port === undefined) continue;
    const is = behind ? true : endpointIs(endpoint, service, to, 'to', world);
    if (is instanceof Fork) return is;
    if (is) all = all.union(ConnectionSet.ports(PROTOCOL[endpoint.protocol ?? 'TCP'], portSet(endpoint.port)));
  }
  return all;
}
