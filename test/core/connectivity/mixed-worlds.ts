import fc from 'fast-check';
import { Topology } from '../../../src/core/connectivity';
import { parsePolicyObjects, PolicySet } from '../../../src/core/policy';

/** Clusters that mix what is seldom mixed: both IP versions, equal orders, tiers beside Calico's own, every kind and every way to match. */
export interface MixedCluster {
  readonly topology: Topology;
  readonly policies: PolicySet;
  /** Objects that the parser refused: the generator means to write none. */
  readonly refused: readonly string[];
}

/** Their order as text is not that of their parts: `-` sorts before `/`, digits after. */
const NAMESPACES = ['a', 'a-b', 'b'];
/** No label of Calico's holds such a name. */
const LONG = 'long'.padEnd(63, 'g');
const name = fc.constantFrom('n', 'n1', 'n-1', 'n.x');
const namespace = fc.constantFrom(...NAMESPACES);
const key = fc.constantFrom('app', 'role', 'x.io/env');
const word = fc.constantFrom('a', 'b', 'ab', '');
const labels = fc.dictionary(key, word, { maxKeys: 2 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>, percent: number) => fc.oneof({ weight: percent, arbitrary }, { weight: 100 - percent, arbitrary: fc.constant(undefined) });

export const POD_NETS = { 4: '10.0.0.', 6: 'fd00::' } as const;
/** Addresses of nobody in the cluster, one in each range that a rule may name and one in none. */
export const OUTSIDE = ['192.0.2.9', '192.0.2.200', '198.51.100.7', '10.9.9.9', '2001:db8::9', '2001:db8:1::9', 'fd00:9::1'];
const NETS = {
  4: ['10.0.0.0/8', '10.0.0.0/30', '10.0.0.2/32', '192.0.2.0/24', '192.0.2.128/25', '0.0.0.0/0'],
  6: ['fd00::/64', 'fd00::2/128', '2001:db8::/32', '2001:db8::/64', '::/0'],
} as const;

const leaf = fc.oneof(
  fc.tuple(key, fc.constantFrom('==', '!=', 'contains', 'starts with', 'ends with'), word).map(([k, op, v]) => `${k} ${op} '${v}'`),
  fc.tuple(key, fc.constantFrom('in', 'not in'), fc.uniqueArray(word, { maxLength: 2 })).map(([k, op, vs]) => `${k} ${op} {${vs.map((v) => `'${v}'`).join(', ')}}`),
  fc.tuple(fc.constantFrom('', '!'), key).map(([not, k]) => `${not}has(${k})`),
  fc.constantFrom('all()', '!all()', "projectcalico.org/namespace == 'a'", "projectcalico.org/orchestrator == 'k8s'", "projectcalico.org/serviceaccount != 'bot'", "kubernetes.io/metadata.name == 'a'"),
);
const selector = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.tuple(leaf, fc.constantFrom('&&', '||'), leaf, fc.constantFrom('&&', '||'), leaf).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.tuple(leaf, fc.constantFrom('&&', '||'), leaf).map(([a, op, b]) => `!(${a} ${op} ${b})`) },
);
const namespaceSelector = fc.oneof(selector, namespace.map((one) => `projectcalico.org/name == '${one}'`), namespace.map((one) => `kubernetes.io/metadata.name not in {'${one}'}`), fc.constant('all()'));
const accounts = fc.record({ names: maybe(fc.uniqueArray(fc.constantFrom('bot', 'default', LONG), { minLength: 1, maxLength: 2 }), 60), selector: maybe(namespaceSelector, 40) });

const numeric = fc.constantFrom<number | string>(80, '443', 1, 65_535, '80:90', '85:8080', '90:90');
const named = fc.constantFrom<number | string>('http', 'dns', 'sig', 'none');
const portList = (port: fc.Arbitrary<number | string>) => maybe(fc.array(port, { minLength: 1, maxLength: 3 }), 25);
const ports = (port: fc.Arbitrary<number | string>) => fc.record({ ports: portList(port), notPorts: portList(port) });

