import { PROBE_FLOWS, ProbeFlowKind } from './built-in-flows';
import { INTERNET_TARGET } from './probe-facts';
import { Diagnostic } from '../diagnostic';
import { NOT_PUBLIC_IPV4 } from '../policy/facts';
import { CidrSet, parseCidr } from '../sets';

/** A probe as its user wrote it. */
export interface ProbeOptionsRequest {
  /** How messages call it. */
  readonly subject: string;
  readonly flows?: readonly string[];
  readonly image?: string;
  readonly internetTarget?: string;
  readonly internetPort?: number;
  /** Undefined is a default, NaN a value that only the deployment knows. */
  readonly timeoutSeconds?: number;
  readonly holdSeconds?: number;
  /** Whether connections are known to leave the VPC. */
  readonly wayOut: boolean;
  /** Whether a text or a number is known only at deployment. */
  readonly isToken: (value: unknown) => boolean;
}

export interface ProbeOptionsPlan {
  readonly flows: readonly ProbeFlowKind[];
  /** Absent: the one that the cluster's registry has. */
  readonly image?: string;
  readonly internet?: { readonly host: string; readonly port: number };
  readonly timeoutSeconds: number;
  readonly holdSeconds: number;
}

export const PROBE_DEFAULTS = { timeoutSeconds: 300, holdSeconds: 10 };

/** Least and most: Helm waits a minute longer than a run, and may wait twice, within the fifteen minutes of a function. */
const RANGES = { timeoutSeconds: [120, 360], holdSeconds: [5, 60] } as const;

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*$/;

/** Every default in one place; what is wrong is replaced by its default. */
export function planProbeOptions(request: ProbeOptionsRequest): { options: ProbeOptionsPlan; diagnostics: Diagnostic[] } {
  const { subject, flows = PROBE_FLOWS, image, internetTarget, internetPort, wayOut, isToken } = request;
  const diagnostics: Diagnostic[] = [];
  const error = (code: string, message: string, fix: string) => diagnostics.push({ code, severity: 'error', subject, message, fix });
  const known = [...new Set(flows)].filter((flow): flow is ProbeFlowKind => (PROBE_FLOWS as readonly string[]).includes(flow));
  for (const flow of flows.filter((each) => !(PROBE_FLOWS as readonly string[]).includes(each))) {
    error('probeFlowUnknown', `flows has ${isToken(flow) ? 'a value known only at deployment' : `'${flow}'`}, and a probe knows ${PROBE_FLOWS.join(', ')}`, 'name one of these with EnforcementFlow');
  }
  if (flows.length === 0) error('probeFlowsMissing', 'flows is empty, and an empty list never means everything', 'leave flows out for all of them, or name some');
  if (image !== undefined && !isToken(image) && !/^[^\s@]+(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/.test(image)) {
    error('probeImage', `image is '${image}', which is no reference of an image`, 'write registry/name:tag, or registry/name@sha256:digest');
  }
  const host = internetTarget ?? (wayOut ? INTERNET_TARGET.host : undefined);
  const port = internetPort ?? INTERNET_TARGET.port;
  const broken = hostProblem(internetTarget, isToken);
  if (broken) error('probeInternetTarget', `internetTarget is ${broken}`, 'name a host outside the VPC that a pod with the right reaches, without a scheme or port');
  const portKnown = !isToken(port) && Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (!portKnown) error('probeInternetTarget', `internetPort is ${isToken(port) ? 'known only at deployment, and a policy of the probe is to name it' : port}`, 'write a port from 1 to 65535');
  if (internetPort !== undefined && host === undefined) error('probeInternetTarget', 'internetPort is given without internetTarget', 'name the host too');
  const number = (member: keyof typeof RANGES, what: string): number => {
    const value = request[member];
    const [least, most] = RANGES[member];
    if (value === undefined || (value >= least && value <= most)) return value ?? PROBE_DEFAULTS[member];
    error('probeTime', `${what} is ${Number.isNaN(value) ? 'known only at deployment' : `${value} s`}, and it must be ${least} to ${most} s`, `write Duration.seconds() from ${least} to ${most}`);
    return PROBE_DEFAULTS[member];
  };
  return {
    options: {
      flows: known.length > 0 ? known : PROBE_FLOWS,
      ...image !== undefined && { image },
      ...host !== undefined && !broken && portKnown && { internet: { host, port } },
      timeoutSeconds: number('timeoutSeconds', 'timeout'),
      holdSeconds: number('holdSeconds', 'hold'),
    },
    diagnostics,
  };
}

function hostProblem(host: string | undefined, isToken: ProbeOptionsRequest['isToken']): string | undefined {
  if (host === undefined || isToken(host)) return undefined;
  const address = parseCidr(host);
  if (address && !CidrSet.of(host).intersect(CidrSet.of(...NOT_PUBLIC_IPV4)).isEmpty()) return `'${host}', which is no public address`;
  return HOST_NAME.test(host) ? undefined : `'${host}', which is no name of a host`;
}
