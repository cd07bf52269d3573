import { connectionsOf, ownPorts } from './connections';
import { ExpectationResult } from './decision';
import { ExpectationIntent } from './network-intent';
import { addressesOf, decidedAndAddedBy, decidedBy, mostGeneral } from './reasons';
import { NetworkView } from './topology';
import { Compiled } from '../connectivity/compile';
import { checkExpectation, ExpectationResult as Judgement } from '../connectivity/expectation';
import { isEndpoint, Peer as End, peerName as nameOf } from '../connectivity/topology';
import { Diagnostic } from '../diagnostic';
import { describePeer } from '../policy/intent';

/**
 * Asks every expectation, over all that its peers mean. One that is not met once everything is enforced, or not known to be, fails
 * synthesis; `now` are the policies as they are emitted, where some are staged.
 */
export function checkExpectations(
  expectations: readonly ExpectationIntent[], compiled: Compiled, view: NetworkView, now?: Compiled,
): { results: ExpectationResult[]; diagnostics: Diagnostic[] } {
  const results = expectations.map((expectation): ExpectationResult => {
    const judged = check(expectation, compiled, view);
    if (!now) return judged;
    const { result, because } = check(expectation, now, view);
    return { ...judged, now: { result, because } };
  });
  return { results, diagnostics: results.flatMap((result) => result.result === 'met' ? [] : [diagnoseExpectation(result)]) };
}

interface Found {
  readonly result: ExpectationResult['result'];
  readonly because: string;
}

function check(expectation: ExpectationIntent, compiled: Compiled, view: NetworkView): ExpectationResult {
  const { origin, expected, source, destination } = expectation;
  const ports = expectation.ports.length > 0 ? expectation.ports : ownPorts(destination, expected);
  const texts = new Set<string>();
  const found: Found[] = [];
  const quantifier = expected === 'deny' ? 'any' : 'in view';
  for (const from of view.find(source, quantifier)) {
    for (const to of view.find(destination, quantifier)) {
      const asked = connectionsOf(ports, to);
      texts.add(asked.toString());
      const judged = typeof asked === 'string' ? { result: 'undetermined' as const, because: asked }
        : judge(from, to, checkExpectation(compiled, { from: [from], to: [to], connections: asked, expected }), view);
      // https://docs.tigera.io/calico/latest/network-policy/hosts/kubernetes-nodes: policies do not bind what a node sends to its own pods.
      const ownNode = judged.result === 'met' && expected === 'deny' && isEndpoint(to) && !to.hostNetwork && view.mayBeOwnNode(from);
      found.push(ownNode ? { result: 'undetermined', because: 'a node reaches the pods that run on it, whatever policies say' } : judged);
    }
  }
  // The worst answer counts; where all are met, the first one stands for them.
  const worst = found.find(({ result }) => result === 'unmet') ?? found.find(({ result }) => result === 'undetermined') ?? found[0];
  return { origin, expected, source: describePeer(source), destination: describePeer(destination), connections: [...texts].join(' or '), ...worst };
}

function judge(from: End, to: End, { verdict, counterexamples: [wrong], pieces, vacuous }: Judgement, { origins }: NetworkView): Found {
  const { piece } = wrong ?? {};
  if (piece && verdict === 'unmet') return { result: verdict, because: `${nameOf(from)} to ${nameOf(to)}, ${piece.connections.toString()}${addressesOf(piece)}: ${decidedAndAddedBy(piece, origins)}` };
  if (piece) return { result: 'undetermined', because: `it depends on ${(piece.because ?? []).join(' and ')}` };
  if (vacuous) return { result: 'undetermined', because: `${nameOf(from)} and ${nameOf(to)} have no common kind of address in view` };
  return { result: 'met', because: decidedBy(mostGeneral(pieces)) };
}

/** What is said of an expectation that is not met. */
export function diagnoseExpectation({ origin, source, destination, connections, expected, result, because }: ExpectationResult): Diagnostic {
  const wanted = `connections from ${source} to ${destination} (${connections}) must be ${expected === 'allow' ? 'allowed' : 'denied'}`;
  if (result === 'undetermined') {
    return {
      code: 'expectationUndetermined', severity: 'error', subject: origin, acknowledgeable: true,
      message: `${wanted}, and that is undetermined because ${because}`,
      fix: 'name what it depends on (a service account rather than labels, a value known at synthesis), or acknowledge that it is not proved',
    };
  }
  return {
    code: 'expectationUnmet', severity: 'error', subject: origin,
    message: `${wanted}, but some are not. ${because}`,
    fix: expected === 'allow' ? 'allow it with allowTraffic(), or correct the expectation' : 'remove what allows it, or correct the expectation',
  };
}

