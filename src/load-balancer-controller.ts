import * as s3_assets from 'aws-cdk-lib/aws-s3-assets';
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

/** What load balancers send connections to, where no annotation says it. */
export enum LoadBalancerTargetType {
  /** The pods themselves: the VPC CNI gives each an address of the VPC. */
  IP = 'ip',
  /** A port of every node, from where Kubernetes passes it on. */
  INSTANCE = 'instance',
}

/** How the AWS Load Balancer Controller is installed. */
export interface LoadBalancerControllerOptions {
  /**
   * Its chart as a file, for clusters that reach no repository.
   * @default - from `chartRepository`
   */
  readonly chartAsset?: s3_assets.Asset;

  /**
   * Repository of its chart: `https://...`, or `oci://` with the path that holds the chart.
   * @default 'https://aws.github.io/eks-charts'
   * @see https://docs.aws.amazon.com/eks/latest/userguide/lbc-helm.html
   */
  readonly chartRepository?: string;

  /**
   * Version of its chart.
   * @default - the one that this library was written for, 3.5.0
   */
  readonly chartVersion?: string;

  /**
   * Registry of its image, with a path where the mirror has one; the image is `eks/aws-load-balancer-controller` in it.
   * @default - the cluster's image registry; without one public.ecr.aws
   */
  readonly imageRegistry?: string;

  /**
   * How many of its pods run, of which one works.
   * @default 2
   */
  readonly replicas?: number;

  /**
   * What load balancers send connections to, where no annotation says it.
   * @default LoadBalancerTargetType.IP
   */
  readonly targetType?: LoadBalancerTargetType;

  /**
   * Whether its webhook gives every new Service of type LoadBalancer its class. Without it a Service that names no class stays
   * with the in-tree controller, and is judged in that dialect.
   * @default true
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/
   */
  readonly serviceMutatorWebhook?: boolean;

  /**
   * Whether it reaches AWS through interface endpoints alone (`ec2`, `elasticloadbalancing`, and `acm` where listeners have certificates). Web
   * ACLs and Shield are then off, whose annotations say nothing any more: Shield has no endpoint.
   * @default false; true with InternetAccess.NONE, which makes these endpoints
   * @see https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
   */
  readonly throughEndpointsOnly?: boolean;

  /**
   * More values of the chart, over those that this library sets.
   * @default - none
   */
  readonly values?: { [key: string]: any };
}
