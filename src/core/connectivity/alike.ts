import { BoundTier } from './bindings';
import { CompiledRule, connectionsDependOn, entityMatches, ruleConnections } from './rule';
import { Subject } from './subject';
import { Decision, Direction, Piece, profileOf, Step } from './verdict';
import { Fork } from './world';
import { ConnectionSet, Family } from '../sets';

type Bindings = (subject: Subject, direction: Direction) => readonly BoundTier[];

/** A tier as one end meets it, whoever the peer: without rules that cannot speak about that end. */
interface OwnTier {
  readonly name: string;
  /** Whether its policies bind the end beyond doubt. */
  readonly certain: boolean;
  readonly rules: readonly { readonly rule: CompiledRule; readonly id: number; readonly certain: boolean }[];
}

/** How one rule takes an end for its peer. */
interface Said {
  /** Equal texts: alike, if not `particular`. */
  readonly text: string;
  readonly particular: boolean;
}

const NOTHING: Said = { text: '', particular: false };

/** What is found about one end and needed again for each of its peers. */
class End {
  readonly tiers: Record<Direction, Partial<Record<Family, readonly OwnTier[]>>> = { Egress: {}, Ingress: {} };
  private readonly saidBy: Record<Family, Map<CompiledRule, Said>> = { 4: new Map(), 6: new Map() };

  constructor(readonly id: number, private readonly subject: Subject) {}

  said(rule: CompiledRule, peerEnd: 'source' | 'destination', family: Family): Said {
    let said = this.saidBy[family].get(rule);
    if (!said) this.saidBy[family].set(rule, said = this.describe(rule, peerEnd, family));
    return said;
  }

  private describe(rule: CompiledRule, peerEnd: 'source' | 'destination', family: Family): Said {
    const world = this.subject.alone(family);
    const match = entityMatches(rule[peerEnd], this.subject, peerEnd === 'source' ? 'from' : 'to', world);
    if (match === false) return NOTHING;
    if (match !== true || !connectionsDependOn(rule, peerEnd)) return { text: 'yes', particular: match !== true };
    if (connectionsDependOn(rule, peerEnd === 'source' ? 'destination' : 'source')) return { text: 'yes', particular: true };
    const connections = ruleConnections(rule, this.subject, this.subject, world);
    return connections instanceof Fork ? { text: 'yes', particular: true } : connections.isEmpty() ? NOTHING : { text: `(${connections})`, particular: false };
  }
}

interface Answered {
  readonly from: Subject;
  readonly to: Subject;
  readonly pieces: readonly Piece[];
}

/**
 * Answers shared by all pairs about which the same rules of the same tiers speak. Where doubt, an address or a named port comes in,
 * an answer tells of one end in particular, and is shared only by pairs that have this end.
 */
export class Alike {
  private readonly answers = new Map<string, Answered>();
  private readonly ends = new Map<Subject, End>();
  private readonly ruleIds = new Map<CompiledRule, number>();

  constructor(private readonly bindings: Bindings) {}

  answer(from: Subject, to: Subject, families: readonly Family[], asked: ConnectionSet, ask: () => readonly Piece[]): readonly Piece[] {
    const key = this.keyOf(from, to, families, asked);
    const known = this.answers.get(key);
    if (!known) {
      const pieces = ask();
      this.answers.set(key, { from, to, pieces });
      return pieces;
    }
    if (known.from === from && known.to === to) return known.pieces;
    return known.pieces.map((piece) => ({
      ...piece,
      egress: known.from === from ? piece.egress : this.renamed(piece.egress, from, 'Egress'),
      ingress: known.to === to ? piece.ingress : this.renamed(piece.ingress, to, 'Ingress'),
    }));
  }

  /** All that an answer depends on. */
  private keyOf(from: Subject, to: Subject, families: readonly Family[], asked: ConnectionSet): string {
    const particular = new Set([from, to].filter(({ outside }) => outside));
    let key = asked.toString();
    for (const family of families) {
      key += ` ${family}(${this.speaking('Egress', from, to, family, particular)})(${this.speaking('Ingress', from, to, family, particular)})`;
    }
    if (particular.has(from)) key += ` from ${this.endOf(from).id}`;
    if (particular.has(to)) key += ` to ${this.endOf(to).id}`;
    return key;
  }

  /** The rules that speak about a pair at one of its ends; adds to `particular` the ends on which more depends than these. */
  private speaking(direction: Direction, from: Subject, to: Subject, family: Family, particular: Set<Subject>): string {
    const [own, peer] = direction === 'Egress' ? [from, to] : [to, from];
    const peerEnd = direction === 'Egress' ? 'destination' : 'source';
    if (!own.bound) return 'unbound';
    const other = this.endOf(peer);
    let text = '';
    for (const { name, certain, rules } of this.tiersOf(own, direction, family)) {
      if (!certain) particular.add(own);
      text += `;${name}`;
      for (const { rule, id, certain: speaks } of rules) {
        const said = other.said(rule, peerEnd, family);
        if (said === NOTHING) continue;
        text += ` ${id}${said.text}`;
        if (said.particular) particular.add(peer);
        if (!speaks) particular.add(own);
      }
    }
    return text;
  }

  private tiersOf(subject: Subject, direction: Direction, family: Family): readonly OwnTier[] {
    const end = this.endOf(subject);
    return end.tiers[direction][family] ??= this.bindings(subject, direction).map(({ tier, bindings }): OwnTier => ({
      name: tier.name,
      certain: bindings.every(({ certain }) => certain),
      rules: bindings.flatMap(({ policy }) => policy.rules[direction]!).flatMap((rule) => {
        if (rule.action === 'Log' || !rule.families.includes(family)) return [];
        const [side, ownEnd] = direction === 'Egress' ? (['from', 'source'] as const) : (['to', 'destination'] as const);
        const match = entityMatches(rule[ownEnd], subject, side, subject.alone(family));
        return match === false ? [] : [{ rule, id: this.idOf(rule), certain: match === true && !connectionsDependOn(rule, ownEnd) }];
      }),
    }));
  }

  private endOf(subject: Subject): End {
    let end = this.ends.get(subject);
    if (!end) this.ends.set(subject, end = new End(this.ends.size, subject));
    return end;
  }

  private idOf(rule: CompiledRule): number {
    let id = this.ruleIds.get(rule);
    if (id === undefined) this.ruleIds.set(rule, id = this.ruleIds.size);
    return id;
  }

  /** A decision about one end as one about another that is treated alike: the ends of tiers and the profile are its own. */
  private renamed(decision: Decision, subject: Subject, direction: Direction): Decision {
    if (typeof decision === 'string') return decision;
    const own = (step: Step): Step => {
      if (step.tier === null) return { ...step, policy: profileOf(subject.bound!.namespace) };
      if (step.rule !== -1) return step;
      return { ...step, policy: this.bindings(subject, direction).find(({ tier }) => tier.name === step.tier)!.bindings[0].policy.key };
    };
    return { ...own(decision), ...decision.via && { via: decision.via.map(own) } };
  }
}
