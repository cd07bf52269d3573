import { BoundTier } from './bindings';
import { Compiled } from './compile';
import { SubjectIndex } from './label-index';
import { CompiledEntity, CompiledRule, entityMatches, ruleConnections } from './rule';
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

/** Sets of connections by number, equal ones under one number. */
export class Numbering {
  private readonly byText = new Map<string, number>();
  private readonly bySet = new Map<ConnectionSet, number>();
  private readonly sets: ConnectionSet[] = [];

  constructor() {
    // ASK has no set of its own, but a number.
    this.sets.push(ConnectionSet.NONE);
    this.of(ConnectionSet.NONE);
  }

  get size(): number {
    return this.sets.length;
  }

  of(set: ConnectionSet): number {
    const known = this.bySet.get(set);
    if (known !== undefined) return known;
    const text = set.toString();
    let number = this.byText.get(text);
    if (number === undefined) {
      this.byText.set(text, number = this.sets.length);
      this.sets.push(set);
    }
    this.bySet.set(set, number);
    return number;
  }

  set(number: number): ConnectionSet {
    return this.sets[number];
  }
}

type Match = boolean | 'ask';

/** Which peers an entity matches: all alike, but for some. */
interface Row {
  readonly usual: Match;
  readonly special: ReadonlyMap<number, Match>;
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
  private readonly rows = new Map<string, Row>();
  private readonly treatments = new Map<string, Treatment>();
  private readonly outcomes = new Map<string, Outcome>();
  private readonly worlds = new Map<number, World>();

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
    const world = this.worldOf(subject);
    if (rule.action === 'Log' || !rule.families.includes(this.family) || rule.connections[this.family].isEmpty()) return undefined;
    const match = entityMatches(rule[ownEnd], subject, side, world);
    if (match === false) return undefined;
    const dependsOnPeer = rule.named.some(({ end }) => end === peerEnd) || (peerEnd === 'destination' && rule.destination.service?.withPorts === true);
    const share: Share | undefined = match instanceof Fork ? 'ask' : dependsOnPeer ? undefined : this.share(rule, subject, subject, world);
    if (share === ConnectionSet.NONE) return undefined;
    const what = share === undefined ? this.ruleId(rule, subject) : share === 'ask' ? 'ask' : this.numbering.of(share);
    return {
      rule,
      key: `${rule.action} ${what} ${this.entityId(rule[peerEnd])}`,
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
    const all = tiers.flatMap(({ rules }) => rules);
    const rows = all.map((rule) => this.row(rule.entity, direction));
    const usual = this.outcome(tiers, all.map((rule, i) => this.effectOn(undefined, rule, rows[i].usual, direction)));
    const special = new Map<number, Outcome>();
    const peers = new Set(rows.flatMap((row) => [...row.special.keys()]));
    // Connections that depend on who the peer is make every peer that the rule matches special.
    const everybody = all.some((rule, i) => rule.fixed === undefined && rows[i].usual !== false);
    for (const peer of everybody ? this.subjects.keys() : peers) {
      const outcome = this.outcome(tiers, all.map((rule, i) => this.effectOn(peer, rule, rows[i].special.get(peer) ?? rows[i].usual, direction)));
      if (outcome !== usual) special.set(peer, outcome);
    }
    return { usual, special };
  }

  private effectOn(peer: number | undefined, { rule, subject, fixed, doubt }: OwnRule, match: Match, direction: Direction): Effect {
    if (match === false) return NO_EFFECT;
    if (match === 'ask') return doubt;
    if (fixed !== undefined) return fixed;
    if (peer === undefined) return doubt;
    const other = this.subjects[peer];
    const world = this.worldOf(other);
    const own = this.worldOf(subject);
    return this.effect(rule, direction === 'Egress'
      ? this.share(rule, subject, other, { ...world, from: own.from })
      : this.share(rule, other, subject, { ...world, to: own.to }));
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

  private row(entity: CompiledEntity, direction: Direction): Row {
    const key = `${direction} ${this.entityId(entity)}`;
    const known = this.rows.get(key);
    if (known) return known;
    const side = direction === 'Egress' ? 'to' : 'from';
    const { positive } = entity.selectors;
    const candidates = positive && entity.sets.length === 0 ? this.index.candidates(positive) : undefined;
    const special = new Map<number, Match>();
    const ask = (i: number): Match => {
      const answer = entityMatches(entity, this.subjects[i], side, this.worldOf(this.subjects[i]));
      return answer instanceof Fork ? 'ask' : answer;
    };
    let usual: Match = false;
    if (candidates) {
      for (const i of candidates) {
        const match = ask(i);
        if (match !== false) special.set(i, match);
      }
    } else {
      const matches = this.subjects.map((_, i) => ask(i));
      usual = matches.filter((match) => match === true).length * 2 > matches.length;
      matches.forEach((match, i) => {
        if (match !== usual) special.set(i, match);
      });
    }
    const row: Row = { usual, special };
    this.rows.set(key, row);
    return row;
  }

  private readonly positions = new Map<Subject, number>();
  private worldOf(subject: Subject): World {
    if (this.positions.size === 0) this.subjects.forEach((other, i) => this.positions.set(other, i));
    const position = this.positions.get(subject)!;
    let world = this.worlds.get(position);
    if (!world) {
      const region = subject.regionOf(this.family);
      this.worlds.set(position, world = { family: this.family, from: region, to: region, labels: new Map(), facts: new Map() });
    }
    return world;
  }

  private readonly entityIds = new Map<string, number>();
  private entityId(entity: CompiledEntity): number {
    let id = this.entityIds.get(entity.key);
    if (id === undefined) this.entityIds.set(entity.key, id = this.entityIds.size);
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
