/**
 * Whether Calico can and does enforce on an EKS cluster, by what the cluster is like. The one table: checks take their words from it,
 * docs/engine.md shows it, and a test makes each cell in a tree of its own.
 */
export interface Cell {
  /** What is looked at, and how it is. */
  readonly feature: string;
  readonly state: string;
  /** `loss`: it works but for what `because` names. */
  readonly verdict: 'works' | 'loss' | 'error';
  /** Why; of a loss and of an error the words of the message. */
  readonly because: string;
  /** Of a loss and of an error. */
  readonly code?: string;
  readonly fix?: string;
  /** An error that becomes a loss where it is accepted. */
  readonly acceptable?: boolean;
  /** Which pods an accepted error or a loss leaves without policies. Default: nobody knows, so any. */
  readonly unbound?: 'selected' | 'withGroups';
  readonly source: string;
}

const ALTERNATE = 'https://docs.aws.amazon.com/eks/latest/userguide/alternate-cni-plugins.html';
const CALICO_ON_EKS = 'https://docs.tigera.io/calico/3.32/getting-started/kubernetes/managed-public-cloud/eks';
const ON_NODES = 'addNodegroup() of this cluster';

export const CELLS = {
  autoModeOff: { feature: 'EKS Auto Mode', state: 'off', verdict: 'works', because: 'nodes are EC2 instances that take DaemonSets of anybody', source: ALTERNATE },
  autoModeOn: {
    feature: 'EKS Auto Mode', state: 'on', verdict: 'error', code: 'autoMode', because: 'EKS Auto Mode runs nodes that admit no Calico', fix: 'remove what sets it; nodes come from addNodegroup()', source: ALTERNATE,
  },
  fargateNone: { feature: 'Fargate profiles', state: 'none', verdict: 'works', because: 'every pod is on a node that runs Calico', source: ALTERNATE },
  fargateSome: {
    feature: 'Fargate profiles', state: 'at least one', verdict: 'error', acceptable: true, unbound: 'selected', code: 'fargateOutsideNetwork',
    because: 'Calico does not run on Fargate: no policy binds the pods of this profile', fix: 'run them on nodes, or acknowledge what their security group lets them reach',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/fargate.html',
  },
  nodesLinux: { feature: 'Node groups', state: 'at least one of Linux', verdict: 'works', because: 'Calico, its API and the DNS of the cluster have nodes to run on', source: CALICO_ON_EKS },
  nodesNone: {
    feature: 'Node groups', state: 'none, or none that takes CoreDNS and Calico', verdict: 'error', acceptable: true, code: 'nodesMissing',
    because: 'CoreDNS and Calico find no node to run on, and the deployment waits for them in vain', fix: 'add a group with addNodegroup() that has a node from the start and no taint, name its taints in toleratedTaints, or acknowledge where such nodes come from',
    source: CALICO_ON_EKS,
  },
  nodesNoLinux: {
    feature: 'Node groups', state: 'of Windows only', verdict: 'error', code: 'linuxNodesMissing',
    because: 'its nodes are of Windows, as all others in view: the operator of Calico, Typha, its API and CoreDNS run on Linux', fix: `add nodes of Linux by ${ON_NODES}`,
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html',
  },
  windowsSome: {
    feature: 'Windows nodes', state: 'beside those of Linux', verdict: 'error', acceptable: true, code: 'windowsOutsideNetwork',
    because: 'Calico is installed for Linux: no policy binds pods on these nodes', fix: `run them on ${ON_NODES}, or acknowledge what network ACLs and security groups let them reach`,
    source: 'https://docs.tigera.io/calico/3.32/getting-started/kubernetes/windows-calico/requirements',
  },
  windowsNone: { feature: 'Windows nodes', state: 'none', verdict: 'works', because: 'Felix of Linux is on every node', source: CALICO_ON_EKS },
  hybridNone: { feature: 'Hybrid nodes', state: 'none', verdict: 'works', because: 'the VPC CNI, which Calico is installed beside, is on every node', source: ALTERNATE },
  hybridSome: {
    feature: 'Hybrid nodes', state: 'remote networks, or an access entry of theirs', verdict: 'error', acceptable: true, code: 'hybridOutsideNetwork',
    because: 'hybrid nodes have no VPC CNI, and Calico, installed beside it, binds no pod on them', fix: 'remove it, or acknowledge what their own network lets pods there reach',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-cni.html',
  },
  ipv4: { feature: 'Address family', state: 'IPv4', verdict: 'works', because: 'policies, checks and Felix speak of the same addresses', source: CALICO_ON_EKS },
  ipv6: {
    feature: 'Address family', state: 'IPv6, without IPv4 egress', verdict: 'error', code: 'clusterIpv6', because: 'Calico would enforce, but policies and checks here are made for IPv4', fix: 'remove what sets it; IPv4 is the default',
    source: CALICO_ON_EKS,
  },
  ipv6Egress: {
    feature: 'Address family', state: 'IPv6, with IPv4 egress (as EKS has it)', verdict: 'error', code: 'clusterIpv6',
    because: 'pods have a second, IPv4 interface (ENABLE_V4_EGRESS) on which Calico enforces nothing, and policies and checks here are made for IPv4', fix: 'remove what sets it; IPv4 is the default', source: CALICO_ON_EKS,
  },
  cniPolicyOff: { feature: 'Network policy of the VPC CNI', state: 'off', verdict: 'works', because: 'Calico is the only engine', source: CALICO_ON_EKS },
  cniPolicyOn: {
    feature: 'Network policy of the VPC CNI', state: 'on', verdict: 'error', code: 'twoPolicyEngines', because: 'two engines on one node fight over the same packets, and Calico is the one', fix: 'remove what sets it', source: CALICO_ON_EKS,
  },
  otherPluginNone: { feature: 'Other network plugins', state: 'none in the app', verdict: 'works', because: 'the VPC CNI connects pods, Calico decides', source: ALTERNATE },
  otherPluginCilium: {
    feature: 'Other network plugins', state: 'Cilium, or a second Calico', verdict: 'error', code: 'secondPolicyEngine',
    because: 'it brings a policy engine of its own: two on one node fight over the same packets, and Calico of this cluster is the one', fix: 'remove it', source: ALTERNATE,
  },
  otherPluginUnknown: {
    feature: 'Other network plugins', state: 'any other that looks like one by its name', verdict: 'error', acceptable: true, code: 'networkPluginUnknown',
    because: 'it may connect pods or enforce policies past Calico, and what it does is not known here', fix: 'remove it, or acknowledge what it does', source: ALTERNATE,
  },
  podGroupsOff: { feature: 'Security groups for pods', state: 'off', verdict: 'works', because: 'every pod has an interface that Felix knows', source: ALTERNATE },
  podGroupsStandard: {
    feature: 'Security groups for pods', state: 'on, enforcing mode standard', verdict: 'works', because: 'such pods have interfaces like all others, and both their groups and policies bind them',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/sg-pods-example-deployment.html',
  },
  podGroupsStrict: {
    feature: 'Security groups for pods', state: 'on, enforcing mode strict (as the VPC CNI has it)', verdict: 'loss', code: 'podSecurityGroups', unbound: 'withGroups',
    because: 'no policy binds a pod with security groups of its own', fix: "set POD_SECURITY_GROUP_ENFORCING_MODE to 'standard', or acknowledge that groups alone bind such pods", source: ALTERNATE,
  },
  customNetworkingOff: { feature: 'Custom networking', state: 'off', verdict: 'works', because: 'Felix knows pods by their interfaces, wherever their addresses are from', source: CALICO_ON_EKS },
  customNetworkingOn: {
    feature: 'Custom networking', state: 'on (`subnets.pods`)', verdict: 'works', because: 'Felix knows pods by their interfaces, wherever their addresses are from', source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html',
  },
  customNetworkingUnseen: {
    feature: 'Custom networking', state: 'on, not by `subnets.pods`', verdict: 'loss', code: 'podSubnetsUnseen', unbound: 'selected',
    because: 'policies bind every pod, but rules for ranges and checks of security groups do not know where pods are', fix: 'name the subnets in subnets.pods, or acknowledge that only policies were checked',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html',
  },
  vethPrefixKept: { feature: 'AWS_VPC_K8S_CNI_VETHPREFIX', state: "'eni' (as the VPC CNI has it)", verdict: 'works', because: 'Felix knows interfaces of pods by it', source: 'https://github.com/aws/amazon-vpc-cni-k8s#aws_vpc_k8s_cni_vethprefix' },
  vethPrefixChanged: {
    feature: 'AWS_VPC_K8S_CNI_VETHPREFIX', state: 'another', verdict: 'error', code: 'vethPrefixChanged', because: "Felix knows interfaces of pods by the prefix 'eni', and would enforce nothing on others", fix: 'remove what sets it',
    source: 'https://github.com/tigera/operator/blob/v1.42.3/pkg/render/node.go',
  },
  kubeProxyIptables: { feature: 'Mode of kube-proxy', state: 'iptables (as EKS has it)', verdict: 'works', because: 'Felix programs iptables too', source: CALICO_ON_EKS },
  kubeProxyIpvs: { feature: 'Mode of kube-proxy', state: 'ipvs', verdict: 'works', because: 'Felix sees it and marks connections for it', source: 'https://docs.tigera.io/calico/3.32/networking/configuring/use-ipvs' },
  kubeProxyNftables: {
    feature: 'Mode of kube-proxy', state: 'nftables, or one that is not known', verdict: 'error', code: 'kubeProxyMode', because: 'Felix is installed for iptables, and the two must program the same', fix: 'leave it at iptables',
    source: 'https://docs.tigera.io/calico/3.32/getting-started/kubernetes/nftables',
  },
  cniManaged: { feature: 'Who installs the VPC CNI', state: 'EKS, as an add-on', verdict: 'works', because: 'its settings are this library\'s, and are checked', source: 'https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html' },
  cniTwice: {
    feature: 'Who installs the VPC CNI', state: 'EKS, and a chart beside it', verdict: 'error', code: 'vpcCniTwice', because: 'the add-on and this chart write the same DaemonSet, and whoever wrote last decides whether Calico enforces',
    fix: 'remove the chart; its settings belong to the add-on', source: 'https://docs.aws.amazon.com/eks/latest/userguide/vpc-add-on-self-managed-helm.html',
  },
  cniSelfManaged: {
    feature: 'Who installs the VPC CNI', state: 'somebody else, the add-on is gone', verdict: 'loss', code: 'vpcCniUnseen',
    because: 'no add-on of the VPC CNI is in view: whether its own policies are off and addresses of pods reach Calico in time is not known', fix: 'leave the add-on in, or check the settings of what is installed instead and acknowledge it',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/vpc-add-on-self-managed-helm.html',
  },
  engineInstalled: { feature: 'Calico itself', state: 'installed', verdict: 'works', because: 'its release is in the app as it was decided', source: CALICO_ON_EKS },
  engineMissing: {
    feature: 'Calico itself', state: 'its release is gone, or a condition decides', verdict: 'error', code: 'policyWithoutEngine', because: 'policies are deployed and nothing enforces them', fix: 'leave the release of Calico in',
    source: 'https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html',
  },
  elsewhereNoEngine: {
    feature: 'Policies of another cluster of the app', state: 'and no engine in view there', verdict: 'error', acceptable: true, code: 'policyWithoutEngine',
    because: 'nothing in this app enforces policies on its cluster: they do nothing', fix: 'install an engine there, use SecureEksCluster, or acknowledge where the engine comes from',
    source: 'https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html',
  },
  elsewhereEngine: {
    feature: 'Policies of another cluster of the app', state: 'and an engine, by chart, add-on or Auto Mode', verdict: 'works', because: 'what it enforces is that cluster\'s matter',
    source: 'https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html',
  },
  policyOfOtherEngine: {
    feature: 'Policies of other engines', state: 'of Cilium, Antrea or Kube-OVN', verdict: 'error', code: 'policyWithoutEngine', because: 'it is a policy of an engine that this cluster does not have: nothing enforces it',
    fix: 'write it as networking.k8s.io/v1 or projectcalico.org/v3', source: ALTERNATE,
  },
} as const satisfies { readonly [id: string]: Cell };

export type CellId = keyof typeof CELLS;
