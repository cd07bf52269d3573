import { CONTROLLER_NAMES } from './core/load-balancer/dialects';

/**
 * Who makes load balancers on a cluster, and so which dialect of annotations counts there.
 * @see https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
 */
export class LoadBalancerController {
  /** The cloud controller of Kubernetes itself, which EKS runs in the control plane: classic and network load balancers of Services. */
  public static readonly IN_TREE = new LoadBalancerController('inTree');

  /**
   * The AWS Load Balancer Controller, installed by somebody else, with its defaults: it makes internal load balancers where
   * nothing is said, claims every new Service of type LoadBalancer, and has the IngressClass `alb`.
   * `addLoadBalancerController()` installs it so, and says this by itself.
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/
   */
  public static readonly AWS = new LoadBalancerController('awsController');

  /** @internal */
  public readonly _controller: 'inTree' | 'awsController';

  private constructor(controller: 'inTree' | 'awsController') {
    this._controller = controller;
  }

  /** For example `the in-tree cloud controller`. */
  public toString(): string {
    return CONTROLLER_NAMES[this._controller];
  }
}
