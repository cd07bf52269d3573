import { Subject } from './subject';
import { Service, ServiceEndpoint, Topology } from './topology';
import { Answer, askFact, askInside, both, either, Fork, negate, ranges, Ranges, Side, World } from './world';
import { EntityRule, entitySelectors, EntitySelectors, NetworkSet, Policy, Protocol, Rule, selects, Selector, LABEL, Port } from '../policy';
import { ConnectionSet, Family, IntervalSet, portSet, PROTOCOL, PortSet } from '../sets';

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
interface NamedPorts {
  readonly end: 'source' | 'destination';
  readonly negated: boolean;
  readonly protocol: number | undefined;
  readonly numeric: ConnectionSet;
  readonly names: readonly string[];
}

/** What a rule asks of one end. */
export interface CompiledEntity {
  /** Equal texts ask the same. */
  readonly key: string;
  readonly selectors: EntitySelectors;
  /** Network sets that the positive or the negative selector selects. */
  readonly sets: readonly Ranges[];
  readonly notSets: readonly Ranges[];
  readonly nets?: Ranges;
  readonly notNets?: Ranges;
  readonly service?: ServiceMatch;
}

interface ServiceMatch {
  readonly name: string;
  /** Undefined: it may have any endpoint. */
  readonly endpoints?: readonly (ServiceEndpoint & { readonly ranges: Ranges })[];
  readonly withPorts: boolean;
}

export type SetLabels = readonly { readonly set: NetworkSet; readonly labels: ReadonlyMap<string, string>; readonly ranges: Ranges }[];

/** Network sets with the labels that they inherit from their namespace. */
export function labelNetworkSets({ networkSets = [], namespaces = [] }: Topology): SetLabels {
  return networkSets.map((set) => {
    const namespace = set.namespace === undefined ? undefined : namespaces.find(({ name }) => name === set.namespace);
    return {
      set,
      ranges: ranges(set.nets),
      labels: new Map([
        ...Object.entries(namespace?.labels ?? {}).map(([key, value]) => [LABEL.namespacePrefix + key, value] as const),
        ...set.namespace === undefined ? [] : [[LABEL.namespacePrefix + LABEL.name, set.namespace] as const],
        ...Object.entries(set.labels),
        ...set.namespace === undefined ? [] : [[LABEL.namespace, set.namespace] as const],
      ]),
    };
  });
}

export function compileRule(rule: Rule, position: number, policy: Policy, sets: SetLabels, topology: Topology): CompiledRule {
  const entity = (end: 'source' | 'destination') => compileEntity(rule[end] ?? {}, policy.namespace, end === 'destination', sets, topology);
  const [source, destination] = [entity('source'), entity('destination')];
  const families = ([4, 6] as const).filter((family) => (rule.ipVersion ?? family) === family
    && [source, destination].every(({ nets, notNets }) => (nets?.families.includes(family) ?? true) && (notNets?.families.includes(family) ?? true)));
  const protocol = rule.protocol === undefined ? undefined : protocolNumber(rule.protocol);
  const named: NamedPorts[] = [];
  const connections = (['source', 'destination'] as const).reduce((all, end) => {
    return (['ports', 'notPorts'] as const).reduce((rest, field) => {
      const ports = rule[end]?.[field];
      if (!ports?.length) return rest;
      const names = ports.filter((port) => typeof port === 'string' && !port.includes(':')) as string[];
      const numbers = numericPorts(ports);
      const numeric = protocol === undefined ? ConnectionSet.NONE : end === 'source' ? ConnectionSet.ports(protocol, portSet([0, 65_535]), numbers) : ConnectionSet.ports(protocol, numbers);
      if (names.length > 0) named.push({ end, negated: field === 'notPorts', protocol, numeric, names });
      else return field === 'ports' ? rest.intersect(numeric) : rest.subtract(numeric);
      return rest;
    }, all);
  }, protocolConnections(rule));
  return {
    action: rule.action,
    index: rule.index ?? position,
    families,
    source,
    destination,
    connections: { 4: connections.intersect(notIcmp(rule, 4)), 6: connections.intersect(notIcmp(rule, 6)) },
    named,
  };
}

export function protocolNumber(protocol: Protocol): number {
  return typeof protocol === 'number' ? protocol : PROTOCOL[protocol as keyof typeof PROTOCOL];
}

function protocolConnections({ protocol, notProtocol, icmp }: Rule): ConnectionSet {
  const number = protocol === undefined ? undefined : protocolNumber(protocol);
  const all = number === undefined ? ConnectionSet.ALL : icmp?.type === undefined ? ConnectionSet.protocols(number) : ConnectionSet.icmp(number, icmp.type, icmp.code);
  return notProtocol === undefined ? all : all.subtract(ConnectionSet.protocols(protocolNumber(notProtocol)));
}

/** The kernel's match on ICMP fields holds for ICMP only, negated or not. */
function notIcmp({ notICMP }: Rule, family: Family): ConnectionSet {
  if (notICMP?.type === undefined) return ConnectionSet.ALL;
  const number = family === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPv6;
  return ConnectionSet.protocols(number).subtract(ConnectionSet.icmp(number, notICMP.type, notICMP.code));
}

function numericPorts(ports: readonly Port[]): PortSet {
  return IntervalSet.of<number>(...ports.flatMap((port): [number, number][] => {
    if (typeof port === 'number') return [[port, port]];
    const [low, high] = port.split(':').map(Number);
    return high === undefined ? [] : [[low, high]];
  }));
}

function compileEntity(entity: EntityRule, namespace: string | undefined, destination: boolean, sets: SetLabels, topology: Topology): CompiledEntity {
  const selectors = entitySelectors(entity, namespace);
  const selected = (selector: EntitySelectors['positive']) => (selector ? sets.filter(({ labels }) => selects(selector, (key) => labels.get(key))).map((set) => set.ranges) : []);
  const nets = entity.nets?.length ? ranges(entity.nets) : undefined;
  const notNets = entity.notNets?.length ? ranges(entity.notNets) : undefined;
  const service = entity.services && compileService(entity.services, destination, topology);
  return {
    key: JSON.stringify([selectors, entity.nets ?? [], entity.notNets ?? [], entity.services ?? null, service?.withPorts ?? false]),
    selectors,
    sets: selected(selectors.positive),
    notSets: selected(selectors.negative),
    ...nets && { nets },
    ...notNets && { notNets },
    ...service && { service },
  };
}

function compileService({ name, namespace = '' }: NonNullable<EntityRule['services']>, withPorts: boolean, { services = [], complete }: Topology): ServiceMatch {
  const service: Service | undefined = services.find((other) => other.name === name && other.namespace === namespace);
  const endpoints = service?.endpoints ?? (complete || namespace === '' ? [] : undefined);
  return {
    name: `${namespace}/${name}`,
    withPorts,
    ...endpoints && { endpoints: endpoints.map((endpoint) => ({ ...endpoint, ranges: ranges(endpoint.address === undefined ? endpoint.within ?? [] : [endpoint.address]) })) },
  };
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
    const is = behind ? true : endpointIs(endpoint, service, to, 'to', world);
    if (is instanceof Fork) return is;
    if (is) all = all.union(ConnectionSet.ports(PROTOCOL[endpoint.protocol ?? 'TCP'], portSet(endpoint.port)));
  }
  return all;
}
