import { Decision, Piece } from '../connectivity/verdict';

/** The policy and rule that decided: the one that denies, or those of both ends where both allow. */
export function decidedBy(piece: Piece): string {
  return `${piece.verdict === 'deny' ? 'denied' : 'allowed'} by ${[...new Set(deciding(piece).map(stepOf))].join(' and ')}`;
}

/** The same, with who added those policies where that is known. */
export function decidedAndAddedBy(piece: Piece, origins: ReadonlyMap<string, string>): string {
  const added = new Set(deciding(piece).flatMap((decision) => typeof decision === 'string' ? [] : origins.get(decision.policy) ?? []));
  return decidedBy(piece) + (added.size > 0 ? `, added by ${[...added].join(' and ')}` : '');
}

function deciding({ verdict, egress, ingress }: Piece): Decision[] {
  if (verdict === 'deny') return [isDeny(egress) ? egress : ingress];
  const ends = [egress, ingress];
  // Where one end has a policy, the other's lack of one explains nothing.
  const decided = ends.filter((decision) => typeof decision !== 'string' && decision.tier !== null);
  return decided.length > 0 ? decided : ends;
}

/** What holds for connections at large says more than an exception for some ports. */
export function mostGeneral(pieces: readonly Piece[]): Piece {
  return pieces.find(({ connections }) => connections.contains({ protocol: 0 })) ?? pieces[0];
}

/** The addresses of a piece, where not all of a peer's share its fate. */
export function addressesOf({ source, destination }: Piece): string {
  const text = (cidrs: Piece['source']) => cidrs!.map((cidr) => typeof cidr === 'string' ? cidr : cidr.opaque).join(', ');
  return `${source ? ` from ${text(source)}` : ''}${destination ? ` to ${text(destination)}` : ''}`;
}

function stepOf(decision: Decision): string {
  if (decision === 'self') return 'nobody, as it never leaves the pod';
  if (decision === 'not-an-endpoint') return 'nobody, as no policy binds it';
  const { tier, policy, rule } = decision;
  if (tier === null) return 'the absence of any policy';
  return `${policy} ${rule === -1 ? `(no rule matches, and tier ${tier} ends)` : `rule ${rule}`}`;
}

function isDeny(decision: Decision): boolean {
  return typeof decision !== 'string' && decision.action === 'Deny';
}
