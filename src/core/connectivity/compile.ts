import { Binding, BoundTier, CompiledPolicy, CompiledTier } from './bindings';
import { mergeCases, OpenPiece, settle } from './cases';
import { PolicyIndex } from './label-index';
import { Outward } from './outward';
import { compileRule, CompiledRule, labelNetworkSets, peersMatch, ruleConnections } from './rule';
import { IndexedTopology, indexTopology, Subject } from './subject';
import { Endpoint, isEndpoint, Peer, peerName, Topology } from './topology';
import { allows, Decision, Direction, Piece, profileOf, Step } from './verdict';
import { Answer, Fork, World } from './world';
import { BUILT_IN_TIERS, DEFAULT_TIER_ORDER, Policy, policyKey, PolicySet, policySelector, Tier } from '../policy';
import { CidrSet, ConnectionSet, Family } from '../sets';

/** One direction's share of an answer. */
interface Decided {
  readonly connections: ConnectionSet;
  readonly decision: Decision;
}

/** More cases than this are not told apart: the rest is undetermined. */
const MOST_CASES = 512;

/** Policies and who is there, ready to be asked about any pair. */
export class Compiled {
  readonly tiers: readonly CompiledTier[];
  private readonly index: IndexedTopology;
  private readonly subjects = new Map<Peer, Subject>();
  private byName?: ReadonlyMap<string, Peer>;
  private owners?: ReadonlyMap<string, Endpoint>;
  private readonly outward = new Outward();
  private readonly bound = new Map<Subject, Map<Direction, readonly BoundTier[]>>();

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
  between(from: Peer, to: Peer, asked: ConnectionSet = ConnectionSet.ALL, families: readonly Family[] = [4, 6]): Piece[] {
    if (from === to && isEndpoint(from) && !(from.replicated ?? from.open !== undefined)) {
      return asked.isEmpty() ? [] : [{ connections: asked, verdict: 'allow', egress: 'self', ingress: 'self' }];
    }
    const [source, destination] = [this.subject(from), this.subject(to)];
    const ask = () => this.ask(source, destination, asked, families);
    if (source.bound && destination.outside) return this.outward.answer(source, destination, 'Egress', this.bindings(source, 'Egress'), `${families} ${asked}`, ask);
    if (source.outside && destination.bound) return this.outward.answer(destination, source, 'Ingress', this.bindings(destination, 'Ingress'), `${families} ${asked}`, ask);
    return ask();
  }

  private ask(source: Subject, destination: Subject, asked: ConnectionSet, families: readonly Family[]): Piece[] {
    const byFamily = families.flatMap((family) => {
      const world: World = { family, from: source.regionOf(family), to: destination.regionOf(family), labels: new Map(), facts: new Map() };
      if (world.from.parts.length === 0 || world.to.parts.length === 0) return [];
      return [{ family, pieces: this.explore(source, destination, world, asked, { left: MOST_CASES }) }];
    });
    return settle(byFamily, source, destination);
  }

  /** The tiers with policies that bind a subject in a direction, or may. */
  bindings(subject: Subject, direction: Direction): readonly BoundTier[] {
    let byDirection = this.bound.get(subject);
    if (!byDirection) this.bound.set(subject, byDirection = new Map());
    let tiers = byDirection.get(direction);
    if (!tiers) byDirection.set(direction, tiers = this.bind(subject, direction));
    return tiers;
  }

  private bind(subject: Subject, direction: Direction): BoundTier[] {
    const nowhere = { family: 4, from: subject.region, to: subject.region, labels: new Map(), facts: new Map() } as const;
    return this.tiers.flatMap((tier) => {
      const bindings = tier.index.candidates(subject).flatMap((policy): Binding[] => {
        if (!policy.rules[direction]) return [];
        const answer = subject.matches(policy.selector, 'from', nowhere);
        return answer === false ? [] : [{ policy, certain: answer === true }];
      });
      return bindings.length > 0 ? [{ tier, bindings }] : [];
    });
  }

