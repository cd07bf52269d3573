import { Diagnostic } from '../diagnostic';
import { isVpcRange } from './address-ranges';
import { formatRange, ipv4, Ipv4Range, parseIpv4 } from './ipv4';
import { Cidr } from '../policy/policy';

export const DEFAULT_VPC_CIDR = '10.0.0.0/16';

/** AWS takes /16 to /28; below /20 the smaller tiers would fall under AWS' smallest subnet, /28. */
const SHORTEST_PREFIX = 16;
const LONGEST_PREFIX = 20;

/** The range of a VPC that we make. */
export function planVpcRange(requested: Cidr | undefined): { plan: Ipv4Range; diagnostics: Diagnostic[] } {
  const error = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject: 'vpcCidr', message, fix });
  const substitute = ipv4(DEFAULT_VPC_CIDR);
  const cidr = requested ?? DEFAULT_VPC_CIDR;
  if (typeof cidr !== 'string') {
    return { plan: substitute, diagnostics: [error('vpcCidrUnknown', `it is ${cidr.opaque}, and the ranges of subnets are laid out at synthesis`, 'write the CIDR itself')] };
  }
  const parsed = parseIpv4(cidr);
  if (!parsed) return { plan: substitute, diagnostics: [error('vpcCidrSyntax', `'${cidr}' is no IPv4 CIDR`, `write one such as ${DEFAULT_VPC_CIDR}`)] };
  const { range, hostBits } = parsed;
  const found: Diagnostic[] = [];
  if (hostBits) found.push(error('vpcCidrHostBits', `'${cidr}' has bits set behind its prefix of ${range.prefix}`, `write '${formatRange(range)}'`));
  if (!isVpcRange(range)) found.push(error('vpcCidrNotPrivate', `'${cidr}' is not a private range (RFC 1918 or 100.64.0.0/10)`, `use a range such as ${DEFAULT_VPC_CIDR}`));
  const fits = range.prefix >= SHORTEST_PREFIX && range.prefix <= LONGEST_PREFIX;
  if (!fits) {
    found.push(error('vpcCidrSize', `'${cidr}' has a prefix of ${range.prefix}, and the address plan takes /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`, `use a range such as ${DEFAULT_VPC_CIDR}, or give a VPC of your own`));
  }
  return { plan: fits ? range : substitute, diagnostics: found };
}
