import { Endpoint, isEndpoint, Namespace, Outside, Peer, peerName, ServiceAccount, Topology } from './topology';
import { Answer, anywhere, askFact, askLabel, negate, ofFamily, region, Region, Side, World } from './world';
import { Cidr, LABEL, leafHolds, Selector, SelectorLeaf } from '../policy';
import { ConnectionSet, Family, parseCidr, portSet, PROTOCOL } from '../sets';

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** A peer as policies see it. */
export class Subject {
  readonly name: string;
  readonly region: Region;
  readonly families: readonly Family[];
  private readonly byFamily: Readonly<Record<Family, World>>;
  /** The endpoint that policies bind; absent for outside addresses and host-network pods. */
  readonly bound?: Endpoint;
  readonly outside?: Outside;
  /** Labels with known values, inherited ones included. Absent where `unknown` says no. */
  readonly labels: ReadonlyMap<string, string>;
  private readonly unknownLabels: readonly { readonly prefix: string; readonly because: string }[];
  /** Several names for one unknown value: the label that stands for all of them. */
  private readonly sameAs: ReadonlyMap<string, string>;
  private readonly impossible: ReadonlyMap<string, readonly string[]>;

  constructor(readonly peer: Peer, topology: IndexedTopology) {
    this.name = peerName(peer);
    this.region = regionOf(peer, topology);
    this.byFamily = { 4: worldOf(this.region, 4), 6: worldOf(this.region, 6) };
    this.families = ([4, 6] as const).filter((family) => this.byFamily[family].from.parts.length > 0);
    const known = new Map<string, string>();
    const unknown: { prefix: string; because: string }[] = [];
    const sameAs = new Map<string, string>();
    const impossible = new Map<string, readonly string[]>();
    if (!isEndpoint(peer)) {this.outside = peer;} else if (!peer.hostNetwork) {
      this.bound = peer;
      inheritNamespace(peer, topology, known, unknown, sameAs, impossible);
      inheritAccount(peer, topology, known, unknown, sameAs);
      for (const [key, value] of Object.entries(peer.labels)) if (!known.has(key) && !sameAs.has(key) && !isInherited(key)) known.set(key, value);
      known.set(LABEL.orchestrator, 'k8s');
      if (peer.open?.labels) unknown.push({ prefix: '', because: `the labels of ${this.name}` });
    }
    this.labels = known;
    this.unknownLabels = unknown;
    this.sameAs = sameAs;
    this.impossible = impossible;
  }

  /** Its addresses of one IP version. */
  regionOf(family: Family): Region {
    return this.byFamily[family].from;
  }

  /** Nothing assumed, and nobody else in it: what is settled here is settled in every case. */
  alone(family: Family): World {
    return this.byFamily[family];
  }

  /** Whether nobody knows if it has a label, or which value. */
  isOpen(key: string): boolean {
    return this.unknownLabels.length > 0 && !this.labels.has(key) && this.whyUnknown(key) !== undefined;
  }

  /** Whether a selector holds for its labels. */
  matches(selector: Selector, side: Side, world: World): Answer {
    switch (selector.op) {
      case 'all': case 'global': return true;
      case 'not': return negate(this.matches(selector.of, side, world));
      case 'and': case 'or': {
        // One part can settle it whatever the others are; only then does doubt count.
        const settling = selector.op === 'or';
        let doubt: Answer = !settling;
        for (const part of selector.of) {
          const answer = this.matches(part, side, world);
          if (answer === settling) return settling;
          if (typeof answer !== 'boolean' && typeof doubt === 'boolean') doubt = answer;
        }
        return doubt;
      }
      default: return this.leaf(selector, side, world);
    }
  }

  private leaf(leaf: SelectorLeaf, side: Side, world: World): Answer {
    const value = this.labels.get(leaf.key);
    if (value !== undefined) return leafHolds(leaf, value);
    const because = this.whyUnknown(leaf.key);
    if (because === undefined) return false;
    const key = this.sameAs.get(leaf.key) ?? leaf.key;
    // Every namespace and every pod's account has a name.
    if (leaf.op === 'has' && this.sameAs.has(leaf.key)) return true;
    return askLabel(world, side, { ...leaf, key }, because, this.impossible.get(key));
  }

  private whyUnknown(key: string): string | undefined {
    if (this.sameAs.has(key)) return this.unknownLabels.find(({ prefix }) => prefix !== '' && key.startsWith(prefix))?.because ?? `the name behind ${this.name}`;
    if (RESERVED.includes(key)) return undefined;
    return this.unknownLabels.find(({ prefix }) => (isInherited(key) ? prefix !== '' && key.startsWith(prefix) : prefix === ''))?.because;
  }

  /** The connections to its container ports of this name; `protocol` undefined: of any protocol. */
  namedPort(name: string, protocol: number | undefined, end: 'source' | 'destination', world: World): ConnectionSet | Exclude<Answer, boolean> {
    if (!this.bound) return ConnectionSet.NONE;
    const make = (number: number, ports: ReturnType<typeof portSet>) => (end === 'destination' ? ConnectionSet.ports(number, ports) : ConnectionSet.ports(number, portSet([0, 65_535]), ports));
    const declared = (this.bound.ports ?? []).filter((port) => port.name === name && (protocol === undefined || PROTOCOL[port.protocol ?? 'TCP'] === protocol))
      .reduce((all, port) => all.union(make(PROTOCOL[port.protocol ?? 'TCP'], portSet(port.port))), ConnectionSet.NONE);
    if (!this.bound.open?.ports || !declared.isEmpty()) return declared;
    const answer = askFact(world, `the port named ${name} of ${this.name}`);
    if (typeof answer !== 'boolean') return answer;
    const any = protocol === undefined ? [PROTOCOL.TCP, PROTOCOL.UDP, PROTOCOL.SCTP] : [protocol];
    return answer ? any.reduce((all, number) => all.union(make(number, portSet([1, 65_535]))), ConnectionSet.NONE) : ConnectionSet.NONE;
  }
}

