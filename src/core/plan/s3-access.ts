/** What an S3 endpoint has to let through. In texts `{region}` and `{regionWord}`, without hyphens, stand for the region. */
export interface S3Access {
  readonly sid: string;
  readonly actions: readonly string[];
  /** Names of buckets. */
  readonly buckets: readonly string[];
  readonly reason: string;
}

/** Without these no image is pulled and no custom resource ends; `assetBuckets` is where charts lie. */
export function s3AccessOfClusters(assetBuckets: readonly string[]): S3Access[] {
  return [
    {
      // https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
      sid: 'EcrLayers', actions: ['s3:GetObject'], buckets: ['prod-{region}-starport-layer-bucket'], reason: 'layers of images',
    },
    {
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html: by presigned URLs.
      sid: 'CloudFormationResponses', actions: ['s3:PutObject'], buckets: ['cloudformation-custom-resource-response-{regionWord}'], reason: 'answers of the functions that deploy objects',
    },
    ...assetBuckets.length === 0 ? [] : [{
      // https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html: the one of the stack's qualifier.
      sid: 'CdkAssets', actions: ['s3:GetObject'], buckets: assetBuckets, reason: 'charts that travel as assets',
    }],
  ];
}
