import { Diagnostic } from '../diagnostic';
import { Cidr } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';
import { checkNamedSources, SourceFlaw, SourceRules } from '../sets/named-sources';
import { RFC1918, SHARED, specialNames } from '../sets/special-ranges';

/** Who reaches the private endpoint besides the nodes. */
export interface PrivateSource {
  /** Unique: what tells its rule from others. */
  readonly id: string;
  /** In words: `range 10.1.0.0/16`, `security group Demo/Runner`, `prefix list pl-1`. */
  readonly name: string;
  /** Of an address source. */
  readonly cidr?: Cidr;
}

/** All private networks together are a little more than a /8: what is broader than twice that names nobody. */
const RULES: SourceRules = { addresses: 'any', smallestPrefix: { 4: 7 } };
const PRIVATE = [...RFC1918, ...SHARED].reduce((all, { set }) => all.union(set), CidrSet.EMPTY);
const NAME_THEM = 'name the ranges, security groups or prefix lists that need the endpoint';

const CODES: Record<Exclude<SourceFlaw, 'covered' | 'special'>, { readonly code: string; readonly fix?: string }> = {
  syntax: { code: 'privateSourceSyntax' },
  family: { code: 'privateSourceIpv6', fix: 'write the IPv4 ranges of the same sources: the private endpoint of an IPv4 cluster has IPv4 addresses only' },
  hostBits: { code: 'privateSourceHostBits' },
  everything: { code: 'privateSourceOpenToWorld', fix: NAME_THEM },
  broad: { code: 'privateSourceOpenToWorld', fix: NAME_THEM },
};

/** Which private sources are admitted, each once, and what is wrong with the others. */
export function planPrivateSources(sources: readonly PrivateSource[]): { accepted: readonly PrivateSource[]; diagnostics: Diagnostic[] } {
  const each = [...new Map(sources.map((source) => [source.id, source])).values()];
  const ranges = each.flatMap(({ cidr }) => typeof cidr === 'string' ? [cidr] : []);
  // A range in another is no mistake here: each stands for a network that somebody names.
  const wrong = checkNamedSources(ranges, RULES).findings.filter(({ flaw }) => flaw !== 'covered');
  const together = wrong.some(({ source }) => source === undefined);
  const refused = ({ cidr }: PrivateSource) => typeof cidr === 'string' && (together || wrong.some(({ source }) => source === cidr));
  const accepted = each.filter((source) => !refused(source));
  return { accepted, diagnostics: [...wrong.map(({ flaw, problem, fix }) => said({ fix, ...CODES[flaw as keyof typeof CODES], severity: 'error', problem })), ...accepted.flatMap(doubtsAbout)] };
}

function doubtsAbout({ name, cidr }: PrivateSource): Diagnostic[] {
  if (cidr === undefined) return [];
  if (typeof cidr !== 'string') {
    return [said({
      code: 'privateSourceUnknown', severity: 'warning', acknowledgeable: true, problem: `${name}, whose value only the deployment knows: whether it is private and how broad it is was not checked`,
      fix: 'write the CIDR itself, or check the value where it is set',
    })];
  }
  const set = CidrSet.of(cidr);
  if (PRIVATE.covers(set)) return [];
  return [said({
    code: 'privateSourceNotPrivate', severity: 'warning', acknowledgeable: true,
    problem: `'${cidr}', which is not inside RFC 1918 or RFC 6598${specialNames(set).length > 0 ? ` but holds ${specialNames(set).join(', ')}` : ''}: nobody comes from the internet to the private endpoint, so this admits somebody only where your own network uses such addresses`,
    fix: 'name the private ranges, or the public ones in publicFrom()',
  })];
}

function said({ problem, ...rest }: Omit<Diagnostic, 'subject' | 'message'> & { readonly problem: string }): Diagnostic {
  return { ...rest, subject: 'endpointAccess', message: `withPrivateSources() got ${problem}` };
}
