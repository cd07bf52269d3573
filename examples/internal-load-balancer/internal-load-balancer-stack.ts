import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cdk8s from 'cdk8s';
import { NetworkPeer, NetworkPort, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { PACKAGE_PORT, PackageRegistryChart } from './package-registry-chart';

export interface InternalLoadBalancerProps extends StackProps {
  /** Range of the peered network whose people use the registry. */
  readonly officeCidr: string;
  /** Public range of the machines that build and publish packages. */
  readonly builderCidr: string;
}

/** A registry of npm packages for a peered network and for builders elsewhere: no one else reaches it, and it reaches nothing but the internet. */
export class InternalLoadBalancerStack extends Stack {
  public constructor(scope: Construct, id: string, props: InternalLoadBalancerProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });

    const cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
    cluster.addLoadBalancerController();

    const packages = cluster.addNamespace('packages');
    const registry = packages.addServiceAccount('verdaccio');
    const chart = new PackageRegistryChart(new cdk8s.App(), 'packages', { clients: [props.officeCidr], builders: [props.builderCidr] });
    cluster.addCdk8sChart('Packages', chart);

    // The load balancers' ways in are opened by themselves, for their sources. The way out is said here.
    cluster.allowTraffic('PackagesFromUpstream', {
      source: registry, destination: NetworkPeer.internet(), ports: [NetworkPort.tcp(443)], description: 'fetches packages that it does not hold',
    });

    const office = NetworkPeer.cidr(props.officeCidr);
    cluster.expectAllowed('OfficeReachesRegistry', { source: office, destination: registry, ports: [NetworkPort.tcp(PACKAGE_PORT)] });
    cluster.expectAllowed('PageReachesRegistry', { source: NetworkPeer.loadBalancer(chart.page), destination: registry, ports: [NetworkPort.tcp(PACKAGE_PORT)] });
    cluster.expectAllowed('RegistryReachesUpstream', { source: registry, destination: NetworkPeer.internet(), ports: [NetworkPort.tcp(443)] });
    cluster.expectDenied('OfficeReachesNoOtherPort', { source: office, destination: registry, ports: [NetworkPort.tcp(22), NetworkPort.tcp(9229)] });
    cluster.expectDenied('OtherNetworksNeverReachRegistry', { source: NetworkPeer.cidr('10.30.0.0/16'), destination: registry });
    cluster.expectDenied('BuildersNeverReachRegistryDirectly', { source: NetworkPeer.cidr(props.builderCidr), destination: registry });
    cluster.expectDenied('RegistryNeverReachesOffice', { source: registry, destination: office });
    cluster.expectDenied('RegistryNeverSendsMail', { source: registry, destination: NetworkPeer.internet(), ports: [NetworkPort.tcp(25)] });
    cluster.expectDenied('RegistryNeverReachesApiServer', { source: registry, destination: NetworkPeer.apiServer() });
    cluster.expectDenied('RegistryNeverReachesInstanceMetadata', { source: registry, destination: NetworkPeer.instanceMetadata() });

    new CfnOutput(this, 'ClusterName', { value: cluster.eksCluster.clusterName });
  }
}
