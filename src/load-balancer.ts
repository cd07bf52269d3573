import { IConstruct } from 'constructs';
import { markInternal } from './cdk/load-balancer-mark';

/** How an internal load balancer is limited. */
export interface InternalLoadBalancerOptions {
  /**
   * Address ranges of its clients, as `10.0.0.0/8`.
   * @default - the VPC's range
   */
  readonly sources?: string[];
}

/** Load balancers that nothing outside the VPC and the networks connected to it reaches. */
export class InternalLoadBalancer {
  /**
   * Marks a Service of type LoadBalancer as internal. When the chart's cluster decides its network, the rendered Service
   * gets both annotations that controllers read, its source ranges and `externalTrafficPolicy: Local`, and a rule opens
   * the way from the load balancer to the pods. The rest of the object is left alone, and so is the order of calls.
   *
   * Rendered without a cluster it throws, unless `sources` says what a cluster would.
   *
   * @param target a Service of cdk8s-plus, of any version, or an ApiObject of that kind
   * @throws when it is no Service of type LoadBalancer, or an annotation contradicts
   * @see https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
   */
  public static apply(target: IConstruct, options: InternalLoadBalancerOptions = {}): void {
    markInternal(target, options.sources);
  }

  private constructor() {}
}
