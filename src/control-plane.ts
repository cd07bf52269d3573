import { Token } from 'aws-cdk-lib';

/**
 * What happens to a cluster at the end of the standard support of its Kubernetes version.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/view-support-options.html
 */
export enum UpgradeSupport {
  /** EKS upgrades the control plane by itself; the version in the code is then behind, and must follow. */
  STANDARD = 'STANDARD',

  /** It keeps its version for another year, at a higher price per hour, and is upgraded after that. */
  EXTENDED = 'EXTENDED',
}

/**
 * Capacity of the control plane, beyond what EKS adds by itself. Each tier has a price per hour.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/eks-provisioned-control-plane.html
 */
export class ControlPlaneScalingTier {
  /** As EKS scales it. */
  public static readonly STANDARD = new ControlPlaneScalingTier('standard');

  /** `tier-xl` */
  public static readonly XL = new ControlPlaneScalingTier('tier-xl');

  /** `tier-2xl` */
  public static readonly XL2 = new ControlPlaneScalingTier('tier-2xl');

  /** `tier-4xl` */
  public static readonly XL4 = new ControlPlaneScalingTier('tier-4xl');

  /**
   * Any tier, by the name that EKS gives it.
   * @param name for example `tier-8xl`
   * @throws when the name is not of that form
   */
  public static of(name: string): ControlPlaneScalingTier {
    if (!Token.isUnresolved(name) && !/^(standard|tier-[a-z0-9]+)$/.test(name)) {
      throw new Error(`ControlPlaneScalingTier.of('${name}'): a tier is named 'standard' or 'tier-' and a size; write for example 'tier-xl'`);
    }
    return new ControlPlaneScalingTier(name);
  }

  private constructor(
    /** As EKS names it. */
    public readonly name: string,
  ) {}
}
