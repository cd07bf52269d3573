import { JUDGE, NotProbed, ProbeCheck, ProbeFlow, ProbeTarget, STRANGER, TARGET } from './probe';
import { CLUSTER_DOMAIN, PROBE_TARGET_NAMESPACE, PROBE_TARGET_PORT, TARGETS } from './probe-facts';
import { API_SERVER, CLUSTER_DNS, INSTANCE_METADATA, KUBELET_PORTS, POD_IDENTITY } from '../policy/facts';
import { Peer, PortIntent, TrafficIntent } from '../policy/intent';

/** What holds on every cluster, and what users expect of theirs. */
export const PROBE_FLOWS = ['kubelet', 'apiServer', 'instanceMetadata', 'crossNamespace', 'internet', 'dns', 'podIdentity', 'expectations'] as const;
export type ProbeFlowKind = typeof PROBE_FLOWS[number];

export interface BuiltInFlows {
  readonly flows: readonly ProbeFlow[];
  readonly rules: readonly Pick<TrafficIntent, 'name' | 'destination' | 'ports'>[];
  readonly notProbed: readonly NotProbed[];
}

const tcp = (port: number): PortIntent => ({ protocol: 'TCP', ports: [port] });
const targetPods: Peer = { kind: 'pods', namespace: PROBE_TARGET_NAMESPACE, serviceAccount: TARGET };
const podIdentity: Peer = { kind: 'addresses', name: 'the Pod Identity agent', cidrs: [POD_IDENTITY.ipv4] };

export function builtInFlows(kinds: readonly ProbeFlowKind[], internet: { readonly host: string; readonly port: number } | undefined): BuiltInFlows {
  const wanted = (kind: ProbeFlowKind) => kinds.includes(kind);
  const target: ProbeTarget = { kind: 'tcp', host: `${TARGET}.${PROBE_TARGET_NAMESPACE}.svc.${CLUSTER_DOMAIN}`, port: PROBE_TARGET_PORT };
  const flows: (false | undefined | ProbeFlow)[] = [
    wanted('kubelet') && denied('the kubelet of its node', TARGETS.kubelet, { kind: 'kubelet' }, tcp(KUBELET_PORTS[0])),
    wanted('apiServer') && denied('the API server', TARGETS.apiServer, { kind: 'apiServer' }, tcp(API_SERVER.port)),
    wanted('instanceMetadata') && denied('the instance metadata service', TARGETS.instanceMetadata, { kind: 'instanceMetadata' }, tcp(INSTANCE_METADATA.port)),
    wanted('crossNamespace') && denied('a pod of another namespace', target, targetPods, tcp(PROBE_TARGET_PORT), ['judge-to-target']),
    wanted('internet') && internet && denied('the internet', { kind: 'tcp', ...internet }, { kind: 'internet' }, tcp(internet.port), ['judge-to-internet']),
    wanted('dns') && allowed('the cluster DNS, UDP', TARGETS.dnsByUdp, { kind: 'clusterDns' }, { protocol: 'UDP', ports: [CLUSTER_DNS.port] }),
    wanted('dns') && allowed('the cluster DNS, TCP', TARGETS.dnsByTcp, { kind: 'clusterDns' }, tcp(CLUSTER_DNS.port)),
    wanted('podIdentity') && allowed('the Pod Identity agent', TARGETS.podIdentity, podIdentity, tcp(POD_IDENTITY.port)),
  ];
  return {
    flows: flows.filter((flow) => typeof flow === 'object'),
    rules: [
      ...wanted('crossNamespace') ? [{ name: 'judge-to-target', destination: targetPods, ports: [tcp(PROBE_TARGET_PORT)] }] : [],
      ...wanted('internet') && internet ? [{ name: 'judge-to-internet', destination: { kind: 'internet' } as const, ports: [tcp(internet.port)] }] : [],
    ],
    notProbed: [
      ...PROBE_FLOWS.filter((kind) => !wanted(kind)).map((kind) => ({ flow: kind, reason: 'it is not among the flows that were asked for' })),
      ...wanted('internet') && !internet ? [{ flow: 'internet', reason: 'no place outside the VPC is known that a pod with the right reaches, so nothing could tell a denial from a missing route; name one with internetTarget' }] : [],
    ],
  };
}

/** What nobody without a right reaches, and somebody with it does. */
function denied(what: string, target: ProbeTarget, destination: Peer, port: PortIntent, rules: readonly string[] = []): ProbeFlow {
  const check = (by: string, expected: ProbeCheck['expected'], flow: string): ProbeCheck => ({ flow, by, expected, target, destination, ports: [port] });
  return { name: `a pod without rights to ${what}`, needs: [], rules, checks: [check(STRANGER, 'deny', `a pod without rights to ${what}`), check(JUDGE, 'allow', `its positive twin, an exempted pod to ${what}`)] };
}

function allowed(what: string, target: ProbeTarget, destination: Peer, port: PortIntent): ProbeFlow {
  const name = `a pod without rights to ${what}`;
  return { name, needs: [], rules: [], checks: [{ flow: name, by: STRANGER, expected: 'allow', target, destination, ports: [port] }] };
}
