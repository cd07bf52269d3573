import { Cidr, Port, Protocol } from './policy';
import type { QuarantineIntent } from './quarantine';

/** One end of a flow, as a user names it. */
export type Peer = PodPeer | AddressPeer | WellKnownPeer;

/** Pods: the only ends that a policy can select. */
export interface PodPeer {
  readonly kind: 'pods';
  /** One namespace by name, or those with these labels; neither: every one. */
  readonly namespace?: string;
  readonly namespaceLabels?: Labels;
  /** Absent: every pod there. */
  readonly labels?: Labels;
  readonly serviceAccount?: string;
  /** The pods of one workload, not whoever looks alike. */
  readonly ofWorkload?: boolean;
}

/** Addresses. They never mean a pod, even where pods share the range. */
export interface AddressPeer {
  readonly kind: 'addresses';
  readonly name: string;
  readonly cidrs: readonly Cidr[];
}

/** Places that every cluster has; the plan knows their addresses. */
export interface WellKnownPeer {
  readonly kind: WellKnown;
  /** Of endpoints: of which AWS service. Policies cannot tell one from another. */
  readonly service?: string;
}

export type WellKnown = 'vpc' | 'nodes' | 'controlPlane' | 'loadBalancers' | 'endpoints' | 'apiServer' | 'kubelet' | 'instanceMetadata' | 'internet' | 'clusterDns';

export interface Labels {
  readonly [key: string]: string;
}

/** A protocol with its ports; none means all of them. */
export interface PortIntent {
  readonly protocol?: Protocol;
  readonly ports?: readonly Port[];
  readonly icmp?: { readonly type?: number; readonly code?: number };
}

/** A rule in words of the policy core. */
export interface TrafficIntent {
  /** Unique on the cluster: part of the names of its policies. */
  readonly name: string;
  /** Construct path, for messages and reports. */
  readonly origin: string;
  readonly source: Peer;
  readonly destination: Peer;
  readonly ports: readonly PortIntent[];
  /** Why, for the report. */
  readonly description?: string;
}

/** Guardrails with exemptions by identity. */
export type Guardrail = 'kubelet' | 'apiServer' | 'instanceMetadata';

export interface ExemptionIntent {
  readonly name: string;
  readonly origin: string;
  readonly guardrail: Guardrail;
  readonly namespace: string;
  readonly serviceAccounts: readonly string[];
}

/** Where things are. Every range may be known only at deployment. */
export interface ClusterAddresses {
  readonly vpc: readonly Cidr[];
  /** Of nodes, and of pods where these have none of their own. */
  readonly nodes: readonly Cidr[];
  /** Of pods, with custom networking. Default: those of nodes. */
  readonly pods?: readonly Cidr[];
  /** Of the control plane's network interfaces. */
  readonly controlPlane: readonly Cidr[];
  /** Whether nothing else lives in the control-plane ranges. */
  readonly controlPlaneDedicated: boolean;
  readonly loadBalancers: readonly Cidr[];
  /** Of interface VPC endpoints. */
  readonly endpoints: readonly Cidr[];
  readonly services: Cidr;
}

export interface PolicyRequest {
  readonly addresses: ClusterAddresses;
  /** Outside the default deny and the guardrails that would stop the system itself. */
  readonly systemNamespaces: readonly string[];
  /** Every namespace that a rule may name, besides the system's and the built-in ones. */
  readonly namespaces: readonly string[];
  readonly rules: readonly TrafficIntent[];
  readonly exemptions: readonly ExemptionIntent[];
  readonly quarantines?: readonly QuarantineIntent[];
  /** With NodeLocal DNSCache: the addresses at which pods ask it. */
  readonly nodeLocalDns?: readonly Cidr[];
}

/** `pods app=web in shop`, as reports and messages say it. */
export function describePeer(peer: Peer): string {
  if (peer.kind === 'addresses') return peer.name;
  if (peer.kind !== 'pods') return WELL_KNOWN_WORDS[peer.kind];
  return `${describePods(peer)} in ${peer.namespace ?? (peer.namespaceLabels ? `namespaces ${describeLabels(peer.namespaceLabels)}` : 'every namespace')}`;
}

/** Which pods, without where. */
export function describePods({ labels, serviceAccount }: PodPeer): string {
  const words = [...labels ? [`pods ${describeLabels(labels)}`] : [], ...serviceAccount !== undefined ? [`service account ${serviceAccount}`] : []];
  return words.join(' of ') || 'every pod';
}

/** `TCP 80, UDP`. */
export function describePorts(ports: readonly PortIntent[]): string {
  return ports.map(({ protocol, ports: numbers, icmp }) => {
    if (protocol === undefined) return 'all connections';
    if (icmp) return `${protocol} type ${icmp.type}`;
    return numbers ? `${protocol} ${numbers.join(',')}` : `all ${protocol}`;
  }).join(', ');
}

/** `app=web,tier=front`, in one order. */
export function describeLabels(labels: Labels): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).sort().join(',');
}

const WELL_KNOWN_WORDS: Record<WellKnown, string> = {
  vpc: 'the VPC',
  nodes: 'the nodes',
  controlPlane: 'the control plane',
  loadBalancers: 'the load-balancer subnets',
  endpoints: 'the interface endpoints of AWS services',
  apiServer: 'the API server',
  kubelet: 'the kubelets',
  instanceMetadata: 'the instance metadata service',
  internet: 'the internet',
  clusterDns: 'the cluster DNS',
};
