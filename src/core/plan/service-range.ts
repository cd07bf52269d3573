import { Diagnostic } from '../diagnostic';
import { isRfc1918 } from './address-ranges';
import { formatAddress, formatRange, ipv4, Ipv4Range, overlaps, parseIpv4 } from './ipv4';
import { Cidr } from '../policy/policy';

/** One of the two that EKS itself chooses from. Fixed, and never chosen by what is seen of a VPC: its change replaces the cluster. */
export const DEFAULT_SERVICE_CIDR = '172.20.0.0/16';

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html */
const SHORTEST_PREFIX = 12;
const LONGEST_PREFIX = 24;

export interface ServiceRange {
  readonly cidr: Cidr;
  /** EKS gives the cluster's DNS Service the tenth address; undefined where the range is a token. */
  readonly clusterDnsIp?: string;
}

export function planServiceRange(requested: Cidr | undefined, vpcRanges: readonly Cidr[]): { plan: ServiceRange; diagnostics: Diagnostic[] } {
  const cidr = requested ?? DEFAULT_SERVICE_CIDR;
  if (typeof cidr !== 'string') {
    const found: Diagnostic = {
      code: 'serviceCidrUnknown',
      severity: 'warning',
      subject: 'serviceIpv4Cidr',
      message: `it is ${cidr.opaque}, whose value only the deployment knows: an overlap with the VPC was not checked, and the cluster's DNS address is not known`,
      fix: 'write the CIDR itself',
    };
    return { plan: { cidr }, diagnostics: [found] };
  }
  const diagnostics = checkServiceRange(cidr, vpcRanges);
  const range = parseIpv4(cidr)?.range ?? ipv4(DEFAULT_SERVICE_CIDR);
  return { plan: { cidr: formatRange(range), clusterDnsIp: formatAddress(range.base + 10) }, diagnostics };
}

function checkServiceRange(cidr: string, vpcRanges: readonly Cidr[]): Diagnostic[] {
  const error = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject: 'serviceIpv4Cidr', message, fix });
  const parsed = parseIpv4(cidr);
  if (!parsed) return [error('serviceCidrSyntax', `'${cidr}' is no IPv4 CIDR`, `write one such as ${DEFAULT_SERVICE_CIDR}`)];
  const { range, hostBits } = parsed;
  const found: Diagnostic[] = [];
  if (hostBits) found.push(error('serviceCidrHostBits', `'${cidr}' has bits set behind its prefix of ${range.prefix}`, `write '${formatRange(range)}'`));
  if (!isRfc1918(range)) {
    found.push(error('serviceCidrNotPrivate', `'${cidr}' is not inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as EKS demands`, `use a private range such as ${DEFAULT_SERVICE_CIDR}`));
  }
  if (range.prefix < SHORTEST_PREFIX || range.prefix > LONGEST_PREFIX) {
    found.push(error('serviceCidrSize', `'${cidr}' has a prefix of ${range.prefix}, and EKS takes /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`, `use a range such as ${DEFAULT_SERVICE_CIDR}`));
  }
  for (const vpc of vpcRanges) {
    const other: Ipv4Range | undefined = typeof vpc === 'string' ? parseIpv4(vpc)?.range : undefined;
    if (other && overlaps(other, range)) {
      found.push(error('serviceCidrOverlap', `'${cidr}' overlaps '${formatRange(other)}' of the VPC, whose addresses pods could then not reach`, 'set serviceIpv4Cidr to a private range outside the VPC, such as 10.100.0.0/16'));
    }
  }
  return found;
}
