import { Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as cdk8s from 'cdk8s';
import { ApplicationChart, ClusterServiceAccount, ConnectivityExpectation, IClusterNetwork, INetworkPeer, NetworkPeer, NetworkPort, TrafficRule } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { ShopChart } from './shop-chart';

/** Where the payment provider answers: a range that its documents name. */
const PAYMENT_PROVIDER = NetworkPeer.cidr('203.0.113.0/24');

export interface ShopStackProps extends StackProps {
  /** The platform's cluster, of another stack. */
  readonly cluster: IClusterNetwork;

  /** Where the platform's VPC reaches Amazon SQS. */
  readonly queues: INetworkPeer;
}

/** The application team's: the shop, what it may do on the network, and what it must never be able to. */
export class ShopStack extends Stack {
  private readonly network: IClusterNetwork;

  public constructor(scope: Construct, id: string, { cluster, queues, ...props }: ShopStackProps) {
    super(scope, id, props);
    this.network = cluster;
    const closed: sqs.QueueProps = { encryption: sqs.QueueEncryption.KMS_MANAGED, enforceSSL: true };
    const failed = new sqs.Queue(this, 'FailedJobs', { ...closed, retentionPeriod: Duration.days(14) });
    const jobs = new sqs.Queue(this, 'Jobs', { ...closed, retentionPeriod: Duration.days(4), deadLetterQueue: { queue: failed, maxReceiveCount: 3 } });
    const workerAccount = new ClusterServiceAccount(this, 'Worker', { network: cluster, namespaceName: 'shop', name: 'worker' });
    jobs.grantConsumeMessages(workerAccount);
    new ApplicationChart(this, 'Chart', { network: cluster, chart: new ShopChart(new cdk8s.App(), 'shop', { jobs: jobs.queueUrl }), releaseName: 'shop' });

    const pods = (app: string) => NetworkPeer.pods('shop', { app });
    const [web, api, worker, database, cache] = [pods('web'), pods('api'), pods('worker'), pods('database'), pods('cache')];
    const prometheus = NetworkPeer.pods('monitoring', { app: 'prometheus' });

    // What is not said here is denied.
    this.allow('WebToApi', web, api, 3000);
    this.allow('ApiToDatabase', api, database, 5432);
    this.allow('WorkerToDatabase', worker, database, 5432);
    this.allow('WorkerToCache', worker, cache, 6379);
    // Beyond the VPC only an identity is let, never a label that any pod may carry.
    this.allow('WorkerToPayments', workerAccount, PAYMENT_PROVIDER, 443);
    // The network lets it reach the service, IAM lets it use the queue: either half alone opens nothing.
    this.allow('WorkerToQueues', workerAccount, queues, 443);
    this.allow('PrometheusToApi', prometheus, api, 3001);

    // Checked at every synthesis, over the policies that are deployed.
    this.expect('BalancersReachWeb', true, NetworkPeer.loadBalancers(), web, 8080);
    this.expect('WebReachesApi', true, web, api, 3000);
    this.expect('ApiReachesDatabase', true, api, database, 5432);
    this.expect('WorkerReachesDatabase', true, worker, database, 5432);
    this.expect('WorkerReachesCache', true, worker, cache, 6379);
    this.expect('WorkerReachesPayments', true, worker, PAYMENT_PROVIDER, 443);
    this.expect('WorkerReachesQueues', true, worker, queues, 443);
    this.expect('PrometheusReadsMetrics', true, prometheus, api, 3001);
    this.expect('WebNeverReachesDatabase', false, web, database);
    this.expect('WebNeverReachesCache', false, web, cache);
    this.expect('ApiNeverReachesPayments', false, api, PAYMENT_PROVIDER);
    this.expect('ApiNeverReachesQueues', false, api, queues);
    this.expect('DatabaseNeverCallsOut', false, database, NetworkPeer.internet());
    this.expect('PrometheusNeverReachesDatabase', false, prometheus, database);
    for (const [name, peer] of Object.entries({ Web: web, Api: api, Worker: worker })) {
      this.expect(`${name}NeverReachesApiServer`, false, peer, NetworkPeer.apiServer());
      this.expect(`${name}NeverReachesInstanceMetadata`, false, peer, NetworkPeer.instanceMetadata());
    }
  }

  private allow(id: string, source: INetworkPeer, destination: INetworkPeer, port: number): void {
    new TrafficRule(this, id, { network: this.network, source, destination, ports: [NetworkPort.tcp(port)] });
  }

  /** Without a port: no connection whatever, or for the places that every cluster has their own ports. */
  private expect(id: string, allowed: boolean, source: INetworkPeer, destination: INetworkPeer, port?: number): void {
    new ConnectivityExpectation(this, id, { network: this.network, allowed, source, destination, ports: port === undefined ? undefined : [NetworkPort.tcp(port)] });
  }
}
