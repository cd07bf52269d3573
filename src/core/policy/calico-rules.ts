import { ManifestReader, show } from './manifest-reader';
import { checkAnnotations, DNS_SUBDOMAIN, isPortName } from './names';
import { Cidr, EntityRule, Icmp, Opaque, Port, Protocol, Rule } from './policy';
import { parseSelector } from './selector';
import { parseCidr } from '../sets';

/** Turns the text of a token into the value that it stands for; undefined: it is no token. */
export type TokenReader = (text: string) => Opaque | undefined;

export interface RuleContext {
  readonly direction: 'Ingress' | 'Egress';
  /** A policy of one namespace, where a Service needs no namespace of its own. */
  readonly namespaced: boolean;
  readonly tokens: TokenReader;
}

const PROTOCOL_NAMES = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'SCTP', 'UDPLite'];
const WITH_PORTS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP', 6, 17, 132];
const RULE_FIELDS = ['action', 'ipVersion', 'protocol', 'notProtocol', 'icmp', 'notICMP', 'source', 'destination', 'http', 'metadata'];
const ENTITY_FIELDS = ['nets', 'notNets', 'selector', 'notSelector', 'namespaceSelector', 'services', 'ports', 'notPorts', 'serviceAccounts'];
const PORT_FIX = 'name the protocol of the ports: TCP, UDP or SCTP';

export function readRule(reader: ManifestReader, value: unknown, path: string, context: RuleContext): Rule {
  const fields = reader.fields(value, path, RULE_FIELDS);
  const action = reader.oneOf(fields.get('action'), `${path}.action`, ['Allow', 'Deny', 'Log', 'Pass']);
  if (action === undefined && fields.get('action') === undefined) reader.problem(`${path}.action`, 'is missing', 'write Allow, Deny, Pass or Log');
  if (fields.get('http') !== undefined) {
    reader.problem(`${path}.http`, 'matches HTTP, which only a proxy could enforce: no verdict can be given', 'remove it and match ports', 'httpMatchUnsupported');
  }
  const ipVersion = reader.integer(fields.get('ipVersion'), `${path}.ipVersion`, 4, 6);
  if (ipVersion === 5) reader.problem(`${path}.ipVersion`, 'is 5: it must be 4 or 6', 'write 4 or 6');
  const metadata = reader.fields(fields.get('metadata'), `${path}.metadata`, ['annotations']);
  const annotations = reader.texted(metadata.get('annotations'), `${path}.metadata.annotations`);
  if (annotations) checkAnnotations(reader, annotations, `${path}.metadata.annotations`);
  const source = readEntity(reader, fields.get('source'), `${path}.source`, context);
  const destination = readEntity(reader, fields.get('destination'), `${path}.destination`, context);
  const protocol = readProtocol(reader, fields.get('protocol'), `${path}.protocol`);
  const notProtocol = readProtocol(reader, fields.get('notProtocol'), `${path}.notProtocol`);
  const icmp = readIcmp(reader, fields.get('icmp'), `${path}.icmp`);
  const notICMP = readIcmp(reader, fields.get('notICMP'), `${path}.notICMP`);
  const rule: Rule = {
    action: action ?? 'Deny',
    ...ipVersion !== undefined && { ipVersion: ipVersion as 4 | 6 },
    ...protocol !== undefined && { protocol },
    ...notProtocol !== undefined && { notProtocol },
    ...icmp && { icmp },
    ...notICMP && { notICMP },
    ...source && { source },
    ...destination && { destination },
    ...annotations && Object.keys(annotations).length > 0 && { annotations },
  };
  checkPorts(reader, rule, path);
  checkFamilies(reader, rule, path);
  checkServices(reader, rule, path, context);
  // Calico compares with the names: protocol 1 beside ICMP fields is refused.
  if (icmp && protocol !== 'ICMP' && protocol !== 'ICMPv6') reader.problem(`${path}.icmp`, `stands beside protocol ${show(protocol)}`, 'set protocol to ICMP or ICMPv6');
  return rule;
}

