import { Cidr, Opaque, SelectorLeaf, leafHolds } from '../policy';
import { CidrSet, Family, parseCidr } from '../sets';

/**
 * What one case assumes about what is not known. Evaluation asks; where the answer is open it forks into cases that
 * assume either answer, and cases that agree in the end make no difference.
 */
export interface World {
  readonly family: Family;
  readonly from: Region;
  readonly to: Region;
  /** About labels, by side and label name. */
  readonly labels: ReadonlyMap<string, LabelFact>;
  /** About anything else, by its words. */
  readonly facts: ReadonlyMap<string, boolean>;
}

export type Side = 'from' | 'to';

/** Cases to tell apart. `partition`: both exist, for different addresses; otherwise nobody knows which one does. */
export class Fork {
  constructor(readonly because: string, readonly partition: boolean, readonly worlds: readonly World[]) {}
}

export type Answer = boolean | Fork;

/** False wins over doubt. */
export function both(...questions: (() => Answer)[]): Answer {
  let doubt: Fork | undefined;
  for (const question of questions) {
    const answer = question();
    if (answer === false) return false;
    if (answer !== true) doubt ??= answer;
  }
  return doubt ?? true;
}

/** True wins over doubt. */
export function either(...questions: (() => Answer)[]): Answer {
  let doubt: Fork | undefined;
  for (const question of questions) {
    const answer = question();
    if (answer === true) return true;
    if (answer !== false) doubt ??= answer;
  }
  return doubt ?? false;
}

export function negate(answer: Answer): Answer {
  return typeof answer === 'boolean' ? !answer : answer;
}

/** Asks for a fact that nothing contradicts. */
export function askFact(world: World, fact: string): Answer {
  const known = world.facts.get(fact);
  return known ?? new Fork(fact, false, [true, false].map((value) => ({ ...world, facts: new Map(world.facts).set(fact, value) })));
}

// ------------------------------------------------------------------------------------------------------ labels
/** What a case assumes of one label: that it is absent, or present; one of some values, or none of some; and answers given. */
interface LabelFact {
  readonly absent?: boolean;
  readonly present?: boolean;
  readonly among?: readonly string[];
  readonly excluded: ReadonlySet<string>;
  readonly answers: ReadonlyMap<string, { readonly leaf: SelectorLeaf; readonly answer: boolean }>;
}

const NOTHING: LabelFact = { excluded: new Set(), answers: new Map() };

/** Asks whether a leaf holds for a label of unknown value; answers stay consistent with each other. */
export function askLabel(world: World, side: Side, leaf: SelectorLeaf, because: string, impossible: readonly string[] = []): Answer {
  const key = `${side} ${leaf.key}`;
  const fact = world.labels.get(key) ?? NOTHING;
  if (fact.absent) return false;
  const fork = (...changes: Partial<LabelFact>[]) =>
    new Fork(because, false, changes.map((change) => ({ ...world, labels: new Map(world.labels).set(key, { ...fact, ...change }) })));
  if (leaf.op === 'has') return fact.present || fact.among ? true : fork({ present: true }, { absent: true });
  if (fact.among) {
    const [yes, no] = [fact.among.filter((value) => leafHolds(leaf, value)), fact.among.filter((value) => !leafHolds(leaf, value))];
    return no.length === 0 ? true : yes.length === 0 ? false : fork({ among: yes }, { among: no });
  }
  if (leaf.op === '==' || leaf.op === 'in') {
    const values = new Set(leaf.op === 'in' ? leaf.values : [leaf.value]);
    const possible = [...values].filter((value) => !fact.excluded.has(value) && !impossible.includes(value) && !contradicts(fact, value));
    return possible.length === 0 ? false : fork({ among: possible }, { excluded: new Set([...fact.excluded, ...possible]) });
  }
  const question = `${leaf.op} ${leaf.value}`;
  const known = fact.answers.get(question);
  if (known) return known.answer;
  const answered = (answer: boolean) => new Map(fact.answers).set(question, { leaf, answer });
  return fork({ present: true, answers: answered(true) }, { answers: answered(false) });
}

/** Whether a value would turn an earlier answer around. */
function contradicts({ answers }: LabelFact, value: string): boolean {
  for (const { leaf, answer } of answers.values()) if (leafHolds(leaf, value) !== answer) return true;
  return false;
}

// ------------------------------------------------------------------------------------------------------ addresses
/** Where an address is. `each`: all of them are asked about; otherwise it is one of them, nobody knows which. */
export interface Region {
  readonly what: string;
  readonly each: boolean;
  readonly parts: readonly Part[];
}

