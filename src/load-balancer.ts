import { IConstruct } from 'constructs';
import { fillManifest, markLoadBalancer } from './cdk/load-balancer-mark';
import { LoadBalancerController } from './load-balancer-controller';

/** How an internal load balancer is limited. */
export interface InternalLoadBalancerOptions {
  /**
   * Address ranges of its clients, as `10.0.0.0/8`; tokens are accepted.
   * @default - the VPC's range
   */
  readonly sources?: string[];

  /**
   * Whose dialect is written where the object is rendered without a cluster; `sources` is needed then too.
   * @default - what the cluster has
   */
  readonly controller?: LoadBalancerController;
}

/** How a load balancer on the internet is limited. */
export interface RestrictedLoadBalancerOptions {
  /** Address ranges of its clients, at least one, together no broader than a /8 (IPv6: a /16); tokens are accepted, and warned of. */
  readonly sources: string[];

  /**
   * Whose dialect is written where the object is rendered without a cluster.
   * @default - what the cluster has
   */
  readonly controller?: LoadBalancerController;
}

/** What a cluster would say, for plain data that nobody renders for one. */
export interface LoadBalancerManifestOptions {
  /** Address ranges of its clients, as `10.0.0.0/8`, at least one. */
  readonly sources: string[];

  /** Whose dialect is written: what the cluster has that the object goes to. */
  readonly controller: LoadBalancerController;
}

/**
 * Load balancers that nothing outside the VPC and the networks connected to it reaches.
 * @see https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
 */
export class InternalLoadBalancer {
  /**
   * Marks a Service of type LoadBalancer, or an Ingress, as internal. When the chart's cluster decides its network, the
   * rendered object gets what the controller of that cluster reads: scheme, class, source ranges, subnets, targets, health check
   * and traffic policy; and a rule opens the way from the load balancer to the pods. The rest of the object is left alone, and
   * so is the order of calls. Without a cluster it throws when rendered, unless `controller` and `sources` say it all.
   *
   * Scheme and class of a live load balancer never change in place: the AWS Load Balancer Controller replaces it, with another
   * DNS name, and Kubernetes refuses a class for a Service that exists without one. Delete such a Service first.
   *
   * @param target a Service or Ingress of cdk8s-plus, of any version, of an imported API, or an ApiObject of that kind
   * @throws when it is neither; contradictions are reported at synthesis, with both values
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
   */
  public static apply(target: IConstruct, options: InternalLoadBalancerOptions = {}): void {
    markLoadBalancer(target, { asker: 'InternalLoadBalancer.apply', scheme: 'internal', sources: options.sources }, options.controller?._controller);
  }

  /**
   * The same for plain data: a new object, the given one stays as it is. No rule comes with it: allow what its pods are to
   * accept by `allowTraffic()`.
   *
   * @param manifest a Service of type LoadBalancer or an Ingress
   * @throws when it is neither, or contradicts
   */
  public static toManifest(manifest: { [key: string]: any }, options: LoadBalancerManifestOptions): { [key: string]: any } {
    return fillManifest(manifest, { asker: 'InternalLoadBalancer.toManifest', scheme: 'internal', sources: options.sources }, options.controller._controller);
  }

  private constructor() {}
}

/**
 * Load balancers on the internet that admit named ranges only.
 * @see https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
 */
export class RestrictedLoadBalancer {
  /**
   * Marks a Service of type LoadBalancer, or an Ingress, as internet-facing for these clients. Everything else is as
   * `InternalLoadBalancer.apply()` has it, with the public subnets.
   *
   * @param target a Service or Ingress of cdk8s-plus, of any version, of an imported API, or an ApiObject of that kind
   * @throws when it is neither, or no source is named; sources that name nobody and contradictions are reported at synthesis
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
   */
  public static apply(target: IConstruct, options: RestrictedLoadBalancerOptions): void {
    markLoadBalancer(target, { asker: 'RestrictedLoadBalancer.apply', scheme: 'internet-facing', sources: options.sources }, options.controller?._controller);
  }

  /**
   * The same for plain data: a new object, the given one stays as it is. No rule comes with it: allow what its pods are to
   * accept by `allowTraffic()`.
   *
   * @param manifest a Service of type LoadBalancer or an Ingress
   * @throws when it is neither, or contradicts
   */
  public static toManifest(manifest: { [key: string]: any }, options: LoadBalancerManifestOptions): { [key: string]: any } {
    return fillManifest(manifest, { asker: 'RestrictedLoadBalancer.toManifest', scheme: 'internet-facing', sources: options.sources }, options.controller._controller);
  }

  private constructor() {}
}
