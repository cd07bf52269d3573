import { Image } from '../../core/image';

/** What is known of the AWS Load Balancer Controller and its chart, each fact once, with its source. */
export const LOAD_BALANCER_CONTROLLER = {
  chart: 'aws-load-balancer-controller',
  /** https://docs.aws.amazon.com/eks/latest/userguide/lbc-helm.html */
  repository: 'https://aws.github.io/eks-charts',
  /** Of the chart, and with a `v` of its image. https://github.com/kubernetes-sigs/aws-load-balancer-controller/releases/tag/v3.5.0 */
  version: '3.5.0',
  registry: 'public.ecr.aws',
  image: 'eks/aws-load-balancer-controller',
  /** A namespace of its own, inside the default deny; AWS' documents use kube-system, which is outside. */
  namespace: 'aws-load-balancer-controller',
  serviceAccount: 'aws-load-balancer-controller',
  /** `webhookBindPort` of the chart. The control plane calls it. */
  webhookPort: 9443,
} as const;

const accountIn = (namespace: string): string => `system:serviceaccount:${namespace}:${LOAD_BALANCER_CONTROLLER.serviceAccount}`;
/** As which user the API server knows it: installed by this library, or by others with the defaults of AWS' documents. */
export const CONTROLLER_ACCOUNTS = { own: accountIn(LOAD_BALANCER_CONTROLLER.namespace), others: accountIn('kube-system') } as const;

/** What it fetches. A chart that is given as a file is fetched from nowhere, and its image has the tag of whoever made it. */
export function controllerImages({ registry = LOAD_BALANCER_CONTROLLER.registry, chartRepository, chartVersion }: { registry?: string; chartRepository?: string; chartVersion?: string }): Image[] {
  const { image, chart, repository, registry: published } = LOAD_BALANCER_CONTROLLER;
  const usedBy = 'the AWS Load Balancer Controller';
  return [
    { kind: 'image', name: image, repository: `${registry}/${image}`, ...chartVersion !== undefined && { tag: `v${chartVersion}` }, source: `${published}/${image}`, usedBy },
    ...chartRepository === undefined ? [] : [{ kind: 'chart' as const, name: chart, repository: chartRepository.startsWith('oci://') ? `${chartRepository.replace(/\/+$/, '')}/${chart}` : chartRepository, tag: chartVersion, source: repository, usedBy }],
  ];
}

export interface ControllerInstallation {
  readonly clusterName: string;
  readonly region: string;
  readonly vpcId: string;
  readonly replicas: number;
  readonly targetType: string;
  /** Absent: where AWS publishes it. */
  readonly registry?: string;
  readonly claimsServices: boolean;
  readonly firewall: boolean;
}

/** Values of the chart. What nobody overrides is the chart's own. */
export function controllerValues({ clusterName, region, vpcId, replicas, targetType, registry, claimsServices, firewall }: ControllerInstallation): { [key: string]: unknown } {
  const { serviceAccount, image } = LOAD_BALANCER_CONTROLLER;
  return {
    clusterName,
    // Both given: no answer of instance metadata reaches a pod.
    region,
    vpcId,
    replicaCount: replicas,
    ...replicas > 1 && { podDisruptionBudget: { maxUnavailable: 1 } },
    ...registry !== undefined && { image: { repository: `${registry}/${image}` } },
    serviceAccount: { create: false, name: serviceAccount },
    defaultTargetType: targetType,
    // What the check at synthesis takes for granted where an Ingress or a Gateway says nothing.
    defaultLoadBalancerScheme: 'internal',
    enableServiceMutatorWebhook: claimsServices,
    enableShield: firewall,
    enableWafv2: firewall,
    // The classic one is gone: https://docs.aws.amazon.com/waf/latest/developerguide/waf-migrating-from-classic.html
    enableWaf: false,
    // A certificate of its own for each upgrade would cut the webhooks off until every pod has it.
    keepTLSSecret: true,
  };
}
