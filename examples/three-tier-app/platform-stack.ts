import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';

/** The platform team's: a private cluster, and the namespaces that teams get. */
export class PlatformStack extends Stack {
  public readonly cluster: SecureEksCluster;

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });
    this.cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
    });
    this.cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
    this.cluster.addNamespace('shop');
    this.cluster.addNamespace('monitoring');

    new CfnOutput(this, 'ClusterName', { value: this.cluster.eksCluster.clusterName });
  }
}
