import { ExemptionIntent, Labels, Peer, PortIntent, TrafficIntent } from '../policy/intent';

/** Where a connection is tried to: a host by name, address or as a pod is told it (`env:NAME`), or a name to be resolved. */
export interface ProbeTarget {
  readonly kind: 'tcp' | 'dns';
  readonly host: string;
  readonly port?: number;
}

/** As whom connections are tried. */
export interface ProbeIdentity {
  /** Part of the name of its Job. */
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly labels: Labels;
  /** Somebody else's, which exists and is only borrowed. */
  readonly borrowed?: boolean;
}

/** One connection, as it is tried and as the model knows it. */
export interface ProbeCheck {
  readonly flow: string;
  /** Name of the identity. */
  readonly by: string;
  readonly expected: 'allow' | 'deny';
  readonly target: ProbeTarget;
  readonly destination: Peer;
  readonly ports: readonly PortIntent[];
}

/** What is tried for one statement: what holds, and with each denial its positive twin. */
export interface ProbeFlow {
  readonly name: string;
  readonly checks: readonly ProbeCheck[];
  /** Construct paths of what must be deployed for it. */
  readonly needs: readonly string[];
  /** Names of the rules of the probe's own that its twins need. */
  readonly rules: readonly string[];
  /** Of the expectation, where it is one. */
  readonly origin?: string;
}

export interface NotProbed {
  readonly flow: string;
  readonly reason: string;
  readonly origin?: string;
}

export interface ProbePlan {
  readonly identities: readonly ProbeIdentity[];
  readonly flows: readonly ProbeFlow[];
  /** What the probe allows itself while it runs. */
  readonly rules: readonly TrafficIntent[];
  readonly exemptions: readonly (ExemptionIntent & { readonly reason: string })[];
  readonly notProbed: readonly NotProbed[];
}

/** Everyone reaches it who is allowed, and judges: the identity of every positive twin. */
export const JUDGE = 'judge';
/** A pod to which nobody granted anything. */
export const STRANGER = 'stranger';
/** What is there to be reached. */
export const TARGET = 'target';
