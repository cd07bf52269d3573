import fc from 'fast-check';
import { mixedCluster, OUTSIDE } from './mixed-worlds';
import { judge, Packet } from './oracle';
import { compile, evaluateFlow, Flow, Topology } from '../../../src/core/connectivity';
import { parsePolicyObjects } from '../../../src/core/policy';

const SEED = 20_261_124;
const RUNS = Number(process.env.ORACLE_RUNS ?? (process.env.FEW_RUNS ? 6 : 80));

interface Place {
  readonly name: string;
  readonly address: string;
  readonly version: 4 | 6;
}

/** Each address of the cluster and around it; a pod's first one under the pod's name. */
function placesOf({ endpoints }: Topology): Place[] {
  const version = (address: string) => (address.includes(':') ? 6 : 4);
  return [
    ...endpoints.flatMap(({ namespace, name, addresses = [], hostNetwork }) => addresses.filter((_, i) => !hostNetwork || i === 0)
      .map((address, i): Place => ({ name: i === 0 && version(address) === 4 || hostNetwork ? `${namespace}/${name}` : `ip:${address}`, address, version: version(address) }))),
    ...OUTSIDE.map((address): Place => ({ name: `ip:${address}`, address, version: version(address) })),
  ];
}

const NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 47: '47', 58: 'ICMPV6', 132: 'SCTP', 136: 'UDPLITE', 255: '255' };
const connection = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ protocol: fc.constantFrom(6, 6, 17, 132), port: fc.constantFrom(1, 53, 79, 80, 84, 85, 90, 91, 443, 8080, 65_535), sourcePort: fc.constantFrom(1, 80, 90, 443, 40_000) }),
  },
  { weight: 2, arbitrary: fc.record({ icmpType: fc.constantFrom(0, 3, 8, 128), icmpCode: fc.constantFrom(0, 4) }) },
  { weight: 1, arbitrary: fc.record({ protocol: fc.constantFrom(47, 136, 255) }) },
);

const ordered = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner));

test('single connections in mixed clusters have the verdict, and the steps, of the packet evaluator', () => {
  let flows = 0;
  const verdicts = { allow: 0, deny: 0 };
  fc.assert(fc.property(mixedCluster, fc.array(connection, { minLength: 3, maxLength: 3 }), ({ topology, policies, refused }, connections) => {
    expect(refused).toEqual([]);
    const compiled = compile(policies, topology);
    const places = placesOf(topology);
    for (const from of places) {
      for (const to of places) {
        if (from.version !== to.version) continue;
        for (const one of connections) {
          const protocol = 'protocol' in one ? one.protocol : from.version === 4 ? 1 : 58;
          const packet: Packet = { from: from.address, to: to.address, ...one, protocol };
          const flow: Flow = { from: from.name, to: to.name, protocol: NAMES[protocol], port: packet.port, srcPort: packet.sourcePort, icmpType: packet.icmpType, icmpCode: packet.icmpCode };
          if (from.address === to.address && OUTSIDE.includes(from.address)) continue;
          // A flow between names takes IPv4 where both have it.
          if (from.version === 6 && !from.name.startsWith('ip:') && !to.name.startsWith('ip:')) continue;
          const expected = judge(policies, topology, packet);
          const { verdict, egress, ingress, because } = evaluateFlow(compiled, flow);
          if (ordered({ verdict, egress, ingress }) !== ordered(expected)) expect({ flow, verdict, egress, ingress, because }).toEqual({ flow, ...expected });
          flows++;
          verdicts[expected.verdict]++;
        }
      }
    }
  }), { seed: SEED, numRuns: RUNS });
  expect(flows).toBeGreaterThan(Math.min(20_000, 150 * RUNS));
  expect(Math.min(verdicts.allow, verdicts.deny)).toBeGreaterThan(flows / 10);
}, 120_000);

describe('what stands first among equals', () => {
  const pods = ['web', 'db'].map((name, i) => ({ namespace: 'a', name, labels: {}, addresses: [`10.0.0.${i}`] }));
  const topology: Topology = { complete: true, endpoints: pods, namespaces: [{ name: 'a', labels: {} }] };
  /** Opens everything for everybody; in a tier of its name. */
  const opens = (kind: string, name: string, tier?: string) => ({
    apiVersion: kind === 'KubernetesNetworkPolicy' ? 'networking.k8s.io/v1' : 'projectcalico.org/v3',
    kind: kind.replace('Kubernetes', ''),
    metadata: { name, ...kind !== 'GlobalNetworkPolicy' && { namespace: 'a' } },
    spec: kind === 'KubernetesNetworkPolicy' ? { policyTypes: ['Egress'], egress: [{}] } : { tier, order: 1000, types: ['Egress'], egress: [{ action: 'Allow' }] },
  });
  const decides = (objects: readonly object[]): unknown => {
    const { tiers, policies, diagnostics } = parsePolicyObjects(objects);
    expect(diagnostics).toEqual([]);
    const { egress } = evaluateFlow(compile({ tiers, policies }, topology), { from: 'a/web', to: 'a/db', protocol: 'TCP', port: 1 });
    return (egress as { policy: string }).policy;
  };

  // By name, then namespace, then kind, each as bytes with slashes between: what Calico's policy sorter compares.
  test('policies of one order', () => {
    const first = [
      'GlobalNetworkPolicy/n-1', 'KubernetesNetworkPolicy/a/n-1', 'NetworkPolicy/a/n-1', 'GlobalNetworkPolicy/n.x', 'KubernetesNetworkPolicy/a/n.x', 'NetworkPolicy/a/n.x',
      'GlobalNetworkPolicy/n', 'KubernetesNetworkPolicy/a/n', 'NetworkPolicy/a/n', 'GlobalNetworkPolicy/n1', 'KubernetesNetworkPolicy/a/n1', 'NetworkPolicy/a/n1',
    ];
    const object = (key: string) => opens(key.split('/')[0], key.split('/').pop()!);
    for (const [i, before] of first.entries()) {
      for (const after of first.slice(i + 1)) {
        expect(decides([object(before), object(after)])).toBe(before);
        expect(decides([object(after), object(before)])).toBe(before);
      }
    }
  });

  test('tiers of one order, Calico\'s own among them', () => {
    const tier = (name: string, order?: number) => ({ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name }, spec: { order } });
    const first = ['kube-admin', 'kube-admin2', 'aa', 'default', 'default0', 'zz', 'kube-base', 'kube-baseline', 'kube-baselinf'];
    const orders: Readonly<Record<string, number>> = { 'kube-admin2': 1000, 'kube-base': 10_000_000, 'kube-baselinf': 10_000_000 };
    const given = first.filter((name) => !['kube-admin', 'default', 'kube-baseline'].includes(name)).map((name) => tier(name, orders[name]));
    for (const [i, before] of first.entries()) {
      for (const after of first.slice(i + 1)) {
        for (const tiers of [given, [...given].reverse()]) {
          expect(decides([...tiers, opens('GlobalNetworkPolicy', after, after), opens('GlobalNetworkPolicy', before, before)])).toBe(`GlobalNetworkPolicy/${before}`);
        }
      }
    }
  });
});