  private explore(from: Subject, to: Subject, world: World, asked: ConnectionSet, budget: { left: number }): OpenPiece[] {
    const egress = this.decide(from, 'Egress', from, to, world, asked);
    const ingress = egress instanceof Fork ? egress : this.decide(to, 'Ingress', from, to, world, asked);
    if (ingress instanceof Fork) {
      budget.left -= ingress.worlds.length;
      const exhausted = budget.left <= 0;
      const cases = exhausted ? [] : ingress.worlds.map((next) => this.explore(from, to, next, asked, budget));
      return mergeCases(ingress, cases, world, asked);
    }
    return (egress as Decided[]).flatMap((out) => ingress.flatMap((into): OpenPiece[] => {
      const connections = out.connections.intersect(into.connections);
      if (connections.isEmpty()) return [];
      const verdict = allows(out.decision) && allows(into.decision) ? 'allow' : 'deny';
      return [{ connections, verdict, because: [], egress: out.decision, ingress: into.decision, from: world.from, to: world.to }];
    }));
  }

  /** Walks the tiers for the endpoint of one direction. */
  private decide(subject: Subject, direction: Direction, from: Subject, to: Subject, world: World, asked: ConnectionSet): Decided[] | Fork {
    if (!subject.bound) return [{ connections: asked, decision: 'not-an-endpoint' }];
    const side = direction === 'Egress' ? 'from' : 'to';
    const decided: Decided[] = [];
    let open: readonly Open[] = [{ connections: asked, via: [] }];
    for (const { tier, bindings } of this.bindings(subject, direction)) {
      const walk = new TierWalk(tier, open);
      for (const { policy, certain } of bindings) {
        const binds: Answer = certain || subject.matches(policy.selector, side, world);
        if (binds instanceof Fork) return binds;
        if (!binds) continue;
        walk.enter(policy);
        for (const rule of policy.rules[direction]!) {
          if (rule.action === 'Log') continue;
          const fork = walk.apply(rule, from, to, world);
          if (fork) return fork;
        }
        if (walk.isDone) break;
      }
      decided.push(...walk.decided);
      open = walk.leave();
      decided.push(...walk.denied);
      if (open.length === 0) return decided;
    }
    // Every tier passed, or none applies: the namespace's profile allows.
    const profile = { tier: null, policy: profileOf(subject.bound.namespace), rule: null, action: 'Allow' } as const;
    return [...decided, ...open.map(({ connections, via }) => ({ connections, decision: withVia(profile, via) }))];
  }
}

/** Connections that nothing has decided yet, with the steps that passed them on. */
interface Open {
  readonly connections: ConnectionSet;
  readonly via: readonly Step[];
}

/** One tier for one endpoint: what rules decide, pass on, and leave for its end. */
class TierWalk {
  readonly decided: Decided[] = [];
  readonly denied: Decided[] = [];
  private passed: Open[] = [];
  private first?: CompiledPolicy;
  private policy?: CompiledPolicy;

  constructor(private readonly tier: CompiledTier, private left: readonly Open[]) {}

  get isDone(): boolean {
    return this.left.length === 0;
  }

  enter(policy: CompiledPolicy): void {
    this.policy = policy;
    this.first ??= policy;
  }

