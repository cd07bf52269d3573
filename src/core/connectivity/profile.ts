import { BoundTier } from './bindings';
import { Compiled } from './compile';
import { SubjectIndex } from './label-index';
import { Numbering } from './numbering';
import { CompiledEntity, CompiledRule, connectionsDependOn, entityMatches, ruleConnections } from './rule';
import { Subject } from './subject';
import { Direction } from './verdict';
import { Fork, World } from './world';
import { ConnectionSet, Family } from '../sets';

/** The number of a set of connections that one side allows, or doubt that only the pair as a whole can settle. */
export type Outcome = number;
export const ASK: Outcome = 0;
export const NOTHING: Outcome = 1;

/** How one side treats its peers: alike, but for some. */
export interface Treatment {
  readonly usual: Outcome;
  readonly special: ReadonlyMap<number, Outcome>;
}

type Match = boolean | 'ask';

/** What holds of all peers alike, but for some. */
interface Row<T> {
  readonly usual: T;
  readonly special: ReadonlyMap<number, T>;
}

/** The connections of a rule between some peers, or doubt. */
type Share = ConnectionSet | 'ask';

/** What a rule does for a peer. */
interface Effect {
  readonly share: Share;
  /** Equal texts do the same. */
  readonly text: string;
}

const NO_EFFECT: Effect = { share: ConnectionSet.NONE, text: '' };

interface OwnTier {
  readonly tier: BoundTier['tier'];
  readonly rules: readonly OwnRule[];
}

/** Computes treatments; work that endpoints or rules have in common is done once. */
export class Treatments {
  private readonly index: SubjectIndex;
  private readonly matches = new Map<CompiledEntity, Row<Match>>();
  private readonly rows = new Map<string, Row<Effect>>();
  private readonly treatments = new Map<string, Treatment>();
  private readonly outcomes = new Map<string, Outcome>();

  constructor(private readonly compiled: Compiled, private readonly subjects: readonly Subject[], private readonly family: Family, private readonly numbering: Numbering) {
    this.index = new SubjectIndex(subjects);
  }

  of(subject: Subject, direction: Direction): Treatment {
    if (!subject.bound) return { usual: this.numbering.of(ConnectionSet.ALL), special: new Map() };
    const tiers = this.compiled.bindings(subject, direction);
    if (tiers.some(({ bindings }) => bindings.some(({ certain }) => !certain))) return { usual: ASK, special: new Map() };
    const rules = tiers.map(({ tier, bindings }): OwnTier => {
      return { tier, rules: bindings.flatMap(({ policy }) => policy.rules[direction]!.flatMap((rule) => this.own(rule, subject, direction) ?? [])) };
    });
    const key = `${direction} ${rules.map(({ tier, rules: list }) => `${tier.defaultAction}(${list.map((rule) => rule.key).join(';')})`).join(' ')}`;
    let treatment = this.treatments.get(key);
    if (!treatment) this.treatments.set(key, treatment = this.treat(rules, direction));
    return treatment;
  }

  /** A rule as the endpoint itself sees it: its own end is settled, the peer's is open. Absent: it does nothing for the endpoint. */
  private own(rule: CompiledRule, subject: Subject, direction: Direction): OwnRule | undefined {
    const [side, ownEnd, peerEnd] = direction === 'Egress' ? (['from', 'source', 'destination'] as const) : (['to', 'destination', 'source'] as const);
    const world = subject.alone(this.family);
    if (rule.action === 'Log' || !rule.families.includes(this.family) || rule.connections[this.family].isEmpty()) return undefined;
    const match = entityMatches(rule[ownEnd], subject, side, world);
    if (match === false) return undefined;
    const dependsOnPeer = connectionsDependOn(rule, peerEnd);
    const share: Share | undefined = match instanceof Fork ? 'ask' : dependsOnPeer ? undefined : this.share(rule, subject, subject, world);
    if (share === ConnectionSet.NONE) return undefined;
    const what = share === undefined ? this.ruleId(rule, subject) : share === 'ask' ? 'ask' : this.numbering.of(share);
    return {
      rule,
      key: `${rule.action} ${what} ${this.numbering.of(rule.connections[this.family])} ${this.entityId(rule[peerEnd])}`,
      ...share !== undefined && { fixed: this.effect(rule, share) },
      doubt: this.effect(rule, 'ask'),
      entity: rule[peerEnd],
      subject,
    };
  }

  private effect(rule: CompiledRule, share: Share): Effect {
    if (share === ConnectionSet.NONE) return NO_EFFECT;
    return { share, text: `${rule.action[0]}${share === 'ask' ? `?${this.numbering.of(rule.connections[this.family])}` : this.numbering.of(share)},` };
  }

  private share(rule: CompiledRule, from: Subject, to: Subject, world: World): Share {
    const connections = rule.named.length > 0 || rule.destination.service?.withPorts ? ruleConnections(rule, from, to, world) : rule.connections[this.family];
    return connections instanceof Fork ? 'ask' : connections.isEmpty() ? ConnectionSet.NONE : connections;
  }

  private treat(tiers: readonly OwnTier[], direction: Direction): Treatment {
    const rows = tiers.flatMap(({ rules }) => rules).map((rule) => this.row(rule, direction));
    const usual = this.outcome(tiers, rows.map((row) => row.usual));
    const special = new Map<number, Outcome>();
    const peers = new Set<number>();
    for (const row of rows) for (const peer of row.special.keys()) peers.add(peer);
    for (const peer of peers) {
      const outcome = this.outcome(tiers, rows.map((row) => row.special.get(peer) ?? row.usual));
      if (outcome !== usual) special.set(peer, outcome);
    }
    return { usual, special };
  }

