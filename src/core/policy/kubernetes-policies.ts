import { ManifestReader, show } from './manifest-reader';
import { checkLabels, DNS_SUBDOMAIN, isLabelValue, isPortName, isQualifiedName, readMetadata } from './names';
import { EntityRule, KUBERNETES_POLICY_ORDER, Policy, Port, Rule } from './policy';
import { parseCidr } from '../sets';

/** Kubernetes peers are pods: no network set answers to them. */
const KUBERNETES_ONLY = "projectcalico.org/orchestrator == 'k8s'";
const SPEC_FIELDS = ['podSelector', 'ingress', 'egress', 'policyTypes'];
const STAGED_ACTIONS = ['Set', 'Delete', 'Learn', 'Ignore'] as const;

/** A networking.k8s.io/v1 NetworkPolicy, or Calico's staged copy of one, as the rules that Calico makes of it. */
export function readKubernetesPolicy(reader: ManifestReader, object: unknown, staged: boolean, namespace: string): Policy {
  const fields = reader.fields(object, 'object', ['apiVersion', 'kind', 'metadata', 'spec', 'status']);
  const metadata = readMetadata(reader, fields.get('metadata'), namespace, DNS_SUBDOMAIN);
  const spec = reader.fields(fields.get('spec'), 'spec', [...SPEC_FIELDS, ...staged ? ['stagedAction'] : []]);
  if (staged && fields.get('spec') === undefined) reader.beyondSchema('spec', 'is missing', 'write spec: {}');
  const stagedAction = reader.oneOf(spec.get('stagedAction'), 'spec.stagedAction', STAGED_ACTIONS);
  const pods = readLabelSelector(reader, spec.get('podSelector'), 'spec.podSelector');
  const ingress = readRules(reader, spec.get('ingress'), 'spec.ingress', 'source');
  const egress = readRules(reader, spec.get('egress'), 'spec.egress', 'destination');
  const listed = reader.list(spec.get('policyTypes'), 'spec.policyTypes');
  const given = listed?.map((type, i) => reader.oneOf(type ?? '', `spec.policyTypes[${i}]`, ['Ingress', 'Egress'])).filter((type) => type !== undefined);
  if (given && given.length > 2) reader.problem('spec.policyTypes', `has ${given.length} entries`, 'name Ingress and Egress once each');
  if (staged && stagedAction !== 'Delete' && listed?.length === 0) reader.beyondSchema('spec.policyTypes', 'is empty', 'remove it, or name Ingress or Egress');
  if (staged) reader.set(listed, 'spec.policyTypes');
  if (stagedAction === 'Delete' && (pods.length > 0 || ingress || egress || given?.length)) {
    reader.problem('spec.stagedAction', 'is Delete beside other fields', 'leave only the action');
  }
  // The API always adds Ingress, and Egress where there are egress rules.
  const types = new Set(given?.length ? given : ['Ingress' as const, ...egress ? ['Egress' as const] : []]);
  return {
    kind: 'KubernetesNetworkPolicy',
    ...staged && { staged },
    namespace: metadata.namespace,
    name: metadata.name,
    tier: 'default',
    order: KUBERNETES_POLICY_ORDER,
    selector: [KUBERNETES_ONLY, ...pods].join(' && '),
    types: (['Ingress', 'Egress'] as const).filter((type) => types.has(type)),
    ...ingress && { ingress },
    ...egress && { egress },
    ...stagedAction && { stagedAction },
  };
}

function readRules(reader: ManifestReader, value: unknown, path: string, peerSide: 'source' | 'destination'): Rule[] | undefined {
  const peersField = peerSide === 'source' ? 'from' : 'to';
  const rules = reader.list(value, path)?.flatMap((item, index): Rule[] => {
    const at = `${path}[${index}]`;
    const fields = reader.fields(item, at, [peersField, 'ports']);
    const peers = reader.list(fields.get(peersField), `${at}.${peersField}`)?.map((peer, i) => readPeer(reader, peer, `${at}.${peersField}[${i}]`));
    const ports = reader.list(fields.get('ports'), `${at}.ports`)?.map((port, i) => readPort(reader, port, `${at}.ports[${i}]`));
    return byProtocol(ports ?? []).flatMap(({ protocol, numbers }) => (peers?.length ? peers : [{}]).map((peer): Rule => {
      const destination: EntityRule = { ...peerSide === 'destination' && peer, ...numbers && { ports: numbers } };
      return {
        action: 'Allow',
        ...protocol && { protocol },
        ...peerSide === 'source' && Object.keys(peer).length > 0 && { source: peer },
        ...Object.keys(destination).length > 0 && { destination },
        index,
      };
    }));
  });
  return rules?.length ? rules : undefined;
}

interface PortMatch {
  readonly protocol?: string;
  /** Absent: all of the protocol. */
  readonly numbers?: readonly Port[];
}

/** One entry for each protocol; no ports at all are one entry without a protocol. */
function byProtocol(ports: readonly PortMatch[]): PortMatch[] {
  if (ports.length === 0) return [{}];
  return [...new Set(ports.map((port) => port.protocol!))].sort().map((protocol) => {
    const same = ports.filter((port) => port.protocol === protocol);
    return { protocol, ...same.every((port) => port.numbers) && { numbers: same.flatMap((port) => port.numbers!) } };
  });
}

