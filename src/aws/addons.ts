import { CfnAddon } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { IDependable } from 'constructs';
import { ClusterParts } from './cluster';
import { tolerationsOf } from '../core/plan/tolerations';

/** Versions of the add-ons, such as `v1.20.1-eksbuild.3`. Default: what EKS chooses for the Kubernetes version at creation. */
export interface AddonVersions {
  readonly vpcCni?: string;
  readonly kubeProxy?: string;
  readonly coreDns?: string;
  readonly podIdentityAgent?: string;
}

/**
 * Pods on interfaces in subnets of their own, one for each zone. A node's first interface then holds no pod, so that it has room
 * for fewer than its kubelet believes; prefixes of 16 addresses instead of single ones make it more.
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html and .../cni-increase-ip-addresses.html
 */
const PODS_IN_SUBNETS_OF_THEIR_OWN = {
  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true',
  ENI_CONFIG_LABEL_DEF: 'topology.kubernetes.io/zone',
  ENABLE_PREFIX_DELEGATION: 'true',
};

/** Those that the add-on brings. https://github.com/aws/containers-roadmap/issues/1667 */
const CORE_DNS_TOLERATIONS = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];

/** The network of nodes: without it none becomes ready. Nodes wait for both. */
export function createAddonsBeforeNodes(parts: ClusterParts, versions: AddonVersions = {}): { readonly vpcCni: eks.Addon } {
  const vpcCni = createAddon(parts, 'VpcCni', 'vpc-cni', {
    version: versions.vpcCni,
    configuration: {
      // Calico learns a pod's address before the kubelet reports it.
      env: { ANNOTATE_POD_IP: 'true', ...parts.network.pods && PODS_IN_SUBNETS_OF_THEIR_OWN },
      // Two policy engines on one node fight over the same packets; Calico is the one.
      enableNetworkPolicy: 'false',
    },
  });
  parts.beforeNodes.add(vpcCni, createAddon(parts, 'KubeProxy', 'kube-proxy', { version: versions.kubeProxy }));
  return { vpcCni };
}

/** What runs on nodes, and would be waited for in vain without them. */
export function createAddonsAfterNodes(parts: ClusterParts, versions: AddonVersions = {}): eks.Addon[] {
  const tolerations = tolerationsOf(parts.toleratedTaints);
  // A list of one's own replaces the add-on's.
  const configuration = tolerations.length === 0 ? undefined : { tolerations: [...CORE_DNS_TOLERATIONS, ...tolerations] };
  const coreDns = createAddon(parts, 'CoreDns', 'coredns', { version: versions.coreDns, configuration, after: [parts.nodes] });
  // The cluster's own accessor: service accounts with Pod Identity would make a second one beside any other.
  const agent = parts.eksCluster.eksPodIdentityAgent as eks.Addon;
  configure(agent, versions.podIdentityAgent);
  agent.node.addDependency(parts.nodes);
  return [coreDns, agent];
}

export interface AddonOptions {
  readonly version?: string;
  readonly configuration?: Record<string, unknown>;
  /** What it waits for. */
  readonly after?: readonly IDependable[];
}

/** Any add-on, such as metrics-server. */
export function createAddon(parts: ClusterParts, id: string, addonName: string, options: AddonOptions = {}): eks.Addon {
  const addon = new eks.Addon(parts.scope, id, { cluster: parts.eksCluster, addonName, configurationValues: options.configuration });
  configure(addon, options.version);
  addon.node.addDependency(...options.after ?? []);
  return addon;
}

function configure(addon: eks.Addon, version: string | undefined): void {
  const resource = addon.node.defaultChild as CfnAddon;
  // Somebody's kubectl edit of an add-on's field would otherwise fail every later update.
  resource.resolveConflicts = 'OVERWRITE';
  resource.addonVersion = version;
}