function readEntity(reader: ManifestReader, value: unknown, path: string, { tokens }: RuleContext): EntityRule | undefined {
  const fields = reader.fields(value, path, ENTITY_FIELDS);
  const nets = readNets(reader, fields.get('nets'), `${path}.nets`, tokens);
  const notNets = readNets(reader, fields.get('notNets'), `${path}.notNets`, tokens);
  reader.set(nets?.map((net) => (typeof net === 'string' ? net : net.token)), `${path}.nets`);
  const selector = readSelector(reader, fields.get('selector'), `${path}.selector`);
  const notSelector = readSelector(reader, fields.get('notSelector'), `${path}.notSelector`);
  const namespaceSelector = readSelector(reader, fields.get('namespaceSelector'), `${path}.namespaceSelector`);
  if (selector?.includes('global()')) reader.problem(`${path}.selector`, 'uses global(), which says where, not who', 'write global() in namespaceSelector');
  // Only alone: text such as `global() && x` would change its meaning when Calico rewrites it.
  if (namespaceSelector?.includes('global(') && !/^[ \t]*global\([ \t]*\)[ \t]*$/.test(namespaceSelector)) {
    reader.problem(`${path}.namespaceSelector`, `is ${show(namespaceSelector)}: global() takes nothing beside it`, 'write global() alone');
  }
  const ports = readPorts(reader, fields.get('ports'), `${path}.ports`);
  const notPorts = readPorts(reader, fields.get('notPorts'), `${path}.notPorts`);
  const serviceAccounts = readServiceAccounts(reader, fields.get('serviceAccounts'), `${path}.serviceAccounts`);
  const services = readService(reader, fields.get('services'), `${path}.services`);
  const entity: EntityRule = {
    ...nets && { nets },
    ...notNets && { notNets },
    ...selector && { selector },
    ...notSelector && { notSelector },
    ...namespaceSelector && { namespaceSelector },
    ...ports && { ports },
    ...notPorts && { notPorts },
    ...serviceAccounts && { serviceAccounts },
    ...services && { services },
  };
  return Object.keys(entity).length === 0 ? undefined : entity;
}

/** A selector that parses; empty text is absent. */
export function readSelector(reader: ManifestReader, value: unknown, path: string): string | undefined {
  const text = reader.text(value, path);
  if (text === undefined || text === '') return undefined;
  const { error } = parseSelector(text);
  if (error !== undefined) reader.problem(path, `is ${show(text)}, which is no selector: ${error}`, 'correct the selector', 'selectorInvalid');
  // Calico puts parentheses around it, and `()` is no selector.
  else if (text.trim() === '') reader.problem(path, 'is blank', 'remove it, or write all()', 'selectorInvalid');
  return text;
}

function readNets(reader: ManifestReader, value: unknown, path: string, tokens: TokenReader): Cidr[] | undefined {
  const nets = reader.texts(value, path)?.map((text, i): Cidr => {
    const opaque = tokens(text);
    if (opaque) return opaque;
    const parsed = parseCidr(text);
    if (!parsed) reader.problem(`${path}[${i}]`, `is ${show(text)}, which is no CIDR`, 'write address/prefix');
    else if (!parsed.masked) reader.problem(`${path}[${i}]`, `is ${show(text)}, an address without a prefix`, `write ${text}/${parsed.family === 4 ? 32 : 128}`);
    else if (parsed.hostBits) reader.problem(`${path}[${i}]`, `is ${show(text)}, which has bits set behind its prefix`, `write ${parsed.set}`);
    else if (parsed.prefix === 0 && path.endsWith('notNets')) reader.problem(`${path}[${i}]`, `is ${text}: nothing is outside it`, 'remove the rule');
    return text;
  });
  return nets?.length ? nets : undefined;
}

function readPorts(reader: ManifestReader, value: unknown, path: string): Port[] | undefined {
  const ports = reader.list(value, path)?.map((item, i) => readPort(reader, item, `${path}[${i}]`)).filter((port) => port !== undefined);
  return ports?.length ? ports : undefined;
}

function readPort(reader: ManifestReader, value: unknown, path: string): Port | undefined {
  if (typeof value === 'number') return reader.integer(value, path, 1, 65_535);
  const text = reader.text(value ?? '', path);
  if (text === undefined) return undefined;
  if (/^[0-9]+$/.test(text)) return reader.integer(Number(text), path, 1, 65_535);
  const range = /^([0-9]+):([0-9]+)$/.exec(text);
  if (range) {
    const low = reader.integer(Number(range[1]), path, 1, 65_535);
    const high = reader.integer(Number(range[2]), path, 1, 65_535);
    if (low === undefined || high === undefined) return undefined;
    if (low > high) reader.problem(path, `is ${show(text)}: the range ends before it begins`, `write ${high}:${low}`);
    return low === high ? low : `${low}:${high}`;
  }
  if (!isPortName(text)) reader.problem(path, `is ${show(text)}: neither a port, nor a range such as 8000:8100, nor a port name`, 'write one of them');
  return text;
}

function readProtocol(reader: ManifestReader, value: unknown, path: string): Protocol | undefined {
  if (typeof value === 'number') return reader.integer(value, path, 1, 255);
  const text = reader.text(value, path);
  if (text === undefined) return undefined;
  if (/^[0-9]+$/.test(text)) return reader.integer(Number(text), path, 1, 255);
  return reader.oneOf(text, path, PROTOCOL_NAMES);
}

