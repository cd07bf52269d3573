import { IConstruct } from 'constructs';
import { internalService } from '../core/load-balancer/internal';
import { isUnknown } from '../core/policy/syntax';
import { checkCidr } from '../core/sets/cidr-syntax';

const MARK = Symbol.for('cdk-secure-eks.internal-load-balancer');

interface Mark {
  sources?: readonly string[];
}

/** Makes the object render as an internal load balancer; its sources may become known later. */
export function markInternal(target: IConstruct, sources?: readonly string[]): void {
  const object = [target, target.node.defaultChild].find((each: any) => typeof each?.toJson === 'function' && typeof each.kind === 'string') as any;
  if (!object || object.kind !== 'Service') {
    throw new Error(`InternalLoadBalancer.apply(${target.node.path}): it is ${object ? `a ${object.kind}` : 'no Kubernetes object'}; give a Service of type LoadBalancer`);
  }
  if (sources?.length === 0) {
    throw new Error(`InternalLoadBalancer.apply(${target.node.path}): sources is empty, and an empty list never means everything; name the ranges, or leave it out for the VPC's`);
  }
  for (const source of sources ?? []) {
    const broken = isUnknown(source) ? undefined : checkCidr(source);
    if (broken) throw new Error(`InternalLoadBalancer.apply(${target.node.path}): ${broken}`);
  }
  if (object[MARK]) throw new Error(`InternalLoadBalancer.apply(${target.node.path}): it was applied already; apply it once`);
  const mark: Mark = { sources };
  Object.defineProperty(object, MARK, { value: mark });
  const render = object.toJson.bind(object);
  object.toJson = () => {
    if (!mark.sources) throw new Error(`${target.node.path} was rendered without a cluster, whose VPC limits its load balancer; add its chart to a cluster, or name the sources`);
    return internalService(render(), mark.sources, sources);
  };
}

/** Tells every marked object below what its cluster limits it to, and returns them. */
export function bindLoadBalancers(chart: IConstruct, sources: readonly string[]): IConstruct[] {
  const marked = chart.node.findAll().filter((each) => MARK in each);
  for (const each of marked) {
    const mark = (each as unknown as { [MARK]: Mark })[MARK];
    mark.sources ??= sources;
  }
  return marked;
}
