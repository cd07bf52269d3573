import { Verdict } from '../connectivity/verdict';
import { Workload } from '../connectivity/workload';

/** Someone on the network, by an id that changes only with the name. */
export interface ReportPeer {
  /** `Deployment/shop/web`, or the word for a place: `internet`. */
  readonly id: string;
  /** `shop/web`, `the internet`. */
  readonly name: string;
  /** `pods`: nothing in view is of that description, though rules name it. */
  readonly kind: 'workload' | 'pods' | 'place';
  /** Of several places with the same addresses: the connections that are told of under this id. Default: all. */
  readonly only?: string;
  /** Of a place, as far as it is known. Of the internet: absent, it is every address that is neither private nor the VPC's. */
  readonly addresses?: readonly string[];
  readonly namespace?: string;
  readonly workload?: PeerWorkload;
}

export interface PeerWorkload extends Pick<Workload, 'kind' | 'name' | 'labels' | 'serviceAccount'> {
  /** `enforced`, `staged`: nothing of the platform's binds it yet; `outside`: the default deny does not bind it. */
  readonly binding: 'enforced' | 'allowsEnforced' | 'staged' | 'outside';
  /** What lets it past every policy: the host's network, fields that give it the node. */
  readonly escapes: readonly string[];
  readonly ports: readonly { readonly name?: string; readonly port: number | string; readonly protocol: string }[];
  /** Who gave it: a construct path, for a chart with its file. */
  readonly addedBy?: string;
}

/** A rule that decided at one end of a connection. */
export interface DecidingStep {
  readonly end: 'egress' | 'ingress';
  /** Absent: no tier decided, and the namespace's default did. */
  readonly tier?: string;
  /** `GlobalNetworkPolicy/name`, `NetworkPolicy/namespace/name`. */
  readonly policy: string;
  /** Absent: no rule of the tier matched, and the tier ended. */
  readonly rule?: number;
}

/** Connections with one fate for one reason: from each of these to each of those. */
export interface FlowGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** `TCP 80,443; UDP 53`, `all connections`. */
  readonly connections: string;
  readonly verdict: 'allowed' | 'undetermined';
  /** Only where not all addresses of the place share this fate. */
  readonly fromAddresses?: readonly string[];
  readonly toAddresses?: readonly string[];
  /** None: no policy binds either end. Of an undetermined one: in the case that allows. */
  readonly by: readonly DecidingStep[];
  /** Of an undetermined one: what would have to be known. */
  readonly because?: readonly string[];
}

export interface DenialGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Absent: whatever no flow between the two lists. */
  readonly connections?: string;
  readonly by: DecidingStep;
}

/** Who reaches whom, and what stops everything else. Every pair of peers of which a workload is one is in it. */
export interface FlowTable {
  readonly peers: readonly ReportPeer[];
  readonly flows: readonly FlowGroup[];
  readonly denials: readonly DenialGroup[];
  /** Where something is staged: what a policy of a team allows now, and a guardrail denies once it is enforced. */
  readonly lost: readonly FlowGroup[];
}

export const VERDICTS: Readonly<Record<Exclude<Verdict, 'deny'>, FlowGroup['verdict']>> = { allow: 'allowed', undetermined: 'undetermined' };