function readIcmp(reader: ManifestReader, value: unknown, path: string): Icmp | undefined {
  if (value === undefined) return undefined;
  const fields = reader.fields(value, path, ['type', 'code']);
  const type = reader.integer(fields.get('type'), `${path}.type`, 0, 254);
  const code = reader.integer(fields.get('code'), `${path}.code`, 0, 255);
  if (code !== undefined && fields.get('type') === undefined) reader.problem(`${path}.code`, `is ${code} without a type`, 'name the type too');
  return { ...type !== undefined && { type }, ...code !== undefined && { code } };
}

function readServiceAccounts(reader: ManifestReader, value: unknown, path: string): EntityRule['serviceAccounts'] {
  if (value === undefined) return undefined;
  const fields = reader.fields(value, path, ['names', 'selector']);
  const names = reader.texts(fields.get('names'), `${path}.names`);
  const selector = readSelector(reader, fields.get('selector'), `${path}.selector`);
  // Calico writes the names into a selector; one that breaks it makes the whole condition vanish.
  names?.forEach((name, i) => {
    if (!DNS_SUBDOMAIN.test(name)) reader.problem(`${path}.names[${i}]`, `is ${show(name)}, which no service account can be called`, 'correct the name');
  });
  reader.set(names, `${path}.names`);
  return { ...names?.length && { names }, ...selector && { selector } };
}

function readService(reader: ManifestReader, value: unknown, path: string): EntityRule['services'] {
  if (value === undefined) return undefined;
  const fields = reader.fields(value, path, ['name', 'namespace']);
  const name = reader.text(fields.get('name'), `${path}.name`) ?? '';
  const namespace = reader.text(fields.get('namespace'), `${path}.namespace`);
  if (!DNS_SUBDOMAIN.test(name)) reader.problem(`${path}.name`, `is ${show(name)}, which is no name of a Service`, 'name the Service');
  if (namespace && !DNS_SUBDOMAIN.test(namespace)) reader.problem(`${path}.namespace`, `is ${show(namespace)}, which is no name of a namespace`, 'name the namespace');
  return { name, ...namespace && { namespace } };
}

function checkPorts(reader: ManifestReader, rule: Rule, path: string): void {
  for (const side of ['source', 'destination'] as const) {
    for (const field of ['ports', 'notPorts'] as const) {
      const ports = rule[side]?.[field];
      if (!ports) continue;
      const numeric = ports.some((port) => typeof port === 'number' || port.includes(':'));
      if (rule.protocol === undefined ? numeric : !WITH_PORTS.includes(rule.protocol)) {
        reader.problem(`${path}.${side}.${field}`, `needs a protocol with ports and has ${rule.protocol === undefined ? 'none' : rule.protocol}`, PORT_FIX, 'portsWithoutProtocol');
      }
    }
  }
}

function checkFamilies(reader: ManifestReader, rule: Rule, path: string): void {
  const families = new Set(([rule.source, rule.destination]).flatMap((entity) => [...entity?.nets ?? [], ...entity?.notNets ?? []])
    .map((net) => (typeof net !== 'string' ? net.ipVersion ?? 4 : parseCidr(net)?.family)));
  if (families.has(4) && families.has(6)) reader.problem(path, 'has both IPv4 and IPv6 CIDRs', 'write one rule for each IP version', 'netsMixFamilies');
  if (rule.ipVersion !== undefined && [...families].some((family) => family !== undefined && family !== rule.ipVersion)) {
    reader.problem(`${path}.ipVersion`, `is ${rule.ipVersion}, but the rule has CIDRs of the other version`, 'make them agree');
  }
  for (const [name, version] of [['ICMP', 4], ['ICMPv6', 6]] as const) {
    if ((rule.protocol === name || rule.notProtocol === name) && rule.ipVersion !== undefined && rule.ipVersion !== version) {
      reader.problem(`${path}.ipVersion`, `is ${rule.ipVersion} beside protocol ${name}`, `write ${version}`);
    }
  }
}

function checkServices(reader: ManifestReader, rule: Rule, path: string, { direction, namespaced }: RuleContext): void {
  for (const side of ['source', 'destination'] as const) {
    const entity = rule[side];
    if (!entity?.services) continue;
    const at = `${path}.${side}.services`;
    if ((direction === 'Ingress') !== (side === 'source')) reader.problem(at, `is not allowed in the ${side} of an ${direction} rule`, 'match the Service at the other end');
    if (!namespaced && entity.services.namespace === undefined) reader.problem(at, 'names no namespace', 'add services.namespace', 'serviceWithoutNamespace');
    const beside = (['nets', 'notNets', 'selector', 'notSelector', 'namespaceSelector', 'serviceAccounts', ...side === 'destination' ? ['ports', 'notPorts'] as const : []] as const)
      .filter((field) => entity[field] !== undefined);
    if (beside.length > 0) reader.problem(at, `stands beside ${beside.join(', ')}`, 'let the Service say it all, ports included', 'serviceBesideMatch');
  }
}
