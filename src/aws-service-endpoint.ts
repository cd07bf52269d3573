import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ServiceEndpointParts } from './aws/service-endpoint';
import { GATEWAY_IS_NO_PEER, nameOfEndpoints } from './core/plan/aws-service-endpoint';
import { Peer } from './core/policy/intent';
import { INetworkPeer } from './network-peer';

/**
 * An AWS service and how it is reached inside the VPC.
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 */
export class AwsService {
  /**
   * By network interfaces in the subnets of endpoints.
   * @param service as `ec2.InterfaceVpcEndpointAwsService.SQS`
   */
  public static byInterface(service: ec2.IInterfaceVpcEndpointService): AwsService {
    return new AwsService(service, undefined);
  }

  /**
   * By a route to its public addresses, for S3 and DynamoDB. Costs nothing, and no policy tells it from the internet.
   * @param service as `ec2.GatewayVpcEndpointAwsService.DYNAMODB`
   */
  public static byGateway(service: ec2.IGatewayVpcEndpointService): AwsService {
    return new AwsService(undefined, service);
  }

  private constructor(
    /** @internal */
    public readonly _byInterface: ec2.IInterfaceVpcEndpointService | undefined,
    /** @internal */
    public readonly _byGateway: ec2.IGatewayVpcEndpointService | undefined,
  ) {}
}

/** Which service gets an endpoint. */
export interface AwsServiceEndpointOptions {
  /** The service. Two endpoints for one are an error at synthesis. */
  readonly service: AwsService;

  /**
   * What may be done through the endpoint, whoever asks: its endpoint policy. Each statement names a principal.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
   * @default - everything that IAM allows
   */
  readonly policyStatements?: iam.PolicyStatement[];

  /**
   * One that the VPC has already, for this service: nothing is made, but for rules in its first security group, where that is
   * known, which admit nodes and the functions that deploy objects. Endpoints that the same app makes in a given VPC are found
   * without it.
   * @default - an endpoint is made
   */
  readonly existing?: ec2.IVpcEndpoint;
}

/**
 * An endpoint of the cluster's VPC for an AWS service, before nodes and after them gone. Made by `cluster.addAwsServiceEndpoint()`.
 *
 * An interface endpoint has a security group of its own, which admits nodes and pods (`cluster.connections`), the functions that
 * deploy objects and, for Systems Manager, the cluster's bastions; more through `connections`. Its private DNS name
 * answers in the whole VPC: whoever else uses the service there must be admitted. A pod needs a rule of the network besides: as a
 * peer it means the subnets of interface VPC endpoints, and so *every* service that has one there.
 */
export class AwsServiceEndpoint extends Construct implements INetworkPeer, ec2.IConnectable {
  /** @internal */
  public static _in(scope: Construct, id: string, create: (endpoint: AwsServiceEndpoint) => ServiceEndpointParts): AwsServiceEndpoint {
    return new AwsServiceEndpoint(scope, id, create);
  }

  /** The endpoint itself. */
  public readonly endpoint: ec2.IVpcEndpoint;

  /** In words, for messages and reports. */
  public readonly peerName: string;

  /** @internal */
  public readonly _parts: ServiceEndpointParts;

  private constructor(scope: Construct, id: string, create: (endpoint: AwsServiceEndpoint) => ServiceEndpointParts) {
    super(scope, id);
    this._parts = create(this);
    this.endpoint = this._parts.endpoint;
    const { service = 'a service known at deployment' } = this._parts.facts;
    this.peerName = nameOfEndpoints(service);
  }

  /**
   * Who reaches it, on the port of the service.
   * @throws for a gateway endpoint, which has no security group
   */
  public get connections(): ec2.Connections {
    if (!this._parts.connections) throw new Error(`${this.node.path}: a gateway endpoint is a route and has no security group; its endpoint policy says what it lets through`);
    return this._parts.connections;
  }

  /** @internal */
  public _toPeer(): Peer {
    if (!this._parts.connections) throw new Error(`${this.node.path}: ${GATEWAY_IS_NO_PEER}`);
    return { kind: 'endpoints', service: this._parts.facts.service };
  }
}