  /** What a rule does for each peer of its endpoint. */
  private row(own: OwnRule, direction: Direction): Row<Effect> {
    const key = `${direction} ${own.key}`;
    let row = this.rows.get(key);
    if (!row) this.rows.set(key, row = this.effects(own, direction));
    return row;
  }

  private effects({ rule, subject, entity, fixed, doubt }: OwnRule, direction: Direction): Row<Effect> {
    const { usual, special } = this.match(entity);
    const of = (match: Match, effect: () => Effect): Effect => (match === 'ask' ? doubt : match ? effect() : NO_EFFECT);
    if (fixed !== undefined) return { usual: of(usual, () => fixed), special: new Map([...special].map(([peer, match]) => [peer, of(match, () => fixed)])) };
    const own = subject.alone(this.family);
    const towards = (peer: number): Effect => {
      const other = this.subjects[peer];
      const world = other.alone(this.family);
      return this.effect(rule, direction === 'Egress' ? this.share(rule, subject, other, { ...world, from: own.from }) : this.share(rule, other, subject, { ...world, to: own.to }));
    };
    if (usual === false) return { usual: NO_EFFECT, special: new Map([...special].map(([peer, match]) => [peer, of(match, () => towards(peer))])) };
    // Connections that depend on who the peer is, of a rule that matches most.
    return mostly(this.subjects.map((_, peer) => of(special.get(peer) ?? usual, () => towards(peer))), ({ text }) => text);
  }

  /** What a walk through the tiers allows; a rule in doubt matters only where it is reached. */
  private outcome(tiers: readonly OwnTier[], effects: readonly Effect[]): Outcome {
    let [key, at] = ['', 0];
    for (const { tier, rules } of tiers) {
      key += tier.defaultAction;
      for (let i = 0; i < rules.length; i++) key += effects[at++].text;
    }
    const known = this.outcomes.get(key);
    if (known !== undefined) return known;
    const outcome = this.walk(tiers, effects);
    this.outcomes.set(key, outcome);
    return outcome;
  }

  private walk(tiers: readonly OwnTier[], effects: readonly Effect[]): Outcome {
    let [open, allowed, at] = [ConnectionSet.ALL, ConnectionSet.NONE, 0];
    for (const { tier, rules } of tiers) {
      let [left, passed] = [open, ConnectionSet.NONE];
      for (const { rule } of rules) {
        const { share } = effects[at++];
        if (share === ConnectionSet.NONE) continue;
        if (share === 'ask') {
          if (left.overlaps(rule.connections[this.family])) return ASK;
          continue;
        }
        const hit = left.intersect(share);
        if (hit.isEmpty()) continue;
        if (rule.action === 'Allow') allowed = allowed.union(hit);
        else if (rule.action === 'Pass') passed = passed.union(hit);
        left = left.subtract(hit);
      }
      open = tier.defaultAction === 'Pass' ? passed.union(left) : passed;
    }
    return this.numbering.of(allowed.union(open));
  }

  private match(entity: CompiledEntity): Row<Match> {
    const known = this.matches.get(entity);
    if (known) return known;
    const { positive } = entity.selectors;
    const candidates = positive && entity.sets.length === 0 ? this.index.candidates(positive) : undefined;
    const ask = (i: number): Match => {
      const answer = entityMatches(entity, this.subjects[i], 'from', this.subjects[i].alone(this.family));
      return answer instanceof Fork ? 'ask' : answer;
    };
    const row: Row<Match> = candidates
      ? { usual: false, special: new Map(candidates.map((i) => [i, ask(i)] as const).filter(([, match]) => match !== false)) }
      : mostly(this.subjects.map((_, i) => ask(i)), String);
    this.matches.set(entity, row);
    return row;
  }

  private readonly entityIds = new Map<CompiledEntity, number>();
  private entityId(entity: CompiledEntity): number {
    let id = this.entityIds.get(entity);
    if (id === undefined) this.entityIds.set(entity, id = this.entityIds.size);
    return id;
  }

  private readonly ruleIds = new Map<CompiledRule, number>();
  /** Rules whose connections depend on both ends are their own. */
  private ruleId(rule: CompiledRule, subject: Subject): string {
    let id = this.ruleIds.get(rule);
    if (id === undefined) this.ruleIds.set(rule, id = this.ruleIds.size);
    const both = new Set(rule.named.map(({ end }) => end)).size > 1;
    return `r${id}${both ? ` of ${subject.name}` : ''}`;
  }
}

/** The most frequent of some values, and where there are others. */
function mostly<T>(values: readonly T[], textOf: (value: T) => string): Row<T> {
  const texts = values.map(textOf);
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const usual = texts.findIndex((text) => counts.get(text) === most);
  const special = new Map<number, T>();
  texts.forEach((text, i) => {
    if (text !== texts[usual]) special.set(i, values[i]);
  });
  return { usual: values[usual], special };
}

interface OwnRule {
  readonly rule: CompiledRule;
  /** Rules of one key treat every peer alike. */
  readonly key: string;
  /** Its connections where the peer has no say in them; absent: ask for each. */
  readonly fixed?: Effect;
  /** What it does where nobody knows whether it matches. */
  readonly doubt: Effect;
  readonly entity: CompiledEntity;
  readonly subject: Subject;
}
