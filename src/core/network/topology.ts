import { NetworkIntent } from './network-intent';
import { Endpoint, isEndpoint, Namespace, Outside, Peer as End, Topology } from '../connectivity/topology';
import { Workload } from '../connectivity/workload';
import { API_SERVER, CLUSTER_DNS, INSTANCE_METADATA, NOT_PUBLIC_IPV4, POD_IDENTITY, PRIVATE_IPV4 } from '../policy/facts';
import { AddressPeer, describeLabels, describePeer, describePods, Labels, Peer, PodPeer, WellKnown } from '../policy/intent';
import { ownRanges, podRanges, within } from '../policy/match';
import { Cidr, NetworkSet } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';

/** What a namespace is called of which only the name is known not to be some. */
const ANY_NAMESPACE = 'any other namespace';

/** Places that every report tells about. */
const PLACES: readonly WellKnown[] = ['kubelet', 'apiServer', 'instanceMetadata', 'internet', 'loadBalancers', 'controlPlane', 'nodes'];

/** Who is on the network, as far as it is in view, and how the ends that users name are found there. */
export class NetworkView {
  public readonly topology: Topology;
  public readonly endpoints: readonly Endpoint[];
  /** The cluster's DNS, which nobody deploys here and everybody uses. */
  public readonly clusterDns: Endpoint;
  /** Addresses that have no other name in a report: together with the named ones, all that there are. */
  public readonly elsewhere: readonly Outside[];
  private readonly places: ReadonlyMap<WellKnown, Outside>;
  /** Many rules and expectations name the same peers: one end for all of them. */
  private readonly found = new Map<string, readonly End[]>();

