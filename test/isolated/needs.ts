/** Who asks, as a template shows it. */
export type Caller = 'nodes' | 'functions' | 'bastion' | 'pods';

export interface Need {
  /** What for. */
  readonly component: string;
  readonly caller: Caller;
  /** As in the names of endpoints. */
  readonly service: string;
  /** By which of its two ways S3 is reached; every other service has one. */
  readonly by?: 'gateway';
  /** Of S3: what is done, and where; `REGION`, `REGIONWORD` and `ACCOUNT` as the template has them. */
  readonly action?: string;
  readonly bucket?: string;
  readonly source: string;
}

const PRIVATE_CLUSTERS = 'https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html';
const ECR = 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html';

/**
 * What a cluster needs that reaches nothing but its VPC, written by hand from the documents that each line names. Nothing here comes
 * from what is tested.
 */
export const NEEDS: readonly Need[] = [
  { component: 'names of nodes', caller: 'nodes', service: 'ec2', source: `${PRIVATE_CLUSTERS}: if you use the EKS optimized AMI, you should enable the ec2 endpoint` },
  { component: 'VPC CNI', caller: 'nodes', service: 'ec2', source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html: it calls the EC2 API' },
  { component: 'EBS CSI driver', caller: 'nodes', service: 'ec2', source: 'https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md' },
  { component: 'images', caller: 'nodes', service: 'ecr.api', source: `${PRIVATE_CLUSTERS}: for pulling container images` },
  { component: 'images', caller: 'nodes', service: 'ecr.dkr', source: `${PRIVATE_CLUSTERS}: for pulling container images` },
  { component: 'layers of images', caller: 'nodes', service: 's3', by: 'gateway', action: 's3:GetObject', bucket: 'prod-REGION-starport-layer-bucket', source: `${ECR}#ecr-minimum-s3-perms` },
  { component: 'pods with IAM roles for service accounts', caller: 'nodes', service: 'sts', source: `${PRIVATE_CLUSTERS}: you must create and use an AWS STS VPC endpoint` },
  { component: 'Pod Identity agent', caller: 'nodes', service: 'eks-auth', source: `${PRIVATE_CLUSTERS}: you must create and use a VPC endpoint for the EKS Auth API` },
  { component: 'load balancer controller', caller: 'pods', service: 'elasticloadbalancing', source: PRIVATE_CLUSTERS },
  { component: 'load balancer controller', caller: 'pods', service: 'ec2', source: 'https://docs.aws.amazon.com/eks/latest/userguide/lbc-manifest.html: its policy names EC2' },
  { component: 'one function calls the other', caller: 'functions', service: 'lambda', source: 'https://github.com/aws/aws-cdk/issues/28955' },
  { component: 'aws eks update-kubeconfig', caller: 'functions', service: 'eks', source: 'https://docs.aws.amazon.com/cli/latest/reference/eks/update-kubeconfig.html: it calls DescribeCluster' },
  { component: 'charts in ECR', caller: 'functions', service: 'ecr.api', source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/push-oci-artifact.html: the password for helm' },
  { component: 'charts in ECR', caller: 'functions', service: 'ecr.dkr', source: ECR },
  { component: 'charts in ECR', caller: 'functions', service: 's3', by: 'gateway', action: 's3:GetObject', bucket: 'prod-REGION-starport-layer-bucket', source: `${ECR}#ecr-minimum-s3-perms` },
  {
    component: 'answers of custom resources', caller: 'functions', service: 's3', by: 'gateway', action: 's3:PutObject', bucket: 'cloudformation-custom-resource-response-REGIONWORD',
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html',
  },
  {
    component: 'charts that are assets', caller: 'functions', service: 's3', by: 'gateway', action: 's3:GetObject', bucket: 'cdk-hnb659fds-assets-ACCOUNT-REGION',
    source: 'https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html: the bucket for file assets',
  },
  { component: 'sessions', caller: 'bastion', service: 'ssm', source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html' },
  { component: 'sessions', caller: 'bastion', service: 'ssmmessages', source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html' },
];

/** What the example's own workload asks for besides: Vector's sink and source. */
export const COLLECTOR: readonly Need[] = [
  { component: 'Vector', caller: 'pods', service: 's3', action: 's3:PutObject', bucket: 'EVENTS', source: 'https://vector.dev/docs/reference/configuration/sinks/aws_s3/' },
  { component: 'Vector', caller: 'pods', service: 'sqs', action: 'sqs:ReceiveMessage', source: 'https://vector.dev/docs/reference/configuration/sources/aws_sqs/' },
];
