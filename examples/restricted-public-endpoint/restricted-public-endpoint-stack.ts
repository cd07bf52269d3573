import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cdk8s from 'cdk8s';
import { ClusterEndpointAccess, NetworkPeer, NetworkPort, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { MonitoringChart } from './monitoring-chart';

export interface RestrictedPublicEndpointProps extends StackProps {
  /** Whence people operate the cluster, as an IPv4 CIDR. */
  readonly operatorsCidr: string;
}

/** A cluster that is operated from one network outside AWS, and inside which one workload may call the Kubernetes API. */
export class RestrictedPublicEndpointStack extends Stack {
  public constructor(scope: Construct, id: string, props: RestrictedPublicEndpointProps) {
    super(scope, id, props);
    const operators = new iam.Role(this, 'Operators', { assumedBy: new iam.AccountRootPrincipal() });

    const cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [operators],
      endpointAccess: ClusterEndpointAccess.publicFrom(props.operatorsCidr),
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });

    const monitoring = cluster.addNamespace('monitoring');
    const stateMetrics = monitoring.addServiceAccount('kube-state-metrics');
    cluster.addCdk8sChart('Monitoring', new MonitoringChart(new cdk8s.App(), 'monitoring'));

    // kube-state-metrics lists objects through the API; Prometheus asks kube-state-metrics alone.
    cluster.allowApiServerAccess('StateMetrics', {
      namespace: monitoring.namespaceName, serviceAccounts: [stateMetrics.serviceAccountName], reason: 'lists the objects that it makes metrics of',
    });
    const prometheus = monitoring.addServiceAccount('prometheus');
    cluster.allowTraffic('PrometheusToStateMetrics', { source: prometheus, destination: stateMetrics, ports: [NetworkPort.tcp(8080)] });

    cluster.expectAllowed('StateMetricsReachesApiServer', { source: stateMetrics, destination: NetworkPeer.apiServer() });
    cluster.expectAllowed('PrometheusReachesStateMetrics', { source: prometheus, destination: stateMetrics, ports: [NetworkPort.tcp(8080)] });
    cluster.expectDenied('PrometheusNeverReachesApiServer', { source: prometheus, destination: NetworkPeer.apiServer() });
    cluster.expectDenied('PrometheusNeverReachesKubelets', { source: prometheus, destination: NetworkPeer.kubelet() });
    cluster.expectDenied('PrometheusNeverReachesInternet', { source: prometheus, destination: NetworkPeer.internet() });
    cluster.expectDenied('StateMetricsNeverReachesInternet', { source: stateMetrics, destination: NetworkPeer.internet() });
    cluster.expectDenied('StateMetricsNeverCallsPrometheus', { source: stateMetrics, destination: prometheus });

    new CfnOutput(this, 'ClusterName', { value: cluster.eksCluster.clusterName });
  }
}
