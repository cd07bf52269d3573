import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cdk8s from 'cdk8s';
import { NetworkPeer, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { PodinfoChart } from './podinfo-chart';

/** The platform team's: a cluster that is not there until its network was seen to be closed. */
export class PlatformStack extends Stack {
  public readonly cluster: SecureEksCluster;

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });
    const cluster = this.cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
    const web = cluster.addNamespace('web');
    cluster.addNamespace('orders');
    cluster.addCdk8sChart('Front', new PodinfoChart(new cdk8s.App(), 'front', { namespace: 'web', name: 'front' }));

    // Checked at synthesis, and tried by pods that have the labels and the account of the front end.
    cluster.expectDenied('FrontNeverReachesInternet', { source: web.pods({ app: 'front' }), destination: NetworkPeer.internet() });
    cluster.expectDenied('FrontNeverReachesKubelet', { source: web.pods({ app: 'front' }), destination: NetworkPeer.kubelet() });

    cluster.verifyEnforcement();
  }
}
