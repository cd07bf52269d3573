import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cdk8s from 'cdk8s';
import { NetworkPeer, NetworkPort, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { ShopChart } from './shop-chart';

/** A private cluster with a web front end, an API and a data store in a namespace each. */
export class PrivateClusterStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });

    const cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
    // From outside the VPC: the outputs say how to forward a port, and how kubectl uses it.
    cluster.addBastion('Operators');

    const web = cluster.addNamespace('web');
    const api = cluster.addNamespace('api');
    const db = cluster.addNamespace('db');
    const shop = new ShopChart(new cdk8s.App(), 'shop');
    cluster.addCdk8sChart('Shop', shop);

    // What is not said here is denied.
    const apiPods = api.pods({ app: 'api' });
    cluster.allowTraffic('WebToApi', { source: web.pods({ app: 'web' }), destination: apiPods, ports: [NetworkPort.tcp(9898)] });
    cluster.allowTraffic('ApiToDb', { source: apiPods, destination: db.pods({ app: 'db' }), ports: [NetworkPort.tcp(6379)] });

    // metrics-server asks every kubelet, and the control plane asks metrics-server.
    new eks.Addon(this, 'MetricsServer', { cluster: cluster.eksCluster, addonName: 'metrics-server' });
    const metricsServer = NetworkPeer.serviceAccount('kube-system', 'metrics-server');
    cluster.allowKubeletAccess('MetricsServer', {
      namespace: 'kube-system', serviceAccounts: ['metrics-server'], reason: 'reads the use of CPU and memory for kubectl top and autoscaling',
    });
    cluster.allowFromControlPlane('MetricsApi', { destination: metricsServer, ports: [NetworkPort.tcp(10251)] });

    // Checked at every synthesis, over the policies that are deployed.
    const everyWebPod = web.pods({ app: 'web' });
    const dbPods = db.pods({ app: 'db' });
    cluster.expectAllowed('WebReachesApi', { source: everyWebPod, destination: apiPods, ports: [NetworkPort.tcp(9898)] });
    cluster.expectAllowed('ApiReachesDb', { source: apiPods, destination: dbPods, ports: [NetworkPort.tcp(6379)] });
    cluster.expectAllowed('LoadBalancerReachesWeb', { source: NetworkPeer.loadBalancers(), destination: everyWebPod, ports: [NetworkPort.tcp(9898)] });
    cluster.expectAllowed('MetricsServerReachesKubelets', { source: metricsServer, destination: NetworkPeer.kubelet() });
    cluster.expectDenied('WebNeverReachesDb', { source: everyWebPod, destination: dbPods });
    cluster.expectDenied('DbNeverReachesApi', { source: dbPods, destination: apiPods });
    cluster.expectDenied('DbNeverReachesInternet', { source: dbPods, destination: NetworkPeer.internet() });
    cluster.expectDenied('WebNeverReachesKubelet', { source: everyWebPod, destination: NetworkPeer.kubelet() });
    cluster.expectDenied('ApiNeverReachesApiServer', { source: apiPods, destination: NetworkPeer.apiServer() });
    cluster.expectDenied('ApiNeverReachesInstanceMetadata', { source: apiPods, destination: NetworkPeer.instanceMetadata() });

    new CfnOutput(this, 'ClusterName', { value: cluster.eksCluster.clusterName });
  }
}
