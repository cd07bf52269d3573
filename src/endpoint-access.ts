import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { cidrOf, isListToken } from './cdk/tokens';
import { EndpointRequest } from './core/plan/endpoint';
import { PrivateSource } from './core/plan/private-sources';
import { checkPublicCidrs } from './core/plan/public-cidrs';

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
   * together with all others: ranges that are or add up to half of the internet, that are not public, or that have bits set behind
   * the prefix; no CIDR at all; more than 40. What is broader than a `/16`, alone or together, must be acknowledged.
   *
   * @param cidrs IPv4 ranges such as `52.94.76.0/24`; a single address is a `/32`. A token is accepted with a warning, because
   *   its value cannot be checked; a token of a whole list must be the only argument
   * @throws when a literal is no CIDR
   * @see https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html
   */
  public static publicFrom(...cidrs: string[]): ClusterEndpointAccess {
    const broken = checkPublicCidrs(cidrs.filter((cidr) => !isToken(cidr))).diagnostics.find(({ code }) => code === 'endpointCidrSyntax');
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
   * @param peers ranges of RFC 1918 or RFC 6598, security groups or prefix lists. Every address (`Peer.anyIpv4()`), also in
   *   halves, and IPv6 are errors at synthesis; public ranges and tokens are warnings
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
    return {
      publicCidrs: this.publicCidrs?.map((cidr, index) => cidrOf(cidr, isListToken(cidr) ? 'a list' : `a token in place ${index + 1}`)),
      privateSources: this.privateSources.map(toSource),
    };
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
  readonly sourcePrefixListId?: string;
}

function toSource(peer: ec2.IPeer, index: number): PrivateSource {
  const { cidrIp, cidrIpv6, sourcePrefixListId } = peer.toIngressRuleConfig() as IngressRule;
  const cidr = cidrIp ?? cidrIpv6;
  const id = peer.uniqueId;
  if (cidr !== undefined) return { id, name: isToken(cidr) ? `a token in place ${index + 1}` : `range ${cidr}`, cidr: cidrOf(cidr, `a token in place ${index + 1}`) };
  if (sourcePrefixListId !== undefined) return { id, name: `prefix list ${isToken(id) ? 'known at deployment' : id}, whose ranges are not in view` };
  const { securityGroupId = id } = peer as Partial<ec2.ISecurityGroup>;
  const called = !isToken(securityGroupId) ? securityGroupId : Construct.isConstruct(peer) ? peer.node.path : 'known at deployment';
  return { id, name: `security group ${called}` };
}

function isToken(value: string): boolean {
  return Token.isUnresolved(value) || isListToken(value);
}
