import { isUnknown } from '../policy/syntax';

/**
 * The in-tree dialect of Service annotations, read by the cloud controller that EKS runs in the control plane.
 * https://cloud-provider-aws.sigs.k8s.io/service_controller/
 */
const PREFIX = 'service.beta.kubernetes.io/';
export const ANNOTATIONS = {
  /** Any value but empty and "false" makes the load balancer internal. */
  internal: `${PREFIX}aws-load-balancer-internal`,
  /** Other controllers' word for the same; this one ignores it. */
  scheme: `${PREFIX}aws-load-balancer-scheme`,
  type: `${PREFIX}aws-load-balancer-type`,
  sourceRanges: 'service.beta.kubernetes.io/load-balancer-source-ranges',
  /** Groups of the user's own: source ranges no longer decide who is let in. */
  securityGroups: `${PREFIX}aws-load-balancer-security-groups`,
  extraSecurityGroups: `${PREFIX}aws-load-balancer-extra-security-groups`,
} as const;

/** As much of a Service as this room reads. */
export interface ServiceObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: any;
}

/** `Service shop/web`: what diagnostics and acknowledgements call an object. */
export function subjectOf({ kind, metadata }: ServiceObject): string {
  return `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name ?? '(no name)'}`;
}

export const annotation = (object: ServiceObject, key: string): string => object.metadata?.annotations?.[key] ?? '';
export const isInternal = (object: ServiceObject): boolean => !['', 'false'].includes(annotation(object, ANNOTATIONS.internal));
export const isNetworkLoadBalancer = (object: ServiceObject): boolean => annotation(object, ANNOTATIONS.type) === 'nlb';

/** The ranges that are let in, which may be tokens; nothing where everyone is. */
export function sourceRanges(object: ServiceObject): string[] {
  const inSpec: string[] = object.spec?.loadBalancerSourceRanges ?? [];
  if (isUnknown(inSpec)) return [String(inSpec)];
  if (inSpec.length > 0) return inSpec;
  return annotation(object, ANNOTATIONS.sourceRanges).split(',').map((range) => range.trim()).filter((range) => range !== '');
}
