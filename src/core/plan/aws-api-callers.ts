/** Something that runs on the cluster or in its VPC and calls AWS APIs. */
export interface ApiCaller {
  /** As add-ons, charts and images are called: `aws-ebs-csi-driver`. */
  readonly services: readonly string[];
  /** An API that has no endpoint in a VPC's region, and what it is for. */
  readonly unreachable?: string;
  /** Where its documents say so. */
  readonly source: string;
}

const addon = (services: readonly string[] = []): ApiCaller => ({ services, source: 'https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html' });

/**
 * Which AWS APIs well-known programs call, by the name that their EKS add-on, chart or image has. The last part of an image's path
 * counts, and for images with a general name the part before it too.
 */
export const API_CALLERS: Readonly<Record<string, ApiCaller>> = {
  // Add-ons that every cluster of this library has, and those that call nothing.
  'vpc-cni': addon(['ec2']),
  'amazon-k8s-cni': addon(['ec2']),
  'eks-pod-identity-agent': addon(['eks-auth']),
  'coredns': addon(),
  'kube-proxy': addon(),
  'metrics-server': addon(),
  'kube-state-metrics': addon(),
  'prometheus-node-exporter': addon(),
  'snapshot-controller': addon(),
  'eks-node-monitoring-agent': addon(),
  'cert-manager': addon(),
  // Storage.
  'aws-ebs-csi-driver': { services: ['ec2'], source: 'https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md' },
  'aws-efs-csi-driver': { services: ['elasticfilesystem', 'ec2'], source: 'https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html' },
  'aws-fsx-csi-driver': { services: ['fsx', 'ec2'], source: 'https://docs.aws.amazon.com/eks/latest/userguide/fsx-csi.html' },
  'aws-mountpoint-s3-csi-driver': { services: ['s3', 'sts'], source: 'https://docs.aws.amazon.com/eks/latest/userguide/s3-csi.html' },
  // Load balancers, scaling, names.
  'aws-load-balancer-controller': { services: ['ec2', 'elasticloadbalancing'], source: 'https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html' },
  'cluster-autoscaler': { services: ['autoscaling', 'ec2', 'eks', 'sts'], source: 'https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html' },
  'karpenter': {
    services: ['ec2', 'eks', 'sqs', 'ssm', 'sts'], unreachable: 'IAM and the price list, for instance profiles and for what instances cost',
    source: 'https://karpenter.sh/docs/getting-started/getting-started-with-karpenter/#private-clusters',
  },
  'external-dns': { services: [], unreachable: 'Route 53, whose endpoint com.amazonaws.route53 belongs to no region', source: 'https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html' },
  // Observation.
  'amazon-cloudwatch-observability': { services: ['ec2', 'logs', 'monitoring', 'xray'], source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-interface-VPC.html' },
  'cloudwatch-agent': { services: ['ec2', 'logs', 'monitoring'], source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-interface-VPC.html' },
  'aws-for-fluent-bit': { services: ['ec2', 'logs'], source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-and-interface-VPC.html' },
  'aws-xray-daemon': { services: ['xray'], source: 'https://docs.aws.amazon.com/xray/latest/devguide/xray-security-vpc-endpoint.html' },
  'adot': { services: ['aps-workspaces', 'logs', 'monitoring', 'xray'], source: 'https://docs.aws.amazon.com/eks/latest/userguide/opentelemetry.html' },
  'aws-guardduty-agent': { services: ['guardduty-data'], source: 'https://docs.aws.amazon.com/guardduty/latest/ug/eks-runtime-monitoring-create-vpc-endpoint.html' },
  // Secrets and certificates.
  'secrets-store-csi-driver-provider-aws': { services: ['secretsmanager', 'ssm'], source: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating_ascp_csi.html' },
  'external-secrets': { services: ['secretsmanager', 'ssm', 'sts'], source: 'https://external-secrets.io/latest/provider/aws-secrets-manager/' },
  'aws-privateca-connector-for-kubernetes': { services: ['acm-pca'], source: 'https://docs.aws.amazon.com/privateca/latest/userguide/PcaKubernetes.html' },
  'aws-privateca-issuer': { services: ['acm-pca'], source: 'https://docs.aws.amazon.com/privateca/latest/userguide/PcaKubernetes.html' },
};

/** By the name of an add-on or a chart, or by an image: registry, tag and digest are no part of its name. */
export function apiCaller(name: string): ApiCaller | undefined {
  const path = name.replace(/@.*$/, '').replace(/:[^/:]*$/, '').split('/');
  const [last, before] = [path.at(-1), path.at(-2)];
  const known = (each: string | undefined) => each !== undefined && Object.hasOwn(API_CALLERS, each) ? API_CALLERS[each] : undefined;
  return known(last) ?? (last === 'controller' ? known(before) : undefined);
}