  apply(rule: CompiledRule, from: Subject, to: Subject, world: World): Fork | undefined {
    if (this.left.length === 0 || rule.connections[world.family].isEmpty()) return undefined;
    const named = rule.named.length > 0 || rule.destination.service?.withPorts === true;
    // Ports first: doubt about peers whose connections are decided already makes no difference.
    if (!this.left.some(({ connections }) => connections.overlaps(rule.connections[world.family]))) return undefined;
    const match = peersMatch(rule, from, to, world);
    if (match === false) return undefined;
    const connections = named ? ruleConnections(rule, from, to, world) : rule.connections[world.family];
    if (connections instanceof Fork) return connections;
    const hits = this.left.map((open) => ({ via: open.via, connections: open.connections.intersect(connections) })).filter((hit) => !hit.connections.isEmpty());
    if (hits.length === 0) return undefined;
    if (match !== true) return match;
    const { action } = rule;
    const step: Step = { tier: this.tier.name, policy: this.policy!.key, rule: rule.index, action: action as Step['action'] };
    for (const { connections: hit, via } of hits) {
      if (action === 'Pass') this.passed.push({ connections: hit, via: [...via, step] });
      else this.decided.push({ connections: hit, decision: withVia(step, via) });
    }
    this.left = this.left.map((open) => ({ via: open.via, connections: open.connections.subtract(connections) })).filter((open) => !open.connections.isEmpty());
    return undefined;
  }

  /** The end of the tier; it has none where no enforced policy applies. */
  leave(): readonly Open[] {
    if (!this.first) return this.left;
    const action = this.tier.defaultAction;
    const step: Step = { tier: this.tier.name, policy: this.first.key, rule: -1, action };
    if (action === 'Pass') return [...this.passed, ...this.left.map(({ connections, via }) => ({ connections, via: [...via, step] }))];
    for (const { connections, via } of this.left) this.denied.push({ connections, decision: withVia(step, via) });
    return this.passed;
  }
}

function withVia(step: Step, via: readonly Step[]): Decision {
  return via.length > 0 ? { ...step, via } : step;
}

/** Tiers by order and name, in each the enforced policies that can bind pods, by order and then name, namespace, kind. */
function compileTiers({ tiers, policies }: PolicySet, topology: Topology): CompiledTier[] {
  const sets = labelNetworkSets(topology);
  const all = new Map<string, Tier>([...BUILT_IN_TIERS, ...tiers].map((tier) => [tier.name, tier]));
  const byTier = new Map<string, Policy[]>();
  for (const policy of policies) {
    if (policy.staged || policy.doNotTrack || policy.preDNAT) continue;
    const list = byTier.get(policy.tier);
    if (list) list.push(policy); else byTier.set(policy.tier, [policy]);
  }
  const ordered = [...all.values()].sort((a, b) => (a.order ?? DEFAULT_TIER_ORDER) - (b.order ?? DEFAULT_TIER_ORDER) || compareText(a.name, b.name));
  return ordered.map((tier): CompiledTier => {
    const sorted = (byTier.get(tier.name) ?? []).map((policy) => ({ policy, tie: `${policy.name}/${policy.namespace ?? ''}/${policy.kind}` }))
      .sort((a, b) => compareNumber(a.policy.order ?? Infinity, b.policy.order ?? Infinity) || compareText(a.tie, b.tie))
      .map(({ policy }) => compilePolicy(policy, sets, topology));
    return { name: tier.name, defaultAction: tier.defaultAction ?? 'Deny', policies: sorted, index: new PolicyIndex(sorted) };
  });
}

function compilePolicy(policy: Policy, sets: ReturnType<typeof labelNetworkSets>, topology: Topology): CompiledPolicy {
  const rules = (direction: Direction) => {
    if (!policy.types.includes(direction)) return undefined;
    return (direction === 'Ingress' ? policy.ingress ?? [] : policy.egress ?? []).map((rule, i) => compileRule(rule, i, policy, sets, topology));
  };
  return {
    key: policyKey(policy),
    selector: policySelector(policy),
    ...policy.namespace !== undefined && { namespace: policy.namespace },
    rules: { Ingress: rules('Ingress'), Egress: rules('Egress') },
  };
}

const compareNumber = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** By code point, which is the order of UTF-8 bytes, as Calico compares. */
function compareText(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const difference = x[i].codePointAt(0)! - y[i].codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

export function compile(policies: PolicySet, topology: Topology): Compiled {
  return new Compiled(policies, topology);
}
