import { Token } from 'aws-cdk-lib';

/** NAT gateways of a VPC that is made for the cluster. */
export interface NatOptions {
  /**
   * How many, from 1 to 3. Fewer than zones costs less, and cuts the way out of other zones with the one that holds it.
   * @default - one in each zone
   */
  readonly gateways?: number;
}

/**
 * How nodes, and the pods that a rule lets out, reach the internet. It opens nothing by itself.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
 */
export class InternetAccess {
  /**
   * Through NAT gateways: connections go out, none comes in. Wrong numbers are reported at synthesis.
   * @throws when the number is a token
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
   */
  public static nat(options: NatOptions = {}): InternetAccess {
    if (Token.isUnresolved(options.gateways)) {
      throw new Error('InternetAccess.nat(): gateways is a token, and how many gateways are made is decided at synthesis; write the number itself');
    }
    return new InternetAccess(options.gateways);
  }

  private constructor(private readonly gateways?: number) {}

  /** For example `NAT, one gateway in each zone`. */
  public toString(): string {
    return `NAT, ${this.gateways === undefined ? 'one gateway in each zone' : `${this.gateways} ${this.gateways === 1 ? 'gateway' : 'gateways'}`}`;
  }

  /** @internal */
  public get _natGateways(): number | undefined {
    return this.gateways;
  }
}
