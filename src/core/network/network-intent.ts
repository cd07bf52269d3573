import { KubernetesObject } from '../connectivity/workload';
import { ClusterAddresses, ExemptionIntent, Labels, Peer, PortIntent, TrafficIntent } from '../policy/intent';

/** Everything that was said about a cluster's network, every default filled in. */
export interface NetworkIntent {
  readonly addresses: ClusterAddresses;
  readonly systemNamespaces: readonly NamedReason[];
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels }[];
  readonly serviceAccounts: readonly { readonly namespace: string; readonly name: string; readonly labels: Labels }[];
  readonly rules: readonly TrafficIntent[];
  readonly exemptions: readonly (ExemptionIntent & { readonly reason: string })[];
  readonly expectations: readonly ExpectationIntent[];
  readonly releases: readonly UserRelease[];
  /** Charts whose objects are not in view. */
  readonly unseen: readonly { readonly origin: string; readonly chart: string; readonly namespace: string }[];
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

/** Objects that users bring, as they are applied together. */
export interface UserRelease {
  readonly origin: string;
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
}
