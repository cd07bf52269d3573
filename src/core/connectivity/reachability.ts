import { compile, Compiled } from './compile';
import { Peer, peerName, Topology } from './topology';
import { Piece } from './verdict';
import { PolicySet } from '../policy';
import { ConnectionSet } from '../sets';

/** What one peer may do to another. Outside peers: allowed is what holds for each address. */
export interface Cell {
  readonly allowed: ConnectionSet;
  readonly undetermined: ConnectionSet;
  /** Allowed for some addresses of an outside peer only. */
  readonly partial: ConnectionSet;
}

export function cellOf(pieces: readonly Piece[]): Cell {
  const of = (verdict: Piece['verdict']) => pieces.filter((piece) => piece.verdict === verdict).reduce((all, piece) => all.union(piece.connections), ConnectionSet.NONE);
  const [some, denied, undetermined] = [of('allow'), of('deny'), of('undetermined')];
  const allowed = some.subtract(denied).subtract(undetermined);
  return { allowed, undetermined, partial: some.subtract(allowed) };
}

/** For every pair of workloads and outside peers, what is allowed. */
export class Reachability {
  readonly peers: readonly Peer[];

  constructor(readonly compiled: Compiled) {
    this.peers = [...compiled.topology.endpoints, ...compiled.topology.outside ?? []];
  }

  between(from: Peer, to: Peer): Cell {
    return cellOf(this.compiled.between(from, to));
  }
}

export function reachability(topology: Topology, policies: PolicySet): Reachability {
  return new Reachability(compile(policies, topology));
}

export interface Difference {
  readonly from: string;
  readonly to: string;
  readonly opened: ConnectionSet;
  readonly closed: ConnectionSet;
}

/** Pairs, by name, whose allowed connections differ. */
export function diff(before: Reachability, after: Reachability): Difference[] {
  const [old, current] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...current.keys()])].sort();
  const cell = (matrix: Reachability, peers: Map<string, Peer>, from: string, to: string) => {
    const [source, destination] = [peers.get(from), peers.get(to)];
    return source && destination ? matrix.between(source, destination).allowed : ConnectionSet.NONE;
  };
  return names.flatMap((from) => names.flatMap((to): Difference[] => {
    const [was, is] = [cell(before, old, from, to), cell(after, current, from, to)];
    return was.equals(is) ? [] : [{ from, to, opened: is.subtract(was), closed: was.subtract(is) }];
  }));
}

function byName({ peers }: Reachability): Map<string, Peer> {
  return new Map(peers.map((peer) => [peerName(peer), peer]));
}