const NOTHING_ASSUMED: Pick<World, 'labels' | 'facts'> = { labels: new Map(), facts: new Map() };

function worldOf(whole: Region, family: Family): World {
  const own = ofFamily(whole, family);
  return { family, from: own, to: own, ...NOTHING_ASSUMED };
}

/** Calico drops such labels of a pod's own, so that none can pretend to be of another namespace or account. */
const isInherited = (key: string): boolean => key.startsWith(LABEL.namespacePrefix) || key.startsWith(LABEL.serviceAccountPrefix);

/** https://github.com/projectcalico/calico/blob/v3.32.1/libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go */
const LONGEST_LABELLED_ACCOUNT = 63;

/** Labels that Calico sets on every pod. */
const RESERVED: readonly string[] = [LABEL.namespace, LABEL.orchestrator, LABEL.serviceAccount];

/** A topology by name. */
export interface IndexedTopology {
  readonly complete: boolean;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly accounts: ReadonlyMap<string, ServiceAccount>;
  /** What lists of ranges mean: many endpoints share one. */
  readonly ranges: Map<readonly Cidr[], Region>;
}

export function indexTopology({ complete = false, namespaces = [], serviceAccounts = [] }: Topology): IndexedTopology {
  return {
    complete,
    namespaces: new Map(namespaces.map((namespace) => [namespace.name, namespace])),
    accounts: new Map(serviceAccounts.map((account) => [`${account.namespace}/${account.name}`, account])),
    ranges: new Map(),
  };
}

function regionOf(peer: Peer, { ranges }: IndexedTopology): Region {
  if (!isEndpoint(peer)) return region(peer.name, peer.addresses, true);
  const what = peerName(peer);
  if (peer.addresses?.length) {
    return region(what, firstOfEach(peer.addresses), false);
  }
  if (!peer.within?.length) return anywhere(what);
  const shared = ranges.get(peer.within) ?? region(what, peer.within, false);
  ranges.set(peer.within, shared);
  return { ...shared, what };
}

/** The first address of each IP version. */
function firstOfEach(addresses: readonly string[]): string[] {
  const first: Partial<Record<Family, string>> = {};
  for (const address of addresses) {
    const family = parseCidr(address)?.family;
    if (family) first[family] ??= address;
  }
  return Object.values(first);
}

function inheritNamespace(
  peer: Endpoint, topology: IndexedTopology, known: Map<string, string>, unknown: { prefix: string; because: string }[],
  sameAs: Map<string, string>, impossible: Map<string, readonly string[]>,
): void {
  const namespace = topology.namespaces.get(peer.namespace);
  const prefix = LABEL.namespacePrefix;
  if (namespace?.open?.name) {
    for (const key of [LABEL.namespace, prefix + LABEL.name, prefix + NAME_LABEL]) sameAs.set(key, LABEL.namespace);
    impossible.set(LABEL.namespace, namespace.except ?? []);
  } else {
    known.set(LABEL.namespace, peer.namespace);
    if (namespace || !topology.complete) known.set(prefix + LABEL.name, peer.namespace);
    // The API server sets it on every namespace.
    if (!topology.complete) known.set(prefix + NAME_LABEL, peer.namespace);
  }
  for (const [key, value] of Object.entries(namespace?.labels ?? {})) if (!sameAs.has(prefix + key)) known.set(prefix + key, value);
  if (namespace ? namespace.open?.labels || namespace.open?.name : !topology.complete) unknown.push({ prefix, because: `the labels of namespace ${peer.namespace}` });
}

function inheritAccount(
  peer: Endpoint, topology: IndexedTopology, known: Map<string, string>, unknown: { prefix: string; because: string }[], sameAs: Map<string, string>,
): void {
  const prefix = LABEL.serviceAccountPrefix;
  if (peer.open?.serviceAccount && peer.serviceAccount === undefined) {
    for (const key of [LABEL.serviceAccount, prefix + LABEL.name]) sameAs.set(key, LABEL.serviceAccount);
    unknown.push({ prefix, because: `the service account of ${peerName(peer)}` });
    return;
  }
  const name = peer.serviceAccount ?? 'default';
  // Calico sets no label that Kubernetes would refuse one character more of, so `names` never matches a longer name.
  if (name.length < LONGEST_LABELLED_ACCOUNT) known.set(LABEL.serviceAccount, name);
  const account = topology.accounts.get(`${peer.namespace}/${name}`);
  if (account || !topology.complete) known.set(prefix + LABEL.name, name);
  for (const [key, value] of Object.entries(account?.labels ?? {})) known.set(prefix + key, value);
  if (account ? account.open?.labels : !topology.complete) unknown.push({ prefix, because: `the labels of service account ${peer.namespace}/${name}` });
}
