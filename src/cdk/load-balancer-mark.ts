import { IConstruct } from 'constructs';
import { objectOf } from './workload-peer';
import { IN_TREE, LoadBalancerFacts } from '../core/load-balancer/context';
import { CONTROLLER_NAMES } from '../core/load-balancer/dialects';
import { fillLoadBalancer, hasLoadBalancer, LoadBalancerRequest } from '../core/load-balancer/fill';
import { ExposingObject } from '../core/load-balancer/objects';
import { sourceSeenByPods } from '../core/load-balancer/path-to-pods';
import { Peer } from '../core/policy/intent';
import { isUnknown } from '../core/policy/syntax';
import { checkCidr } from '../core/sets/cidr-syntax';

const MARK = Symbol.for('cdk-secure-eks.load-balancer');

/** What was asked, and what a cluster answers while it reads its charts. */
interface Mark {
  readonly request: LoadBalancerRequest;
  readonly controller?: LoadBalancerFacts['controller'];
  facts?: LoadBalancerFacts;
}

type Marked = IConstruct & { [MARK]?: Mark };

const WANTED = 'give a Service of type LoadBalancer or an Ingress';

/** Makes the object render as asked, in the dialect of whichever cluster renders it. */
export function markLoadBalancer(target: IConstruct, request: LoadBalancerRequest, controller?: LoadBalancerFacts['controller']): void {
  const subject = `${request.asker}(${target.node.path})`;
  const object = [target, target.node.defaultChild].find((each: any) => typeof each?.toJson === 'function' && typeof each.kind === 'string') as any;
  if (!object || !hasLoadBalancer(object)) throw new Error(`${subject}: it is ${object ? `a ${object.kind}` : 'no Kubernetes object'}; ${WANTED}`);
  checkSources(subject, request);
  if (object[MARK]) throw new Error(`${subject}: ${object[MARK].request.asker} was applied already; apply one of them, once`);
  const mark: Mark = { request, controller };
  Object.defineProperty(object, MARK, { value: mark });
  const render = object.toJson.bind(object);
  object.toJson = () => fillLoadBalancer(render(), request, factsOf(mark, target));
}

/** Plain data, filled in for a cluster that is not asked. */
export function fillManifest(object: ExposingObject, request: LoadBalancerRequest, controller: LoadBalancerFacts['controller']): ExposingObject {
  if (!hasLoadBalancer(object ?? {})) throw new Error(`${request.asker}: it is ${object?.kind ? `a ${object.kind}` : 'no Kubernetes object'}; ${WANTED}`);
  checkSources(request.asker, request);
  return structuredClone(fillLoadBalancer(object, request, standalone(controller)));
}

/** Whoever reads the objects in `chart` during `read` reads them as this cluster's. Two clusters may share a chart. */
export function boundTo<T>(charts: readonly IConstruct[], facts: LoadBalancerFacts, read: () => T): T {
  const marks = charts.flatMap(markedIn).map((each) => each[MARK]!);
  for (const mark of marks) mark.facts = facts;
  try {
    return read();
  } finally {
    for (const mark of marks) mark.facts = undefined;
  }
}

export function markedIn(chart: IConstruct): Marked[] {
  return chart.node.findAll().filter((each): each is Marked => MARK in each);
}

/** Who the pods behind a marked object see as the source. */
export function loadBalancerPeer(target: IConstruct): Peer {
  const object = [target, target.node.defaultChild].find((each): each is Marked => each !== undefined && MARK in each);
  if (!object) {
    throw new Error(`NetworkPeer.loadBalancer(${target.node.path}): nobody said who its clients are; apply InternalLoadBalancer or RestrictedLoadBalancer to it`);
  }
  return sourceSeenByPods(objectOf(object), factsOf(object[MARK]!, target));
}

function factsOf({ facts, request, controller }: Mark, target: IConstruct): LoadBalancerFacts {
  if (facts && controller && controller !== facts.controller) {
    throw new Error(`${request.asker}: ${target.node.path}: its option controller is ${CONTROLLER_NAMES[controller]}, and the cluster has ${CONTROLLER_NAMES[facts.controller]}; remove the option`);
  }
  if (facts) return facts;
  if (!controller || !request.sources) {
    throw new Error(`${target.node.path} was rendered without a cluster, which would say the dialect and the sources of its load balancer; add its chart to a cluster, or name controller and sources`);
  }
  return standalone(controller);
}

const standalone = (controller: LoadBalancerFacts['controller']): LoadBalancerFacts => ({ ...IN_TREE, controller });

function checkSources(subject: string, { sources, scheme }: LoadBalancerRequest): void {
  if (sources?.length === 0) {
    throw new Error(`${subject}: sources is empty, and an empty list never means everything; name the ranges${scheme === 'internal' ? ', or leave it out for the VPC\'s' : ''}`);
  }
  if (isUnknown(sources)) throw new Error(`${subject}: sources is a token of a whole list, which has an unknown number of ranges; give each range, which may be a token`);
  for (const source of sources ?? []) {
    const broken = isUnknown(source) ? undefined : checkCidr(source);
    if (broken) throw new Error(`${subject}: ${broken}`);
  }
}
