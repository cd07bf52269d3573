import { Compiled } from './compile';
import { Peer, peerName } from './topology';
import { describeStep, describeVerdict, Piece } from './verdict';
import { ConnectionSet } from '../sets';

/** How every connection between two peers is decided, in words: one entry for each piece. */
export interface Explanation {
  readonly connections: string;
  readonly verdict: Piece['verdict'];
  /** In order: the steps at the source, then those at the destination. */
  readonly steps: readonly string[];
  readonly summary: string;
}

export function explain(compiled: Compiled, from: Peer, to: Peer, connections: ConnectionSet = ConnectionSet.ALL): Explanation[] {
  return compiled.between(from, to, connections).map((piece) => ({
    connections: piece.connections.toString(),
    verdict: piece.verdict,
    steps: [...stepsOf('egress', peerName(from), piece), ...stepsOf('ingress', peerName(to), piece), ...(piece.because ?? []).map((reason) => `unknown: ${reason}`)],
    summary: `${peerName(from)} -> ${peerName(to)}, ${piece.connections}: ${describeVerdict(piece)}`,
  }));
}

function stepsOf(direction: 'egress' | 'ingress', name: string, piece: Piece): string[] {
  const decision = piece[direction];
  if (decision === 'self') return [`${direction}: ${name} reaches itself`];
  if (decision === 'not-an-endpoint') return [`${direction}: no policy binds ${name}`];
  return [...decision.via ?? [], decision].map((step) => `${direction} of ${name}: ${describeStep(step)}`);
}
