import { Dialect } from './dialects';
import { ExposingObject } from './objects';

/** What of a cluster decides how an object is read. */
export interface LoadBalancerContext {
  /** Who makes load balancers besides the controllers that a class names. */
  readonly controller: Exclude<Dialect, 'autoMode'>;
  /** Whether that controller's webhook gives new Services its class. */
  readonly claimsServices: boolean;
  /** Ids of subnets with a way in from the internet, which may be tokens. */
  readonly publicSubnets: readonly string[];
  /** Where classes and their parameters are looked up. */
  readonly objects: readonly ExposingObject[];
}

/** What a cluster brings for load balancers besides that: for whoever fills objects in. */
export interface LoadBalancerFacts extends Omit<LoadBalancerContext, 'objects'> {
  /** What targets are where no annotation says it. */
  readonly targetType: TargetType;
  /** Ranges of the VPC, which may be tokens. */
  readonly vpcRanges: readonly string[];
  /** Ids of the subnets of internal load balancers, which may be tokens. */
  readonly internalSubnets: readonly string[];
  /** Ranges of the public subnets, which may be tokens; none where they are not known. */
  readonly publicRanges: readonly string[];
}

export type TargetType = 'ip' | 'instance';

/** Every cluster without another controller. */
export const IN_TREE: LoadBalancerFacts = {
  controller: 'inTree', claimsServices: false, targetType: 'instance', vpcRanges: [], internalSubnets: [], publicSubnets: [], publicRanges: [],
};