const netList = (list: readonly string[], percent: number) => maybe(fc.uniqueArray(fc.constantFrom(...list), { minLength: 1, maxLength: 2 }), percent);
const nets = (version: 4 | 6) => fc.record({ nets: netList(NETS[version], 30), notNets: netList(NETS[version].slice(1, -1), 20) });
const who = (version: 4 | 6) => fc.tuple(nets(version), fc.record({
  selector: maybe(selector, 25), notSelector: maybe(selector, 20), namespaceSelector: maybe(fc.oneof(namespaceSelector, fc.constant('global()')), 25), serviceAccounts: maybe(accounts, 15),
})).map(([addresses, labelled]) => ({ ...addresses, ...labelled }));
const icmp = fc.oneof(fc.constant({}), fc.record({ type: fc.constantFrom(0, 3, 8, 128) }), fc.record({ type: fc.constantFrom(0, 3, 8, 128), code: fc.constantFrom(0, 4) }));
const anyProtocol = fc.constantFrom<string | number>('TCP', 'UDP', 'SCTP', 'UDPLite', 'ICMP', 'ICMPv6', 6, '17', 132, 136, 1, 58, 47, 255);

/** Protocol, ports and ICMP fields that go together. */
const traffic = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom<string | number>('TCP', 'UDP', 'SCTP', 6, '17', 132), ports(fc.oneof(numeric, named)), ports(fc.oneof(numeric, named))).map(([protocol, source, destination]) => ({ match: { protocol }, source, destination })) },
  { weight: 2, arbitrary: fc.tuple(ports(named), ports(named)).map(([source, destination]) => ({ match: {}, source, destination })) },
  { weight: 1, arbitrary: fc.record({ protocol: anyProtocol, notProtocol: maybe(anyProtocol, 30), notICMP: maybe(icmp, 20) }).map((match) => ({ match, source: {}, destination: {} })) },
  { weight: 1, arbitrary: fc.record({ notProtocol: anyProtocol }).map((match) => ({ match, source: {}, destination: {} })) },
  { weight: 2, arbitrary: fc.record({ protocol: fc.constantFrom('ICMP', 'ICMPv6'), icmp: maybe(icmp, 70), notICMP: maybe(icmp, 30) }).map((match) => ({ match, source: {}, destination: {} })) },
  { weight: 1, arbitrary: fc.record({ notICMP: icmp }).map((match) => ({ match, source: {}, destination: {} })) },
);
const service = fc.record({ name: fc.constantFrom('svc', 'empty', 'missing', 'bare'), namespace });

const rule = (direction: 'ingress' | 'egress') => fc.constantFrom<4 | 6>(4, 4, 6).chain((version) => fc.tuple(
  fc.constantFrom('Allow', 'Allow', 'Deny', 'Pass', 'Log'), traffic, maybe(who(version), 50), maybe(who(version), 35), fc.boolean(), fc.integer({ min: 0, max: 9 }), service,
).map(([action, { match, source: from, destination: to }, source, destination, said, pick, services]) => {
  const icmpOf = { ICMP: 4, ICMPv6: 6 } as Record<string, number>;
  const { protocol: of, notProtocol: notOf } = match as { protocol?: string | number; notProtocol?: string | number };
  const versions = [of, notOf].map((protocol) => icmpOf[String(protocol)]).filter((one) => one !== undefined);
  const served = pick === 0;
  return {
    action, ...match,
    ...said && versions.every((one) => one === version) && { ipVersion: version },
    source: served && direction === 'ingress' ? { services, ...from } : { ...source, ...from },
    destination: served && direction === 'egress' ? { services } : { ...destination, ...to },
  };
}));

