import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsService, INetworkPeer, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';

/** The platform team's: a private cluster, the namespaces that teams get, and an AWS service that they may be let use. */
export class PlatformStack extends Stack {
  public readonly cluster: SecureEksCluster;

  /** Amazon SQS, inside the VPC. */
  public readonly queues: INetworkPeer;

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

    // Queues of this account alone: what a pod may reach by network it cannot use to send data to somebody else's.
    this.queues = this.cluster.addAwsServiceEndpoint('Queues', {
      service: AwsService.byInterface(ec2.InterfaceVpcEndpointAwsService.SQS),
      policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['sqs:*'], resources: [this.formatArn({ service: 'sqs', resource: '*' })] })],
    });

    new CfnOutput(this, 'ClusterName', { value: this.cluster.eksCluster.clusterName });
  }
}
