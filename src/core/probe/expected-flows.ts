import { NotProbed, ProbeCheck, ProbeIdentity, ProbeTarget } from './probe';
import { CLUSTER_DOMAIN, TARGETS } from './probe-facts';
import { KubernetesObject, Workload, workloadOf } from '../connectivity/workload';
import { ExpectationIntent } from '../network/network-intent';
import { CLUSTER_DNS, SYSTEM_NAMESPACES } from '../policy/facts';
import { describePeer, Labels, Peer, PodPeer, PortIntent } from '../policy/intent';

export interface ProbedExpectation extends ExpectationIntent {
  /** Construct paths of those who gave objects: what must be deployed is said by them. */
  readonly origins: ReadonlyMap<KubernetesObject, string>;
}

/** What is there to run as, and to connect to. */
export interface ProbeSurroundings {
  /** Absent: nothing outside the VPC is known to be reached by those who may. */
  readonly internet?: { readonly host: string; readonly port: number };
  readonly objects: readonly KubernetesObject[];
  /** Namespaces, and `namespace/name` of service accounts, that are known to exist. */
  readonly namespaces: readonly string[];
  readonly serviceAccounts: readonly string[];
  /** Namespaces whose enforcement is not the cluster's: what is denied there now is not what the model says. */
  readonly staged?: readonly string[];
}

/** What is tried for an expectation, but for the name under which its source runs. */
export interface ExpectedFlow {
  readonly flow: string;
  readonly source: Pick<ProbeIdentity, 'namespace' | 'serviceAccount' | 'labels'>;
  readonly checks: readonly Omit<ProbeCheck, 'by'>[];
  readonly needs: readonly string[];
  /** For a denial: what an identity needs that is allowed; without a destination it has it already. */
  readonly twin?: { readonly destination: Peer; readonly ports: readonly PortIntent[] } | { readonly destination?: undefined };
}

interface Place {
  readonly target: ProbeTarget;
  readonly port: PortIntent;
  readonly needs: readonly string[];
}

const MATCHES = (labels: Labels, asked: Labels): boolean => Object.entries(asked).every(([key, value]) => labels[key] === value);
const tcp = (port: number): PortIntent => ({ protocol: 'TCP', ports: [port] });

/** How an expectation can be tried, or why it cannot. */
export function expectedFlow(expectation: ProbedExpectation, request: ProbeSurroundings): ExpectedFlow | NotProbed {
  const { origin, expected, source, destination } = expectation;
  const flow = `${origin}: ${describePeer(source)} to ${describePeer(destination)}`;
  const staged = [source, destination].flatMap((peer) => peer.kind === 'pods' ? peer.namespace ?? [] : []).find((name) => request.staged?.includes(name));
  if (staged !== undefined) return { flow, reason: `namespace '${staged}' has an enforcement of its own` };
  const from = sourceOf(expectation, request);
  if (typeof from === 'string') return { flow, reason: from };
  const places = placesOf(expectation, request);
  if (typeof places === 'string') return { flow, reason: places };
  const checks = places.map(({ target, port }) => ({ flow, expected, target, destination, ports: [port] }));
  const guarded = ['kubelet', 'apiServer', 'instanceMetadata'].includes(destination.kind);
  return {
    flow, checks, source: from.identity, needs: [origin, ...from.needs, ...places.flatMap(({ needs }) => needs)],
    ...expected === 'deny' && { twin: guarded ? {} : { destination, ports: places.map(({ port }) => port) } },
  };
}

interface Source {
  readonly identity: ExpectedFlow['source'];
  readonly needs: readonly string[];
}

/** The pod that stands for the source: with the account and labels of a workload in view, where one is meant. */
function sourceOf({ source, origins }: ProbedExpectation, { objects, namespaces, serviceAccounts }: ProbeSurroundings): Source | string {
  if (source.kind !== 'pods') return `only pods can be run, and ${describePeer(source)} ${source.kind === 'addresses' ? 'is a range' : 'are none'}`;
  const { namespace } = source;
  if (namespace === undefined) return 'its source is any namespace with some labels, and a pod runs in one that is named';
  if (SYSTEM_NAMESPACES.includes(namespace)) return `its source is in '${namespace}', which runs the cluster: no probe goes there`;
  if (!namespaces.includes(namespace)) return `namespace '${namespace}' is not in view`;
  const [found] = podsIn(source, objects);
  const identity = {
    namespace, serviceAccount: found?.workload.serviceAccount ?? source.serviceAccount ?? 'default', labels: { ...found?.workload.labels ?? source.labels },
  };
  if (!found && identity.serviceAccount !== 'default' && !serviceAccounts.includes(`${namespace}/${identity.serviceAccount}`)) return `service account ${namespace}/${identity.serviceAccount} is not in view`;
  if (found?.workload.hostNetwork) return 'its source is on the network of its node, where no policy binds';
  // A pod that is never ready gets no traffic of the Services that select it, but for these.
  const service = servicesIn(objects).find(({ metadata, spec }) => (metadata?.namespace ?? 'default') === namespace && spec?.publishNotReadyAddresses === true && MATCHES(identity.labels, spec?.selector ?? {}));
  return service ? `Service ${namespace}/${service.metadata?.name} sends traffic to pods that are not ready, and the probe's would get some` : { identity, needs: originsOf(origins, found?.object) };
}

