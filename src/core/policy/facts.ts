import { CidrSet } from '../sets/cidr-set';
import { LOCAL, NO_UNICAST, RFC1918, SHARED, SpecialRange } from '../sets/special-ranges';

/** Facts of Kubernetes, EKS and Calico that the baseline is made of, each once, each with its source. */

/** The kubelet API and its read-only port. https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
export const KUBELET_PORTS = [10250, 10255];

/** The instance metadata service. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
export const INSTANCE_METADATA = { ipv4: '169.254.169.254/32', ipv6: 'fd00:ec2::254/128', port: 80 };

/** The EKS Pod Identity agent. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
export const POD_IDENTITY = { ipv4: '169.254.170.23/32', ipv6: 'fd00:ec2::23/128', port: 80 };

/** Link-local addresses never leave the node (RFC 3927, RFC 4291); EC2 uses fd00:ec2::/32 the same way. */
export const LINK_LOCAL = { ipv4: '169.254.0.0/16', ipv6: ['fe80::/10', 'fd00:ec2::/32'] };

/** RFC 1918, and RFC 6598 (carrier NAT), which VPCs use as well. */
export const PRIVATE_IPV4 = cidrsOf(RFC1918, SHARED);

/** Not on the internet: private, loopback, link-local, multicast and reserved; in as few pieces as there are. */
export const NOT_PUBLIC_IPV4 = [...PRIVATE_IPV4, ...cidrsOf(LOCAL, NO_UNICAST)];

function cidrsOf(...groups: (readonly SpecialRange[])[]): string[] {
  return groups.flat().reduce((all, { set }) => all.union(set), CidrSet.EMPTY).toCidrs();
}

/** CoreDNS as EKS installs it. https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html */
export const CLUSTER_DNS = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, serviceAccount: 'coredns', port: 53 };

/** NodeLocal DNSCache listens here, on the node. https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/ */
export const NODE_LOCAL_DNS = '169.254.20.10/32';

/** The Service whose endpoints are the API server's addresses: on EKS the cross-account network interfaces. */
export const API_SERVER = { service: { namespace: 'default', name: 'kubernetes' }, port: 443 };

/** What runs the cluster itself and starts before any policy. */
export const SYSTEM_NAMESPACES = ['calico-system', 'kube-system', 'tigera-operator'];

/** In every cluster; kube-system is inside the default deny only where it is hardened. */
export const BUILT_IN_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** A label that every pod has for Calico and nothing else, so that addresses that pods share can mean "no pod". */
export const ANY_POD = 'has(projectcalico.org/orchestrator)';

/** The order of the tiers around Calico's own: `calico-system` 100, `kube-admin` 1,000, `default` 1,000,000. */
export const TIERS = {
  guardrails: { name: 'eks-guardrails', order: 200, defaultAction: 'Pass' },
  allow: { name: 'eks-allow', order: 2000, defaultAction: 'Pass' },
  defaultDeny: { name: 'eks-default-deny', order: 20_000_000, defaultAction: 'Deny' },
} as const;
