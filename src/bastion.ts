import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BastionParts } from './aws/bastion';

/**
 * What the role of a bastion may do in Kubernetes, and so whoever may start a session on it. Who only forwards a port uses
 * an identity of their own, and needs none of this.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export class BastionAccess {
  /** Nothing: its role has no access entry. */
  public static readonly NONE = new BastionAccess([]);

  /** Sees most objects of every namespace, but no Secrets: `AmazonEKSViewPolicy`. */
  public static readonly VIEW = new BastionAccess([
    eks.AccessPolicy.fromAccessPolicyName('AmazonEKSViewPolicy', { accessScopeType: eks.AccessScopeType.CLUSTER }),
  ]);

  /**
   * These access policies, each with its scope. Administration of the cluster is an error at synthesis.
   * @param policies at least one, as `eks.AccessPolicy.fromAccessPolicyName('AmazonEKSEditPolicy', { accessScopeType:
   *   eks.AccessScopeType.NAMESPACE, namespaces: ['shop'] })`
   * @throws when there is none
   */
  public static policies(...policies: eks.IAccessPolicy[]): BastionAccess {
    if (policies.length === 0) throw new Error('BastionAccess.policies(): no policy is given; use BastionAccess.NONE for no access');
    return new BastionAccess([...policies]);
  }

  private constructor(private readonly accessPolicies: readonly eks.IAccessPolicy[]) {}

  /** @internal */
  public _toPolicies(): readonly eks.IAccessPolicy[] {
    return this.accessPolicies;
  }
}

/** A way to the private endpoint for people outside the VPC. */
export interface BastionOptions {
  /**
   * What its own role may do in Kubernetes.
   * @default BastionAccess.VIEW
   */
  readonly kubernetesAccess?: BastionAccess;

  /**
   * Its instance type, arm64 or x86_64.
   * @default - t4g.nano
   */
  readonly instanceType?: ec2.InstanceType;
}

/**
 * An instance in a subnet of nodes that forwards connections to the private endpoint. Made by `cluster.addBastion()`.
 *
 * It is reached through Systems Manager alone, by whom IAM allows `ssm:StartSession` on it: no inbound rule, no key pair, no
 * public address; metadata by session tokens only with one hop, an encrypted volume, and outwards TCP 443. Two outputs say
 * how to forward a port and how kubectl uses it. Without a way to the internet it needs the VPC endpoints `ssm` and
 * `ssmmessages`: `addAwsServiceEndpoint()` admits it by itself.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html
 */
export class Bastion extends Construct implements ec2.IConnectable {
  /** @internal */
  public static _in(scope: Construct, id: string, create: (bastion: Bastion) => BastionParts): Bastion {
    return new Bastion(scope, id, create);
  }

  /** Its security group, of its own. */
  public readonly connections: ec2.Connections;

  /** Its role: what Systems Manager needs, and nothing else. */
  public readonly role: iam.IRole;

  /** The instance. A newer image of Amazon Linux 2023 replaces it with the next deployment. */
  public readonly instance: ec2.Instance;

  /** @internal */
  public readonly _parts: BastionParts;

  private constructor(scope: Construct, id: string, create: (bastion: Bastion) => BastionParts) {
    super(scope, id);
    this._parts = create(this);
    this.connections = this._parts.securityGroup.connections;
    this.role = this._parts.role;
    this.instance = this._parts.instance;
  }
}
