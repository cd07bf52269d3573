import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as cdk8s from 'cdk8s';
import { ClusterEndpointAccess, InternetAccess, NetworkPeer, NetworkPort, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { importNetwork, TRANSIT_NETWORK } from './network';
import { FRONT_PORT, ORDERS_PORT, OrdersChart } from './orders-chart';

/** Not the one that everybody tries first. */
const POSTGRES_PORT = 6432;

/** A cluster and a database in the VPC of a network team, used from behind its transit gateway. */
export class ExistingVpcStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });
    const vpc = importNetwork(this);

    const cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
      vpc,
      subnets: {
        controlPlane: { subnetGroupName: 'control-plane' },
        nodes: { subnetGroupName: 'nodes' },
        pods: { subnetGroupName: 'pods' },
        loadBalancers: { subnetGroupName: 'load-balancers' },
      },
      internetAccess: InternetAccess.external({ reason: 'the transit gateway leads to the inspection VPC, whose firewall admits registries and AWS APIs' }),
      endpointAccess: ClusterEndpointAccess.PRIVATE.withPrivateSources(ec2.Peer.ipv4(TRANSIT_NETWORK)),
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
    cluster.acknowledge('cdk-secure-eks:vpcUnseen', {
      subject: `vpc ${vpc.vpcId}`, reason: 'the network team keeps DNS, tags and room of this VPC under test',
    });

    const database = this.addDatabase(vpc);
    const orders = cluster.addNamespace('orders');
    const ordersAccount = orders.addServiceAccount('orders');
    cluster.addCdk8sChart('Orders', new OrdersChart(new cdk8s.App(), 'orders', {
      clients: TRANSIT_NETWORK, database: { host: database.dbInstanceEndpointAddress, port: database.dbInstanceEndpointPort },
    }));

    // Either half alone opens nothing: the database's group admits nodes and pods, and the policy lets one service account go there.
    const databasePeer = NetworkPeer.subnets(...vpc.selectSubnets({ subnetGroupName: 'database' }).subnets);
    database.connections.allowDefaultPortFrom(cluster, 'Nodes and pods; policies decide which pods');
    cluster.allowTraffic('OrdersToDatabase', { source: ordersAccount, destination: databasePeer, ports: [NetworkPort.tcp(POSTGRES_PORT)] });

    const front = orders.pods({ app: 'front' });
    cluster.allowTraffic('FrontToOrders', { source: front, destination: ordersAccount, ports: [NetworkPort.tcp(ORDERS_PORT)] });

    const offices = NetworkPeer.cidr(TRANSIT_NETWORK);
    cluster.expectAllowed('OrdersReachesDatabase', { source: ordersAccount, destination: databasePeer, ports: [NetworkPort.tcp(POSTGRES_PORT)] });
    cluster.expectAllowed('FrontReachesOrders', { source: front, destination: ordersAccount, ports: [NetworkPort.tcp(ORDERS_PORT)] });
    cluster.expectAllowed('OfficesReachFront', { source: offices, destination: front, ports: [NetworkPort.tcp(FRONT_PORT)] });
    cluster.expectDenied('FrontNeverReachesDatabase', { source: front, destination: databasePeer });
    cluster.expectDenied('OrdersReachesNoOtherPort', { source: ordersAccount, destination: databasePeer, ports: [NetworkPort.tcp(22)] });
    cluster.expectDenied('OfficesNeverReachOrders', { source: offices, destination: ordersAccount, ports: [NetworkPort.tcp(ORDERS_PORT)] });
    cluster.expectDenied('OrdersNeverReachesOffices', { source: ordersAccount, destination: offices });
    cluster.expectDenied('OrdersNeverReachesInternet', { source: ordersAccount, destination: NetworkPeer.internet() });
    cluster.expectDenied('OrdersNeverReachesApiServer', { source: ordersAccount, destination: NetworkPeer.apiServer() });
    cluster.expectDenied('FrontNeverReachesKubelets', { source: front, destination: NetworkPeer.kubelet() });

    new CfnOutput(this, 'ClusterName', { value: cluster.eksCluster.clusterName });
  }

  private addDatabase(vpc: ec2.IVpc): rds.DatabaseInstance {
    return new rds.DatabaseInstance(this, 'Database', {
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17_6 }),
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
      vpc,
      vpcSubnets: { subnetGroupName: 'database' },
      port: POSTGRES_PORT,
      databaseName: 'orders',
      credentials: rds.Credentials.fromUsername('orders_admin'),
      manageMasterUserPassword: true,
      multiAz: true,
      storageEncryptionKey: new kms.Key(this, 'DatabaseKey', { enableKeyRotation: true }),
      iamAuthentication: true,
      deletionProtection: true,
      autoMinorVersionUpgrade: true,
      backupRetention: Duration.days(7),
      monitoringInterval: Duration.minutes(1),
      enablePerformanceInsights: true,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      publiclyAccessible: false,
    });
  }
}
