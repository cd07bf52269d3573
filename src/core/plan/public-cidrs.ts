import { Diagnostic } from '../diagnostic';
import { Cidr } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';
import { checkNamedSources, SourceFinding, SourceFlaw, SourceRules } from '../sets/named-sources';

/** https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html, L-93A74D60: not adjustable. */
export const MAX_PUBLIC_CIDRS = 40;

/**
 * As many addresses as the largest VPC has, https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html. What is
 * broader is a provider's pool, in which anybody may rent an address; who owns more says so by acknowledging it.
 */
export const SMALLEST_PUBLIC_PREFIX = 16;

/** The endpoint of an IPv4 cluster has IPv4 addresses only. */
const RULES: SourceRules = { addresses: 'public', smallestPrefix: { 4: SMALLEST_PUBLIC_PREFIX } };

/** Whose list it is, in the words of a message. */
export interface PublicCidrsOrigin {
  readonly subject: string;
  /** What comes before the value: `publicFrom() got`. */
  readonly got: string;
}

const USERS_LIST: PublicCidrsOrigin = { subject: 'endpointAccess', got: 'publicFrom() got' };

type Verdict = Pick<Diagnostic, 'code' | 'severity' | 'acknowledgeable'> & { readonly because?: string; readonly fix?: string };

const VERDICTS: Record<SourceFlaw, Verdict> = {
  syntax: { code: 'endpointCidrSyntax', severity: 'error' },
  family: { code: 'endpointCidrIpv6', severity: 'error' },
  hostBits: { code: 'endpointCidrHostBits', severity: 'error' },
  // https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html: a block "cannot include reserved addresses".
  special: { code: 'endpointCidrReserved', severity: 'error', because: ', and EKS refuses a range that includes one', fix: 'name public ranges here, and private ones in withPrivateSources()' },
  everything: { code: 'endpointOpenToWorld', severity: 'error', fix: 'name the CIDRs that need the endpoint, or use ClusterEndpointAccess.PRIVATE' },
  broad: { code: 'endpointCidrBroad', severity: 'error', acknowledgeable: true, fix: 'name the ranges of those who need the endpoint, or acknowledge it where all of it is yours' },
  covered: { code: 'endpointCidrDuplicate', severity: 'warning' },
};

/** What is wrong with the allow list of a public endpoint, and what of it may stand in the template. */
export function checkPublicCidrs(cidrs: readonly Cidr[], origin: PublicCidrsOrigin = USERS_LIST): { accepted: readonly Cidr[]; diagnostics: Diagnostic[] } {
  const { subject, got } = origin;
  const literals = cidrs.filter((cidr): cidr is string => typeof cidr === 'string');
  const { findings, accepted } = checkNamedSources(literals, RULES);
  const diagnostics = [...findings.map((finding) => judged(finding, origin)), ...cidrs.flatMap((cidr) => typeof cidr === 'string' ? [] : [unknown(cidr.opaque, origin)])];
  if (cidrs.length === 0) {
    diagnostics.push({
      code: 'endpointCidrMissing', severity: 'error', subject,
      message: `${got} no CIDR, and EKS reads an empty list as 0.0.0.0/0`,
      fix: 'name the CIDRs that may reach the endpoint, or use ClusterEndpointAccess.PRIVATE',
    });
  }
  const rest = [...accepted];
  // In the order of the list; of twice the same the first stays.
  const kept = cidrs.filter((cidr) => typeof cidr !== 'string' || (rest.includes(cidr) && rest.splice(rest.indexOf(cidr), 1).length === 1));
  if (kept.length > MAX_PUBLIC_CIDRS) {
    const merged = CidrSet.of(...accepted).toCidrs().length + kept.length - accepted.length;
    diagnostics.push({
      code: 'endpointCidrTooMany', severity: 'error', subject,
      message: `${got} ${kept.length} CIDRs, and EKS takes ${MAX_PUBLIC_CIDRS}`,
      fix: merged <= MAX_PUBLIC_CIDRS ? `merge neighbouring ranges, which makes them ${merged}` : 'leave some out, or reach the private endpoint through a VPN',
    });
  }
  return { accepted: kept.slice(0, MAX_PUBLIC_CIDRS), diagnostics };
}

/** A broad range is a subject of its own: accepting one accepts no other. */
function judged({ flaw, source, problem, fix }: SourceFinding, { subject, got }: PublicCidrsOrigin): Diagnostic {
  const { because = '', fix: better = fix, ...verdict } = VERDICTS[flaw];
  return { ...verdict, subject: flaw === 'broad' && source !== undefined ? `${subject} ${source}` : subject, message: `${got} ${problem}${because}`, fix: better };
}

function unknown(name: string, { subject, got }: PublicCidrsOrigin): Diagnostic {
  return {
    code: 'endpointCidrUnknown', severity: 'warning', subject, acknowledgeable: true,
    message: `${got} ${name}, whose value only the deployment knows: whether it is public and how broad it is was not checked`,
    fix: 'write the CIDR itself, or check the value where it is set',
  };
}