interface Part {
  readonly set: CidrSet;
  readonly each: boolean;
  /** Tokens whose range it is known, or assumed, to lie in or not to. */
  readonly inside: readonly Opaque[];
  readonly outsideOf: readonly Opaque[];
}

/** No VPC and no subnet has these: loopback, link-local, multicast and reserved, EC2's own. */
const NEVER_ALLOCATED = CidrSet.of('0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8', 'fd00:ec2::/32');
const ALLOCATABLE = { 4: CidrSet.ALL_V4.subtract(NEVER_ALLOCATED), 6: CidrSet.ALL_V6.subtract(NEVER_ALLOCATED) };

export function region(what: string, cidrs: readonly Cidr[], each: boolean): Region {
  const known = CidrSet.of(...cidrs.filter((cidr) => typeof cidr === 'string'));
  const opaque = cidrs.filter((cidr) => typeof cidr !== 'string');
  return {
    what,
    each,
    parts: [
      ...known.isEmpty() ? [] : [{ set: known, each, inside: [], outsideOf: [] }],
      // Which addresses a token stands for nobody knows, so no answer can be given for each of them.
      ...opaque.map((token) => ({ set: ALLOCATABLE[token.ipVersion ?? 4], each: false, inside: [token], outsideOf: [] })),
    ],
  };
}

/** An address of which nothing is known. */
export function anywhere(what: string): Region {
  return { what, each: false, parts: [{ set: ALLOCATABLE[4].union(ALLOCATABLE[6]), each: false, inside: [], outsideOf: [] }] };
}

export function ofFamily({ what, each, parts }: Region, family: Family): Region {
  const all = CidrSet.family(family);
  return { what, each, parts: parts.map((part) => ({ ...part, set: part.set.intersect(all) })).filter((part) => !part.set.isEmpty()) };
}

/** Ranges of a rule or a network set. */
export interface Ranges {
  readonly known: CidrSet;
  readonly opaque: readonly Opaque[];
  readonly families: readonly Family[];
}

export function ranges(cidrs: readonly Cidr[]): Ranges {
  const known = CidrSet.of(...cidrs.filter((cidr) => typeof cidr === 'string'));
  const opaque = cidrs.filter((cidr) => typeof cidr !== 'string');
  const families = new Set(cidrs.map((cidr) => (typeof cidr === 'string' ? parseCidr(cidr)?.family ?? 4 : cidr.ipVersion ?? 4)));
  return { known, opaque, families: [...families] };
}

/** Whether the address of a side lies in some ranges. */
export function askInside(world: World, side: Side, asked: Ranges): Answer {
  const { what, each, parts } = world[side];
  if (parts.length === 0) return false;
  const opaque = asked.opaque.filter((token) => (token.ipVersion ?? 4) === world.family);
  const answers = parts.map((part) => partInside(part, asked.known, opaque));
  if (answers.every((answer) => answer === answers[0]) && typeof answers[0] === 'boolean') return answers[0];
  const assume = (some: readonly Part[]): World => ({ ...world, [side]: { what, each, parts: some } });
  if (parts.length > 1) return new Fork(`the address of ${what}`, each, [assume(parts.slice(0, 1)), assume(parts.slice(1))]);
  const [part] = parts;
  const [answer] = answers;
  if (answer === 'split') {
    const cut = (set: CidrSet) => assume([{ ...part, set }]);
    const because = part.inside.length > 0 ? `the range of ${part.inside[0].opaque}` : `the address of ${what}`;
    return new Fork(because, part.each, [cut(part.set.intersect(asked.known)), cut(part.set.subtract(asked.known))]);
  }
  const token = answer as Opaque;
  return new Fork(`the range of ${token.opaque}`, false, [
    assume([{ ...part, inside: [...part.inside, token] }]),
    assume([{ ...part, outsideOf: [...part.outsideOf, token] }]),
  ]);
}

/** Yes, no, partly, or the token that stands in the way. */
function partInside({ set, inside, outsideOf }: Part, known: CidrSet, opaque: readonly Opaque[]): boolean | 'split' | Opaque {
  if (known.covers(set) || opaque.some((token) => holds(inside, token))) return true;
  if (known.overlaps(set)) return 'split';
  return opaque.find((token) => !holds(outsideOf, token) && ALLOCATABLE[token.ipVersion ?? 4].overlaps(set)) ?? false;
}

const holds = (tokens: readonly Opaque[], token: Opaque): boolean => tokens.some((other) => other.token === token.token);

/** The addresses of a region as its owner wrote them. */
export function addressesOf({ parts }: Region): Cidr[] {
  return parts.flatMap((part): Cidr[] => (part.each || part.inside.length === 0 ? part.set.toCidrs() : [part.inside[0]]));
}
