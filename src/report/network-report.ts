import { ExpectationResult, Exemption } from '../core/network/decision';
import { DenialGroup, FlowGroup, ReportPeer } from '../core/network/flow-table';
import { EndpointLine } from '../core/plan/endpoint';
import { Enforcement } from '../core/policy/enforcement';
import { CarriageLine } from '../core/template/carriage';
import { SubnetAsSeen } from '../core/template/network-as-built';

/** Raised by a change that whoever reads the older one would misread; what is only added does not raise it. */
export const FORMAT_VERSION = 1;

/** What tells this file from others. */
export const FORMAT = 'cdk-secure-eks/network-report';

/**
 * All that is known of a cluster's network, and all that is not: what every view shows. Plain data, in an order of its own; equal
 * networks have equal reports. network-report.schema.json says the same for other programs.
 */
export interface NetworkReport {
  readonly format: typeof FORMAT;
  readonly formatVersion: number;
  /** Construct path. */
  readonly cluster: string;
  /** What the rest does not tell, or not for certain. */
  readonly caveats: readonly Caveat[];
  readonly enforcement: {
    readonly cluster: Enforcement;
    /** Namespaces with a mode of their own. */
    readonly namespaces: readonly { readonly name: string; readonly enforcement: Enforcement }[];
  };
  readonly engine: Engine;
  readonly apiEndpoint: ApiEndpoint;
  readonly vpc: Vpc;
  readonly namespaces: readonly NamespaceInReport[];
  /** Everyone whom flows and denials name, by id. */
  readonly peers: readonly ReportPeer[];
  /** What is open, or may be. */
  readonly flows: readonly FlowGroup[];
  /** What stops everything else: every pair of peers of which one is a workload is in a flow, a denial or both. */
  readonly denials: readonly DenialGroup[];
  /** Where something is staged: what is open now by a policy of a team, and closed once it is enforced. */
  readonly lost: readonly FlowGroup[];
  readonly policies: readonly PolicyInReport[];
  /** What code allows. */
  readonly rules: readonly RuleInReport[];
  /** Whether AWS carries what rules allow to addresses. */
  readonly carriage: readonly CarriageLine[];
  readonly loadBalancers: readonly LoadBalancerInReport[];
  /** What every pod is denied that is not exempted. */
  readonly guardrails: readonly GuardrailInReport[];
  readonly expectations: readonly (ExpectationResult & { readonly source?: string })[];
  /** What a deployment tries by real connections. Absent: nothing. */
  readonly probed?: Probed;
  readonly images: readonly ImageInReport[];
  readonly charts: readonly ChartInReport[];
  /** What others put onto the cluster in this app, past the library. */
  readonly foreign: readonly { readonly path: string; readonly what: string; readonly name?: string; readonly waits: boolean }[];
  readonly acknowledged: readonly { readonly code: string; readonly subject: string; readonly message: string; readonly reason: string }[];
  readonly warnings: readonly { readonly code: string; readonly subject: string; readonly message: string }[];
  readonly residualRisks: readonly ResidualRisk[];
}

/** `notThere`: said here, and in force only with another stack. */
export type CaveatKind = 'staged' | 'outside' | 'notEnforced' | 'undetermined' | 'unseen' | 'notThere' | 'acknowledged' | 'warning';

export interface Caveat {
  readonly kind: CaveatKind;
  readonly subject: string;
  readonly text: string;
}

export interface Engine {
  readonly name: 'Calico';
  /** Absent: known at deployment. */
  readonly release?: string;
  /** Whether pods wait for Calico on a new node. */
  readonly startupTaint: boolean;
  /** What Calico does not enforce here. `any`: which pods is not known. */
  readonly losses: readonly Loss[];
}

export interface Loss {
  readonly subject: string;
  readonly because: string;
  readonly pods: 'any' | 'withGroups' | readonly { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }[];
}

export interface ApiEndpoint {
  /** Ranges that the public endpoint admits; one known at deployment by its name. None: there is no public endpoint. */
  readonly publicRanges: readonly string[];
  /** The same in words, with who reaches the private endpoint, which is always on. */
  readonly admits: readonly EndpointLine[];
}

export interface Vpc {
  /** Construct path or id. */
  readonly name: string;
  readonly ranges: readonly string[];
  /** How connections leave it, in words. */
  readonly wayOut: string;
  readonly subnets: readonly SubnetAsSeen[];
  /** Endpoints for AWS services, in words. */
  readonly serviceEndpoints: readonly string[];
  /** Services whose endpoints admit pods: whoever may reach the subnets of endpoints reaches each. */
  readonly podServices: readonly string[];
}

export interface NamespaceInReport {
  readonly name: string;
  readonly enforcement: Enforcement | 'outside';
  /** Why it is outside the default deny. */
  readonly reason?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PolicyInReport {
  /** `GlobalNetworkPolicy/name`: as flows and denials name it. */
  readonly policy: string;
  readonly tier: string;
  /** Construct path, for a chart with its file. Absent: the library itself. */
  readonly addedBy?: string;
  /** Line of the code, where CDK traces are on. */
  readonly source?: string;
}

export interface RuleInReport {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly ports: string;
  readonly description?: string;
  readonly addedBy: string;
  readonly source?: string;
  /** Policies let it in, and the security group of nodes and pods must too. */
  readonly needsSecurityGroup?: boolean;
}

export interface LoadBalancerInReport {
  /** `Service shop/web` */
  readonly subject: string;
  readonly scheme: string;
  readonly controller: string;
  /** Ranges that it admits. Absent: every address, or nobody knows. */
  readonly sources?: readonly string[];
  /** The same in words. */
  readonly admits: string;
  /** What is behind it, in words. */
  readonly reaches?: string;
  /** Why somebody accepted what is wrong with it. */
  readonly accepted: readonly string[];
}

export interface GuardrailInReport {
  readonly guardrail: 'kubelet' | 'apiServer' | 'instanceMetadata' | 'internet';
  readonly denies: string;
  readonly policy: string;
  readonly exemptions: readonly (Omit<Exemption, 'guardrail'> & {
    /** Who could use it besides whom it is for. */
    readonly abusableBy: string;
  })[];
  /** What it lacks here. */
  readonly gaps: readonly string[];
}

export interface Probed {
  readonly enforced: boolean;
  readonly probes: readonly { readonly addedBy: string; readonly stack: string; readonly flows: readonly { readonly name: string; readonly expected: 'allow' | 'deny' }[] }[];
  readonly notProbed: readonly { readonly flow: string; readonly reason: string }[];
}

export interface ImageInReport {
  readonly image: string;
  readonly usedBy: string;
  /** `library`: what the network itself needs. */
  readonly of: 'library' | 'workload';
}

export interface ChartInReport {
  readonly chart: string;
  readonly namespace: string;
  readonly release: string;
  /** `rendered`: as its user gave it, which is not what Helm will render with other values. */
  readonly inView: 'no' | 'rendered';
  readonly objects?: number;
  /** Of a rendered one: what was left out. */
  readonly leftOut?: readonly string[];
}

export interface ResidualRisk {
  readonly risk: string;
  /** What would remove it, as one writes it. */
  readonly removedBy: string;
}
