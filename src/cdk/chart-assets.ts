import { CfnResource, Stage } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { templateText } from './tokens';

/**
 * Buckets that the function which runs helm fetches charts of a cluster from, each once: the assets' one of every stack's own
 * synthesizer. In their names `${AWS::AccountId}` and its like stand for what only the deployment knows.
 */
export function assetBucketsOf(cluster: eks.ICluster): string[] {
  const stage = Stage.of(cluster);
  const found = (stage ?? cluster.node.root).node.findAll().flatMap((each) => {
    if (!CfnResource.isCfnResource(each) || each.cfnResourceType !== 'Custom::AWSCDK-EKS-HelmChart' || Stage.of(each) !== stage) return [];
    const { ServiceToken, ChartAssetURL } = (each as unknown as { readonly _cfnProperties: { readonly [name: string]: unknown } })._cfnProperties;
    if (ChartAssetURL === undefined || ServiceToken !== cluster.kubectlProvider?.serviceToken) return [];
    const [, bucket] = /^s3:\/\/(.+)\/[^/]+$/.exec(templateText(ChartAssetURL as string, each)) ?? [];
    return bucket ?? [];
  });
  return [...new Set(found)].sort();
}
