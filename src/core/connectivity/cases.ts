import { Subject } from './subject';
import { allows, Decision, Piece, Verdict } from './verdict';
import { addressesOf, Fork, Region, World } from './world';
import { Cidr } from '../policy';
import { CidrSet, ConnectionSet, Family } from '../sets';

/** A piece while cases are still being joined. */
export interface OpenPiece {
  readonly connections: ConnectionSet;
  readonly verdict: Verdict;
  readonly because: readonly string[];
  readonly egress: Decision;
  readonly ingress: Decision;
  readonly from: Region;
  readonly to: Region;
}

/** Joins the cases of a fork: side by side where each exists, else where they agree they are one, where not nobody knows. */
export function mergeCases(fork: Fork, cases: readonly OpenPiece[][], world: World, asked: ConnectionSet): OpenPiece[] {
  if (cases.length === 0) {
    const unknown: Decision = 'not-an-endpoint';
    return [{ connections: asked, verdict: 'undetermined', because: [fork.because, 'more unknowns than can be told apart'], egress: unknown, ingress: unknown, from: world.from, to: world.to }];
  }
  if (fork.partition) return coalesce(cases.flat());
  return coalesce(cases.reduce((one, other) => overlay(one, other, fork.because)));
}

/** Every pair of pieces that can be about the same connection. */
function overlay(ones: readonly OpenPiece[], others: readonly OpenPiece[], because: string): OpenPiece[] {
  return ones.flatMap((one) => others.flatMap((other): OpenPiece[] => {
    const connections = one.connections.intersect(other.connections);
    if (connections.isEmpty()) return [];
    const [from, to] = [common(one.from, other.from), common(one.to, other.to)];
    if (!from || !to) return [];
    if (one.verdict === other.verdict) return [{ ...one, connections, because: union(one.because, other.because), from, to }];
    // Shown as the case that opens: that is the one to look at.
    const shown = other.verdict === 'allow' || one.verdict === 'deny' ? other : one;
    return [{ ...shown, connections, verdict: 'undetermined', because: union([because], one.because, other.because), from, to }];
  }));
}

/** The addresses that two cases share where each address counts; where it is unknown which it is, the cases are alternatives. */
function common(one: Region, other: Region): Region | undefined {
  if (one === other || !one.each) return one;
  const parts = one.parts.flatMap((part) => other.parts.flatMap((second) => {
    if (part.each !== second.each) return [];
    if (!part.each) return part.inside[0]?.token === second.inside[0]?.token ? [part] : [];
    const set = part.set.intersect(second.set);
    return set.isEmpty() ? [] : [{ ...part, set }];
  }));
  return parts.length === 0 ? undefined : { ...one, parts };
}

function union(...lists: (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** One piece for each outcome and address range. */
export function coalesce(pieces: readonly OpenPiece[]): OpenPiece[] {
  if (pieces.length < 2) return [...pieces];
  const byPlace = new Map<string, OpenPiece>();
  for (const piece of pieces) {
    const key = `${outcome(piece)}\n${place(piece.from)}\n${place(piece.to)}`;
    const same = byPlace.get(key);
    byPlace.set(key, same ? { ...same, connections: same.connections.union(piece.connections) } : piece);
  }
  const joined = new Map<string, OpenPiece>();
  for (const piece of byPlace.values()) {
    const key = `${outcome(piece)}\n${piece.connections}\n${place(piece.from)}`;
    const same = joined.get(key);
    joined.set(key, same ? { ...same, to: joinRegions(same.to, piece.to) } : piece);
  }
  const whole = new Map<string, OpenPiece>();
  for (const piece of joined.values()) {
    const key = `${outcome(piece)}\n${piece.connections}\n${place(piece.to)}`;
    const same = whole.get(key);
    whole.set(key, same ? { ...same, from: joinRegions(same.from, piece.from) } : piece);
  }
  return [...whole.values()];
}

export function outcome({ verdict, because, egress, ingress }: Pick<OpenPiece, 'verdict' | 'because' | 'egress' | 'ingress'>): string {
  return JSON.stringify([verdict, because, egress, ingress]);
}

/** Where each address counts, which they are; otherwise it makes no difference. */
function place({ each, parts }: Region): string {
  return each ? parts.map((part) => (part.each ? part.set.key : part.inside[0]?.token ?? '')).sort().join(' ') : '';
}

function joinRegions(one: Region, other: Region): Region {
  if (!one.each) return one;
  const known = [...one.parts, ...other.parts].filter((part) => part.each);
  const opaque = [...one.parts, ...other.parts].filter((part) => !part.each);
  const unique = opaque.filter((part, i) => opaque.findIndex((first) => first.inside[0]?.token === part.inside[0]?.token) === i);
  const set = known.reduce((all, part) => all.union(part.set), CidrSet.EMPTY);
  return { ...one, parts: [...known.length > 0 ? [{ ...known[0], set }] : [], ...unique] };
}

/** The pieces of both IP versions as one answer, with addresses and version only where they make a difference. */
export function settle(byFamily: readonly { family: Family; pieces: readonly OpenPiece[] }[], from: Subject, to: Subject): Piece[] {
  const alike = byFamily.every(({ pieces }) => places(pieces).size < 2) && sameOutcomes(byFamily);
  const shown = alike ? byFamily.slice(0, 1) : byFamily;
  const several = !alike && places(shown.flatMap(({ pieces }) => pieces)).size > 1;
  const settled = shown.flatMap(({ family, pieces }) => (isOnePlace(pieces) ? pieces : coalesce(pieces)).map(({ connections, verdict, because, egress, ingress, ...ends }): Piece => ({
    connections,
    verdict,
    ...because.length > 0 && verdict === 'undetermined' && { because },
    egress,
    ingress,
    ...!alike && byFamily.length > 1 && { ipVersion: family },
    ...several && from.outside && { source: addresses(ends.from) },
    ...several && to.outside && { destination: addresses(ends.to) },
  })));
  return settled.sort((a, b) => rank(a) - rank(b));
}

function sameOutcomes(byFamily: readonly { pieces: readonly OpenPiece[] }[]): boolean {
  if (byFamily.length < 2) return true;
  const texts = byFamily.map(({ pieces }) => pieces.map((piece) => `${outcome(piece)} ${piece.connections}`).sort().join('\n'));
  return texts.every((text) => text === texts[0]);
}

/** Whether nothing cut a region: then no two pieces of one exploration have the same outcome. */
function isOnePlace(pieces: readonly OpenPiece[]): boolean {
  return pieces.every(({ from, to }) => from === pieces[0].from && to === pieces[0].to);
}

function places(pieces: readonly OpenPiece[]): ReadonlySet<string> {
  return new Set((isOnePlace(pieces) ? pieces.slice(0, 1) : pieces).map(({ from, to }) => `${place(from)}\n${place(to)}`));
}

const addresses = (region: Region): Cidr[] => addressesOf(region);
/** Denied last, so that what is open is read first. */
const rank = ({ verdict, egress, ingress }: Piece): number => (verdict === 'allow' ? 0 : verdict === 'undetermined' ? 1 : allows(egress) || allows(ingress) ? 2 : 3);
