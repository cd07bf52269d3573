import { Diagnostic } from '../diagnostic';
import { ANNOTATIONS, annotation, isInternal, ServiceObject, sourceRanges, subjectOf } from './dialect';
import { isUnknown } from '../policy/syntax';
import { CidrSet } from '../sets/cidr-set';

/** Who reaches a load balancer, as far as its object says. */
export interface Exposure {
  readonly subject: string;
  readonly scheme: 'internal' | 'internet-facing' | 'unknown';
  /** The ranges it admits; nothing where it admits every address that reaches it. */
  readonly sources?: readonly string[];
}

/** No named sources are together broader than one range of this length. */
const BROADEST = { ipv4: 8, ipv6: 16 };
const MOST_ADDRESSES = { ipv4: 2n ** BigInt(32 - BROADEST.ipv4), ipv6: 2n ** BigInt(128 - BROADEST.ipv6) };

/** Kinds whose exposure another controller decides, by how their API groups start. */
const FOREIGN: { kind: string; group: string }[] = [
  { kind: 'Ingress', group: 'networking.k8s.io/' },
  { kind: 'Gateway', group: 'gateway.networking.k8s.io/' },
  { kind: 'TargetGroupBinding', group: 'elbv2.k8s.aws/' },
  { kind: 'TargetGroupBinding', group: 'eks.amazonaws.com/' },
];

/** What an object exposes, and what is wrong with that. Nothing for an object that exposes nothing. */
export function exposureOf(object: ServiceObject): { exposure?: Exposure; diagnostics: Diagnostic[] } {
  const subject = subjectOf(object);
  if (FOREIGN.some(({ kind, group }) => object.kind === kind && object.apiVersion?.startsWith(group))) {
    return {
      exposure: { subject, scheme: 'unknown' },
      diagnostics: [problem(subject, 'exposureUnknown', `who reaches it is decided by a controller that this cluster does not know (${object.apiVersion} ${object.kind})`,
        'use a Service of type LoadBalancer with InternalLoadBalancer.apply(), or acknowledge what you know of it')],
    };
  }
  if (object.kind !== 'Service' || object.apiVersion !== 'v1') return { diagnostics: [] };
  const hidden = hiddenField(object);
  if (hidden) {
    return {
      exposure: { subject, scheme: 'unknown' },
      diagnostics: [problem(subject, 'exposureUnknown', `${hidden} is known only at deployment, and it decides who reaches the Service`, 'write the value itself')],
    };
  }
  const diagnostics: Diagnostic[] = [];
  if (object.spec?.externalIPs?.length > 0) {
    diagnostics.push(problem(subject, 'serviceExternalIps', `spec.externalIPs is ${JSON.stringify(object.spec.externalIPs)}: it takes over addresses for every pod of the cluster (CVE-2020-8554)`, 'remove it'));
  }
  return object.spec?.type === 'LoadBalancer' ? loadBalancer(object, subject, diagnostics) : { diagnostics };
}

function loadBalancer(object: ServiceObject, subject: string, diagnostics: Diagnostic[]): { exposure: Exposure; diagnostics: Diagnostic[] } {
  const { loadBalancerClass } = object.spec;
  const type = annotation(object, ANNOTATIONS.type);
  if (loadBalancerClass || !['', 'nlb', 'elb'].includes(type)) {
    const field = loadBalancerClass ? `spec.loadBalancerClass is '${loadBalancerClass}'` : `annotation ${ANNOTATIONS.type} is '${type}'`;
    diagnostics.push(problem(subject, 'exposureUnknown', `${field}, which leaves it to a controller that this cluster does not know`, 'remove it'));
    return { exposure: { subject, scheme: 'unknown' }, diagnostics };
  }
  const scheme = isInternal(object) ? 'internal' as const : 'internet-facing' as const;
  const ranges = sourceRanges(object);
  const sources = ranges.length > 0 ? ranges.map((range) => isUnknown(range) ? 'a range known at deployment' : range) : undefined;
  for (const key of [ANNOTATIONS.securityGroups, ANNOTATIONS.extraSecurityGroups].filter((each) => annotation(object, each) !== '')) {
    diagnostics.push(problem(subject, 'exposureUnknown', `annotation ${key} is '${annotation(object, key)}': groups of your own decide who is let in, not source ranges`, 'remove it, and name the sources'));
  }
  for (const range of ranges) {
    const broken = sourceProblem(range);
    if (broken) diagnostics.push({ ...problem(subject, 'loadBalancerSource', `source range ${broken}`, 'name the ranges of the clients'), acknowledgeable: false });
  }
  if (scheme === 'internet-facing' && ranges.some(isUnknown)) {
    diagnostics.push({
      ...problem(subject, 'loadBalancerSourceUnknown', 'a source range is known only at deployment, so how broad it is cannot be checked', 'write the range itself, or acknowledge what it will be'),
      severity: 'warning',
    });
  }
  if (scheme === 'internet-facing' && !sources) {
    diagnostics.push(problem(subject, 'loadBalancerOpen',
      `it is of type LoadBalancer without annotation ${ANNOTATIONS.internal} and without spec.loadBalancerSourceRanges: its load balancer is open to the internet`,
      'use InternalLoadBalancer.apply(), or name the clients in spec.loadBalancerSourceRanges'));
  } else if (scheme === 'internet-facing' && tooBroad(ranges)) {
    diagnostics.push(problem(subject, 'loadBalancerOpen',
      `spec.loadBalancerSourceRanges is ${sources!.join(', ')}, together broader than a /${BROADEST.ipv4}${ranges.some((range) => range.includes(':')) ? ` (IPv6: a /${BROADEST.ipv6})` : ''}: that is no named source`, 'name the ranges of the clients'));
  }
  return { exposure: { subject, scheme, ...sources && { sources } }, diagnostics };
}

/** What decides about exposure and cannot be read. */
function hiddenField({ metadata, spec }: ServiceObject): string | undefined {
  const fields: [string, unknown][] = [
    ['metadata', metadata], ['metadata.annotations', metadata?.annotations], ['spec', spec], ['spec.type', spec?.type], ['spec.loadBalancerClass', spec?.loadBalancerClass],
    ['spec.externalIPs', spec?.externalIPs],
    ...Object.entries(metadata?.annotations ?? {}).filter(([key]) => isUnknown(key) || DECIDING.has(key)).map(([key, value]): [string, unknown] =>
      [isUnknown(key) ? 'the key of an annotation' : `annotation ${key}`, isUnknown(key) ? key : value]),
  ];
  return fields.find(([, value]) => isUnknown(value) || (Array.isArray(value) && value.some(isUnknown)))?.[0];
}

const DECIDING: ReadonlySet<string> = new Set([
  ANNOTATIONS.internal, ANNOTATIONS.scheme, ANNOTATIONS.type, ANNOTATIONS.securityGroups, ANNOTATIONS.extraSecurityGroups,
]);

function sourceProblem(range: string): string | undefined {
  return isUnknown(range) || CidrSet.isCidr(range) ? undefined : `'${range}' is no CIDR`;
}

/** Many parts of the internet are the internet: all of them together decide. */
function tooBroad(ranges: readonly string[]): boolean {
  const known = CidrSet.of(...ranges.filter((range) => CidrSet.isCidr(range)));
  return known.intersect(CidrSet.ALL_V4).size > MOST_ADDRESSES.ipv4 || known.intersect(CidrSet.ALL_V6).size > MOST_ADDRESSES.ipv6;
}

function problem(subject: string, code: string, message: string, fix: string): Diagnostic {
  return { code, severity: 'error', subject, message, fix, acknowledgeable: true };
}
