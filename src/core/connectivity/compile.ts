import { Alike } from './alike';
import { Binding, BoundTier, CompiledTier } from './bindings';
import { mergeCases, OpenPiece, settle } from './cases';
import { IndexedTopology, indexTopology, Subject } from './subject';
import { compileTiers } from './tiers';
import { Endpoint, isEndpoint, Peer, peerName, Topology } from './topology';
import { allows, Direction, Piece } from './verdict';
import { Decided, walkTiers } from './walk';
import { Fork, World } from './world';
import { PolicySet } from '../policy';
import { CidrSet, ConnectionSet, Family } from '../sets';

/** More cases than this are not told apart: the rest is undetermined. */
const MOST_CASES = 512;

/** Policies and who is there, ready to be asked about any pair. */
export class Compiled {
  readonly tiers: readonly CompiledTier[];
  private readonly index: IndexedTopology;
  private readonly subjects = new Map<Peer, Subject>();
  private byName?: ReadonlyMap<string, Peer>;
  private owners?: ReadonlyMap<string, Endpoint>;
  private readonly alike = new Alike((subject, direction) => this.bindings(subject, direction));
  private readonly bound = new Map<Subject, Readonly<Record<Direction, readonly BoundTier[]>>>();

  constructor(policies: PolicySet, readonly topology: Topology) {
    this.index = indexTopology(topology);
    this.tiers = compileTiers(policies, topology);
  }

  /** The peer of this name: `namespace/name`, or that of an outside peer. */
  named(name: string): Peer | undefined {
    this.byName ??= new Map([...this.topology.outside ?? [], ...this.topology.endpoints].map((peer) => [peerName(peer), peer]));
    return this.byName.get(name);
  }

  /** The pod that policies see behind an address. */
  ownerOf(address: CidrSet): Endpoint | undefined {
    this.owners ??= new Map(this.topology.endpoints.filter(({ hostNetwork }) => !hostNetwork)
      .flatMap((endpoint) => (endpoint.addresses ?? []).map((text): [string, Endpoint] => [CidrSet.of(text).toString(), endpoint])));
    return this.owners.get(address.toString());
  }

  /** IP versions that a peer has an address of, or may have. */
  families(peer: Peer): readonly Family[] {
    return this.subject(peer).families;
  }

  subject(peer: Peer): Subject {
    const known = this.subjects.get(peer);
    if (known) return known;
    const subject = new Subject(peer, this.index);
    this.subjects.set(peer, subject);
    return subject;
  }

  /** Every connection from one peer to another, in pieces of one verdict and reason; none where no address is common. */
  between(from: Peer, to: Peer, asked: ConnectionSet = ConnectionSet.ALL, families: readonly Family[] = [4, 6]): readonly Piece[] {
    if (from === to && isEndpoint(from) && !(from.replicated ?? from.open !== undefined)) {
      return asked.isEmpty() ? [] : [{ connections: asked, verdict: 'allow', egress: 'self', ingress: 'self' }];
    }
    const [source, destination] = [this.subject(from), this.subject(to)];
    const common = families.filter((family) => [source, destination].every((subject) => subject.families.includes(family)));
    return this.alike.answer(source, destination, common, asked, () => this.ask(source, destination, common, asked));
  }

  private ask(source: Subject, destination: Subject, families: readonly Family[], asked: ConnectionSet): Piece[] {
    return settle(families.map((family) => {
      const world: World = { ...source.alone(family), to: destination.regionOf(family) };
      return { family, pieces: this.explore(source, destination, world, asked, { left: MOST_CASES }) };
    }), source, destination);
  }

  /** The tiers with policies that bind a subject in a direction, or may. */
  bindings(subject: Subject, direction: Direction): readonly BoundTier[] {
    let tiers = this.bound.get(subject);
    if (!tiers) this.bound.set(subject, tiers = this.bind(subject));
    return tiers[direction];
  }

  private bind(subject: Subject): Record<Direction, BoundTier[]> {
    const bound = this.tiers.map((tier) => ({
      tier,
      bindings: tier.index.candidates(subject).flatMap((policy): Binding[] => {
        const answer = subject.matches(policy.selector, 'from', subject.alone(4));
        return answer === false ? [] : [{ policy, certain: answer === true }];
      }),
    }));
    const of = (direction: Direction) => bound.flatMap(({ tier, bindings }) => {
      const some = bindings.filter(({ policy }) => policy.rules[direction]);
      return some.length > 0 ? [{ tier, bindings: some }] : [];
    });
    return { Egress: of('Egress'), Ingress: of('Ingress') };
  }

  private explore(from: Subject, to: Subject, world: World, asked: ConnectionSet, budget: { left: number }): OpenPiece[] {
    const egress = walkTiers(this.bindings(from, 'Egress'), 'Egress', from, to, world, asked);
    const ingress = egress instanceof Fork ? egress : walkTiers(this.bindings(to, 'Ingress'), 'Ingress', from, to, world, asked);
    if (ingress instanceof Fork) {
      budget.left -= ingress.worlds.length;
      const exhausted = budget.left <= 0;
      const cases = exhausted ? [] : ingress.worlds.map((next) => this.explore(from, to, next, asked, budget));
      return mergeCases(ingress, cases, world, asked);
    }
    return (egress as readonly Decided[]).flatMap((out) => ingress.flatMap((into): OpenPiece[] => {
      const connections = out.connections.intersect(into.connections);
      if (connections.isEmpty()) return [];
      const verdict = allows(out.decision) && allows(into.decision) ? 'allow' : 'deny';
      return [{ connections, verdict, because: [], egress: out.decision, ingress: into.decision, from: world.from, to: world.to }];
    }));
  }
}

export function compile(policies: PolicySet, topology: Topology): Compiled {
  return new Compiled(policies, topology);
}