/** Where to connect to, one for each port. */
function placesOf({ expected, destination, ports, origins }: ProbedExpectation, { objects, internet }: ProbeSurroundings): Place[] | string {
  const place = (target: ProbeTarget, port: PortIntent): Place => ({ target, port, needs: [] });
  switch (destination.kind) {
    case 'kubelet': case 'apiServer': case 'instanceMetadata': {
      const target = TARGETS[destination.kind];
      return asks(ports, target.port) ? [place(target, tcp(target.port))] : `the probe knows port ${target.port} there only`;
    }
    case 'clusterDns': return expected === 'deny' ? 'every pod may ask the cluster DNS' : [place(TARGETS.dnsByUdp, { protocol: 'UDP', ports: [CLUSTER_DNS.port] })];
    case 'internet': {
      if (!internet) return 'no place outside the VPC is known that a pod with the right reaches';
      return asks(ports, internet.port) ? [place({ kind: 'tcp', ...internet }, tcp(internet.port))] : `the probe knows port ${internet.port} there only`;
    }
    case 'addresses': {
      const [cidr, ...more] = destination.cidrs;
      const host = typeof cidr === 'string' && more.length === 0 ? /^([0-9.]+)\/32$/.exec(cidr)?.[1] : undefined;
      if (host === undefined) return `${describePeer(destination)} is no single address to connect to`;
      const numbers = numbersOf(ports);
      return numbers.length > 0 ? numbers.map((port) => place({ kind: 'tcp', host, port }, tcp(port))) : 'it names no single TCP port';
    }
    case 'pods': return behindServices(destination, ports, objects, origins);
    default: return `${describePeer(destination)} is no single place to connect to`;
  }
}

/** Pods have no address that lasts: they are reached as their users reach them. */
function behindServices(peer: PodPeer, ports: readonly PortIntent[], objects: readonly KubernetesObject[], origins: ProbedExpectation['origins']): Place[] | string {
  const pods = podsIn(peer, objects);
  if (pods.length === 0) return `no workload in view is ${describePeer(peer)}`;
  const [{ object, workload }] = pods;
  const found = servicesIn(objects).filter(({ metadata, spec }) => (metadata?.namespace ?? 'default') === workload.namespace && spec?.selector && MATCHES(workload.labels, spec.selector));
  const places = found.flatMap((service) => (service.spec.ports ?? []).flatMap((each: any): Place[] => {
    const behind = numberOf(each.targetPort ?? each.port, workload);
    if ((each.protocol ?? 'TCP') !== 'TCP' || behind === undefined || typeof each.port !== 'number' || !asks(ports, behind, workload)) return [];
    const host = `${service.metadata?.name}.${workload.namespace}.svc.${CLUSTER_DOMAIN}`;
    // A headless Service gives the addresses of the pods, which know no port but their own.
    return [{ target: { kind: 'tcp', host, port: service.spec.clusterIP === 'None' ? behind : each.port }, port: tcp(behind), needs: [...originsOf(origins, object), ...originsOf(origins, service)] }];
  }));
  return places.length > 0 ? places.slice(0, 1) : `no Service in view leads to TCP ports of ${workload.namespace}/${workload.name} that it is about`;
}

function podsIn(peer: PodPeer, objects: readonly KubernetesObject[]): { readonly object: KubernetesObject; readonly workload: Workload }[] {
  return objects.flatMap((object) => {
    const workload = workloadOf(object);
    const means = workload && workload.namespace === peer.namespace && MATCHES(workload.labels, peer.labels ?? {}) && (peer.serviceAccount ?? workload.serviceAccount) === workload.serviceAccount;
    return means ? [{ object, workload }] : [];
  });
}

const servicesIn = (objects: readonly KubernetesObject[]) => objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1');
const originsOf = (origins: ProbedExpectation['origins'], object: KubernetesObject | undefined) => [object && origins.get(object)].filter((origin) => origin !== undefined);

function numberOf(port: unknown, { ports }: Workload): number | undefined {
  return typeof port === 'number' ? port : ports.find(({ name, unknown }) => name === port && !unknown)?.port;
}

/** Single ports of TCP. */
function numbersOf(ports: readonly PortIntent[]): number[] {
  return ports.flatMap(({ protocol, ports: some = [] }) => protocol === 'TCP' ? some.filter((port) => typeof port === 'number') : []);
}

/** Whether an expectation is about this port. */
function asks(ports: readonly PortIntent[], port: number, workload?: Workload): boolean {
  return ports.length === 0 || ports.some(({ protocol, ports: some, icmp }) => icmp === undefined && (protocol === undefined || protocol === 'TCP') && (some === undefined || some.some((each) => {
    if (typeof each === 'number') return each === port;
    const [from, to] = each.split(':').map(Number);
    return Number.isInteger(from) ? port >= from && port <= (to ?? from) : workload?.ports.some(({ name, port: number }) => name === each && number === port);
  })));
}