/** Often equal, among themselves and to a Kubernetes policy's. */
const order = fc.constantFrom(undefined, null, undefined, 1000, 1000, 1000, 10, -0.001, 0.5, 1000.5);
const hosts = fc.constantFrom({}, {}, {}, {}, { applyOnForward: true }, { doNotTrack: true, applyOnForward: true }, { preDNAT: true, applyOnForward: true });
const TIERS = ['aa', 'zz', 'default', 'default', undefined, 'kube-admin', 'kube-baseline'] as const;
const calico = fc.tuple(
  fc.constantFrom('GlobalNetworkPolicy', 'NetworkPolicy', 'GlobalNetworkPolicy', 'NetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedNetworkPolicy'), name, namespace, hosts,
  fc.record({
    tier: fc.constantFrom(...TIERS), order, types: fc.constantFrom(undefined, null, [], ['Ingress'], ['Egress'], ['Egress', 'Ingress']),
    selector: maybe(selector, 50), serviceAccountSelector: maybe(namespaceSelector, 20), namespaceSelector: maybe(namespaceSelector, 40),
    ingress: maybe(fc.array(rule('ingress'), { maxLength: 3 }), 70), egress: maybe(fc.array(rule('egress'), { maxLength: 3 }), 70),
  }),
).map(([kind, called, where, flags, { namespaceSelector: ofNamespaces, ...spec }]) => {
  const global = kind.includes('Global');
  const preDNAT = 'preDNAT' in flags && { types: ['Ingress'], egress: [] };
  return {
    apiVersion: 'projectcalico.org/v3', kind, metadata: { name: called, ...global ? {} : { namespace: where } },
    spec: { ...spec, ...global ? { ...flags, namespaceSelector: ofNamespaces, ...preDNAT } : {} },
  };
});

