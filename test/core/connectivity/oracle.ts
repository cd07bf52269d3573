import { Endpoint, Topology } from '../../../src/core/connectivity';
import { EntityRule, parseSelector, Policy, PolicySet, Rule, Selector } from '../../../src/core/policy';

/**
 * A second evaluator, one packet at a time, written from Calico's documents. It shares nothing with the first but the
 * parsed model: no sets, no cases, no composed selectors; addresses are numbers, labels plain maps.
 * https://docs.tigera.io/calico/latest/network-policy/policy-tiers/tiered-policy
 * https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy
 */
export interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

type Trace = { tier: string | null; policy: string; rule: number | null; action: string; via?: Trace[] };
export interface Judgement {
  readonly verdict: 'allow' | 'deny';
  readonly egress: string | Trace;
  readonly ingress: string | Trace;
}

interface Place {
  readonly address: bigint;
  readonly version: 4 | 6;
  readonly pod?: Endpoint;
}

type Labels = Map<string, string>;

export function judge({ tiers, policies }: PolicySet, topology: Topology, packet: Packet): Judgement {
  const place = (text: string): Place => {
    const [address, version] = number(text);
    return { address, version, pod: topology.endpoints.find((pod) => !pod.hostNetwork && pod.addresses?.some((own) => number(own)[0] === address && number(own)[1] === version)) };
  };
  const [from, to] = [place(packet.from), place(packet.to)];
  // Nothing leaves a pod on its way to itself, on whichever network it is.
  const ownAddress = topology.endpoints.some((pod) => pod.addresses?.some((own) => number(own)[0] === from.address));
  if (ownAddress && from.address === to.address) return { verdict: 'allow', egress: 'self', ingress: 'self' };
  const egress = from.pod ? walk('Egress', from.pod) : 'not-an-endpoint';
  const ingress = to.pod ? walk('Ingress', to.pod) : 'not-an-endpoint';
  const open = (decision: string | Trace) => typeof decision === 'string' || decision.action === 'Allow';
  return { verdict: open(egress) && open(ingress) ? 'allow' : 'deny', egress, ingress };

  function walk(type: 'Ingress' | 'Egress', pod: Endpoint): Trace {
    const via: Trace[] = [];
    const finish = (last: Trace): Trace => (via.length > 0 ? { ...last, via } : last);
    const known = new Map<string, { order: number; end: string }>([['kube-admin', { order: 1000, end: 'Pass' }], ['default', { order: 1e6, end: 'Deny' }], ['kube-baseline', { order: 1e7, end: 'Pass' }]]);
    for (const tier of tiers) known.set(tier.name, { order: tier.order ?? 1e6, end: tier.defaultAction ?? 'Deny' });
    const names = [...known.keys()].sort((a, b) => known.get(a)!.order - known.get(b)!.order || Buffer.compare(Buffer.from(a), Buffer.from(b)));
    tierLoop: for (const name of names) {
      const here = policies.filter((policy) => policy.tier === name && !policy.staged && !policy.preDNAT && !policy.doNotTrack
        && policy.types.includes(type) && binds(policy, pod)).sort(before);
      if (here.length === 0) continue;
      for (const policy of here) {
        const rules = (type === 'Ingress' ? policy.ingress : policy.egress) ?? [];
        for (let i = 0; i < rules.length; i++) {
          if (rules[i].action === 'Log' || !hits(rules[i], policy.namespace)) continue;
          const step = { tier: name, policy: title(policy), rule: rules[i].index ?? i, action: rules[i].action };
          if (rules[i].action !== 'Pass') return finish(step);
          via.push(step);
          continue tierLoop;
        }
      }
      const end = { tier: name, policy: title(here[0]), rule: -1, action: known.get(name)!.end };
      if (end.action === 'Deny') return finish(end);
      via.push(end);
    }
    return finish({ tier: null, policy: `Profile/kns.${pod.namespace}`, rule: null, action: 'Allow' });
  }

  function binds(policy: Policy, pod: Endpoint): boolean {
    const labels = podLabels(pod);
    const inNamespaces = policy.namespace !== undefined ? pod.namespace === policy.namespace
      : !policy.namespaceSelector || holds(policy.namespaceSelector, labels, 'pcns.');
    // Beside a selector of accounts, all() of a global policy means having an account; that of a namespaced one does not.
    const account = policy.namespace === undefined && policy.serviceAccountSelector && !policy.namespaceSelector ? 'projectcalico.org/serviceaccount' : undefined;
    return inNamespaces && (!policy.selector || plain(policy.selector, labels, '', account))
      && (!policy.serviceAccountSelector || (policy.namespace === undefined ? holds(policy.serviceAccountSelector, labels, 'pcsa.') : plain(policy.serviceAccountSelector, labels, 'pcsa.')));
  }

  function hits(rule: Rule, namespace: string | undefined): boolean {
    if (rule.ipVersion !== undefined && rule.ipVersion !== from.version) return false;
    const number_ = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1, ICMPv6: 58, UDPLite: 136 } as Record<string, number>;
    const proto = (name: string | number) => (typeof name === 'number' ? name : number_[name]);
    if (rule.protocol !== undefined && proto(rule.protocol) !== packet.protocol) return false;
    if (rule.notProtocol !== undefined && proto(rule.notProtocol) === packet.protocol) return false;
    const icmpIs = ({ type, code }: { type?: number; code?: number }) => type === packet.icmpType && (code === undefined || code === packet.icmpCode);
    if (rule.icmp?.type !== undefined && !icmpIs(rule.icmp)) return false;
    if (rule.notICMP?.type !== undefined && (packet.protocol !== (from.version === 4 ? 1 : 58) || icmpIs(rule.notICMP))) return false;
    return end(rule.source ?? {}, from, packet.sourcePort, false, rule.protocol === undefined) && end(rule.destination ?? {}, to, packet.port, true, rule.protocol === undefined);

    function end(entity: EntityRule, at: Place, port: number | undefined, destination: boolean, namesOnly: boolean): boolean {
      const inside = (cidr: unknown) => within(cidr as string, at);
      const ofVersion = (list?: readonly unknown[]) => !list?.length || list.some((cidr) => number((cidr as string).split('/')[0])[1] === at.version);
      if (!ofVersion(entity.nets) || !ofVersion(entity.notNets)) return false;
      if (entity.nets?.length && !entity.nets.some(inside)) return false;
      if (entity.notNets?.some(inside)) return false;
      if (!peers(entity, at)) return false;
      if (entity.services) {
        const service = topology.services?.find((other) => other.name === entity.services!.name && other.namespace === entity.services!.namespace);
        const behind = service?.endpoints.filter((endpoint) => endpoint.address !== undefined && within(endpoint.address, at)) ?? [];
        if (!behind.some((endpoint) => !destination || (endpoint.port === port && proto(endpoint.protocol ?? 'TCP') === packet.protocol))) return false;
      }
      const listed = (ports: readonly (string | number)[]) => ports.some((wanted) => {
        if (typeof wanted === 'number') return port === wanted && !namesOnly;
        if (wanted.includes(':')) return port !== undefined && port >= Number(wanted.split(':')[0]) && port <= Number(wanted.split(':')[1]);
        const selected = at.pod && (!restricts(entity) || fits(entity, podLabels(at.pod)));
        return selected && at.pod!.ports?.some((own) => own.name === wanted && own.port === port && proto(own.protocol ?? 'TCP') === packet.protocol);
      });
      return (!entity.ports?.length || listed(entity.ports)) && !(entity.notPorts?.length && listed(entity.notPorts));
    }

    function restricts(entity: EntityRule): boolean {
      const account = entity.serviceAccounts?.selector || entity.serviceAccounts?.names?.length;
      return Boolean(entity.selector || account || entity.namespaceSelector || (namespace !== undefined && entity.notSelector));
    }

    /** Whether one holder of labels is whom the entity means. */
    function fits(entity: EntityRule, labels: Labels): boolean {
      if (entity.namespaceSelector ? !holds(entity.namespaceSelector, labels, 'pcns.', true) : namespace !== undefined && labels.get('projectcalico.org/namespace') !== namespace) return false;
      if (entity.selector && !plain(entity.selector, labels)) return false;
      if (entity.notSelector && plain(entity.notSelector, labels)) return false;
      const { names, selector } = entity.serviceAccounts ?? {};
      if (names?.length && !names.includes(labels.get('projectcalico.org/serviceaccount') ?? '')) return false;
      return !selector || plain(selector, labels, 'pcsa.');
    }

    function peers(entity: EntityRule, at: Place): boolean {
      const holders = [...at.pod ? [podLabels(at.pod)] : [], ...(topology.networkSets ?? []).filter((set) => set.nets.some((net) => within(net as string, at))).map(setLabels)];
      if (restricts(entity)) return holders.some((labels) => fits(entity, labels));
      return !entity.notSelector || !holders.some((labels) => plain(entity.notSelector!, labels));
    }
  }

  function podLabels(pod: Endpoint): Labels {
    const account = pod.serviceAccount ?? 'default';
    const known = topology.serviceAccounts?.find((other) => other.name === account && other.namespace === pod.namespace);
    return new Map([
      ...inherited(pod.namespace),
      ...known ? [['pcsa.projectcalico.org/name', account] as [string, string]] : [],
      ...Object.entries(known?.labels ?? {}).map(([key, value]): [string, string] => [`pcsa.${key}`, value]),
      ...Object.entries(pod.labels).filter(([key]) => !/^pc(ns|sa)\./.test(key)),
      ['projectcalico.org/namespace', pod.namespace],
      ['projectcalico.org/orchestrator', 'k8s'],
      ...account.length < 63 ? [['projectcalico.org/serviceaccount', account] as [string, string]] : [],
    ]);
  }

  function setLabels(set: { namespace?: string; labels: Readonly<Record<string, string>> }): Labels {
    return new Map([
      ...set.namespace === undefined ? [] : inherited(set.namespace),
      ...Object.entries(set.labels),
      ...set.namespace === undefined ? [] : [['projectcalico.org/namespace', set.namespace] as [string, string]],
    ]);
  }

  function inherited(namespace: string): [string, string][] {
    const labels = topology.namespaces?.find(({ name }) => name === namespace)?.labels ?? {};
    return [...Object.entries(labels).map(([key, value]): [string, string] => [`pcns.${key}`, value]), ['pcns.projectcalico.org/name', namespace]];
  }
}

