import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { checkPublicCidr, EndpointRequest, PrivateSource } from './core/plan/endpoint';
import { Cidr } from './core/policy/policy';

/**
 * Who may open a connection to the Kubernetes API endpoint. The private endpoint, inside the VPC, is always on.
 *
 * What a caller may do there is another matter: every request is authenticated by IAM.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
 */
export class ClusterEndpointAccess {
  /**
   * No public endpoint: nodes, pods with a grant, and `withPrivateSources()` reach it inside the VPC, nobody else does.
   * @see https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
   */
  public static readonly PRIVATE = new ClusterEndpointAccess(undefined, []);

  /**
   * The private endpoint, and a public one for these sources only.
   *
   * Going from private to public and back updates the cluster in place. Every problem but bad syntax is reported at synthesis
   * together with all others: `/0`, ranges that are not public, bits set behind the prefix, no CIDR at all, more than 40.
   *
   * @param cidrs IPv4 ranges such as `52.94.76.0/24`; a single address is a `/32`. A token is accepted with a warning, because
   *   its value cannot be checked; a token of a whole list must be the only argument
   * @throws when a literal is no CIDR
   * @see https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html
   */
  public static publicFrom(...cidrs: string[]): ClusterEndpointAccess {
    const broken = cidrs.filter((cidr) => !isToken(cidr)).map(checkPublicCidr).find((found) => found?.code === 'endpointCidrSyntax');
    if (broken) throw new Error(`ClusterEndpointAccess.${broken.message}; ${broken.fix}`);
    if (cidrs.length > 1 && cidrs.some(isListToken)) {
      throw new Error('ClusterEndpointAccess.publicFrom(): a token of a whole list stands beside other CIDRs, and CloudFormation cannot join them; put all into the list');
    }
    return new ClusterEndpointAccess([...cidrs], []);
  }

  private constructor(private readonly publicCidrs: readonly string[] | undefined, private readonly privateSources: readonly ec2.IPeer[]) {}

  /**
   * The same access, and port 443 of the private endpoint for these peers: a VPN, a transit network, a runner.
   *
   * A route between them and the control plane's subnets is theirs to make. Adding none changes nothing.
   *
   * @param peers ranges, security groups or prefix lists; every address (`Peer.anyIpv4()`) is an error at synthesis
   * @returns a new value; this one does not change
   * @see https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html#private-access
   */
  public withPrivateSources(...peers: ec2.IPeer[]): ClusterEndpointAccess {
    return new ClusterEndpointAccess(this.publicCidrs, [...this.privateSources, ...peers]);
  }

  /** For example `private, and public from 52.94.76.0/24`. */
  public toString(): string {
    const words = (values: readonly string[]) => values.map((value) => isToken(value) ? 'a value known at deployment' : value).join(', ');
    return [
      this.privateSources.length === 0 ? 'private' : `private with ${words(this.privateSources.map(({ uniqueId }) => uniqueId))}`,
      ...this.publicCidrs === undefined ? [] : [`and public from ${words(this.publicCidrs) || 'nowhere'}`],
    ].join(', ');
  }

  /**
   * As the plan sees it.
   * @internal
   */
  public _toRequest(): EndpointRequest {
    return { publicCidrs: this.publicCidrs?.map(toCidr), privateSources: this.privateSources.map(toSource) };
  }

  /**
   * As security groups see them.
   * @internal
   */
  public get _privateSources(): readonly ec2.IPeer[] {
    return this.privateSources;
  }
}

/** The rule of a peer, as CloudFormation spells it. */
interface IngressRule {
  readonly cidrIp?: string;
  readonly cidrIpv6?: string;
}

function toSource(peer: ec2.IPeer): PrivateSource {
  const { cidrIp, cidrIpv6 } = peer.toIngressRuleConfig() as IngressRule;
  const cidr = cidrIp ?? cidrIpv6;
  return { name: peer.uniqueId, cidr: cidr === undefined ? undefined : toCidr(cidr) };
}

function toCidr(cidr: string): Cidr {
  return isToken(cidr) ? { opaque: isListToken(cidr) ? 'a list' : 'a CIDR', token: cidr } : cidr;
}

function isToken(value: string): boolean {
  return Token.isUnresolved(value) || isListToken(value);
}

/** One element stands for a list of unknown length. */
function isListToken(value: string): boolean {
  return !Token.isUnresolved(value) && Token.isUnresolved([value]);
}
