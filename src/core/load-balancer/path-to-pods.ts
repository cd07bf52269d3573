import { LoadBalancerFacts } from './context';
import { INGRESS_ANNOTATIONS, SERVICE_ANNOTATIONS } from './dialects';
import { backendServices } from './ingress-exposure';
import { warning } from './judgement';
import { annotation, ExposingObject, itemsOf, subjectOf } from './objects';
import { isOff, isOn } from './reading';
import { dialectOf } from './service-exposure';
import { Diagnostic } from '../diagnostic';
import { Peer, PortIntent, TrafficIntent } from '../policy/intent';
import { Cidr } from '../policy/policy';
import { isUnknown } from '../policy/syntax';

/** How the names of rules for load balancers begin. */
export const LOAD_BALANCER_RULE = 'load-balancer-';

/** Who the pods see as the source of connections through a load balancer that was asked for. */
export function sourceSeenByPods(object: ExposingObject, facts: LoadBalancerFacts): Peer {
  return object.kind === 'Ingress' ? ingressSource(object, facts) : serviceSource(object, facts);
}

function serviceSource(object: ExposingObject, facts: LoadBalancerFacts): Peer {
  const inTree = dialectOf(object, { ...facts, objects: [] }) === 'inTree';
  const toPods = !inTree && targetsOf(object, facts) === 'ip';
  // Without Local, the node that took the connection translates its source to its own address.
  if (!toPods && object.spec?.externalTrafficPolicy !== 'Local') return { kind: 'nodes' };
  return keepsClientAddress(object, inTree, toPods) ? clients(object) : balancer(object, SERVICE_ANNOTATIONS.subnets, facts);
}

const targetsOf = (object: ExposingObject, facts: LoadBalancerFacts): string => annotation(object, SERVICE_ANNOTATIONS.type) === 'nlb-ip' ? 'ip'
  : annotation(object, SERVICE_ANNOTATIONS.targetType) || facts.targetType;

/**
 * A classic load balancer is a proxy. A network load balancer keeps the client's address for nodes, for UDP, and where it is told to.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
 */
function keepsClientAddress(object: ExposingObject, inTree: boolean, toPods: boolean): boolean {
  if (inTree && annotation(object, SERVICE_ANNOTATIONS.type) !== 'nlb') return false;
  const said = itemsOf(annotation(object, SERVICE_ANNOTATIONS.targetGroupAttributes)).find((each) => each.startsWith('preserve_client_ip.enabled='))?.split('=')[1];
  if ((object.spec?.ports ?? []).some(({ protocol = 'TCP' }: any) => protocol !== 'TCP')) return true;
  return isOn(said) || (!toPods && !isOff(said));
}

function clients(object: ExposingObject): Peer {
  const cidrs = itemsOf(object.spec?.loadBalancerSourceRanges).map((range): Cidr => isUnknown(range) ? { opaque: 'a source range', token: range } : range);
  return { kind: 'addresses', name: cidrs.map((cidr) => typeof cidr === 'string' ? cidr : 'a range known at deployment').join(', '), cidrs };
}

/** Where the load balancer itself stands: in the subnets of its scheme, unless the object names others. */
function balancer(object: ExposingObject, subnetsKey: string, { internalSubnets, publicSubnets, publicRanges }: LoadBalancerFacts): Peer {
  const subnets = itemsOf(annotation(object, subnetsKey));
  const within = (known: readonly string[]) => subnets.every((subnet) => known.includes(subnet));
  const scheme = annotation(object, object.kind === 'Ingress' ? INGRESS_ANNOTATIONS.scheme : SERVICE_ANNOTATIONS.scheme);
  if (scheme === 'internal' && within(internalSubnets)) return { kind: 'loadBalancers' };
  if (scheme !== 'internal' && publicRanges.length > 0 && within(publicSubnets)) {
    return { kind: 'addresses', name: 'the public subnets', cidrs: publicRanges.map((range): Cidr => isUnknown(range) ? { opaque: 'the range of a public subnet', token: range } : range) };
  }
  // Somewhere in the VPC; never a pod.
  return { kind: 'vpc' };
}

function ingressSource(object: ExposingObject, facts: LoadBalancerFacts, service?: ExposingObject): Peer {
  const toPods = (annotation(object, INGRESS_ANNOTATIONS.targetType) || facts.targetType) === 'ip';
  return toPods || service?.spec?.externalTrafficPolicy === 'Local' ? balancer(object, INGRESS_ANNOTATIONS.subnets, facts) : { kind: 'nodes' };
}

