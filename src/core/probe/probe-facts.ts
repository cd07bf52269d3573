import { ProbeTarget } from './probe';
import { API_SERVER, CLUSTER_DNS, INSTANCE_METADATA, KUBELET_PORTS, POD_IDENTITY } from '../policy/facts';

/** Where probes run, and where what they reach does: both for nobody else. */
export const PROBE_NAMESPACE = 'eks-probe';
export const PROBE_TARGET_NAMESPACE = 'eks-probe-target';
export const PROBE_NAMESPACES = [PROBE_NAMESPACE, PROBE_TARGET_NAMESPACE];

/** What the target listens on: any port that needs no right. */
export const PROBE_TARGET_PORT = 8080;

/** EKS has no other domain. https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html */
export const CLUSTER_DOMAIN = 'cluster.local';

/** Run by AWS, outside every VPC, and answers anyone. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Tutorials.WebServerDB.CreateVPC.html */
export const INTERNET_TARGET = { host: 'checkip.amazonaws.com', port: 443 };

/** Pods are told these by Kubernetes, `HOST_IP` by their manifest. */
export const TARGETS = {
  kubelet: { kind: 'tcp', host: 'env:HOST_IP', port: KUBELET_PORTS[0] },
  apiServer: { kind: 'tcp', host: 'env:KUBERNETES_SERVICE_HOST', port: API_SERVER.port },
  // A connection is answered whatever the hop limit, which is about the answer to a request for a token.
  instanceMetadata: { kind: 'tcp', host: INSTANCE_METADATA.ipv4.split('/')[0], port: INSTANCE_METADATA.port },
  podIdentity: { kind: 'tcp', host: POD_IDENTITY.ipv4.split('/')[0], port: POD_IDENTITY.port },
  dnsByUdp: { kind: 'dns', host: `kubernetes.default.svc.${CLUSTER_DOMAIN}` },
  dnsByTcp: { kind: 'tcp', host: 'dns:', port: CLUSTER_DNS.port },
} as const satisfies Record<string, ProbeTarget>;
