/** What guards in the cluster and checks at synthesis share, each once. */

/**
 * Namespaces with this label may have load balancers that anyone reaches. Only who may change the guards may set it.
 */
export const INTERNET_FACING_LABEL = 'secure-eks.io/allow-internet-facing';

/** The level that Pod Security admission enforces. https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export const POD_SECURITY_LABEL = 'pod-security.kubernetes.io/enforce';
export const POD_SECURITY_MODES = ['enforce', 'warn', 'audit'] as const;
/** From open to closed. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const POD_SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type PodSecurityLevelName = typeof POD_SECURITY_LEVELS[number];

/**
 * Capabilities that give a container its node, and with it the node's network. https://man7.org/linux/man-pages/man7/capabilities.7.html
 * All of them are beyond the baseline level of Pod Security.
 */
export const ESCAPING_CAPABILITIES = ['ALL', 'BPF', 'DAC_READ_SEARCH', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_PTRACE', 'SYS_RAWIO'] as const;

/**
 * Diagnostics of exposure that a guard refuses too. What is accepted by name at synthesis is admitted; contradictions and warnings are
 * told at synthesis only.
 */
export const GUARDED_EXPOSURES = ['exposureUnknown', 'loadBalancerOpen', 'loadBalancerSource', 'serviceExternalIps'] as const;
