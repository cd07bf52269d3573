import { Diagnostic } from '../diagnostic';
import { Scheme } from './dialects';
import { Reading } from './reading';
import { isUnknown } from '../policy/syntax';
import { checkNamedSources, SourceFinding } from '../sets/named-sources';

/** Who reaches what an object exposes, as far as it says. */
export interface Exposure {
  readonly subject: string;
  /** `node-ports`: no load balancer, but a port on every node. */
  readonly scheme: Scheme | 'node-ports' | 'unknown';
  /** Who decides that, in words. */
  readonly controller: string;
  /** The ranges it admits, in words where they are not known; nothing where every address is, or nobody knows. */
  readonly sources?: readonly string[];
  /** Who is admitted, in words. */
  readonly admits: string;
  /** What is behind it, in words. */
  readonly reaches?: string;
}

export interface Judged {
  /** None: the object exposes nothing by itself. */
  readonly exposure?: Exposure;
  readonly diagnostics: Diagnostic[];
}

/** Named sources of a load balancer on the internet are no broader than one range of these lengths, all together. */
export const SMALLEST_PREFIX = { 4: 8, 6: 16 } as const;

/** What an object is called, and what is to be written instead. */
export interface Words {
  readonly subject: string;
  readonly controller: string;
  /** Where the scheme and the sources come from, for messages: how each is said. */
  readonly fix: string;
  /** What it means that nothing is said about the scheme. */
  readonly unsaid: string;
  /** Who may name ranges beside its prefix lists, where it names none: then these limit nothing. */
  readonly beside?: string;
}

/** What is wrong with who reaches it. An internal load balancer may admit whoever can route to the VPC; one on the internet names its clients. */
export function judge(reading: Reading, words: Words, publicSubnets: readonly string[] = []): Judged {
  const { subject, controller } = words;
  if (reading.hidden) return unseen(subject, controller, `${reading.hidden} is known only at deployment, and it decides who reaches it`, 'write the value itself');
  const diagnostics: Diagnostic[] = [];
  const { scheme, voids, prefixLists } = reading;
  const known = reading.sources.filter((source) => !isUnknown(source));
  const sources = [...reading.sources.map((source) => isUnknown(source) ? 'a range known at deployment' : source), ...prefixLists.map(describePrefixList)];
  const limited = sources.length > 0 && voids.length === 0;
  if (scheme === undefined) {
    diagnostics.push(problem(subject, 'exposureUnknown', reading.schemeSaid === undefined ? words.unsaid
      : `${reading.schemeSaid}, which is no word of ${controller}: it refuses the object, and a load balancer that exists stays as it is`, words.fix));
  }
  for (const conflict of reading.conflicts) diagnostics.push(problem(subject, 'loadBalancerConflict', conflict, 'remove one of them'));
  for (const { said, effect } of voids) diagnostics.push(problem(subject, 'exposureUnknown', `${said}: ${effect}`, 'remove it, and name the sources'));
  diagnostics.push(...checkSources(subject, reading, scheme, known));
  if (scheme === 'internet-facing' && voids.length === 0) {
    if (sources.length === 0) {
      diagnostics.push(problem(subject, 'loadBalancerOpen',
        `${reading.schemeSaid ?? words.unsaid}, and ${reading.sourcesField} names nobody: its load balancer is open to the internet`, words.fix));
    }
    if (sources.length > 0 && reading.sources.length === 0 && words.beside !== undefined) {
      diagnostics.push(problem(subject, 'loadBalancerOpen', `it names prefix lists and no range in ${reading.sourcesField}: ${words.beside} may name everybody beside them`, words.fix));
    }
    if (reading.sources.length > known.length || prefixLists.length > 0) diagnostics.push(unknownSource(subject, prefixLists));
  }
  diagnostics.push(...checkSubnets(subject, reading, scheme, publicSubnets));
  return {
    exposure: { subject, scheme: scheme ?? 'unknown', controller, ...limited && { sources }, admits: admitted(scheme, sources, voids) },
    diagnostics,
  };
}

/** Something exposes pods, and nobody in view knows to whom. */
export function unseen(subject: string, controller: string, message: string, fix: string): Judged {
  return { exposure: { subject, scheme: 'unknown', controller, admits: 'not known' }, diagnostics: [problem(subject, 'exposureUnknown', message, fix)] };
}

export function problem(subject: string, code: string, message: string, fix: string): Diagnostic {
  return { code, severity: 'error', subject, message, fix, acknowledgeable: true };
}

export function warning(subject: string, code: string, message: string, fix: string): Diagnostic {
  return { ...problem(subject, code, message, fix), severity: 'warning' };
}

const describePrefixList = (id: string): string => `the prefix list ${isUnknown(id) ? 'known at deployment' : id}`;

function admitted(scheme: Scheme | undefined, sources: readonly string[], voids: Reading['voids']): string {
  if (voids.length > 0) return `whoever is let in although ${voids.map(({ said }) => said).join(' and ')}`;
  if (sources.length > 0) return sources.join(', ');
  if (scheme === undefined) return 'not known';
  return scheme === 'internal' ? 'whoever can route to the VPC' : 'everyone on the internet';
}

/** Of an internal load balancer only what no controller could use; of one on the internet also what names nobody. */
function checkSources(subject: string, { sourcesField }: Reading, scheme: Scheme | undefined, sources: readonly string[]): Diagnostic[] {
  const { findings } = checkNamedSources(sources, { addresses: 'any', smallestPrefix: SMALLEST_PREFIX });
  const concerns = (flaw: SourceFinding['flaw']) => scheme === 'internal' ? UNUSABLE.includes(flaw) : true;
  return findings.filter(({ flaw }) => concerns(flaw)).map(({ flaw, problem: said, fix }): Diagnostic => {
    const found = { subject, message: `${sourcesField} got ${said}`, fix };
    if (UNUSABLE.includes(flaw)) return { ...found, code: 'loadBalancerSource', severity: 'error' };
    if (flaw === 'covered') return { ...found, code: 'loadBalancerSourceCovered', severity: 'warning', acknowledgeable: true };
    return { ...found, code: 'loadBalancerOpen', severity: 'error', acknowledgeable: true };
  });
}

const UNUSABLE: readonly SourceFinding['flaw'][] = ['syntax', 'hostBits'];

function unknownSource(subject: string, prefixLists: readonly string[]): Diagnostic {
  return warning(subject, 'loadBalancerSourceUnknown',
    prefixLists.length > 0 ? `it admits ${prefixLists.map(describePrefixList).join(', ')}, and which addresses that holds cannot be checked`
      : 'a source range is known only at deployment, so how broad it is cannot be checked',
    prefixLists.length > 0 ? 'name the ranges, or acknowledge what the list holds' : 'write the range itself, or acknowledge what it will be');
}

function checkSubnets(subject: string, { subnets, subnetsField }: Reading, scheme: Scheme | undefined, publicSubnets: readonly string[]): Diagnostic[] {
  const open = scheme === 'internal' ? subnets.filter((subnet) => publicSubnets.includes(subnet)) : [];
  return open.length === 0 ? [] : [warning(subject, 'loadBalancerSubnetPublic',
    `${subnetsField} names ${open.map((subnet) => isUnknown(subnet) ? 'a public subnet' : `${subnet}, a public subnet`).join(', ')}: nothing but its scheme keeps an internal load balancer there from the internet`,
    'leave the subnets out, or name private ones')];
}
