import { Endpoint, Namespace, reachability } from '../../src/core/connectivity';
import { parsePolicyObjects } from '../../src/core/policy';

/** Namespaces of ten workloads with three ports; as many policies as workloads. */
export function generate(count: number, mixed: boolean): { endpoints: Endpoint[]; namespaces: Namespace[]; objects: unknown[] } {
  const perNamespace = 10;
  const namespaces = Array.from({ length: Math.ceil(count / perNamespace) }, (_, n): Namespace => ({ name: `ns-${n}`, labels: { team: `team-${n % 7}` } }));
  const endpoints = Array.from({ length: count }, (_, i): Endpoint => ({
    name: `app-${i}`,
    namespace: `ns-${Math.floor(i / perNamespace)}`,
    labels: { app: `app-${i}`, role: ['web', 'api', 'db'][i % 3] },
    addresses: [`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`],
    ports: [{ name: 'http', port: 8080 }, { name: 'metrics', port: 9090 }, { name: 'grpc', port: 9000 }],
  }));
  const objects = endpoints.map(({ namespace }, i): unknown => (mixed && i % 2 === 1 ? globalPolicy(i) : networkPolicy(i, count, namespace)));
  const tiers = [{ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'platform' }, spec: { order: 200, defaultAction: 'Pass' } }];
  return { endpoints, namespaces, objects: mixed ? [...tiers, ...objects] : objects };
}

function networkPolicy(i: number, count: number, namespace: string): unknown {
  const neighbour = i % 10 === 9 ? i - 9 : i + 1;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `app-${i}`, namespace },
    spec: {
      podSelector: { matchLabels: { app: `app-${i}` } },
      policyTypes: i % 3 === 0 ? ['Ingress', 'Egress'] : ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: `app-${neighbour}` } } }], ports: [{ protocol: 'TCP', port: 8080 }, { protocol: 'TCP', port: 'grpc' }] },
        { from: [{ namespaceSelector: { matchLabels: { team: `team-${i % 7}` } }, podSelector: { matchLabels: { role: 'web' } } }], ports: [{ protocol: 'TCP', port: 9090 }] },
      ],
      ...i % 3 === 0 && {
        egress: [
          { to: [{ podSelector: { matchLabels: { app: `app-${(i + 1) % count}` } } }] },
          { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [{ protocol: 'TCP', port: 443 }] },
        ],
      },
    },
  };
}

function globalPolicy(i: number): unknown {
  const guardrail = i % 4 === 1;
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: guardrail ? `platform.rule-${i}` : `rule-${i}` },
    spec: {
      ...guardrail && { tier: 'platform' },
      order: i,
      namespaceSelector: `projectcalico.org/name == 'ns-${Math.floor(i / 10)}'`,
      selector: `app == 'app-${i}'`,
      types: ['Ingress'],
      ingress: [
        { action: guardrail ? 'Deny' : 'Allow', protocol: 'TCP', source: { selector: "role == 'db'", namespaceSelector: `team == 'team-${i % 7}'` }, destination: { ports: [9090] } },
        { action: guardrail ? 'Pass' : 'Allow', protocol: 'TCP', source: { namespaceSelector: `projectcalico.org/name == 'ns-${Math.floor(i / 10)}'` }, destination: { ports: ['http', '9000:9100'] } },
      ],
    },
  };
}

function measure(count: number, mixed: boolean): void {
  const { endpoints, namespaces, objects } = generate(count, mixed);
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const { tiers, policies, diagnostics } = parsePolicyObjects(objects);
  if (diagnostics.length > 0) throw new Error(`the benchmark's policies are refused: ${diagnostics[0].subject} ${diagnostics[0].message}`);
  const matrix = reachability({ endpoints, namespaces, outside: [{ name: 'internet', addresses: ['0.0.0.0/0'] }] }, { tiers, policies });
  const blocks = matrix.blocks();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  const pairs = (endpoints.length + 1) ** 2;
  const open = blocks.filter(({ cell }) => !cell.allowed.isEmpty()).reduce((sum, { from, to }) => sum + from.length * to.length, 0);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`${mixed ? 'mixed' : 'NetworkPolicy'} N=${count}: wall ${seconds.toFixed(2)} s, CPU ${((user + system) / 1e6).toFixed(2)} s, peak ${peak.toFixed(0)} MiB; ${pairs} pairs, ${open} with something allowed, ${blocks.length} blocks`);
}

/** Arguments: sizes. Without: 100, 300, 1000. Each size runs mixed and with NetworkPolicies only. */
if (require.main === module) {
  const sizes = process.argv.slice(2).map(Number).filter((size) => size > 0);
  for (const size of sizes.length > 0 ? sizes : [100, 300, 1000]) {
    measure(size, true);
    measure(size, false);
  }
}

