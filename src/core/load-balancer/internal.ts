import { ANNOTATIONS, annotation, isNetworkLoadBalancer, ServiceObject, sourceRanges, subjectOf } from './dialect';
import { Peer, PortIntent, TrafficIntent } from '../policy/intent';
import { Cidr } from '../policy/policy';
import { isUnknown } from '../policy/syntax';

/**
 * A copy of the Service that asks for an internal load balancer and admits only these ranges. What the user wrote stays;
 * where it contradicts, also the ranges that were asked for, it throws and names both values.
 */
export function internalService(object: ServiceObject, sources: readonly string[], asked: readonly string[] = []): ServiceObject {
  const conflict = conflictOf(object, asked);
  if (conflict) throw new Error(`InternalLoadBalancer.apply: ${subjectOf(object)}: ${conflict}`);
  const own = sourceRanges(object);
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata?.annotations, [ANNOTATIONS.internal]: 'true', [ANNOTATIONS.scheme]: 'internal' },
    },
    spec: {
      ...object.spec,
      loadBalancerSourceRanges: own.length > 0 ? own : [...sources],
      // Keeps the load balancer's address as the source, so that the rule need not open the pods to every node.
      externalTrafficPolicy: object.spec.externalTrafficPolicy ?? 'Local',
    },
  };
}

function conflictOf(object: ServiceObject, asked: readonly string[]): string | undefined {
  if (object.kind !== 'Service' || object.spec?.type !== 'LoadBalancer') {
    return `it is a ${object.kind} of type ${object.spec?.type ?? 'ClusterIP'}, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer`;
  }
  const scheme = annotation(object, ANNOTATIONS.scheme);
  if (!['', 'internal'].includes(scheme)) return `annotation ${ANNOTATIONS.scheme} is '${scheme}', and this asks for 'internal'; remove one of them`;
  if (annotation(object, ANNOTATIONS.internal) === 'false') return `annotation ${ANNOTATIONS.internal} is 'false', and this asks for 'true'; remove one of them`;
  const own = sourceRanges(object);
  if (own.length > 0 && asked.length > 0 && [...own].sort().join() !== [...asked].sort().join()) {
    return `spec.loadBalancerSourceRanges is ${own.join(', ')}, and this asks for ${asked.join(', ')}; remove one of them`;
  }
  return undefined;
}

/** Whom the pods behind a Service see as the source, and on which ports. */
export function pathToPods(object: ServiceObject): { source: Peer; ports: PortIntent[] } {
  const ports = (object.spec?.ports ?? []).map(({ port, targetPort, protocol = 'TCP' }: any): PortIntent => ({ protocol, ports: [targetPort ?? port] }));
  // Without Local, the node that took the connection translates its source to its own address.
  if (object.spec?.externalTrafficPolicy !== 'Local') return { source: { kind: 'nodes' }, ports };
  // A classic load balancer is a proxy; a network load balancer keeps the client's address.
  if (!isNetworkLoadBalancer(object)) return { source: { kind: 'loadBalancers' }, ports };
  const cidrs = sourceRanges(object).map((range): Cidr => isUnknown(range) ? { opaque: 'a source range', token: range } : range);
  const name = cidrs.map((cidr) => typeof cidr === 'string' ? cidr : 'a range known at deployment').join(', ');
  return { source: { kind: 'addresses', name, cidrs }, ports };
}

/** How the names of such rules begin. */
export const LOAD_BALANCER_RULE = 'load-balancer-';

/** The rule that opens the way from the load balancer to the pods behind the Service. */
export function loadBalancerRule(object: ServiceObject, origin: string, suffix: string): TrafficIntent {
  const { namespace = 'default', name = '' } = object.metadata ?? {};
  return {
    // A dot, which no namespace's name holds, keeps `a-b/c` and `a/b-c` apart.
    name: `${LOAD_BALANCER_RULE}${namespace}.${name}${suffix}`,
    origin,
    ...pathToPods(object),
    destination: { kind: 'pods', namespace, labels: object.spec?.selector ?? {} },
  };
}
