import { CfnTag } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { ClusterParts } from './aws/cluster';
import { blockDevicesOf, METADATA_OPTIONS, NODE_POLICIES } from './aws/node-hardening';
import { clusterTag } from './aws/security-groups';
import { NODE_DEFAULTS, volumesOf } from './core/plan/nodegroup';

/** Instance metadata, in the words of EC2, launch templates and Karpenter. */
export interface NodeMetadataOptions {
  /** `enabled`: the kubelet and the VPC CNI ask it. */
  readonly httpEndpoint: string;

  /** `required`: session tokens only (IMDSv2). */
  readonly httpTokens: string;

  /** 1: an answer reaches the node, and no pod with a network of its own. */
  readonly httpPutResponseHopLimit: number;

  /** `disabled`: tags of the instance are not readable there. */
  readonly instanceMetadataTags: string;
}

/**
 * What nodes need to be like those of `addNodegroup()`, for nodes made elsewhere: Auto Scaling groups, Karpenter.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/self-managed-workers.html
 */
export class NodeRequirements {
  /** @internal */
  public static _of(parts: ClusterParts, rooms: (name: string) => Construct, clusterDnsIp: string | undefined, ordered: () => void, made: (entry: IConstruct) => void): NodeRequirements {
    return new NodeRequirements(parts, rooms, clusterDnsIp, ordered, made);
  }

  /** The one group of the node's interfaces. A second one with the cluster's tag keeps load balancers from reaching the node. */
  public readonly securityGroup: ec2.ISecurityGroup;

  /** Private subnets for nodes. */
  public readonly subnets: ec2.ISubnet[];

  /** AWS' managed policies of the node role; it needs no others. */
  public readonly managedPolicyNames: string[];

  /**
   * Session tokens only, one hop.
   * @see https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
   */
  public readonly metadataOptions: NodeMetadataOptions;

  /** Volumes of AL2023: 20 GiB, gp3, encrypted. */
  public readonly al2023BlockDevices: ec2.BlockDevice[];

  /** Volumes of Bottlerocket, the system and the data of containers: gp3, encrypted. */
  public readonly bottlerocketBlockDevices: ec2.BlockDevice[];

  /** Tags of the instances. Karpenter sets them by itself and takes none of these. */
  public readonly tags: CfnTag[];

  /** Kubernetes version of the control plane: no node may be newer. */
  public readonly version: eks.KubernetesVersion;

  /** For the start of the kubelet: name of the cluster. */
  public readonly clusterName: string;

  /** For the start of the kubelet: URL of the API server, which inside the VPC is private. */
  public readonly apiServerEndpoint: string;

  /** For the start of the kubelet: certificate authority of the API server, base64. */
  public readonly certificateAuthorityData: string;

  /** For the start of the kubelet: range of Service addresses. */
  public readonly serviceIpv4Cidr: string;

  /**
   * For the start of the kubelet: address of the cluster DNS.
   * @default - not known at synthesis, where the range of Services is a token
   */
  public readonly clusterDnsIp?: string;

  private constructor(
    private readonly parts: ClusterParts, private readonly room: (name: string) => Construct, clusterDnsIp: string | undefined,
    private readonly ordered: () => void, private readonly made: (entry: IConstruct) => void,
  ) {
    const { eksCluster, groups, network } = parts;
    this.securityGroup = groups.nodes;
    this.subnets = [...network.nodes];
    this.managedPolicyNames = [...NODE_POLICIES];
    this.metadataOptions = {
      httpEndpoint: METADATA_OPTIONS.httpEndpoint ? 'enabled' : 'disabled',
      httpTokens: METADATA_OPTIONS.requireImdsv2 ? 'required' : 'optional',
      httpPutResponseHopLimit: NODE_DEFAULTS.metadataHopLimit,
      instanceMetadataTags: METADATA_OPTIONS.instanceMetadataTags ? 'enabled' : 'disabled',
    };
    this.al2023BlockDevices = blockDevicesOf(volumesOf('AL2023', NODE_DEFAULTS.diskSize));
    this.bottlerocketBlockDevices = blockDevicesOf(volumesOf('BOTTLEROCKET', NODE_DEFAULTS.diskSize));
    this.tags = [{ key: clusterTag(parts.clusterName), value: 'owned' }];
    this.version = parts.version;
    this.clusterName = eksCluster.clusterName;
    this.apiServerEndpoint = eksCluster.clusterEndpoint;
    this.certificateAuthorityData = eksCluster.clusterCertificateAuthorityData;
    this.serviceIpv4Cidr = parts.serviceIpv4Cidr;
    this.clusterDnsIp = clusterDnsIp;
  }

  /** Lets nodes with this role join. EKS does that by itself for its own node groups. */
  public admitRole(id: string, role: iam.IRole): eks.AccessEntry {
    const entry = new eks.AccessEntry(this.room('NodeRoles'), id, {
      cluster: this.parts.eksCluster, principal: role.roleArn, accessEntryType: eks.AccessEntryType.EC2_LINUX, accessPolicies: [],
    });
    this.made(entry);
    return entry;
  }

  /**
   * Makes these nodes wait for what nodes need (rules of security groups, VPC CNI, kube-proxy), and CoreDNS and Calico for them; deletion runs in
   * reverse. For nodes that the stack starts, such as an Auto Scaling group; those of Karpenter come later by themselves.
   */
  public order(...nodes: IConstruct[]): void {
    for (const each of nodes) {
      each.node.addDependency(this.parts.beforeNodes);
      this.parts.nodes.add(each);
    }
    if (nodes.length > 0) this.ordered();
  }
}
