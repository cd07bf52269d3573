import { connectionsOf } from './connections';
import { decidedBy } from './reasons';
import { NetworkView } from './topology';
import { Reachability } from '../connectivity/reachability';
import { Decision, Piece } from '../connectivity/verdict';
import { Workload } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { LOAD_BALANCER_RULE } from '../load-balancer/path-to-pods';
import { TIERS } from '../policy/facts';
import { describePeer, Labels, Peer, TrafficIntent } from '../policy/intent';

/** Rules that nobody can use: no such pods, a guardrail before them, or another rule that says the same and more. */
export function checkUnusedRules(rules: readonly TrafficIntent[], workloads: readonly Workload[], matrix: Reachability, view: NetworkView): Diagnostic[] {
  return rules.flatMap((rule, index): Diagnostic[] => {
    const nobody = [rule.source, rule.destination].filter((peer) => isNobody(peer, workloads));
    if (nobody.length > 0) return nobody.map((peer) => selectsNobody(rule, peer));
    const cut = cutByGuardrail(rule, matrix, view);
    if (cut) return [warning('ruleCut', rule, `no connection that it allows is possible: ${decidedBy(cut)}`, 'remove it, or exempt the service account from the guardrail')];
    // Two load balancers may lead to the same pods, and nobody wrote their rules.
    if (rule.name.startsWith(LOAD_BALANCER_RULE)) return [];
    const other = rules.find((each, at) => at !== index && covers(each, rule) && (at < index || !covers(rule, each)));
    return other ? [warning('ruleCovered', rule, `${other.origin} allows all of it`, 'remove it, or narrow the other one')] : [];
  });
}

function warning(code: string, { origin }: TrafficIntent, message: string, fix: string): Diagnostic {
  return { code, severity: 'warning', subject: origin, acknowledgeable: true, message, fix };
}

function selectsNobody(rule: TrafficIntent, peer: Peer): Diagnostic {
  return warning('ruleSelectsNobody', rule, `no workload in view is of ${describePeer(peer)}, though other workloads of that namespace are`, 'correct the labels or the service account, or acknowledge that somebody else deploys it');
}

/** Where no workload of the namespace is in view, all of them are deployed by somebody else. */
function isNobody(peer: Peer, workloads: readonly Workload[]): boolean {
  if (peer.kind !== 'pods' || peer.namespace === undefined) return false;
  const there = workloads.filter(({ namespace }) => namespace === peer.namespace);
  return there.length > 0 && !there.some(({ labels, serviceAccount }) => has(labels, peer.labels) && (peer.serviceAccount ?? serviceAccount) === serviceAccount);
}

/** The guardrail that denies every connection of a rule. */
function cutByGuardrail({ source, destination, ports }: TrafficIntent, matrix: Reachability, view: NetworkView): Piece | undefined {
  const pieces: Piece[] = [];
  for (const from of view.find(source)) {
    for (const to of view.find(destination)) {
      const asked = connectionsOf(ports, to);
      if (typeof asked === 'string') return undefined;
      if (matrix.between(from, to).allowed.overlaps(asked)) return undefined;
      pieces.push(...matrix.compiled.between(from, to, asked));
    }
  }
  return pieces.every(({ verdict, egress, ingress }) => verdict === 'deny' && [egress, ingress].some(isGuardrail)) ? pieces[0] : undefined;
}

function isGuardrail(decision: Decision): boolean {
  return typeof decision !== 'string' && decision.tier === TIERS.guardrails.name && decision.action === 'Deny';
}

/** As they are written. What the control plane calls opens a security group too, and is never for nothing. */
function covers(wide: TrafficIntent, narrow: TrafficIntent): boolean {
  return narrow.source.kind !== 'controlPlane' && includes(wide.source, narrow.source) && includes(wide.destination, narrow.destination)
    && narrow.ports.every((port) => wide.ports.some((each) => each.protocol === undefined || JSON.stringify(each) === JSON.stringify(port)
      || (each.protocol === port.protocol && each.ports === undefined && each.icmp === undefined)));
}

function includes(wide: Peer, narrow: Peer): boolean {
  if (wide.kind !== 'pods' || narrow.kind !== 'pods') return JSON.stringify(wide) === JSON.stringify(narrow);
  return (wide.namespace ?? narrow.namespace) === narrow.namespace && (wide.namespaceLabels === undefined || JSON.stringify(wide.namespaceLabels) === JSON.stringify(narrow.namespaceLabels))
    && has(narrow.labels ?? {}, wide.labels) && (wide.serviceAccount ?? narrow.serviceAccount) === narrow.serviceAccount;
}

function has(labels: Labels, asked: Labels = {}): boolean {
  return Object.entries(asked).every(([key, value]) => labels[key] === value);
}
