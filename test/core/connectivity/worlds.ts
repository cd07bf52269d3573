import fc from 'fast-check';
import { Topology } from '../../../src/core/connectivity';
import { parsePolicyObjects, PolicySet } from '../../../src/core/policy';

/** Random clusters whose policies overlap often: few names, few ports, few ranges. */
export interface RandomCluster {
  readonly topology: Topology;
  readonly policies: PolicySet;
}

const NAMESPACES = ['red', 'blue', 'green'];
const word = fc.constantFrom('a', 'b', 'ab');
const key = fc.constantFrom('app', 'role', 'env');
const labels = fc.dictionary(key, word, { maxKeys: 2 });
const NETS = ['10.0.0.0/8', '10.0.0.0/30', '10.0.0.2/32', '192.0.2.0/24', '192.0.2.128/25', '0.0.0.0/0'];
const net = fc.constantFrom(...NETS);
const ports = fc.uniqueArray(fc.constantFrom<number | string>(80, 443, '80:90', '85:8080', 'http', 'dns'), { minLength: 1, maxLength: 2 });

const leaf = fc.oneof(
  fc.tuple(key, word).map(([k, v]) => `${k} == '${v}'`),
  fc.tuple(key, word).map(([k, v]) => `${k} != '${v}'`),
  fc.tuple(key, word).map(([k, v]) => `${k} in {'${v}', 'zz'}`),
  fc.tuple(key, word).map(([k, v]) => `${k} not in {'${v}'}`),
  fc.tuple(key, fc.constantFrom('contains', 'starts with', 'ends with')).map(([k, op]) => `${k} ${op} 'b'`),
  key.map((k) => `has(${k})`),
  fc.constant('all()'),
);
const selector = fc.oneof(
  { weight: 3, arbitrary: leaf },
  { weight: 1, arbitrary: fc.tuple(leaf, fc.constantFrom('&&', '||'), leaf).map(([a, op, b]) => `${a} ${op} ${b}`) },
  { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([a, b]) => `!(${a} || ${b})`) },
);
const namespaceSelector = fc.oneof(selector, fc.constantFrom(...NAMESPACES).map((n) => `projectcalico.org/name == '${n}'`), fc.constant('all()'));
/** Present in so many cases of a hundred. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, percent = 60) => fc.oneof({ weight: percent, arbitrary }, { weight: 100 - percent, arbitrary: fc.constant(undefined) });

const entity = fc.record({
  selector: maybe(selector, 25), notSelector: maybe(selector, 20), namespaceSelector: maybe(fc.oneof(namespaceSelector, fc.constant('global()')), 25),
  nets: maybe(fc.uniqueArray(net, { minLength: 1, maxLength: 2 }), 25), notNets: maybe(fc.constantFrom(['10.0.0.0/30'], ['192.0.2.0/24', '10.0.0.1/32']), 25),
  serviceAccounts: maybe(fc.record({ names: maybe(fc.constant(['bot'])), selector: maybe(selector) }), 25),
});

const match = fc.oneof(
  { weight: 3, arbitrary: fc.record({ protocol: fc.constantFrom('TCP', 'UDP', 'SCTP', 6), sourcePorts: maybe(ports, 25), ports: maybe(ports), notPorts: maybe(ports, 25) }) },
  { weight: 1, arbitrary: fc.record({ protocol: fc.constant('ICMP'), icmp: maybe(fc.record({ type: fc.constantFrom(0, 8) })), notICMP: maybe(fc.record({ type: fc.constantFrom(8, 3), code: fc.constantFrom(0, 4) }), 25) }) },
  { weight: 1, arbitrary: fc.record({ notProtocol: fc.constantFrom('UDP', 'ICMP', 17) }) },
  { weight: 2, arbitrary: fc.constant({}) },
);

const rule = (direction: 'ingress' | 'egress') => fc.tuple(fc.constantFrom('Allow', 'Deny', 'Pass', 'Log', 'Allow'), match, maybe(entity, 60), maybe(entity, 25), fc.integer({ min: 0, max: 9 }))
  .map(([action, what, source, destination, service]) => {
    const { sourcePorts, ports: to, notPorts, ...rest } = what as Record<string, unknown>;
    const withService = direction === 'egress' && service === 0;
    return {
      action, ...rest,
      source: { ...source, ...sourcePorts ? { ports: sourcePorts } : {} },
      destination: withService ? { services: { name: 'svc', namespace: 'red' } } : { ...destination, ...to ? { ports: to } : {}, ...notPorts ? { notPorts } : {} },
    };
  });

const order = maybe(fc.constantFrom(1, 10, 10, 1000));
const types = fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress'], undefined);
const calico = fc.record({
  kind: fc.constantFrom('GlobalNetworkPolicy', 'NetworkPolicy', 'GlobalNetworkPolicy', 'StagedGlobalNetworkPolicy'),
  name: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6'), namespace: fc.constantFrom(...NAMESPACES),
  spec: fc.record({
    tier: fc.constantFrom(undefined, 'first', 'last'), order, types, selector: maybe(selector), serviceAccountSelector: maybe(selector, 25), namespaceSelector: maybe(namespaceSelector),
    ingress: fc.array(rule('ingress'), { maxLength: 3 }), egress: fc.array(rule('egress'), { maxLength: 3 }),
  }),
}).map(({ kind, name, namespace, spec }) => {
  const { namespaceSelector: where, ...own } = spec;
  const global = kind !== 'NetworkPolicy';
  return { apiVersion: 'projectcalico.org/v3', kind, metadata: global ? { name } : { name, namespace }, spec: { ...own, ...global ? { namespaceSelector: where } : {} } };
});

const labelSelector = fc.oneof(fc.constant({}), fc.record({ matchLabels: labels }),
  fc.record({ matchExpressions: fc.array(fc.oneof(fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values: fc.constant(['a']) }), fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') })), { minLength: 1, maxLength: 2 }) }));
const peer = fc.oneof(fc.record({ podSelector: labelSelector }), fc.record({ namespaceSelector: labelSelector }), fc.record({ podSelector: labelSelector, namespaceSelector: labelSelector }),
  fc.constantFrom({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/30'] } }, { ipBlock: { cidr: '0.0.0.0/0' } }));
const kubernetesRule = (field: 'from' | 'to') => fc.record({
  [field]: maybe(fc.array(peer, { maxLength: 2 })),
  ports: maybe(fc.array(fc.constantFrom<object>({ port: 80 }, { port: 'http' }, { protocol: 'UDP' }, { port: 80, endPort: 443, protocol: 'TCP' }, { port: 'dns', protocol: 'UDP' }), { maxLength: 2 })),
});
const kubernetes = fc.record({
  name: fc.constantFrom('k1', 'k2', 'k3'), namespace: fc.constantFrom(...NAMESPACES), podSelector: labelSelector, policyTypes: fc.constantFrom(undefined, ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
  ingress: maybe(fc.array(kubernetesRule('from'), { maxLength: 2 })), egress: maybe(fc.array(kubernetesRule('to'), { maxLength: 2 })),
}).map(({ name, namespace, ...spec }) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec }));

const tierObjects = fc.tuple(fc.constantFrom('Pass', 'Deny', undefined), fc.constantFrom('Pass', 'Deny'), fc.constantFrom(50, undefined)).map(([first, last, at]) => [
  { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'first' }, spec: { order: at, defaultAction: first } },
  { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'last' }, spec: { order: 2e6, defaultAction: last } },
]);
const networkSets = fc.array(fc.record({ namespace: maybe(fc.constantFrom(...NAMESPACES)), labels, nets: fc.uniqueArray(net, { maxLength: 2 }) }), { maxLength: 3 })
  .map((sets) => sets.map(({ namespace, labels: own, nets }, i) => ({
    apiVersion: 'projectcalico.org/v3', kind: namespace ? 'NetworkSet' : 'GlobalNetworkSet', metadata: { name: `set-${i}`, ...namespace ? { namespace } : {}, labels: own }, spec: { nets },
  })));

const pods = fc.array(fc.record({
  namespace: fc.constantFrom(...NAMESPACES), labels, serviceAccount: fc.constantFrom('default', 'bot'), host: fc.constantFrom(false, false, false, true),
  ports: fc.uniqueArray(fc.constantFrom({ name: 'http', port: 80 }, { name: 'http', port: 8080 }, { name: 'dns', port: 53, protocol: 'UDP' as const }), { maxLength: 2 }),
}), { minLength: 2, maxLength: 5 });

export const randomCluster: fc.Arbitrary<RandomCluster> = fc.tuple(
  pods, fc.tuple(labels, labels, labels), fc.tuple(labels, labels), fc.array(calico, { maxLength: 6 }), fc.array(kubernetes, { maxLength: 3 }), tierObjects, networkSets,
).map(([podList, namespaceLabels, accountLabels, calicoPolicies, kubernetesPolicies, tierList, sets]) => {
  const unique = [...new Map([...calicoPolicies, ...kubernetesPolicies].map((object) => [`${object.kind} ${'namespace' in object.metadata ? object.metadata.namespace : ''} ${object.metadata.name}`, object])).values()];
  const parsed = parsePolicyObjects([...tierList, ...unique, ...sets]);
  const topology: Topology = {
    complete: true,
    endpoints: podList.map(({ host, ...pod }, i) => ({ ...pod, name: `pod-${i}`, hostNetwork: host, addresses: [`10.0.0.${i}`] })),
    namespaces: NAMESPACES.map((name, i) => ({ name, labels: namespaceLabels[i] })),
    serviceAccounts: NAMESPACES.flatMap((namespace) => ['default', 'bot'].map((name, i) => ({ namespace, name, labels: accountLabels[i] }))),
    services: [{ namespace: 'red', name: 'svc', endpoints: [{ address: '10.0.0.1', port: 80 }, { address: '192.0.2.9', port: 443 }] }],
    networkSets: parsed.networkSets,
  };
  return { topology, policies: { tiers: parsed.tiers, policies: parsed.policies } };
});
