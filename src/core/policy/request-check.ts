import { Diagnostic } from '../diagnostic';
import { asPods } from './allows';
import { BUILT_IN_NAMESPACES } from './facts';
import { beyondInternetGuardrail } from './guardrails';
import { ClusterAddresses, describePeer, ExemptionIntent, Peer, PolicyRequest, PortIntent, TrafficIntent, WellKnown } from './intent';
import { QuarantineIntent } from './quarantine';
import { checkLabel } from './syntax';
import { CidrSet } from '../sets';

/** The call that opens what a plain rule must not. */
const OWN_CALL: Partial<Record<WellKnown, string>> = {
  apiServer: 'allowApiServerAccess()',
  controlPlane: 'allowApiServerAccess()',
  kubelet: 'allowKubeletAccess()',
  instanceMetadata: 'allowInstanceMetadataAccess()',
};

/** What of the request can be carried out, and why the rest cannot. */
export function checkRequest(request: PolicyRequest): Pick<PolicyRequest, 'rules' | 'exemptions'> & { quarantines: QuarantineIntent[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const taken = new Map<string, string>();
  const sound = <T extends { name: string; origin: string }>(items: readonly T[], check: (item: T) => Diagnostic[], prefix = '') => items.filter((item) => {
    const found = check(item);
    const name = prefix + item.name;
    const other = taken.get(name);
    if (other !== undefined) found.push(nameTaken({ name, origin: item.origin }, other));
    taken.set(name, item.origin);
    diagnostics.push(...found);
    return found.length === 0;
  });
  const exemptions = sound(request.exemptions, (exemption) => checkExemption(exemption, request));
  const rules = sound(request.rules, (rule) => checkRule(rule, request));
  const quarantines = sound(request.quarantines ?? [], (quarantine) => checkQuarantine(quarantine, request), 'quarantine-');
  return { rules, exemptions, quarantines, diagnostics };
}

function checkRule(rule: TrafficIntent, request: PolicyRequest): Diagnostic[] {
  const { source, destination, ports } = rule;
  const found: Diagnostic[] = [];
  const error = (code: string, message: string, fix: string) => found.push({ code, severity: 'error', subject: rule.origin, message, fix });
  for (const peer of [source, destination]) {
    found.push(...checkNamespace(rule.origin, peer, request));
    for (const broken of brokenLabels(peer)) error('kubernetesSyntax', broken, 'write it as the rule says');
    if (lacksAddresses(peer, request.addresses)) {
      error('addressesUnknown', `where ${describePeer(peer)} are is not known, so the rule would open nothing`, 'give subnets that know their ranges, or name the ranges with NetworkPeer.cidr()');
    }
  }
  if (ports.length === 0) error('rulePortsMissing', 'ports is empty, and an empty list never means everything', 'name the ports, or give NetworkPort.all()');
  const call = destination.kind in OWN_CALL ? OWN_CALL[destination.kind as WellKnown] : undefined;
  if (call) error('ruleToGuardedTarget', `the destination is ${describePeer(destination)}, which a guardrail denies to everyone not exempted`, `use ${call}`);
  if (source.kind in OWN_CALL && source.kind !== 'controlPlane') error('ruleFromGuardedTarget', `the source is ${describePeer(source)}, and no connection to pods comes from there`, 'name who does: the control plane, the nodes, or pods');
  if (source.kind === 'internet' || isEverywhere(source)) error('ruleFromInternet', `the source is ${source.kind === 'internet' ? 'the internet' : `${describePeer(source)}, which is every address`}, and a source must be named`, 'give the ranges with NetworkPeer.cidr(), or expose the pods with a load balancer');
  if (!asPods(source) && !asPods(destination)) {
    error('ruleWithoutPods', `${describePeer(source)} and ${describePeer(destination)} are both no pods, and a policy binds pods only`, 'name pods at one end at least');
  }
  if (source.kind === 'controlPlane' && ports.some((port) => isNamed(port) || (port.protocol ?? 'TCP') !== 'TCP')) {
    error('controlPlanePort', 'the control plane calls pods over TCP, and their security group is opened by number', 'give the TCP ports that the pods listen on by number');
  }
  if (!asPods(destination) && ports.some(isNamed)) {
    error('namedPortWithoutPods', `a port is named, and the destination is ${describePeer(destination)}: only pods have named ports`, 'give its number');
  }
  const from = asPods(source);
  const guarded = from && !request.systemNamespaces.includes(from.namespace ?? '') && beyondInternetGuardrail(rule, request.addresses);
  if (guarded && (from.namespace === undefined || (from.labels && from.serviceAccount === undefined))) {
    error('internetGrantByLabels',
      `${describePeer(destination)} lies beyond the internet guardrail, and the source is ${describePeer(from)}: whoever makes a pod chooses its labels`,
      'name a service account, a namespace or a workload as the source');
  }
  return found;
}

/** Two halves of the internet are the internet. */
function isEverywhere(peer: Peer): boolean {
  return peer.kind === 'addresses' && CidrSet.of(...peer.cidrs.filter((cidr): cidr is string => typeof cidr === 'string')).toCidrs().some((cidr) => cidr.endsWith('/0'));
}

function isNamed({ ports }: PortIntent): boolean {
  return ports?.some((value) => typeof value === 'string' && /[a-z]/i.test(value)) ?? false;
}

/** Labels become text of a selector, and none would select every pod. */
function brokenLabels(peer: Peer): string[] {
  if (peer.kind !== 'pods') return [];
  return [peer.labels, peer.namespaceLabels].flatMap((labels) => {
    if (labels === undefined) return [];
    const entries = Object.entries(labels);
    if (entries.length === 0) return ['it selects pods by no label at all, and an empty list never means everything'];
    return entries.flatMap(([key, value]) => checkLabel(key, value) ?? []);
  });
}

/** Places whose ranges a given VPC may not tell. */
function lacksAddresses({ kind }: Peer, addresses: ClusterAddresses): boolean {
  switch (kind) {
    case 'vpc': case 'nodes': case 'controlPlane': case 'loadBalancers': case 'endpoints': return addresses[kind].length === 0;
    default: return false;
  }
}

function checkExemption(exemption: ExemptionIntent, request: PolicyRequest): Diagnostic[] {
  const found = checkNamespace(exemption.origin, { kind: 'pods', namespace: exemption.namespace }, request);
  if (exemption.serviceAccounts.length === 0) {
    found.push({
      code: 'exemptionWithoutServiceAccount', severity: 'error', subject: exemption.origin,
      message: 'serviceAccounts is empty, and an empty list never means everyone', fix: 'name each service account that needs it',
    });
  }
  if (exemption.guardrail === 'kubelet' && lacksAddresses({ kind: 'nodes' }, request.addresses)) {
    found.push({
      code: 'addressesUnknown', severity: 'error', subject: exemption.origin,
      message: 'where the nodes are is not known, so the exemption would open nothing', fix: 'give subnets that know their ranges',
    });
  }
  return found;
}

function checkQuarantine({ origin, namespace, keepOpen }: QuarantineIntent, request: PolicyRequest): Diagnostic[] {
  return [
    ...[{ kind: 'pods', namespace } as const, ...keepOpen].flatMap((peer) => checkNamespace(origin, peer, request)),
    ...keepOpen.filter((peer) => lacksAddresses(peer.kind === 'kubelet' ? { kind: 'nodes' } : peer.kind === 'apiServer' ? { kind: 'controlPlane' } : peer, request.addresses)).map((peer): Diagnostic => ({
      code: 'addressesUnknown', severity: 'error', subject: origin,
      message: `where ${describePeer(peer)} are is not known, so that nothing could be kept open there`, fix: 'give subnets that know their ranges, or name the ranges with NetworkPeer.cidr()',
    })),
  ];
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
