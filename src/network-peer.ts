import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { loadBalancerPeer } from './cdk/load-balancer-mark';
import { cidrOf, requireKnown, requireKnownLabels } from './cdk/tokens';
import { workloadPeer, servicePeer } from './cdk/workload-peer';
import { GATEWAY_IS_NO_PEER, nameOfEndpoints } from './core/plan/aws-service-endpoint';
import { describePeer, Labels, Peer, WellKnown } from './core/policy/intent';
import { checkLabel, checkNamespaceName, checkObjectName } from './core/policy/syntax';
import { checkCidr } from './core/sets/cidr-syntax';

/**
 * One end of a flow on the cluster's network, as `ec2.IPeer` is one of a security group's rule.
 * Made by `NetworkPeer` and by namespaces and service accounts of the cluster.
 */
export interface INetworkPeer {
  /** The peer in words, for messages and reports. */
  readonly peerName: string;

  /**
   * What the policy core knows it as; read when the network is decided.
   * @internal
   */
  _toPeer(): Peer;
}

/**
 * Ends of flows: pods, addresses, and the places that every cluster has.
 *
 * An address peer never means a pod, even where pods share the range, as they do with the VPC CNI.
 */
export class NetworkPeer implements INetworkPeer {
  /**
   * The pods of a namespace that carry all of these labels.
   * @param labels at least one label; for every pod of the namespace use `NetworkPeer.namespace()`
   * @throws when there is no label, or a name or label breaks Kubernetes' syntax or is a token
   */
  public static pods(namespace: string, labels: { [key: string]: string }): NetworkPeer {
    if (Object.keys(labels).length === 0) {
      throw new Error(`NetworkPeer.pods('${namespace}', {}): no label is given, and an empty list never means everything; use NetworkPeer.namespace('${namespace}') for every pod`);
    }
    return NetworkPeer.known({ kind: 'pods', namespace: checkedNamespace(namespace), labels: checkedLabels(labels) });
  }

  /**
   * Every pod of a namespace.
   * @throws when the name breaks Kubernetes' syntax or is a token
   */
  public static namespace(name: string): NetworkPeer {
    return NetworkPeer.known({ kind: 'pods', namespace: checkedNamespace(name) });
  }

  /**
   * Every pod of the namespaces that carry all of these labels.
   *
   * Whoever may label a namespace may put it among them.
   * @throws when there is no label, or one breaks Kubernetes' syntax or is a token
   */
  public static namespaces(labels: { [key: string]: string }): NetworkPeer {
    if (Object.keys(labels).length === 0) {
      throw new Error('NetworkPeer.namespaces({}): no label is given, and an empty list never means everything; name the namespaces by a label');
    }
    return NetworkPeer.known({ kind: 'pods', namespaceLabels: checkedLabels(labels) });
  }

  /**
   * The pods that run as a service account: an identity that Kubernetes' RBAC guards, as labels are not.
   * @throws when a name breaks Kubernetes' syntax or is a token
   */
  public static serviceAccount(namespace: string, name: string): NetworkPeer {
    requireKnown(name, 'the service account');
    const broken = checkObjectName('service account', name);
    if (broken) throw new Error(`NetworkPeer.serviceAccount: ${broken}`);
    return NetworkPeer.known({ kind: 'pods', namespace: checkedNamespace(namespace), serviceAccount: name });
  }

  /**
   * Address ranges, as `192.0.2.0/24`; a single address is a `/32`. Tokens are accepted: what depends on one is reported
   * as undetermined.
   * @throws when there is none, or a literal is no CIDR or has bits set behind its mask
   */
  public static cidr(...cidrs: string[]): NetworkPeer {
    if (cidrs.length === 0) throw new Error('NetworkPeer.cidr(): no range is given, and an empty list never means everything; name the ranges');
    if (Token.isUnresolved(cidrs)) {
      throw new Error('NetworkPeer.cidr(): a token of a whole list has an unknown number of ranges; give each range, which may be a token');
    }
    for (const cidr of cidrs) {
      const broken = Token.isUnresolved(cidr) ? undefined : checkCidr(cidr);
      if (broken) throw new Error(`NetworkPeer.cidr: ${broken}`);
    }
    const names = cidrs.map((cidr) => Token.isUnresolved(cidr) ? 'a range known at deployment' : cidr);
    return NetworkPeer.known({ kind: 'addresses', name: names.join(', '), cidrs: cidrs.map((cidr) => cidrOf(cidr, 'NetworkPeer.cidr()')) });
  }

