import { Compiled } from './compile';
import { Peer } from './topology';
import { Piece, Verdict } from './verdict';
import { ConnectionSet } from '../sets';

/** What somebody relies on: every connection named, between each of the peers, is allowed, or none is. */
export interface Expectation {
  readonly from: readonly Peer[];
  readonly to: readonly Peer[];
  readonly connections: ConnectionSet;
  readonly expected: 'allow' | 'deny';
}

export interface Counterexample {
  readonly from: Peer;
  readonly to: Peer;
  readonly piece: Piece;
}

export interface ExpectationResult {
  readonly verdict: 'met' | 'unmet' | 'undetermined';
  /** Unmet: the pieces that break it; undetermined: those that nobody can tell. */
  readonly counterexamples: readonly Counterexample[];
  /** All that was asked about. */
  readonly pieces: readonly Piece[];
  /** Whether it speaks about anything; one about nobody is met by default, and nobody meant that. */
  readonly vacuous: boolean;
}

/** Quantifies over all pairs and all connections named. A pod's connections to itself are no policy's business. */
export function checkExpectation(compiled: Compiled, { from, to, connections, expected }: Expectation): ExpectationResult {
  const pieces = from.flatMap((source) => to.flatMap((destination): Counterexample[] => {
    return compiled.between(source, destination, connections).filter(({ egress }) => egress !== 'self').map((piece) => ({ from: source, to: destination, piece }));
  }));
  const opposite: Verdict = expected === 'allow' ? 'deny' : 'allow';
  const broken = pieces.filter(({ piece }) => piece.verdict === opposite);
  const asked = pieces.map(({ piece }) => piece);
  if (broken.length > 0) return { verdict: 'unmet', counterexamples: broken, pieces: asked, vacuous: false };
  const doubtful = pieces.filter(({ piece }) => piece.verdict === 'undetermined');
  return { verdict: doubtful.length > 0 ? 'undetermined' : 'met', counterexamples: doubtful, pieces: asked, vacuous: pieces.length === 0 };
}
