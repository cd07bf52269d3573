import { Reachability } from '../connectivity/reachability';
import { Endpoint, peerName as nameOf } from '../connectivity/topology';
import { Decision, Piece } from '../connectivity/verdict';
import { Diagnostic } from '../diagnostic';
import { describePeer, ExemptionIntent, Guardrail, TrafficIntent } from '../policy/intent';
import { ConnectionSet } from '../sets';
import { connectionsOf, ownPorts } from './connections';
import { addressesOf, decidedAndAddedBy } from './reasons';
import { NetworkView } from './topology';

type Guarded = Guardrail | 'internet';
const GUARDED: readonly Guarded[] = ['kubelet', 'apiServer', 'instanceMetadata', 'internet'];

export interface Grants {
  readonly exemptions: readonly ExemptionIntent[];
  readonly rules: readonly TrafficIntent[];
  readonly systemNamespaces: readonly string[];
}

/**
 * What holds without being asked: nobody but the granted reaches what the guardrails guard, and everyone reaches the DNS. Policies
 * of users could break it, in a tier before the guardrails or by isolating.
 */
export function checkBuiltIn(matrix: Reachability, view: NetworkView, grants: Grants): Diagnostic[] {
  const { compiled } = matrix;
  const guarded = GUARDED.flatMap((target) => {
    const end = view.outside({ kind: target });
    const asked = connectionsOf(ownPorts({ kind: target }, 'deny'), end) as ConnectionSet;
    const inScope = view.endpoints.filter((pod) => !pod.hostNetwork && !isGranted(pod, target, grants) && (target === 'kubelet' || !grants.systemNamespaces.includes(pod.namespace)));
    const others = grantedNamespaces(grants).filter((each) => !wholeNamespaceHasGrant(each, target, grants));
    return [...inScope, view.anyPodAnywhere(), ...view.otherPodsOf(others)].flatMap((pod) => compiled.between(pod, end, asked)
      .filter(({ verdict }) => verdict !== 'deny').map((piece) => opened(nameOf(pod), describePeer({ kind: target }), piece, view)).slice(0, 1));
  });
  return [...guarded, ...checkDns(matrix, view)];
}

/** Where somebody has a grant, whoever has none must still be bound. */
function grantedNamespaces({ exemptions, rules, systemNamespaces }: Grants): string[] {
  const named = [...exemptions.map(({ namespace }) => namespace), ...rules.flatMap(({ source, destination }) => source.kind === 'pods' && destination.kind !== 'pods' ? source.namespace ?? [] : [])];
  return named.filter((namespace) => !systemNamespaces.includes(namespace));
}

function wholeNamespaceHasGrant(namespace: string, target: Guarded, { rules }: Grants): boolean {
  return target === 'internet' && rules.some(({ source, destination }) => source.kind === 'pods' && source.namespace === namespace && source.serviceAccount === undefined
    && (destination.kind === 'internet' || destination.kind === 'addresses'));
}

function isGranted({ namespace, serviceAccount = 'default' }: Endpoint, target: Guarded, { exemptions, rules }: Grants): boolean {
  if (target !== 'internet') return exemptions.some((each) => each.guardrail === target && each.namespace === namespace && each.serviceAccounts.includes(serviceAccount));
  return rules.some(({ source, destination }) => source.kind === 'pods' && source.namespace === namespace && (source.serviceAccount ?? serviceAccount) === serviceAccount
    && (destination.kind === 'internet' || destination.kind === 'addresses'));
}

function opened(pod: string, target: string, piece: Piece, { origins }: NetworkView): Diagnostic {
  const reason = piece.verdict === 'undetermined' ? `it depends on ${(piece.because ?? []).join(' and ')}` : decidedAndAddedBy(piece, origins);
  return {
    code: 'guardrailOpen', severity: 'error', subject: pod, acknowledgeable: true,
    message: `it may reach ${target}${addressesOf(piece)}, ${piece.connections.toString()}, and nobody exempted it: ${reason}`,
    fix: 'remove the policy that opens it, or exempt the service account by name',
  };
}

function checkDns(matrix: Reachability, view: NetworkView): Diagnostic[] {
  const dns = view.clusterDns;
  const asked = connectionsOf(ownPorts({ kind: 'clusterDns' }, 'allow'), dns) as ConnectionSet;
  return view.endpoints.filter(({ hostNetwork }) => !hostNetwork).flatMap((pod): Diagnostic[] => {
    if (matrix.between(pod, dns).allowed.covers(asked)) return [];
    const denied = matrix.compiled.between(pod, dns, asked).find(({ verdict }) => verdict === 'deny');
    if (!denied) return [];
    return [{
      code: 'dnsDenied', severity: isOfTeam(denied.egress) ? 'warning' : 'error', subject: nameOf(pod), acknowledgeable: true,
      message: `it cannot ask the cluster DNS, ${denied.connections.toString()}: ${decidedAndAddedBy(denied, view.origins)}`,
      fix: 'allow UDP and TCP 53 to the pods labelled k8s-app=kube-dns in kube-system in that policy, or acknowledge that it needs no names',
    }];
  });
}

/** A pod with a policy of its own keeps exactly that policy's meaning. */
function isOfTeam(decision: Decision): boolean {
  return typeof decision !== 'string' && decision.tier === 'default';
}

