import { CLUSTER_DNS } from './facts';
import { ClusterAddresses, ExemptionIntent, Peer, PodPeer, PortIntent, TrafficIntent } from './intent';
import { Cidr } from './policy';

const NAMESPACE = 'kube-system';
/** The link-local address of the VPC's resolver. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
const RESOLVER = '169.254.169.253/32';

const tcp = (...ports: number[]): PortIntent[] => [{ protocol: 'TCP', ports }];
const DNS: PortIntent[] = [{ protocol: 'UDP', ports: [CLUSTER_DNS.port] }, { protocol: 'TCP', ports: [CLUSTER_DNS.port] }];

/** What a workload of kube-system needs beyond what every pod gets. */
interface SystemWorkload {
  readonly name: string;
  readonly serviceAccount: string;
  readonly apiServer?: boolean;
  readonly kubelet?: boolean;
  /** AWS APIs, through NAT or the VPC's endpoints. */
  readonly awsApis?: boolean;
  /** Ports that the control plane calls. */
  readonly fromControlPlane?: readonly number[];
}

/** Those that EKS installs or AWS documents for kube-system, on the pod network; what uses the host's is bound by no policy. */
const WORKLOADS: readonly SystemWorkload[] = [
  // Watches Services and EndpointSlices: https://coredns.io/plugins/kubernetes/
  { name: 'coredns', serviceAccount: CLUSTER_DNS.serviceAccount, apiServer: true },
  // https://kubernetes-sigs.github.io/metrics-server/#requirements; the add-on listens on 10251: https://docs.aws.amazon.com/eks/latest/userguide/metrics-server.html
  { name: 'metrics-server', serviceAccount: 'metrics-server', apiServer: true, kubelet: true, fromControlPlane: [10251] },
  // EC2 through the SDK, and the API for volumes: https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
  { name: 'ebs-csi-controller', serviceAccount: 'ebs-csi-controller-sa', apiServer: true, awsApis: true },
  // Reads its Node object, as metadata does not answer: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md
  { name: 'ebs-csi-node', serviceAccount: 'ebs-csi-node-sa', apiServer: true },
  // Webhook on 9443, EC2 and ELB APIs: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/
  { name: 'load-balancer-controller', serviceAccount: 'aws-load-balancer-controller', apiServer: true, awsApis: true, fromControlPlane: [9443] },
];

/** Rules and exemptions that keep kube-system working inside the default deny, both directions. */
export function hardenedSystem({ vpc }: ClusterAddresses): { rules: TrafficIntent[]; exemptions: ExemptionIntent[] } {
  const rule = (name: string, source: Peer, destination: Peer, ports: readonly PortIntent[]): TrafficIntent =>
    ({ name: `system-${name}`, origin: `SystemNamespaces.HARDENED (${name})`, source, destination, ports });
  const dns: PodPeer = { kind: 'pods', namespace: NAMESPACE, labels: CLUSTER_DNS.labels };
  const rules = [
    // Every pod and every node asks it, and it asks the VPC's resolver.
    rule('dns-queries-of-pods', { kind: 'pods' }, dns, DNS),
    rule('dns-queries-of-nodes', { kind: 'nodes' }, dns, DNS),
    rule('dns-upstream', dns, { kind: 'addresses', name: 'the VPC resolver', cidrs: [...vpc.map(resolverOf), RESOLVER] }, DNS),
  ];
  const exemptions: ExemptionIntent[] = [];
  for (const { name, serviceAccount, apiServer, kubelet, awsApis, fromControlPlane } of WORKLOADS) {
    const pods: PodPeer = { kind: 'pods', namespace: NAMESPACE, serviceAccount };
    const exempt = (guardrail: ExemptionIntent['guardrail'], word: string) => exemptions.push({
      name: `system-${name}-${word}`, origin: `SystemNamespaces.HARDENED (${name})`, guardrail, namespace: NAMESPACE, serviceAccounts: [serviceAccount],
    });
    if (apiServer) exempt('apiServer', 'api-server');
    if (kubelet) exempt('kubelet', 'kubelet');
    if (awsApis) {
      rules.push(rule(`${name}-aws-apis`, pods, { kind: 'internet' }, tcp(443)));
      rules.push(rule(`${name}-vpc-endpoints`, pods, { kind: 'vpc' }, tcp(443)));
    }
    if (fromControlPlane) rules.push(rule(`${name}-from-control-plane`, { kind: 'controlPlane' }, pods, tcp(...fromControlPlane)));
  }
  return { rules, exemptions };
}

/** The second address of the range; the whole range where it is known at deployment only. */
function resolverOf(cidr: Cidr): Cidr {
  const base = typeof cidr === 'string' ? /^(\d+\.\d+\.\d+)\.(\d+)\//.exec(cidr) : null;
  return base ? `${base[1]}.${Number(base[2]) + 2}/32` : cidr;
}
