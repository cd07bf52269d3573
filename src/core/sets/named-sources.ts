import { CidrSet, Family, parseCidr } from './cidr-set';
import { PUBLIC_ADDRESSES, specialNames } from './special-ranges';

/** What a list of sources has to be, so that it names somebody. */
export interface SourceRules {
  /** `public`: none of them may hold an address that nobody on the internet has. `any`: they may. */
  readonly addresses: 'public' | 'any';
  /** Broader than one range of this length, alone or together, names nobody. A family that is left out is not taken. */
  readonly smallestPrefix: Readonly<Partial<Record<Family, number>>>;
}

/**
 * What is wrong:
 * - `syntax`: no CIDR with its prefix length
 * - `family`: an IP version that is not taken
 * - `hostBits`: bits set behind the prefix
 * - `special`: it holds addresses that nobody on the internet has
 * - `everything`: it is, or all of them add up to, at least half of what there is
 * - `broad`: it is, or those that are not broad by themselves add up to, more than one range of the smallest prefix
 * - `covered`: another one holds it all
 */
export type SourceFlaw = 'syntax' | 'family' | 'hostBits' | 'special' | 'everything' | 'broad' | 'covered';

/** A finding about one source or about all together; whoever asked adds subject, code and severity. */
export interface SourceFinding {
  readonly flaw: SourceFlaw;
  /** Undefined: about all together. */
  readonly source?: string;
  /** Follows the words "it got". */
  readonly problem: string;
  readonly fix: string;
}

export interface CheckedSources {
  readonly findings: readonly SourceFinding[];
  /** Those that may stand in a template, in the order of the list: neither refused nor covered. Broad ones are among them. */
  readonly accepted: readonly string[];
}

interface Entry {
  readonly source: string;
  readonly family: Family;
  readonly set: CidrSet;
  readonly finding?: SourceFinding;
}

/**
 * What is wrong with a list of named sources, given as text. Many parts of the internet are the internet: what decides is
 * the union, not each by itself. Where it is everything, nothing of it is accepted.
 */
export function checkNamedSources(sources: readonly string[], rules: SourceRules): CheckedSources {
  const entries = sources.map((source) => judge(source, rules));
  const usable = entries.filter(({ finding }) => !finding || finding.flaw === 'broad');
  const redundant = usable.flatMap((entry, index) => {
    const other = usable.find(({ set }, at) => at !== index && set.covers(entry.set) && (at < index || !entry.set.covers(set)));
    return other ? [{ entry, finding: coveredBy(entry.source, other) }] : [];
  });
  const findings = entries.flatMap(({ finding }) => finding ?? []);
  const everything = findings.some(({ flaw }) => flaw === 'everything') ? [] : addUpToEverything(entries, rules);
  const all = [...findings, ...redundant.map(({ finding }) => finding), ...everything, ...everything.length > 0 ? [] : addUpBroad(usable, rules)];
  const open = all.some(({ flaw }) => flaw === 'everything');
  return { findings: all, accepted: open ? [] : usable.filter((entry) => !redundant.some((each) => each.entry === entry)).map(({ source }) => source) };
}

/** The first thing that is wrong with one source by itself. */
function judge(source: string, rules: SourceRules): Entry {
  const parsed = parseCidr(source);
  if (!parsed?.masked) {
    const problem = parsed ? `'${source}', which has no prefix length` : `'${source}', which is no CIDR`;
    const fix = parsed ? `write '${source}/${parsed.prefix}' for the one address` : 'write an address and a prefix length, such as 52.94.76.0/24';
    return { source, family: 4, set: CidrSet.EMPTY, finding: { flaw: 'syntax', source, problem, fix } };
  }
  const { family, prefix, hostBits, set } = parsed;
  const found = (flaw: SourceFlaw, problem: string, fix: string): Entry => ({ source, family, set, finding: { flaw, source, problem: `'${source}', ${problem}`, fix } });
  const smallest = rules.smallestPrefix[family];
  if (prefix === 0) return found('everything', `which is every address of IPv${family}`, NAME_THEM);
  if (smallest === undefined) return found('family', `which is IPv${family}, and only IPv${family === 4 ? 6 : 4} is taken`, `write the IPv${family === 4 ? 6 : 4} ranges of the same sources`);
  if (hostBits) {
    const single = `${source.split('/')[0]}/${family === 4 ? 32 : 128}`;
    return found('hostBits', `which has bits set behind its prefix of ${prefix}`, `write '${set.toString()}' for the range, or '${single}' for the one address`);
  }
  const special = rules.addresses === 'public' ? specialNames(set) : [];
  if (special.length > 0) return found('special', `which holds addresses that nobody on the internet has: ${special.join(', ')}`, 'name public ranges');
  if (prefix < smallest) return found('broad', `which is broader than a /${smallest}`, NAME_THEM);
  return { source, family, set };
}

const NAME_THEM = 'name the ranges of those who need it';

function coveredBy(source: string, other: Entry): SourceFinding {
  const problem = other.source === source ? `'${source}' twice` : `'${source}', which '${other.source}' holds already`;
  return { flaw: 'covered', source, problem, fix: other.source === source ? 'write it once' : 'leave it out' };
}

/** Also by those that are refused for another reason: two halves are named by nobody for what they hold of private ranges. */
function addUpToEverything(entries: readonly Entry[], { addresses }: SourceRules): SourceFinding[] {
  const whole = addresses === 'public' ? PUBLIC_ADDRESSES : CidrSet.ALL;
  return families(entries).flatMap(([family, set]) => {
    // Half of what there is, with or without the addresses that nobody has.
    const shares = [CidrSet.family(family), whole.intersect(CidrSet.family(family))].map((all) => ({ all, held: set.intersect(all) }));
    if (shares.every(({ all, held }) => held.size * 2n < all.size)) return [];
    const share = shares.some(({ all, held }) => held.equals(all)) ? 'every address' : 'at least half of all addresses';
    return [{ flaw: 'everything' as const, problem: `ranges that add up to ${share} of IPv${family}`, fix: NAME_THEM }];
  });
}

/** What is broad by itself is said of itself: accepting that is no reason to count it again. */
function addUpBroad(usable: readonly Entry[], { smallestPrefix }: SourceRules): SourceFinding[] {
  return families(usable.filter(({ finding }) => !finding)).flatMap(([family, set]) => {
    const smallest = smallestPrefix[family]!;
    const most = 1n << BigInt((family === 4 ? 32 : 128) - smallest);
    return set.size <= most ? [] : [{
      flaw: 'broad' as const, problem: `ranges that together are broader than a /${smallest}${family === 6 ? ' of IPv6' : ''}: ${set.size} addresses`, fix: NAME_THEM,
    }];
  });
}

function families(entries: readonly Entry[]): [Family, CidrSet][] {
  return ([4, 6] as const).map((family): [Family, CidrSet] =>
    [family, entries.filter((entry) => entry.family === family).reduce((all, { set }) => all.union(set), CidrSet.EMPTY)]).filter(([, set]) => !set.isEmpty());
}
