import { Diagnostic } from '../diagnostic';
import { asPods } from './allows';
import { BUILT_IN_NAMESPACES } from './facts';
import { beyondInternetGuardrail } from './guardrails';
import { describePeer, ExemptionIntent, Peer, PolicyRequest, TrafficIntent, WellKnown } from './intent';

/** The call that opens what a plain rule must not. */
const OWN_CALL: Partial<Record<WellKnown, string>> = {
  apiServer: 'allowApiServerAccess()',
  kubelet: 'allowKubeletAccess()',
  instanceMetadata: 'allowInstanceMetadataAccess()',
};

/** What of the request can be carried out, and why the rest cannot. */
export function checkRequest(request: PolicyRequest): { rules: TrafficIntent[]; exemptions: ExemptionIntent[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const taken = new Map<string, string>();
  const sound = <T extends { name: string; origin: string }>(items: readonly T[], check: (item: T) => Diagnostic[]) => items.filter((item) => {
    const found = check(item);
    const other = taken.get(item.name);
    if (other !== undefined) found.push(nameTaken(item, other));
    taken.set(item.name, item.origin);
    diagnostics.push(...found);
    return found.length === 0;
  });
  const exemptions = sound(request.exemptions, (exemption) => checkExemption(exemption, request));
  const rules = sound(request.rules, (rule) => checkRule(rule, request));
  return { rules, exemptions, diagnostics };
}

function checkRule(rule: TrafficIntent, request: PolicyRequest): Diagnostic[] {
  const { source, destination, ports } = rule;
  const found: Diagnostic[] = [];
  const error = (code: string, message: string, fix: string) => found.push({ code, severity: 'error', subject: rule.origin, message, fix });
  for (const peer of [source, destination]) found.push(...checkNamespace(rule.origin, peer, request));
  const call = destination.kind in OWN_CALL ? OWN_CALL[destination.kind as WellKnown] : undefined;
  if (call) error('ruleToGuardedTarget', `the destination is ${describePeer(destination)}, which a guardrail denies to everyone not exempted`, `use ${call}`);
  if (source.kind in OWN_CALL) error('ruleFromGuardedTarget', `${describePeer(source)} opens no connections to pods`, 'name who does: the control plane, the nodes, or pods');
  if (source.kind === 'internet') error('ruleFromInternet', 'the source is the internet, and a source must be named', 'give the ranges with NetworkPeer.cidr(), or expose the pods with a load balancer');
  if (!asPods(source) && !asPods(destination)) {
    error('ruleWithoutPods', `${describePeer(source)} and ${describePeer(destination)} are both no pods, and a policy binds pods only`, 'name pods at one end at least');
  }
  if (!asPods(destination) && ports.some((port) => port.ports?.some((value) => typeof value === 'string' && /[a-z]/i.test(value)))) {
    error('namedPortWithoutPods', `a port is named, and ${describePeer(destination)} have no named ports`, 'give its number');
  }
  const from = asPods(source);
  if (from && beyondInternetGuardrail(rule, request.addresses) && (from.namespace === undefined || (from.labels && from.serviceAccount === undefined))) {
    error('internetGrantByLabels',
      `${describePeer(destination)} lies beyond the internet guardrail, and the source is ${describePeer(from)}: whoever makes a pod chooses its labels`,
      'name a service account, a namespace or a workload as the source');
  }
  return found;
}

function checkExemption(exemption: ExemptionIntent, request: PolicyRequest): Diagnostic[] {
  const found = checkNamespace(exemption.origin, { kind: 'pods', namespace: exemption.namespace }, request);
  if (exemption.serviceAccounts.length === 0) {
    found.push({
      code: 'exemptionWithoutServiceAccount', severity: 'error', subject: exemption.origin,
      message: 'serviceAccounts is empty, and an empty list never means everyone', fix: 'name each service account that needs it',
    });
  }
  return found;
}

function checkNamespace(subject: string, peer: Peer, { namespaces, systemNamespaces }: PolicyRequest): Diagnostic[] {
  if (peer.kind !== 'pods' || peer.namespace === undefined) return [];
  if ([...namespaces, ...systemNamespaces, ...BUILT_IN_NAMESPACES].includes(peer.namespace)) return [];
  return [{
    code: 'namespaceUnknown', severity: 'error', subject,
    message: `namespace '${peer.namespace}' was never declared, so the rule would wait for pods that may never come`,
    fix: `declare it with addNamespace('${peer.namespace}'), or with { existing: true } where someone else creates it`,
  }];
}

function nameTaken({ name, origin }: { name: string; origin: string }, other: string): Diagnostic {
  return {
    code: 'ruleNameTaken', severity: 'error', subject: origin,
    message: `its policies would be called '${name}', as those of ${other} are, and the cluster has one object of a name`,
    fix: 'give one of them another id',
  };
}
