import { Diagnostic } from '../diagnostic';
import { Exposure } from '../load-balancer/judgement';
import { EmittedPlan, EnforcementModes } from '../policy/enforcement';
import { ExemptionIntent } from '../policy/intent';
import { PolicySet } from '../policy/policy';

/** Everything that follows from what was said about a cluster's network. */
export interface NetworkDecision {
  /** As emitted: staged where it is to have no effect. */
  readonly plan: EmittedPlan;
  /** Ours and the users', as evaluated: all of ours enforced. */
  readonly policies: PolicySet;
  /** Who added each policy, by its key. */
  readonly origins: ReadonlyMap<string, string>;
  readonly workloads: readonly WorkloadFlows[];
  readonly exposures: readonly Exposure[];
  /** Every exemption, those of a hardened kube-system included. */
  readonly exemptions: readonly Exemption[];
  readonly expectations: readonly ExpectationResult[];
  readonly modes: EnforcementModes;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Exemption extends Pick<ExemptionIntent, 'guardrail' | 'namespace' | 'serviceAccounts'> {
  readonly reason: string;
  /** Whether it rests on the claim that only the platform makes pods there, or on nothing. */
  readonly identity: 'system' | 'claimed' | 'open';
}

/** What a workload may do, and who may reach it. */
export interface WorkloadFlows {
  /** `web/web`. */
  readonly name: string;
  readonly kind: string;
  /** Outside the default deny, by its namespace or by the host's network. */
  readonly outside: boolean;
  /** Its namespace is not enforced: none of this binds it yet. */
  readonly staged?: boolean;
  readonly reaches: readonly Flow[];
  readonly reachedBy: readonly Flow[];
  /** Places that everyone asks about, denied for every connection. */
  readonly denied: readonly Flow[];
  /** Of a staged one: what a policy of a team allows now, and a guardrail denies once it is enforced. */
  readonly lost?: readonly Flow[];
}

/** Connections with one fate, to or from one peer. */
export interface Flow {
  readonly peer: string;
  readonly connections: string;
  /** `GlobalNetworkPolicy/eks-allow.web-to-api-egress rule 0`, of both ends where both decide. */
  readonly because: string;
  readonly undetermined?: boolean;
}

export interface ExpectationResult {
  /** Construct path. */
  readonly origin: string;
  readonly source: string;
  readonly destination: string;
  readonly connections: string;
  readonly expected: 'allow' | 'deny';
  readonly result: 'met' | 'unmet' | 'undetermined';
  /** What decided. */
  readonly because: string;
  /** Where something is staged: whether it holds already, and what decides now. `result` is once everything is enforced. */
  readonly now?: Pick<ExpectationResult, 'result' | 'because'>;
}