  public constructor(
    private readonly intent: NetworkIntent, private readonly workloads: readonly Workload[], networkSets: readonly NetworkSet[],
    /** Whether any policy selects by a label that Kubernetes gives pods as they start. */
    private readonly selectsRuntimeLabels = false,
    /** Who added each policy, by its key. */
    public readonly origins: ReadonlyMap<string, string> = new Map(),
  ) {
    this.endpoints = workloads.map((workload) => this.endpointOf(workload));
    const created = intent.objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => ({ name: metadata!.name!, labels: metadata?.labels ?? {} }));
    this.clusterDns = this.dnsPods();
    this.places = new Map(PLACES.map((kind) => [kind, this.locate({ kind })]));
    this.elsewhere = this.unnamed();
    // What labels somebody else gave a namespace nobody said.
    const declared = intent.namespaces.map((each) => ({ ...each, open: each.existing && Object.keys(each.labels).length === 0 }));
    this.topology = {
      endpoints: [...this.endpoints, this.clusterDns],
      outside: [...this.places.values(), ...this.elsewhere],
      namespaces: [...[...declared, ...created].map(withNameLabel), ...this.labelledNamespaces(), this.otherNamespaces()],
      serviceAccounts: [...intent.serviceAccounts],
      services: [{ ...API_SERVER.service, endpoints: [{ port: API_SERVER.port, within: known(intent.addresses.controlPlane, 'the control plane') }] }],
      networkSets,
    };
  }

  /** Every end that a peer means: the workloads in view, and where there is none, or any is asked about, any pod of that description. */
  public find(peer: Peer, quantifier: 'in view' | 'any' = 'in view'): readonly End[] {
    const key = `${quantifier} ${JSON.stringify(peer)}`;
    let found = this.found.get(key);
    if (!found) this.found.set(key, found = this.search(peer, quantifier));
    return found;
  }

  private search(peer: Peer, quantifier: 'in view' | 'any'): End[] {
    if (peer.kind === 'clusterDns') return [this.clusterDns];
    if (peer.kind !== 'pods') return [this.outside(peer)];
    const found = this.endpoints.filter((_, index) => this.means(peer, this.workloads[index]));
    if (found.length === 0) return [this.anyPod(peer)];
    if (quantifier === 'in view' || peer.ofWorkload) return found;
    // A workload in view proves nothing about the next pod that fits the description; its account and ports it shares with those in view.
    const accounts = new Map(found.map((pod) => [pod.serviceAccount, pod]));
    return [...found, ...[...accounts].map(([serviceAccount, { ports }]): Endpoint => ({ ...this.anyPod(peer), serviceAccount, ports, open: { labels: true } }))];
  }

  private dnsPods(): Endpoint {
    const { namespace, labels, serviceAccount } = CLUSTER_DNS;
    return { name: 'cluster DNS', namespace, labels, serviceAccount, within: this.wherePodsAre(), replicated: true, open: { labels: true, ports: true } };
  }

  private wherePodsAre(): readonly Cidr[] {
    const { addresses } = this.intent;
    return known(podRanges(addresses), addresses.pods ? 'the pods' : 'the nodes');
  }

  /** Addresses that are no pod's: one object for each place, by which it is known. */
  public outside(peer: AddressPeer | { readonly kind: WellKnown }): Outside {
    return (peer.kind === 'addresses' ? undefined : this.places.get(peer.kind)) ?? this.locate(peer);
  }

  private locate(peer: AddressPeer | { readonly kind: WellKnown }): Outside {
    const name = describePeer(peer);
    const { addresses } = this.intent;
    switch (peer.kind) {
      case 'addresses': return { name, addresses: peer.cidrs };
      case 'vpc': return { name, addresses: known(addresses.vpc, name) };
      case 'nodes': case 'kubelet': return { name, addresses: known(addresses.nodes, name) };
      case 'controlPlane': return { name, addresses: known(addresses.controlPlane, name) };
      case 'endpoints': return { name, addresses: known(addresses.endpoints, name) };
      case 'loadBalancers': return { name, addresses: known(addresses.loadBalancers, name) };
      case 'apiServer': return { name, addresses: known(addresses.controlPlane, name), backs: API_SERVER.service };
      case 'instanceMetadata': return { name, addresses: [INSTANCE_METADATA.ipv4] };
      default: return { name, addresses: this.internet() };
    }
  }

  private unnamed(): Outside[] {
    const { vpc, nodes, controlPlane, loadBalancers, endpoints } = this.intent.addresses;
    const texts = (cidrs: readonly Cidr[]) => CidrSet.of(...cidrs.filter((cidr): cidr is string => typeof cidr === 'string'));
    const named = texts([...nodes, ...podRanges(this.intent.addresses), ...controlPlane, ...loadBalancers, ...endpoints]);
    const unknown = this.intent.rules.flatMap(({ source, destination }) => [source, destination])
      .filter((peer): peer is AddressPeer => peer.kind === 'addresses' && peer.cidrs.some((cidr) => typeof cidr !== 'string'));
    return [
      { name: 'the interface endpoints of AWS services', addresses: [...endpoints] },
      { name: 'the rest of the VPC', addresses: texts(vpc).subtract(named).toCidrs() },
      { name: 'private ranges outside the VPC', addresses: CidrSet.of(...PRIVATE_IPV4).subtract(texts(ownRanges(this.intent.addresses))).toCidrs() },
      { name: 'the Pod Identity agent', addresses: [POD_IDENTITY.ipv4] },
      ...unknown.map((peer) => this.locate(peer)),
    ].filter(({ addresses }) => addresses.length > 0);
  }

  private internet(): Cidr[] {
    const vpc = ownRanges(this.intent.addresses).filter((cidr): cidr is string => typeof cidr === 'string');
    return CidrSet.ALL_V4.subtract(CidrSet.of(...NOT_PUBLIC_IPV4, ...vpc)).toCidrs();
  }

  private endpointOf({ name, namespace, labels, serviceAccount, ports, hostNetwork }: Workload): Endpoint {
    return {
      name,
      namespace,
      labels,
      serviceAccount,
      hostNetwork,
      ports: ports.flatMap((port) => port.name && !port.unknown ? [{ name: port.name, port: port.port, protocol: port.protocol as 'TCP' }] : []),
      within: this.wherePodsAre(),
      replicated: true,
      ...(this.selectsRuntimeLabels || ports.some(({ unknown }) => unknown)) && { open: { labels: this.selectsRuntimeLabels, ports: ports.some(({ unknown }) => unknown) } },
    };
  }

  private means(peer: PodPeer, { namespace, labels, serviceAccount }: Workload): boolean {
    const place = peer.namespace !== undefined ? peer.namespace === namespace
      : has(this.topology.namespaces!.find(({ name }) => name === namespace)?.labels ?? {}, peer.namespaceLabels ?? {});
    return place && has(labels, peer.labels ?? {}) && (peer.serviceAccount ?? serviceAccount) === serviceAccount;
  }

  /** A pod of which nothing is known but that its namespace is neither the system's nor one that holds a grant. */
  public anyPodAnywhere(): Endpoint {
    return {
      name: 'any pod', namespace: ANY_NAMESPACE, labels: {}, within: this.wherePodsAre(),
      open: { labels: true, ports: true, serviceAccount: true },
    };
  }

  /** A pod of a namespace that holds a grant, under an account that has none. */
  public otherPodsOf(namespaces: readonly string[]): Endpoint[] {
    return [...new Set(namespaces)].sort().map((namespace) => ({
      name: 'any pod of another service account', namespace, labels: {}, serviceAccount: 'another service account',
      within: this.wherePodsAre(), open: { labels: true, ports: true },
    }));
  }

  /** Whether connections from there may come from a pod's own node, which no policy binds. */
  public mayBeOwnNode(end: End): boolean {
    if (isEndpoint(end)) return end.hostNetwork === true;
    const { nodes } = this.intent.addresses;
    return nodes.length === 0 || end.addresses.some((cidr) => within(cidr, nodes) !== 'no' || nodes.some((node) => within(node, [cidr]) !== 'no'));
  }

  private anyPod(peer: PodPeer): Endpoint {
    return {
      name: describePods(peer),
      namespace: peer.namespace ?? labelledName(peer.namespaceLabels ?? {}),
      labels: peer.labels ?? {},
      serviceAccount: peer.serviceAccount,
      within: this.wherePodsAre(),
      replicated: true,
      open: { labels: true, ports: true, serviceAccount: peer.serviceAccount === undefined },
    };
  }

  private otherNamespaces(): Namespace {
    const { systemNamespaces, exemptions, rules } = this.intent;
    const granted = rules.flatMap(({ source, destination }) => source.kind === 'pods' && destination.kind !== 'pods' && source.namespace ? [source.namespace] : []);
    const except = [...systemNamespaces.map(({ name }) => name), ...exemptions.map(({ namespace }) => namespace), ...granted];
    return { name: ANY_NAMESPACE, labels: {}, except, open: { labels: true, name: true } };
  }

  /** Namespaces that peers describe by labels: any, but none of those whose labels are known. */
  private labelledNamespaces(): Namespace[] {
    const ends = [...this.intent.rules, ...this.intent.expectations].flatMap(({ source, destination }) => [source, destination]);
    const described = ends.flatMap((peer) => peer.kind === 'pods' && peer.namespaceLabels ? [peer.namespaceLabels] : []);
    const except = [...this.intent.namespaces, ...this.intent.systemNamespaces].map(({ name }) => name);
    return [...new Map(described.map((labels) => [labelledName(labels), labels]))]
      .map(([name, labels]) => ({ name, labels, except, open: { labels: true, name: true } }));
  }
}

/** No range known is not no range: a verdict that depends on it is undetermined. */
function known(cidrs: readonly Cidr[], what: string): readonly Cidr[] {
  return cidrs.length > 0 ? cidrs : [{ opaque: what, token: `unknown ${what}` }];
}

const labelledName = (labels: Labels): string => `namespaces ${describeLabels(labels)}`;
const has = (labels: Labels, asked: Labels): boolean => Object.entries(asked).every(([key, value]) => labels[key] === value);

/** The API server puts it on every namespace. */
function withNameLabel({ name, labels, open }: { name: string; labels: Labels; open?: boolean }): Namespace {
  return { name, labels: { ...labels, 'kubernetes.io/metadata.name': name }, ...open && { open: { labels: true } } };
}