function readPort(reader: ManifestReader, value: unknown, path: string): PortMatch {
  const fields = reader.fields(value, path, ['protocol', 'port', 'endPort']);
  const protocol = reader.oneOf(fields.get('protocol'), `${path}.protocol`, ['TCP', 'UDP', 'SCTP']) ?? 'TCP';
  const port = fields.get('port');
  const end = reader.integer(fields.get('endPort'), `${path}.endPort`, 1, 65_535);
  if (typeof port === 'string') {
    if (!isPortName(port)) reader.problem(`${path}.port`, `is ${show(port)}, which is no port name`, 'write a port number or a port name');
    if (end !== undefined) reader.problem(`${path}.endPort`, `is ${end} beside a port name`, 'write the first port as a number');
    return { protocol, numbers: [port] };
  }
  const start = reader.integer(port, `${path}.port`, 1, 65_535);
  if (port === undefined && end !== undefined) reader.problem(`${path}.endPort`, `is ${end} without a port`, 'write the first port');
  if (start !== undefined && end !== undefined && end < start) reader.problem(`${path}.endPort`, `is ${end}, below port ${start}`, 'write a range that goes up');
  if (start === undefined) return { protocol };
  return { protocol, numbers: [end === undefined || end === start ? start : `${start}:${end}`] };
}

function readPeer(reader: ManifestReader, value: unknown, path: string): EntityRule {
  const fields = reader.fields(value, path, ['podSelector', 'namespaceSelector', 'ipBlock']);
  const [pods, namespaces, block] = [fields.get('podSelector'), fields.get('namespaceSelector'), fields.get('ipBlock')];
  if (block !== undefined) {
    if (pods !== undefined || namespaces !== undefined) reader.problem(path, 'has ipBlock beside a selector', 'write two peers');
    return readBlock(reader, block, `${path}.ipBlock`);
  }
  if (pods === undefined && namespaces === undefined) reader.problem(path, 'names no peer', 'write podSelector, namespaceSelector or ipBlock');
  const selector = [KUBERNETES_ONLY, ...readLabelSelector(reader, pods, `${path}.podSelector`)].join(' && ');
  if (namespaces === undefined) return { selector };
  const terms = readLabelSelector(reader, namespaces, `${path}.namespaceSelector`);
  return { selector, namespaceSelector: terms.length === 0 ? 'all()' : terms.join(' && ') };
}

function readBlock(reader: ManifestReader, value: unknown, path: string): EntityRule {
  const fields = reader.fields(value, path, ['cidr', 'except']);
  const read = (text: unknown, at: string) => {
    const parsed = typeof text === 'string' ? parseCidr(text) : undefined;
    if (!parsed?.masked) reader.problem(at, `is ${show(text)}, which is no CIDR`, 'write address/prefix');
    return parsed;
  };
  const block = read(fields.get('cidr'), `${path}.cidr`);
  const except = reader.list(fields.get('except'), `${path}.except`)?.map((text, i) => {
    const parsed = read(text, `${path}.except[${i}]`);
    if (parsed && block && !(block.set.covers(parsed.set) && parsed.prefix > block.prefix)) {
      reader.problem(`${path}.except[${i}]`, `is ${show(text)}, no smaller part of ${show(fields.get('cidr'))}`, 'except a part of the block');
    }
    return parsed;
  });
  return {
    ...block && { nets: block.set.toCidrs() },
    ...except?.length && { notNets: except.flatMap((part) => part?.set.toCidrs() ?? []) },
  };
}

/** The conditions of a label selector in Calico's language; none: everything. */
function readLabelSelector(reader: ManifestReader, value: unknown, path: string): string[] {
  const fields = reader.fields(value, path, ['matchLabels', 'matchExpressions']);
  const labels = reader.texted(fields.get('matchLabels'), `${path}.matchLabels`) ?? {};
  checkLabels(reader, labels, `${path}.matchLabels`);
  const expressions = reader.list(fields.get('matchExpressions'), `${path}.matchExpressions`)?.map((item, i) => readExpression(reader, item, `${path}.matchExpressions[${i}]`));
  return [...Object.keys(labels).sort(byCodeUnit).map((key) => `${key} == '${labels[key]}'`), ...expressions ?? []];
}

function readExpression(reader: ManifestReader, value: unknown, path: string): string {
  const fields = reader.fields(value, path, ['key', 'operator', 'values']);
  const key = reader.text(fields.get('key'), `${path}.key`) ?? '';
  if (!isQualifiedName(key)) reader.problem(`${path}.key`, `is ${show(key)}, which is no label name`, 'name the label');
  const operator = reader.oneOf(fields.get('operator') ?? '', `${path}.operator`, ['In', 'NotIn', 'Exists', 'DoesNotExist']);
  const values = reader.texts(fields.get('values'), `${path}.values`) ?? [];
  const listed = operator === 'In' || operator === 'NotIn';
  if (operator && listed !== values.length > 0) reader.problem(`${path}.values`, `has ${values.length} entries beside ${operator}`, listed ? 'list the values' : 'remove them');
  values.filter((text) => !isLabelValue(text)).forEach((text) => reader.problem(`${path}.values`, `has ${show(text)}, which is no label value`, 'correct it'));
  const set = `{${values.map((text) => `'${text}'`).join(', ')}}`;
  switch (operator) {
    case 'In': return `${key} in ${set}`;
    case 'NotIn': return `${key} not in ${set}`;
    case 'Exists': return `has(${key})`;
    default: return `!has(${key})`;
  }
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