/** In a selector of namespaces or accounts, all() asks for having one; in a rule global() asks for not being in a namespace. */
function holds(text: string, labels: Labels, prefix: string, inRule = false): boolean {
  return test(parseSelector(text).selector!, labels, prefix, (op) => {
    const inNamespace = labels.has('projectcalico.org/namespace');
    return prefix === '' ? true : op === 'global' && inRule ? !inNamespace : prefix === 'pcsa.' ? labels.has('projectcalico.org/serviceaccount') : inNamespace;
  });
}

function plain(text: string, labels: Labels, prefix = '', everyoneHas?: string): boolean {
  return test(parseSelector(text).selector!, labels, prefix, () => everyoneHas === undefined || labels.has(everyoneHas));
}

function test(selector: Selector, labels: Labels, prefix: string, everyone: (op: string) => boolean): boolean {
  const value = 'key' in selector ? labels.get(prefix + selector.key) : undefined;
  switch (selector.op) {
    case 'all': case 'global': return everyone(selector.op);
    case 'not': return !test(selector.of, labels, prefix, everyone);
    case 'and': return selector.of.every((part) => test(part, labels, prefix, everyone));
    case 'or': return selector.of.some((part) => test(part, labels, prefix, everyone));
    case 'has': return value !== undefined;
    case 'in': return selector.values.some((one) => one === value);
    case '==': return value === selector.value;
    case 'contains': return value !== undefined && value.indexOf(selector.value) >= 0;
    case 'starts with': return value !== undefined && value.slice(0, selector.value.length) === selector.value;
    case 'ends with': return value !== undefined && value.slice(value.length - selector.value.length) === selector.value;
  }
}

function before(a: Policy, b: Policy): number {
  const [x, y] = [a.order ?? Infinity, b.order ?? Infinity];
  const tie = (policy: Policy) => Buffer.from(`${policy.name}/${policy.namespace ?? ''}/${policy.kind}`);
  return x === y ? Buffer.compare(tie(a), tie(b)) : x < y ? -1 : 1;
}

function title({ kind, namespace, name }: Policy): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

function within(cidr: string, { address, version }: Place): boolean {
  const [text, prefix] = cidr.split('/');
  const [base, ofVersion] = number(text);
  const shift = BigInt((ofVersion === 4 ? 32 : 128) - Number(prefix ?? (ofVersion === 4 ? 32 : 128)));
  return ofVersion === version && base >> shift === address >> shift;
}

/** The number of an address, and its IP version. */
export function number(text: string): [bigint, 4 | 6] {
  if (!text.includes(':')) return [text.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), 4];
  const [head, tail] = text.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return [groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), 6];
}
