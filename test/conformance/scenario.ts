import { compile } from '../../src/core/connectivity/compile';
import { evaluateFlow, Flow, FlowVerdict } from '../../src/core/connectivity/evaluate';
import { ContainerPort, Endpoint, Service, ServiceEndpoint, Topology } from '../../src/core/connectivity/topology';
import { parsePolicyObjects } from '../../src/core/policy';
import { parseCidr } from '../../src/core/sets';

/** One line of the corpus. */
export interface Scenario {
  readonly name: string;
  readonly features: readonly string[];
  readonly resources: readonly Resource[];
  readonly policies: readonly unknown[];
  readonly rejected?: readonly { readonly policy: string; readonly error: string }[];
  readonly flows: readonly (Flow & FlowVerdict)[];
}

/** What the Kubernetes API returns, as far as verdicts depend on it. */
interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly spec?: {
    readonly serviceAccountName?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly { readonly ports?: readonly { name?: string; containerPort: number; protocol?: string }[] }[];
    readonly initContainers?: readonly { readonly ports?: readonly { name?: string; containerPort: number; protocol?: string }[] }[];
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string; readonly podIPs?: readonly { readonly ip: string }[] };
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[] | null;
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[] | null;
}

export interface Disagreement {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** How many verdicts a scenario asks for, and those that differ. */
export function check(scenario: Scenario): { verdicts: number; disagreements: Disagreement[] } {
  const { tiers, policies, networkSets, diagnostics } = parsePolicyObjects(scenario.policies);
  const disagreements: Disagreement[] = [];
  const refused = [...new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ subject }) => subject))].sort().join(', ');
  const expectedRefused = (scenario.rejected ?? []).map(({ policy }) => policy).sort().join(', ');
  if (refused !== expectedRefused) disagreements.push({ what: 'rejected', expected: expectedRefused || 'nothing', actual: refused || 'nothing' });
  const compiled = compile({ tiers, policies }, { ...topologyOf(scenario.resources), networkSets });
  for (const flow of scenario.flows) {
    const expected = write(flow);
    const actual = write(evaluateFlow(compiled, flow));
    if (actual !== expected) disagreements.push({ what: describe(flow), expected, actual });
  }
  return { verdicts: scenario.flows.length + (scenario.rejected ? 1 : 0), disagreements };
}

function describe({ from, to, protocol, port, icmpType, icmpCode }: Flow): string {
  return `${from} -> ${to} ${protocol} ${port ?? `${icmpType}/${icmpCode}`}`;
}

const write = ({ verdict, egress, ingress, because }: FlowVerdict): string => JSON.stringify([verdict, step(egress), step(ingress), because ?? []]);

function step(decision: FlowVerdict['egress']): unknown {
  if (typeof decision === 'string') return decision;
  const order = ({ tier, policy, rule, action }: Exclude<typeof decision, string>) => [tier, policy, rule, action];
  return [...order(decision), (decision.via ?? []).map((pass) => order(pass))];
}

export function topologyOf(resources: readonly Resource[]): Topology {
  const of = (kind: string) => resources.filter((resource) => resource.kind === kind);
  return {
    complete: true,
    endpoints: of('Pod').map(endpointOf),
    namespaces: of('Namespace').map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} })),
    serviceAccounts: of('ServiceAccount').map(({ metadata }) => ({ namespace: metadata.namespace!, name: metadata.name, labels: metadata.labels ?? {} })),
    services: servicesOf(of('EndpointSlice')),
  };
}

function endpointOf({ metadata, spec, status }: Resource): Endpoint {
  const ports = [...spec?.containers ?? [], ...spec?.initContainers ?? []].flatMap((container) => container.ports ?? [])
    .flatMap(({ name, containerPort, protocol }): ContainerPort[] => (name ? [{ name, port: containerPort, protocol: (protocol ?? 'TCP') as ContainerPort['protocol'] }] : []));
  const addresses = (status?.podIPs ?? []).map(({ ip }) => ip);
  return {
    name: metadata.name,
    namespace: metadata.namespace!,
    labels: metadata.labels ?? {},
    serviceAccount: spec?.serviceAccountName,
    ports,
    // A finished pod has given its address back: nothing binds it any more.
    hostNetwork: spec?.hostNetwork === true || ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
    addresses: addresses.length > 0 ? addresses : status?.podIP ? [status.podIP] : [],
  };
}

function servicesOf(slices: readonly Resource[]): Service[] {
  const services = new Map<string, { namespace: string; name: string; endpoints: ServiceEndpoint[] }>();
  for (const { metadata, endpoints, ports } of slices) {
    const name = metadata.labels?.['kubernetes.io/service-name'];
    if (!name) continue;
    const key = `${metadata.namespace}/${name}`;
    const service = services.get(key) ?? { namespace: metadata.namespace!, name, endpoints: [] };
    services.set(key, service);
    for (const { addresses } of endpoints ?? []) {
      for (const address of addresses) {
        // Names of hosts are no addresses to Calico.
        if (!parseCidr(address)) continue;
        service.endpoints.push({ address });
        for (const { port, protocol } of ports ?? []) {
          if (port !== undefined && port !== null) service.endpoints.push({ address, port, protocol: (protocol ?? 'TCP') as ServiceEndpoint['protocol'] });
        }
      }
    }
  }
  return [...services.values()];
}
