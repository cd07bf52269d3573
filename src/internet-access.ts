import { Token } from 'aws-cdk-lib';
import { InternetRequest } from './core/plan/internet';

/** NAT gateways of a VPC that is made for the cluster. */
export interface NatOptions {
  /**
   * How many, from 1 to 3. Fewer than zones costs less, and cuts the way out of other zones with the one that holds it.
   * @default - one in each zone
   */
  readonly gateways?: number;
}

/** Routes out of a given VPC. */
export interface ExternalAccessOptions {
  /** Where the routes lead and why that is right, for the report: `through the transit gateway and its inspection VPC`. */
  readonly reason: string;
}

/**
 * How nodes, and the pods that a rule lets out, reach the internet. It opens nothing by itself.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
 */
export class InternetAccess {
  /**
   * Not at all. A VPC that is made has no NAT gateway, no internet gateway and no public subnet; of a given one, isolated subnets
   * are taken for nodes unless others are selected. The endpoints that nodes, the functions that deploy objects, bastions and
   * known controllers need are computed and made, or adopted where the VPC has them; the S3 endpoint of the VPC lets through what they
   * need and nothing else. Images and charts have to come from a private place: whatever is seen to need the internet is an
   * error at synthesis, which names it.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
   */
  public static readonly NONE = new InternetAccess({ kind: 'none' }, 'none: AWS services by endpoints inside the VPC');

  /**
   * Through NAT gateways: connections go out, none comes in. Wrong numbers are reported at synthesis, as is a given VPC,
   * which gets no gateway.
   * @throws when the number is a token
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
   */
  public static nat(options: NatOptions = {}): InternetAccess {
    if (Token.isUnresolved(options.gateways)) {
      throw new Error('InternetAccess.nat(): gateways is a token, and how many gateways are made is decided at synthesis; write the number itself');
    }
    const { gateways } = options;
    const words = gateways === undefined ? 'one gateway in each zone' : `${gateways} ${gateways === 1 ? 'gateway' : 'gateways'}`;
    return new InternetAccess({ kind: 'nat', gateways }, `NAT, ${words}`);
  }

  /**
   * Through the routes that a given VPC has: a transit gateway, a firewall, a proxy. Nothing is made and nothing is checked
   * of them; the report gives the reason. It lets nodes be in subnets that the VPC calls isolated. Without a given VPC it is
   * an error at synthesis.
   * @throws when the reason is a token
   * @see https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html
   */
  public static external(options: ExternalAccessOptions): InternetAccess {
    const { reason } = options;
    if (Token.isUnresolved(reason)) {
      throw new Error('InternetAccess.external(): reason is a token, and the report that gives it is written at synthesis; write the text itself');
    }
    return new InternetAccess({ kind: 'external', reason }, `routes of the given VPC: ${reason}`);
  }

  private constructor(private readonly request: InternetRequest, private readonly words: string) {}

  /** For example `NAT, one gateway in each zone`. */
  public toString(): string {
    return this.words;
  }

  /** @internal */
  public _toRequest(): InternetRequest {
    return this.request;
  }
}
