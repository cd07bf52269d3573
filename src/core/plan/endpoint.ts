import { Diagnostic } from '../diagnostic';
import { planPrivateSources, PrivateSource } from './private-sources';
import { checkPublicCidrs } from './public-cidrs';
import { Cidr } from '../policy/policy';
import { CidrSet } from '../sets/cidr-set';
import { checkNamedSources } from '../sets/named-sources';

/** Who may open a connection to the API endpoint, as the user wrote it. */
export interface EndpointRequest {
  /** Undefined: there is no public endpoint. An empty list is a mistake, never the internet. */
  readonly publicCidrs?: readonly Cidr[];
  readonly privateSources?: readonly PrivateSource[];
  /** By which public addresses the VPC's own traffic leaves. Undefined: not known. */
  readonly egressAddresses?: readonly Cidr[];
}

export interface EndpointPlan {
  /** Empty: there is no public endpoint. */
  readonly publicCidrs: readonly Cidr[];
  /** Those that are admitted. */
  readonly privateSources: readonly PrivateSource[];
  /** Whether pods that may reach the internet reach the public endpoint, which no policy tells from the rest of the internet. */
  readonly openToPods: OpenToPods;
}

export interface OpenToPods {
  readonly verdict: 'yes' | 'no' | 'undetermined';
  readonly because: string;
}

export function planEndpoint(request: EndpointRequest): { plan: EndpointPlan; diagnostics: Diagnostic[] } {
  const open = request.publicCidrs ? checkPublicCidrs(request.publicCidrs) : { accepted: [], diagnostics: [] };
  const { accepted: privateSources, diagnostics } = planPrivateSources(request.privateSources ?? []);
  const openToPods = compareWithEgress(open.accepted, request.egressAddresses);
  return {
    plan: { publicCidrs: open.accepted, privateSources, openToPods },
    diagnostics: [...open.diagnostics, ...diagnostics, ...checkEgress(request.egressAddresses ?? []), ...openToPods.verdict !== 'yes' ? [] : [{
      code: 'endpointOpenToPods', severity: 'warning' as const, subject: 'endpointAccess', acknowledgeable: true,
      message: `${openToPods.because}: pods that may reach the internet reach the public endpoint too, past the denial of the API server`,
      fix: 'leave that address out: nodes and pods of the VPC use the private endpoint',
    }]],
  };
}

/** What tokens of the allow list stand for where the template has it written out in the end. */
export function checkProducedCidrs({ publicCidrs }: EndpointPlan, produced: unknown): Diagnostic[] {
  if (publicCidrs.every((cidr) => typeof cidr === 'string') || !(produced === undefined || Array.isArray(produced))) return [];
  const literals = (produced ?? []).filter((cidr): cidr is string => typeof cidr === 'string');
  return produced?.length && literals.length === 0 ? [] : checkPublicCidrs(literals).diagnostics;
}

/** The public endpoint admits who comes from an address of the list, and pods come from those of the gateway that they leave by. */
function compareWithEgress(publicCidrs: readonly Cidr[], egress: readonly Cidr[] | undefined): OpenToPods {
  if (publicCidrs.length === 0) return { verdict: 'no', because: 'there is no public endpoint' };
  if (egress === undefined) return { verdict: 'undetermined', because: 'by which addresses the traffic of this VPC leaves is known only at deployment' };
  const shared = egress.filter((address) => publicCidrs.some((cidr) => typeof address === 'string'
    ? typeof cidr === 'string' && CidrSet.of(cidr).overlaps(CidrSet.of(address))
    : typeof cidr !== 'string' && cidr.token === address.token));
  if (shared.length > 0) return { verdict: 'yes', because: `the public ranges hold ${shared.map(nameOf).join(', ')}, by which traffic of this VPC leaves` };
  const unknown = egress.length === 0 ? [] : [...egress, ...publicCidrs].filter((cidr): cidr is Exclude<Cidr, string> => typeof cidr !== 'string');
  return unknown.length > 0
    ? { verdict: 'undetermined', because: `the value of ${[...new Set(unknown.map(nameOf))].join(', ')} is known only at deployment` }
    : { verdict: 'no', because: 'no public range holds an address by which traffic of this VPC leaves' };
}

function checkEgress(addresses: readonly Cidr[]): Diagnostic[] {
  const { findings } = checkNamedSources(addresses.filter((cidr): cidr is string => typeof cidr === 'string'), { addresses: 'public', smallestPrefix: { 4: 16 } });
  return findings.map(({ flaw, problem, fix }) => ({
    code: 'egressAddress', severity: flaw === 'covered' ? 'warning' : 'error', subject: 'egressAddresses', message: `it got ${problem}`, fix,
  }));
}

/** Who reaches the endpoint besides what is inside the cluster, a line each. */
export interface EndpointLine {
  readonly text: string;
  readonly undetermined?: boolean;
}

export function describeEndpoint({ publicCidrs, privateSources, openToPods }: EndpointPlan): EndpointLine[] {
  const pods: Record<OpenToPods['verdict'], EndpointLine> = {
    no: { text: `pods that may reach the internet do not reach the public endpoint: ${openToPods.because}` },
    yes: { text: `pods that may reach the internet reach the public endpoint as well: ${openToPods.because}` },
    undetermined: { text: `whether pods that may reach the internet reach the public endpoint: ${openToPods.because}`, undetermined: true },
  };
  return [
    { text: publicCidrs.length === 0 ? 'from the internet nobody: there is no public endpoint' : `from the internet, by the public endpoint: ${publicCidrs.map(nameOf).join(', ')}` },
    ...publicCidrs.length === 0 ? [] : [pods[openToPods.verdict]],
    ...privateSources.map(({ name }) => ({ text: `by the private endpoint: ${name}` })),
  ];
}

const nameOf = (cidr: Cidr): string => typeof cidr === 'string' ? cidr : cidr.opaque;
