import { CompiledEntity, CompiledRule, NamedPorts, ServiceMatch } from './rule';
import { Service, Topology } from './topology';
import { ranges, Ranges } from './world';
import { EntityRule, entitySelectors, LABEL, Port, Protocol, Rule, Selector, selects } from '../policy';
import { ConnectionSet, Family, IntervalSet, PortSet, portSet, PROTOCOL } from '../sets';

type Ends = 'source' | 'destination';

interface LabelledSet {
  readonly labels: ReadonlyMap<string, string>;
  readonly ranges: Ranges;
}

/** What a rule says about connections, whoever its ends are. */
type Traffic = Pick<CompiledRule, 'connections' | 'named'>;

/** Makes rules ready. What is said alike in several of them becomes one object, so that later work on it is done once. */
export class RuleCompiler {
  private readonly sets: readonly LabelledSet[];
  private readonly asWritten = new Map<string, CompiledEntity>();
  private readonly byMeaning = new Map<string, CompiledEntity>();
  private readonly traffic = new Map<string, Traffic>();

  constructor(private readonly topology: Topology) {
    this.sets = labelNetworkSets(topology);
  }

  compile(rule: Rule, position: number, namespace: string | undefined): CompiledRule {
    const [source, destination] = [this.entity(rule.source, namespace, false), this.entity(rule.destination, namespace, true)];
    const families = ([4, 6] as const).filter((family) => (rule.ipVersion ?? family) === family
      && [source, destination].every(({ nets, notNets }) => (nets?.families.includes(family) ?? true) && (notNets?.families.includes(family) ?? true)));
    return { action: rule.action, index: rule.index ?? position, families, source, destination, ...this.trafficOf(rule) };
  }

  private entity(rule: EntityRule = {}, namespace: string | undefined, destination: boolean): CompiledEntity {
    const { selector, notSelector, namespaceSelector, nets, notNets, serviceAccounts, services } = rule;
    const withPorts = destination && services !== undefined;
    const text = JSON.stringify([namespace, withPorts, selector, notSelector, namespaceSelector, nets, notNets, serviceAccounts, services]);
    let compiled = this.asWritten.get(text);
    if (!compiled) {
      const selectors = entitySelectors(rule, namespace);
      const meaning = JSON.stringify([selectors, nets ?? [], notNets ?? [], services, withPorts]);
      compiled = this.byMeaning.get(meaning) ?? this.compileEntity(rule, selectors, withPorts);
      this.byMeaning.set(meaning, compiled);
      this.asWritten.set(text, compiled);
    }
    return compiled;
  }

  private compileEntity({ nets, notNets, services }: EntityRule, selectors: CompiledEntity['selectors'], withPorts: boolean): CompiledEntity {
    const selected = (selector: Selector | undefined) => (selector ? this.sets.filter(({ labels }) => selects(selector, (key) => labels.get(key))).map((set) => set.ranges) : []);
    return {
      selectors,
      sets: selected(selectors.positive),
      notSets: selected(selectors.negative),
      ...nets?.length && { nets: ranges(nets) },
      ...notNets?.length && { notNets: ranges(notNets) },
      ...services && { service: compileService(services, withPorts, this.topology) },
    };
  }

  private trafficOf(rule: Rule): Traffic {
    const { protocol, notProtocol, icmp, notICMP, source = {}, destination = {} } = rule;
    const text = JSON.stringify([protocol, notProtocol, icmp, notICMP, source.ports, source.notPorts, destination.ports, destination.notPorts]);
    let traffic = this.traffic.get(text);
    if (!traffic) this.traffic.set(text, traffic = compileTraffic(rule));
    return traffic;
  }
}

/** Network sets with the labels that they inherit from their namespace. */
function labelNetworkSets({ networkSets = [], namespaces = [] }: Topology): LabelledSet[] {
  return networkSets.map((set) => {
    const namespace = set.namespace === undefined ? undefined : namespaces.find(({ name }) => name === set.namespace);
    return {
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

function compileTraffic(rule: Rule): Traffic {
  const protocol = rule.protocol === undefined ? undefined : protocolNumber(rule.protocol);
  const named: NamedPorts[] = [];
  let connections = protocolConnections(rule);
  for (const end of ['source', 'destination'] as const) {
    for (const field of ['ports', 'notPorts'] as const) {
      const ports = rule[end]?.[field];
      if (!ports?.length) continue;
      const names = ports.filter((port) => typeof port === 'string' && !port.includes(':')) as string[];
      const numeric = protocol === undefined ? ConnectionSet.NONE : portsAt(end, protocol, numericPorts(ports));
      if (names.length > 0) named.push({ end, negated: field === 'notPorts', protocol, numeric, names });
      else connections = field === 'ports' ? connections.intersect(numeric) : connections.subtract(numeric);
    }
  }
  return { connections: { 4: connections.intersect(notIcmp(rule, 4)), 6: connections.intersect(notIcmp(rule, 6)) }, named };
}

const portsAt = (end: Ends, protocol: number, ports: PortSet): ConnectionSet =>
  (end === 'source' ? ConnectionSet.ports(protocol, portSet([0, 65_535]), ports) : ConnectionSet.ports(protocol, ports));

function protocolNumber(protocol: Protocol): number {
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

function compileService({ name, namespace = '' }: NonNullable<EntityRule['services']>, withPorts: boolean, { services = [], complete }: Topology): ServiceMatch {
  const service: Service | undefined = services.find((other) => other.name === name && other.namespace === namespace);
  const endpoints = service?.endpoints ?? (complete || namespace === '' ? [] : undefined);
  return {
    name: `${namespace}/${name}`,
    withPorts,
    ...endpoints && { endpoints: endpoints.map((endpoint) => ({ ...endpoint, ranges: ranges(endpoint.address === undefined ? endpoint.within ?? [] : [endpoint.address]) })) },
  };
}