  /**
   * The addresses in these subnets, without the pods.
   * @throws when there is no subnet, or one does not know its range
   */
  public static subnets(...subnets: ec2.ISubnet[]): NetworkPeer {
    if (subnets.length === 0) throw new Error('NetworkPeer.subnets(): no subnet is given, and an empty list never means everything; name the subnets');
    const cidrs = subnets.map((subnet) => cidrOf(subnet.ipv4CidrBlock, `the range of ${subnet.node.path}`));
    return NetworkPeer.known({ kind: 'addresses', name: `subnets ${subnets.map((subnet) => subnet.node.id).join(', ')}`, cidrs });
  }

  /** Every address of the VPC, without the pods. */
  public static vpc(): NetworkPeer {
    return NetworkPeer.wellKnown('vpc');
  }

  /** The nodes, and the pods that use their network: not the other pods, though these share the range. */
  public static nodes(): NetworkPeer {
    return NetworkPeer.wellKnown('nodes');
  }

  /** The control plane, where it calls webhooks and aggregated APIs. As a source only. */
  public static controlPlane(): NetworkPeer {
    return NetworkPeer.wellKnown('controlPlane');
  }

  /** The subnets of internal load balancers. */
  public static loadBalancers(): NetworkPeer {
    return NetworkPeer.wellKnown('loadBalancers');
  }

  /** The Kubernetes API server. For expectations; rules use `allowApiServerAccess()`. */
  public static apiServer(): NetworkPeer {
    return NetworkPeer.wellKnown('apiServer');
  }

  /** The kubelet of every node, on its ports. For expectations; rules use `allowKubeletAccess()`. */
  public static kubelet(): NetworkPeer {
    return NetworkPeer.wellKnown('kubelet');
  }

  /** The cluster's DNS pods. */
  public static clusterDns(): NetworkPeer {
    return NetworkPeer.wellKnown('clusterDns');
  }

  /** The EC2 instance metadata service. For expectations; rules use `allowInstanceMetadataAccess()`. */
  public static instanceMetadata(): NetworkPeer {
    return NetworkPeer.wellKnown('instanceMetadata');
  }

  /**
   * An AWS service, as policy can see it: the subnets of interface VPC endpoints, and so *every* service that has one there.
   * @param service its name in endpoint names, as `sqs` or `secretsmanager`
   * @throws for S3 and DynamoDB, whose gateway endpoints lead to public addresses
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
   */
  public static awsService(service: string): NetworkPeer {
    requireKnown(service, 'the AWS service');
    if (['s3', 'dynamodb'].includes(service)) {
      throw new Error(`NetworkPeer.awsService('${service}'): ${GATEWAY_IS_NO_PEER}`);
    }
    return new NetworkPeer(() => ({ kind: 'endpoints', service }), nameOfEndpoints(service));
  }

  /** Every public address: none of RFC 1918, RFC 6598, link-local, or the VPC. As a destination only. */
  public static internet(): NetworkPeer {
    return NetworkPeer.wellKnown('internet');
  }

  /**
   * The pods of a workload: any construct whose object is a Deployment, StatefulSet, DaemonSet, Job, CronJob or Pod, of
   * cdk8s, any cdk8s-plus, or an imported API. It is read when the network is decided.
   */
  public static fromWorkload(workload: IConstruct): NetworkPeer {
    return new NetworkPeer(() => workloadPeer(workload), workload.node.path);
  }

  /** The pods behind a Service: what a connection meets after service translation. Read when the network is decided. */
  public static service(service: IConstruct): NetworkPeer {
    return new NetworkPeer(() => servicePeer(service), `the pods behind ${service.node.path}`);
  }

  /**
   * Who the pods behind a load balancer see as the source of connections through it: its subnets, its clients where it keeps
   * their addresses, or the nodes. Read when the network is decided.
   * @param target what `InternalLoadBalancer` or `RestrictedLoadBalancer` was applied to
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
   */
  public static loadBalancer(target: IConstruct): NetworkPeer {
    return new NetworkPeer(() => loadBalancerPeer(target), `the load balancer of ${target.node.path}`);
  }

  private static known(peer: Peer): NetworkPeer {
    return new NetworkPeer(() => peer, describePeer(peer));
  }

  private static wellKnown(kind: WellKnown): NetworkPeer {
    return NetworkPeer.known({ kind });
  }

  private constructor(private readonly peer: () => Peer, public readonly peerName: string) {}

  /** For example `pods app=web in shop`. */
  public toString(): string {
    return this.peerName;
  }

  /** @internal */
  public _toPeer(): Peer {
    return this.peer();
  }
}

function checkedNamespace(name: string): string {
  requireKnown(name, 'the namespace');
  const broken = checkNamespaceName(name);
  if (broken) throw new Error(`NetworkPeer: ${broken}`);
  return name;
}

function checkedLabels(labels: Labels): Labels {
  requireKnownLabels(labels);
  for (const [key, value] of Object.entries(labels)) {
    const broken = checkLabel(key, value);
    if (broken) throw new Error(`NetworkPeer: ${broken}`);
  }
  return { ...labels };
}
