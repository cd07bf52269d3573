import { BoundTier } from './bindings';
import { CompiledEntity, CompiledRule } from './rule';
import { Subject } from './subject';
import { Decision, Direction, Piece, profileOf, Step } from './verdict';

interface Behaviour {
  /** Endpoints of one text are alike to whoever is outside, but for the names in `ends`. */
  readonly text: string;
  /** The policy that stands for the end of each tier. */
  readonly ends: ReadonlyMap<string, string>;
}

/** Answers about addresses outside, shared by the endpoints that are alike to them: most differ only in rules about other pods. */
export class Outward {
  private readonly answers = new Map<string, readonly Piece[]>();
  private readonly behaviours = new Map<Subject, Map<Direction, Behaviour | undefined>>();
  private readonly ids = new Map<object, number>();

  /** `ask` answers for this endpoint; `tiers` are those that bind it in the direction. */
  answer(endpoint: Subject, outside: Subject, direction: Direction, tiers: readonly BoundTier[], asked: string, ask: () => Piece[]): Piece[] {
    const behaviour = this.behaviourOf(endpoint, direction, tiers);
    if (behaviour === undefined) return ask();
    const key = `${this.id(outside)} ${asked} ${behaviour.text}`;
    const known = this.answers.get(key);
    if (known) return known.map((piece) => ({ ...piece, egress: renamed(piece.egress, endpoint, behaviour), ingress: renamed(piece.ingress, endpoint, behaviour) }));
    const pieces = ask();
    this.answers.set(key, pieces);
    return pieces;
  }

  private behaviourOf(endpoint: Subject, direction: Direction, tiers: readonly BoundTier[]): Behaviour | undefined {
    let byDirection = this.behaviours.get(endpoint);
    if (!byDirection) this.behaviours.set(endpoint, byDirection = new Map());
    if (!byDirection.has(direction)) byDirection.set(direction, this.describe(endpoint, direction, tiers));
    return byDirection.get(direction);
  }

  /** Which rules can mean an address outside; undefined where something depends on the endpoint itself. */
  private describe({ families }: Subject, direction: Direction, tiers: readonly BoundTier[]): Behaviour | undefined {
    const [own, peer] = direction === 'Egress' ? (['source', 'destination'] as const) : (['destination', 'source'] as const);
    let text = `${direction} ${families}`;
    const ends = new Map<string, string>();
    for (const { tier, bindings } of tiers) {
      if (bindings.some(({ certain }) => !certain)) return undefined;
      const rules = bindings.flatMap(({ policy }) => policy.rules[direction]!).filter((rule) => !meansPodsOnly(rule[peer]));
      if (!rules.every((rule) => asksNothing(rule, own))) return undefined;
      text += ` ${tier.name}(${rules.map((rule) => this.id(rule)).join(' ')})`;
      ends.set(tier.name, bindings[0].policy.key);
    }
    return { text, ends };
  }

  private id(object: object): number {
    let id = this.ids.get(object);
    if (id === undefined) this.ids.set(object, id = this.ids.size);
    return id;
  }
}

/** A decision about one endpoint as one about another that behaves alike. */
function renamed(decision: Decision, { bound }: Subject, { ends }: Behaviour): Decision {
  if (typeof decision === 'string') return decision;
  const own = (step: Step): Step => {
    if (step.tier === null) return { ...step, policy: profileOf(bound!.namespace) };
    return step.rule === -1 ? { ...step, policy: ends.get(step.tier)! } : step;
  };
  return { ...own(decision), ...decision.via && { via: decision.via.map(own) } };
}

const meansPodsOnly = ({ selectors, sets }: CompiledEntity): boolean => selectors.positive !== undefined && sets.length === 0;

function asksNothing(rule: CompiledRule, end: 'source' | 'destination'): boolean {
  const { selectors, nets, notNets, service } = rule[end];
  return !selectors.positive && !selectors.negative && !nets && !notNets && !service && !rule.named.some((ports) => ports.end === end);
}
