import { compile, Compiled } from './compile';
import { Numbering } from './numbering';
import { ASK, NOTHING, Outcome, Treatment, Treatments } from './profile';
import { isEndpoint, Peer, peerName, Topology } from './topology';
import { Direction, Piece } from './verdict';
import { PolicySet } from '../policy';
import { ConnectionSet, Family } from '../sets';

/** More distinct sets than any cluster has; keeps a pair of numbers exact in one. */
const MOST_OUTCOMES = 2 ** 26;

/** What one peer may do to another. Outside peers: allowed is what holds for each address. */
export interface Cell {
  readonly allowed: ConnectionSet;
  readonly undetermined: ConnectionSet;
  /** Allowed for some addresses of an outside peer, or over one IP version, only. */
  readonly partial: ConnectionSet;
}

/** Sources that all have one cell towards all of some destinations. */
export interface Block {
  readonly from: readonly Peer[];
  readonly to: readonly Peer[];
  readonly cell: Cell;
}

export function cellOf(pieces: readonly Piece[]): Cell {
  const of = (verdict: Piece['verdict']) => pieces.filter((piece) => piece.verdict === verdict).reduce((all, piece) => all.union(piece.connections), ConnectionSet.NONE);
  const [some, denied, undetermined] = [of('allow'), of('deny'), of('undetermined')];
  const allowed = some.subtract(denied).subtract(undetermined);
  return { allowed, undetermined, partial: some.subtract(allowed) };
}

/** For every pair of workloads and outside peers, what is allowed. Built by behaviour: a pair costs one look at each side. */
export class Reachability {
  readonly peers: readonly Peer[];
  private readonly positions: ReadonlyMap<Peer, number>;
  private readonly families: readonly (readonly Family[])[];
  private readonly sides: readonly { readonly family: Family; readonly egress: readonly Treatment[]; readonly ingress: readonly Treatment[] }[];
  private readonly numbering = new Numbering();
  private readonly cells = new Map<number, Cell>();
  private readonly byAllowed = new Map<number, Cell>();
  private readonly asked = new Map<number, Cell>();
  private readonly self = cellOf([{ connections: ConnectionSet.ALL, verdict: 'allow', egress: 'self', ingress: 'self' }]);

  constructor(readonly compiled: Compiled) {
    const { endpoints, outside = [] } = compiled.topology;
    this.peers = [...endpoints, ...outside];
    this.positions = new Map(this.peers.map((peer, i) => [peer, i]));
    const subjects = this.peers.map((peer) => compiled.subject(peer));
    this.families = subjects.map((subject) => subject.families);
    this.sides = ([4, 6] as const).filter((family) => this.families.some((list) => list.includes(family))).map((family) => {
      const treatments = new Treatments(compiled, subjects, family, this.numbering);
      const all = (direction: Direction) => subjects.map((subject) => treatments.of(subject, direction));
      return { family, egress: all('Egress'), ingress: all('Ingress') };
    });
  }

  between(from: Peer, to: Peer): Cell {
    const [i, j] = [this.positions.get(from), this.positions.get(to)];
    return i === undefined || j === undefined ? cellOf(this.compiled.between(from, to)) : this.at(i, j);
  }

  /** All pairs between which anything is, or may be, allowed: sources with equal rows together, and in a row destinations with equal cells. */
  blocks(): Block[] {
    const rows = new Map<string, { readonly from: Peer[]; readonly to: ReadonlyMap<Cell, Peer[]> }>();
    const ids = new Map<Cell, number>();
    const scan = this.rowScan();
    this.peers.forEach((from, i) => {
      const to = new Map<Cell, Peer[]>();
      let key = '';
      // Neighbours mostly share a cell: a row is written as its runs.
      let [last, list, start]: [Cell | undefined, Peer[] | undefined, number] = [undefined, undefined, 0];
      scan(i, (cell, j) => {
        if (cell !== last) {
          if (last) key += `${ids.get(last)} ${j - start},`;
          if (!ids.has(cell)) ids.set(cell, ids.size);
          [last, list, start] = [cell, isClosed(cell) ? undefined : to.get(cell) ?? [], j];
          if (list) to.set(cell, list);
        }
        list?.push(this.peers[j]);
      });
      if (last) key += ids.get(last);
      const same = rows.get(key);
      if (same) same.from.push(from); else rows.set(key, { from: [from], to });
    });
    return [...rows.values()].flatMap(({ from, to }) => [...to].map(([cell, list]): Block => ({ from, to: list, cell })));
  }