const labelSelector = fc.oneof(fc.constant({}), fc.record({ matchLabels: labels }), fc.record({
  matchExpressions: fc.array(fc.oneof(fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values: fc.uniqueArray(word, { minLength: 1, maxLength: 2 }) }), fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') })), { minLength: 1, maxLength: 2 }),
}), namespace.map((one) => ({ matchLabels: { 'kubernetes.io/metadata.name': one } })));
const peer = fc.oneof(fc.record({ podSelector: labelSelector }), fc.record({ namespaceSelector: labelSelector }), fc.record({ podSelector: labelSelector, namespaceSelector: labelSelector }),
  fc.constantFrom({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/30', '10.0.0.2/32'] } }, { ipBlock: { cidr: '0.0.0.0/0', except: [] } }, { ipBlock: { cidr: '192.0.2.77/24' } }, { ipBlock: { cidr: '::/0', except: ['fd00::/64'] } }));
const kubernetesPort = fc.constantFrom<object>({}, { port: 80 }, { port: 'http' }, { protocol: 'UDP' }, { protocol: 'SCTP', port: 'sig' }, { port: 80, endPort: 443, protocol: 'TCP' }, { port: 80, endPort: 80 }, { port: 'dns', protocol: 'UDP' }, { port: 1, endPort: 65_535, protocol: 'SCTP' });
const kubernetesRule = (field: 'from' | 'to') => fc.record({ [field]: maybe(fc.array(peer, { maxLength: 2 }), 60), ports: maybe(fc.array(kubernetesPort, { maxLength: 3 }), 60) });
const kubernetes = fc.record({
  staged: fc.constantFrom(false, false, true), name, namespace, podSelector: labelSelector, policyTypes: fc.constantFrom(undefined, ['Ingress'], ['Egress'], ['Egress', 'Ingress']),
  ingress: maybe(fc.array(kubernetesRule('from'), { maxLength: 2 }), 60), egress: maybe(fc.array(kubernetesRule('to'), { maxLength: 2 }), 60),
}).map(({ staged, name: called, namespace: where, ...spec }) => ({
  apiVersion: staged ? 'projectcalico.org/v3' : 'networking.k8s.io/v1', kind: staged ? 'StagedKubernetesNetworkPolicy' : 'NetworkPolicy', metadata: { name: called, namespace: where }, spec,
}));

const tier = (called: string) => fc.record({ order: fc.constantFrom(undefined, null, -1, 0.5, 1000, 1e6, 1e7, 2e7), defaultAction: fc.constantFrom('Pass', 'Deny', undefined) })
  .map((spec) => ({ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: called }, spec }));
const networkSet = fc.record({ namespace: maybe(namespace, 50), labels, nets: fc.uniqueArray(fc.constantFrom(...NETS[4], ...NETS[6], '10.0.0.1', '192.0.2.9/24'), { maxLength: 3 }) });

const pod = fc.record({
  namespace, labels, serviceAccount: fc.constantFrom('default', 'bot', 'lost', LONG), hostNetwork: fc.constantFrom(false, false, false, false, true), versions: fc.constantFrom<readonly (4 | 6)[]>([4], [4, 6], [4, 6], [6]),
  ports: fc.uniqueArray(fc.constantFrom({ name: 'http', port: 80 }, { name: 'http', port: 8080 }, { name: 'http', port: 80, protocol: 'UDP' as const }, { name: 'dns', port: 53, protocol: 'UDP' as const }, { name: 'sig', port: 90, protocol: 'SCTP' as const }), { maxLength: 3 }),
});

export const mixedCluster: fc.Arbitrary<MixedCluster> = fc.tuple(
  fc.array(pod, { minLength: 2, maxLength: 5 }), fc.tuple(labels, labels, labels), fc.tuple(labels, labels), fc.array(calico, { minLength: 1, maxLength: 6 }), fc.array(kubernetes, { maxLength: 3 }),
  fc.tuple(tier('aa'), tier('zz')), fc.array(networkSet, { maxLength: 3 }),
).map(([pods, ofNamespaces, ofAccounts, calicoPolicies, kubernetesPolicies, tiers, sets]) => {
  const identity = ({ kind, apiVersion, metadata }: { kind: string; apiVersion: string; metadata: object }) => JSON.stringify([apiVersion, kind, metadata]);
  const unique = [...new Map([...calicoPolicies, ...kubernetesPolicies].map((object) => [identity(object), object])).values()];
  const networkSets = sets.map(({ namespace: where, labels: own, nets: list }, i) => ({
    apiVersion: 'projectcalico.org/v3', kind: where ? 'NetworkSet' : 'GlobalNetworkSet', metadata: { name: `set-${i}`, ...where ? { namespace: where } : {}, labels: own }, spec: { nets: list },
  }));
  const parsed = parsePolicyObjects([...tiers, ...unique, ...networkSets]);
  const topology: Topology = {
    complete: true,
    endpoints: pods.map(({ versions, ...one }, i) => ({ ...one, name: `pod-${i}`, addresses: versions.map((version) => `${POD_NETS[version]}${i + 1}`) })),
    namespaces: NAMESPACES.map((called, i) => ({ name: called, labels: { ...ofNamespaces[i], 'kubernetes.io/metadata.name': called } })),
    serviceAccounts: NAMESPACES.flatMap((where) => ['default', 'bot', LONG].map((called, i) => ({ namespace: where, name: called, labels: ofAccounts[i] ?? {} }))),
    services: [
      { namespace: 'a', name: 'svc', endpoints: [{ address: '10.0.0.1', port: 80 }, { address: '10.0.0.2', port: 53, protocol: 'UDP' }, { address: 'fd00::1', port: 80 }, { address: '192.0.2.9', port: 443 }] },
      { namespace: 'b', name: 'bare', endpoints: [{ address: '10.0.0.2' }, { address: '2001:db8::9' }] },
      { namespace: 'a', name: 'empty', endpoints: [] },
    ],
    networkSets: parsed.networkSets,
  };
  return { topology, policies: { tiers: parsed.tiers, policies: parsed.policies }, refused: parsed.diagnostics.filter(({ severity }) => severity === 'error').map(({ subject, message }) => `${subject} ${message}`) };
});
