import { KubernetesObject } from '../connectivity/workload';
import { LoadBalancerFacts } from '../load-balancer/context';
import { EndpointLine } from '../plan/endpoint';
import { TokenReader } from '../policy/calico-rules';
import { Enforcement } from '../policy/enforcement';
import { ClusterAddresses, ExemptionIntent, Labels, Peer, PortIntent, TrafficIntent } from '../policy/intent';
import { Cidr } from '../policy/policy';
import { QuarantineIntent } from '../policy/quarantine';

/** Everything that was said about a cluster's network, every default filled in. */
export interface NetworkIntent {
  readonly addresses: ClusterAddresses;
  readonly systemNamespaces: readonly NamedReason[];
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels; readonly existing?: boolean; readonly platformOnly?: boolean; readonly enforcement?: Enforcement }[];
  readonly serviceAccounts: readonly { readonly namespace: string; readonly name: string; readonly labels: Labels }[];
  readonly rules: readonly TrafficIntent[];
  readonly exemptions: readonly (ExemptionIntent & { readonly reason: string })[];
  readonly quarantines: readonly QuarantineIntent[];
  readonly expectations: readonly ExpectationIntent[];
  /** Objects that users bring, whole and copied. */
  readonly objects: readonly KubernetesObject[];
  /** Who gave each of them: a construct path, and the place in a file. Default: nobody is known. */
  readonly origins?: ReadonlyMap<KubernetesObject, string>;
  /** Charts whose objects are not in view. */
  readonly charts: readonly { readonly origin: string; readonly namespace: string }[];
  readonly enforcement: Enforcement;
  /** With NodeLocal DNSCache: the addresses at which pods ask it. */
  readonly nodeLocalDns: readonly Cidr[];
  /** TCP ports that the cluster opens to the control plane by itself. */
  readonly controlPlanePorts: readonly number[];
  /** Whether an instance metadata answer reaches a pod on any node. */
  readonly metadataReachesPods: boolean;
  /** How load balancers are made here. Default: by the in-tree controller. */
  readonly loadBalancers?: LoadBalancerFacts;
  /** What the text of a token in users' policies stands for. Default: no text is a token. */
  readonly tokens?: TokenReader;
}

/** What the cluster itself brings to its network. */
export interface NetworkFacts extends Pick<NetworkIntent, 'addresses' | 'systemNamespaces' | 'enforcement' | 'nodeLocalDns' | 'controlPlanePorts' | 'metadataReachesPods'> {
  /** Who reaches the API endpoint besides what is inside the cluster. */
  readonly endpoint: readonly EndpointLine[];
  /** How connections leave the VPC, in words. */
  readonly wayOut: string;
  /** Whether it is known to be unfiltered: where the routes of a given VPC lead is not. */
  readonly hasWayOut: boolean;
  /** What its nodes are made of. */
  readonly nodes: readonly object[];
  readonly loadBalancers: LoadBalancerFacts;
}

export interface NamedReason {
  readonly name: string;
  readonly reason: string;
}

export interface ExpectationIntent {
  /** Construct path. */
  readonly origin: string;
  readonly expected: 'allow' | 'deny';
  readonly source: Peer;
  readonly destination: Peer;
  /** None: every connection, or a well-known peer's own ports. */
  readonly ports: readonly PortIntent[];
}