  /** Rows one after the other, over arrays of numbers where one IP version is all there is. */
  private rowScan(): (i: number, visit: (cell: Cell, j: number) => void) => void {
    const [only, second] = this.sides;
    const count = this.peers.length;
    const plain = second === undefined && only !== undefined && this.families.every((list) => list.length === 1);
    if (!plain) return (i, visit) => this.peers.forEach((_, j) => visit(this.at(i, j), j));
    const usual = Int32Array.from(only.ingress, (treatment) => treatment.usual);
    const special: [number, Outcome][][] = this.peers.map(() => []);
    only.ingress.forEach((treatment, j) => treatment.special.forEach((outcome, i) => special[i].push([j, outcome])));
    const [egress, ingress] = [new Int32Array(count), new Int32Array(count)];
    return (i, visit) => {
      egress.fill(only.egress[i].usual);
      only.egress[i].special.forEach((outcome, j) => egress[j] = outcome);
      ingress.set(usual);
      for (const [j, outcome] of special[i]) ingress[j] = outcome;
      let [lastOut, lastIn, last]: [Outcome, Outcome, Cell | undefined] = [-1, -1, undefined];
      for (let j = 0; j < count; j++) {
        if (i === j) {
          visit(this.at(i, j), j);
          continue;
        }
        if (egress[j] !== lastOut || ingress[j] !== lastIn) [lastOut, lastIn, last] = [egress[j], ingress[j], this.join(egress[j], ingress[j])];
        visit(last ?? this.ask(i, j, this.peers[i], this.peers[j]), j);
      }
    };
  }

  private at(i: number, j: number): Cell {
    const [from, to] = [this.peers[i], this.peers[j]];
    if (i === j && isEndpoint(from) && !(from.replicated ?? from.open !== undefined)) return this.self;
    let found: Cell | undefined;
    for (const { family, egress, ingress } of this.sides) {
      if (!this.families[i].includes(family) || !this.families[j].includes(family)) continue;
      const cell = this.join(outcomeFor(egress[i], j), outcomeFor(ingress[j], i));
      if (cell === undefined || (found && cell !== found && !cell.allowed.equals(found.allowed))) return this.ask(i, j, from, to);
      found = cell;
    }
    return found ?? this.ask(i, j, from, to);
  }

  private join(egress: Outcome, ingress: Outcome): Cell | undefined {
    // What either side denies is denied, whatever the other is in doubt about.
    if (egress === NOTHING || ingress === NOTHING) return this.cell(NOTHING, NOTHING);
    return egress === ASK || ingress === ASK ? undefined : this.cell(egress, ingress);
  }

  /** One object for each set that is allowed, so that cells compare by identity. */
  private cell(egress: Outcome, ingress: Outcome): Cell {
    const key = egress * MOST_OUTCOMES + ingress;
    let cell = this.cells.get(key);
    if (cell) return cell;
    const number = this.numbering.of(this.numbering.set(egress).intersect(this.numbering.set(ingress)));
    cell = this.byAllowed.get(number) ?? { allowed: this.numbering.set(number), undetermined: ConnectionSet.NONE, partial: ConnectionSet.NONE };
    this.byAllowed.set(number, cell);
    this.cells.set(key, cell);
    return cell;
  }

  private ask(i: number, j: number, from: Peer, to: Peer): Cell {
    const key = i * this.peers.length + j;
    let cell = this.asked.get(key);
    if (!cell) this.asked.set(key, cell = cellOf(this.compiled.between(from, to)));
    return cell;
  }
}

/** Whether nothing is allowed, beyond doubt. */
export const isClosed = ({ allowed, undetermined, partial }: Cell): boolean => allowed.isEmpty() && undetermined.isEmpty() && partial.isEmpty();

const outcomeFor = ({ usual, special }: Treatment, peer: number): Outcome => special.get(peer) ?? usual;

export function reachability(topology: Topology, policies: PolicySet): Reachability {
  return new Reachability(compile(policies, topology));
}

/** A pair of peers, by name, between which other connections are allowed. */
export interface Difference {
  readonly from: string;
  readonly to: string;
  readonly opened: ConnectionSet;
  readonly closed: ConnectionSet;
}

/** What the second allows that the first did not, and the other way round. A peer that only one knows has no connections in the other. */
export function diff(before: Reachability, after: Reachability): Difference[] {
  const [old, current] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...current.keys()])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const allowed = (matrix: Reachability, peers: ReadonlyMap<string, Peer>, from: string, to: string) => {
    const [source, destination] = [peers.get(from), peers.get(to)];
    return source && destination ? matrix.between(source, destination).allowed : ConnectionSet.NONE;
  };
  return names.flatMap((from) => names.flatMap((to): Difference[] => {
    const [was, is] = [allowed(before, old, from, to), allowed(after, current, from, to)];
    return was.equals(is) ? [] : [{ from, to, opened: is.subtract(was), closed: was.subtract(is) }];
  }));
}

function byName({ peers }: Reachability): Map<string, Peer> {
  return new Map(peers.map((peer) => [peerName(peer), peer]));
}
