/** What guards in the cluster and checks at synthesis share, each once. */

/** The guards, by what they refuse, or only warn of. Each name is that of a policy of the API server and of its binding. */
export const GUARDS = {
  services: { name: 'secure-eks-services', refuses: 'Services whose load balancer is neither internal nor limited to named sources' },
  serviceAddresses: { name: 'secure-eks-service-addresses', refuses: 'Services that take over addresses by externalIPs' },
  ingresses: { name: 'secure-eks-ingresses', refuses: 'Ingresses whose load balancer is neither internal nor limited to named sources' },
  classParameters: { name: 'secure-eks-ingress-class-parameters', refuses: 'parameters of classes that would open the Ingresses of those classes' },
  gateways: { name: 'secure-eks-gateways', refuses: 'configurations that would open a Gateway' },
  bindings: { name: 'secure-eks-load-balancer-bindings', refuses: 'bindings of pods to load balancers that somebody else made, by anyone but their controller' },
  replacements: { name: 'secure-eks-load-balancer-replacements', warns: 'changes that replace a live load balancer, or that its controller ignores' },
  namespaces: { name: 'secure-eks-namespace-labels', refuses: 'labels and names of namespaces that lift other guards, by anyone who may not change the guards' },
  pods: { name: 'secure-eks-pod-escapes', refuses: 'pods that share network, processes or files of their node, or may take it over' },
  volumes: { name: 'secure-eks-volume-escapes', refuses: 'volumes that are files of a node, by anyone who may not change the guards and does not run in a system namespace' },
  probePods: { name: 'secure-eks-probe-pods', refuses: 'pods in the namespaces of probes, by anyone but who deploys, and entering them' },
  policyStorage: { name: 'secure-eks-policy-storage', refuses: 'writes to crd.projectcalico.org, where Calico keeps policies, by anyone but Calico' },
  policies: { name: 'secure-eks-policy-tamper', refuses: 'changes of the tiers and policies of this library, by anyone but who deploys; tiers before the guardrails' },
} as const;

/**
 * Namespaces with this label may have load balancers that anyone reaches. Only who may change the guards may set it.
 */
export const INTERNET_FACING_LABEL = 'secure-eks.io/allow-internet-facing';

/** The level that Pod Security admission enforces. https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export const POD_SECURITY_LABEL = 'pod-security.kubernetes.io/enforce';
export const POD_SECURITY_MODES = ['enforce', 'warn', 'audit'] as const;
/** From open to closed. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const POD_SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const;

/**
 * Capabilities that give a container its node, and with it the node's network. https://man7.org/linux/man-pages/man7/capabilities.7.html
 * All of them are beyond the baseline level of Pod Security.
 */
export const ESCAPING_CAPABILITIES = ['ALL', 'BPF', 'DAC_READ_SEARCH', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_PTRACE', 'SYS_RAWIO'] as const;

/**
 * Volumes that the node fetches over its own network, from wherever the pod says; a PersistentVolumeClaim names none.
 * https://kubernetes.io/docs/concepts/storage/volumes/#volume-types
 */
export const FETCHED_VOLUMES = ['flexVolume', 'gitRepo', 'iscsi', 'nfs'] as const;

/**
 * Where a container says whom the kubelet asks, which asks from the node's network. https://kubernetes.io/docs/concepts/security/pod-security-standards/
 * The baseline level refuses another host since Kubernetes 1.34.
 */
export const ASKED_BY_KUBELET = ['lifecycle.postStart', 'lifecycle.preStop', 'livenessProbe', 'readinessProbe', 'startupProbe']
  .flatMap((handler) => ['httpGet', 'tcpSocket'].map((action) => `${handler}.${action}.host`));

/**
 * Diagnostics of exposure that a guard refuses too. What is accepted by name at synthesis is admitted; contradictions and warnings are
 * told at synthesis only.
 */
export const GUARDED_EXPOSURES = ['exposureUnknown', 'loadBalancerOpen', 'loadBalancerSource', 'serviceExternalIps'] as const;
