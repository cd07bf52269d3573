import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cdk8s from 'cdk8s';
import { NetworkPeer, NetworkPort, PolicyEnforcement, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { ShopChart } from './shop-chart';

export interface StagedRolloutProps extends StackProps {
  /** Whether the last namespace is enforced like the others. */
  readonly legacyIsEnforced: boolean;
}

/** A cluster that is enforced namespace by namespace: the shop is, an application that came from elsewhere is still watched. */
export class StagedRolloutStack extends Stack {
  public constructor(scope: Construct, id: string, props: StagedRolloutProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });
    const cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });

    const shop = cluster.addNamespace('shop');
    const legacy = cluster.addNamespace('legacy', {
      enforcement: props.legacyIsEnforced ? PolicyEnforcement.ENFORCED : PolicyEnforcement.STAGED,
    });
    const front = shop.pods({ app: 'front' });
    const invoices = legacy.addServiceAccount('invoices');
    cluster.addCdk8sChart('Shop', new ShopChart(new cdk8s.App(), 'shop'));

    // What the flow logs showed while everything was staged, one rule for each flow that is wanted.
    const bank = NetworkPeer.cidr('203.0.113.0/24');
    cluster.allowTraffic('FrontToInvoices', { source: front, destination: invoices, ports: [NetworkPort.tcp(9898)] });
    cluster.allowTraffic('InvoicesToBank', { source: invoices, destination: bank, ports: [NetworkPort.tcp(443)], description: 'direct debits' });

    cluster.expectAllowed('FrontReachesInvoices', { source: front, destination: invoices, ports: [NetworkPort.tcp(9898)] });
    cluster.expectAllowed('InvoicesReachBank', { source: invoices, destination: bank, ports: [NetworkPort.tcp(443)] });
    cluster.expectDenied('FrontNeverReachesInternet', { source: front, destination: NetworkPeer.internet() });
    cluster.expectDenied('InvoicesNeverReachInternetPlain', { source: invoices, destination: NetworkPeer.internet(), ports: [NetworkPort.tcp(80)] });
    cluster.expectDenied('InvoicesNeverReachFront', { source: invoices, destination: front });
    cluster.expectDenied('InvoicesNeverReachInstanceMetadata', { source: invoices, destination: NetworkPeer.instanceMetadata() });

    new CfnOutput(this, 'ClusterName', { value: cluster.eksCluster.clusterName });
  }
}
