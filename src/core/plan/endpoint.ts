import { Diagnostic } from '../diagnostic';
import { formatRange, isIpv6Cidr, parseIpv4 } from './ipv4';
import { Cidr } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';
import { specialNames } from '../sets/special-ranges';

/** Who may open a connection to the API endpoint, as the user wrote it. */
export interface EndpointRequest {
  /** Undefined: there is no public endpoint. An empty list is a mistake, never the internet. */
  readonly publicCidrs?: readonly Cidr[];
  readonly privateSources?: readonly PrivateSource[];
}

/** Who reaches the private endpoint besides the nodes. */
export interface PrivateSource {
  /** Unique: `10.1.0.0/16`, the id of a group or of a prefix list. */
  readonly name: string;
  /** Of an address source. */
  readonly cidr?: Cidr;
}

export interface EndpointPlan {
  /** Empty: there is no public endpoint. */
  readonly publicCidrs: readonly Cidr[];
  /** Names of the sources that are admitted. */
  readonly privateSources: readonly string[];
}

/** https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html, L-93A74D60. */
export const MAX_PUBLIC_CIDRS = 40;

const SUBJECT = 'endpointAccess';
type Finding = Omit<Diagnostic, 'subject' | 'severity'> & { readonly severity?: Diagnostic['severity'] };
const finding = (found: Finding): Diagnostic => ({ severity: 'error', subject: SUBJECT, ...found });

export function planEndpoint(request: EndpointRequest): { plan: EndpointPlan; diagnostics: Diagnostic[] } {
  const accepted: Cidr[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const cidr of request.publicCidrs ?? []) {
    const found = typeof cidr === 'string' ? checkPublicCidr(cidr) ?? repeated(cidr, accepted) : unknown(cidr.opaque);
    if (found) diagnostics.push(found);
    if (!found || (typeof cidr !== 'string')) accepted.push(cidr);
  }
  if (request.publicCidrs?.length === 0) {
    diagnostics.push(finding({
      code: 'endpointCidrMissing',
      message: 'publicFrom() got no CIDR, and EKS reads an empty list as 0.0.0.0/0',
      fix: 'name the CIDRs that may reach the endpoint, or use ClusterEndpointAccess.PRIVATE',
    }));
  }
  if (accepted.length > MAX_PUBLIC_CIDRS) {
    diagnostics.push(finding({
      code: 'endpointCidrTooMany',
      message: `publicFrom() got ${accepted.length} CIDRs, and EKS takes ${MAX_PUBLIC_CIDRS}`,
      fix: 'merge neighbouring ranges, or reach the private endpoint through a VPN',
    }));
  }
  const sources = request.privateSources ?? [];
  const open = sources.filter(({ cidr }) => typeof cidr === 'string' && cidr.endsWith('/0'));
  diagnostics.push(...open.map(({ cidr }) => finding({
    code: 'privateSourceOpenToWorld',
    message: `withPrivateSources() got '${String(cidr)}', which is every address`,
    fix: 'name the ranges, security groups or prefix lists that need the endpoint',
  })));
  return {
    plan: {
      publicCidrs: accepted.slice(0, MAX_PUBLIC_CIDRS),
      privateSources: [...new Set(sources.filter((source) => !open.includes(source)).map(({ name }) => name))],
    },
    diagnostics,
  };
}

/** What is wrong with one CIDR of the public allow list; undefined where nothing is. */
export function checkPublicCidr(cidr: string): Diagnostic | undefined {
  const parsed = parseIpv4(cidr);
  if (isIpv6Cidr(cidr)) {
    return finding({
      code: cidr.endsWith('/0') ? 'endpointOpenToWorld' : 'endpointCidrIpv6',
      message: `publicFrom() got '${cidr}', and the endpoint of an IPv4 cluster takes IPv4 CIDRs only`,
      fix: 'write the IPv4 ranges of the same sources',
    });
  }
  if (!parsed) {
    return finding({ code: 'endpointCidrSyntax', message: `publicFrom() got '${cidr}', which is no IPv4 CIDR`, fix: 'write an address and a prefix length, such as 52.94.76.0/24' });
  }
  const { range, hostBits } = parsed;
  if (range.prefix === 0) {
    return finding({
      code: 'endpointOpenToWorld',
      message: `publicFrom() got '${cidr}', which is every address`,
      fix: 'name the CIDRs that need the endpoint, or use ClusterEndpointAccess.PRIVATE',
    });
  }
  if (hostBits) {
    return finding({
      code: 'endpointCidrHostBits',
      message: `publicFrom() got '${cidr}', which has bits set behind its prefix of ${range.prefix}`,
      fix: `write '${formatRange(range)}' for the range, or '${cidr.split('/')[0]}/32' for the one address`,
    });
  }
  const [special] = specialNames(CidrSet.of(cidr));
  if (special) {
    return finding({
      code: 'endpointCidrReserved',
      message: `publicFrom() got '${cidr}', which holds ${special} addresses: EKS refuses them, and nobody reaches a public endpoint from one`,
      fix: 'name public ranges here, and private ones in withPrivateSources()',
    });
  }
  return undefined;
}

function repeated(cidr: string, accepted: readonly Cidr[]): Diagnostic | undefined {
  return accepted.includes(cidr)
    ? finding({ code: 'endpointCidrDuplicate', severity: 'warning', message: `publicFrom() got '${cidr}' twice`, fix: 'write it once' })
    : undefined;
}

function unknown(name: string): Diagnostic {
  return finding({
    code: 'endpointCidrUnknown',
    severity: 'warning',
    message: `publicFrom() got ${name}, whose value only the deployment knows: whether it is public and how broad it is was not checked`,
    fix: 'write the CIDR itself, or check the value where it is set',
  });
}
