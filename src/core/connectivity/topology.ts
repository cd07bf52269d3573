import { Cidr, NetworkSet } from '../policy';

/** Who is in the cluster and around it. What is not known is said, so that nothing is guessed. */
export interface Topology {
  readonly endpoints: readonly Endpoint[];
  /** Addresses outside, in which reachability is asked. */
  readonly outside?: readonly Outside[];
  readonly namespaces?: readonly Namespace[];
  readonly serviceAccounts?: readonly ServiceAccount[];
  readonly services?: readonly Service[];
  readonly networkSets?: readonly NetworkSet[];
  /** Whether everything that exists is listed. Default: a namespace, service account or Service that is not may exist and have any label or endpoint. */
  readonly complete?: boolean;
}

/** A pod, or the pods of one workload. */
export interface Endpoint {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Default: `default`, as for Kubernetes. */
  readonly serviceAccount?: string;
  readonly ports?: readonly ContainerPort[];
  /** On the network of its node, or finished: no policy binds it and no selector means it. */
  readonly hostNetwork?: boolean;
  /** Known addresses. Only the first of each IP version counts. */
  readonly addresses?: readonly string[];
  /** Unknown addresses, somewhere in these ranges: the node subnets with the VPC CNI. Default without either: anywhere. */
  readonly within?: readonly Cidr[];
  /** Several pods: what reaches from it to itself crosses policies. Default: whether anything is open. */
  readonly replicated?: boolean;
  /** An abstract pod: it has what is said, and maybe more. */
  readonly open?: { readonly labels?: boolean; readonly serviceAccount?: boolean; readonly ports?: boolean };
}

export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  /** Default: TCP. */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `labels`: it may have more. `name`: any namespace, but none in `except`; `name` is then only what it is called here. */
  readonly open?: { readonly labels?: boolean; readonly name?: boolean };
  readonly except?: readonly string[];
}

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly open?: { readonly labels?: boolean };
}

/** A Service as policies see it: addresses behind it, each with a port. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly endpoints: readonly ServiceEndpoint[];
}

export interface ServiceEndpoint {
  /** Absent: it serves no port, so that only rules about who sends match it. */
  readonly port?: number;
  /** Default: TCP. */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly address?: string;
  /** An address somewhere in these ranges, and of no pod: a network interface of the API server. */
  readonly within?: readonly Cidr[];
}

/** Addresses that are no pod's. Each of them counts: an answer holds for all, or names those for which it does. */
export interface Outside {
  readonly name: string;
  readonly addresses: readonly Cidr[];
  /** These addresses are what this Service leads to. */
  readonly backs?: { readonly namespace: string; readonly name: string };
}

export type Peer = Endpoint | Outside;

export function isEndpoint(peer: Peer): peer is Endpoint {
  return 'namespace' in peer;
}

/** `shop/web` or the name of an outside peer. */
export function peerName(peer: Peer): string {
  return isEndpoint(peer) ? `${peer.namespace}/${peer.name}` : peer.name;
}