/** Who says it, and how it is told from others on the cluster. */
export interface RuleOrigin {
  readonly origin: string;
  readonly suffix: string;
}

/** The rules that open the way from the load balancer to the pods, and for its health checks. */
export function loadBalancerRules(object: ExposingObject, objects: readonly ExposingObject[], facts: LoadBalancerFacts, from: RuleOrigin): { rules: TrafficIntent[]; diagnostics: Diagnostic[] } {
  return object.kind === 'Ingress' ? ingressRules(object, objects, facts, from) : { rules: serviceRules(object, facts, from), diagnostics: [] };
}

function serviceRules(object: ExposingObject, facts: LoadBalancerFacts, { origin, suffix }: RuleOrigin): TrafficIntent[] {
  const { namespace = 'default', name = '' } = object.metadata ?? {};
  const ports = (object.spec?.ports ?? []).map(({ port, targetPort, protocol = 'TCP' }: any): PortIntent => ({ protocol, ports: [targetPort ?? port] }));
  // A dot, which no namespace's name holds, keeps `a-b/c` and `a/b-c` apart.
  const rule = { name: `${LOAD_BALANCER_RULE}${namespace}.${name}${suffix}`, origin, source: serviceSource(object, facts), destination: podsOf(object), ports };
  const inTree = dialectOf(object, { ...facts, objects: [] }) === 'inTree';
  if (inTree || targetsOf(object, facts) !== 'ip') return [rule];
  // The load balancer asks the pods by itself. Nodes it asks on a port that kube-proxy answers.
  const asked = annotation(object, SERVICE_ANNOTATIONS.healthCheckPort);
  const checks = /^[0-9]+$/.test(asked) ? [{ protocol: 'TCP' as const, ports: [Number(asked)] }]
    : keepsClientAddress(object, false, true) ? ports.filter(({ protocol }: PortIntent) => protocol === 'TCP') : [];
  return checks.length === 0 ? [rule] : [rule, {
    ...rule, name: `${LOAD_BALANCER_RULE}${namespace}.${name}.health${suffix}`, source: balancer(object, SERVICE_ANNOTATIONS.subnets, facts), ports: checks, description: 'health checks',
  }];
}

function podsOf({ metadata, spec }: ExposingObject): Peer {
  return { kind: 'pods', namespace: metadata?.namespace ?? 'default', labels: spec?.selector ?? {} };
}

/** One rule for each Service behind it, to the ports that its pods listen on. */
function ingressRules(object: ExposingObject, objects: readonly ExposingObject[], facts: LoadBalancerFacts, { origin, suffix }: RuleOrigin): { rules: TrafficIntent[]; diagnostics: Diagnostic[] } {
  const { namespace = 'default', name = '' } = object.metadata ?? {};
  const diagnostics: Diagnostic[] = [];
  const backends = backendServices(object.spec);
  const rules = [...new Set(backends.map((backend) => backend.name))].flatMap((backend): TrafficIntent[] => {
    const service = objects.find((each) => each.kind === 'Service' && each.metadata?.name === backend && (each.metadata.namespace ?? 'default') === namespace);
    const asked = backends.filter((each) => each.name === backend).map(({ port }) => port);
    const found = asked.map((port) => service?.spec?.ports?.find((each: any) => each.port === port || each.name === port));
    if (!service?.spec?.selector || found.some((port) => port === undefined)) {
      diagnostics.push(warning(subjectOf(object), 'loadBalancerBackendUnseen',
        `its backend Service ${namespace}/${backend}, port ${asked.join(', ')}, is not in view, or has no selector: no rule opens the way to its pods`,
        'add the Service to this cluster, or allow it from NetworkPeer.loadBalancer()'));
      return [];
    }
    const checked = annotation(object, INGRESS_ANNOTATIONS.healthCheckPort);
    const ports = [...found.map(({ port, targetPort }: any) => targetPort ?? port), .../^[0-9]+$/.test(checked) ? [Number(checked)] : []];
    return [{
      // Names of Services hold no dot: no Service's rule is called like it.
      name: `${LOAD_BALANCER_RULE}${namespace}.ingress.${name}.${backend}${suffix}`, origin,
      source: ingressSource(object, facts, service), destination: podsOf(service), ports: [{ protocol: 'TCP', ports: [...new Set(ports)] }],
    }];
  });
  return { rules, diagnostics };
}
