import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { CfnOutput, Duration, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as cdk8s from 'cdk8s';
import { AwsService, InternetAccess, NetworkPeer, NetworkPort, SecureEksCluster } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { COLLECTOR_PORT, CollectorChart } from './collector-chart';

export interface IsolatedClusterProps extends StackProps {
  readonly internetAccess: InternetAccess;
}

/** A cluster that reaches nothing but its VPC and the AWS services that have an endpoint there. Vector keeps events of the network and of a queue in a bucket. */
export class IsolatedClusterStack extends Stack {
  public constructor(scope: Construct, id: string, props: IsolatedClusterProps) {
    super(scope, id, props);
    const platformTeam = new iam.Role(this, 'PlatformTeam', { assumedBy: new iam.AccountRootPrincipal() });
    // Repositories whose names begin so, in ECR of this account and region: the README tells how to fill them.
    const mirror = `${this.account}.dkr.ecr.${this.region}.${this.urlSuffix}/mirror`;

    const cluster = new SecureEksCluster(this, 'Cluster', {
      version: eks.KubernetesVersion.V1_35,
      kubectlLayer: new KubectlV35Layer(this, 'Kubectl'),
      admins: [platformTeam],
      internetAccess: props.internetAccess,
      imageRegistry: mirror,
      calico: { chartRepository: `oci://${mirror}/charts` },
    });
    cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
    cluster.addBastion('Operators');
    cluster.addLoadBalancerController({ chartRepository: `oci://${mirror}/charts`, throughEndpointsOnly: true });

    // Images of EKS add-ons come from AWS' own registry in the region, through the same endpoints.
    new eks.Addon(this, 'MetricsServer', { cluster: cluster.eksCluster, addonName: 'metrics-server' });
    cluster.allowKubeletAccess('MetricsServer', { namespace: 'kube-system', serviceAccounts: ['metrics-server'], reason: 'reads the use of CPU and memory for kubectl top and autoscaling' });
    cluster.allowFromControlPlane('MetricsApi', { destination: NetworkPeer.serviceAccount('kube-system', 'metrics-server'), ports: [NetworkPort.tcp(10251)] });
    this.addVolumes(cluster);

    const bucket = new s3.Bucket(this, 'Events', {
      encryption: s3.BucketEncryption.S3_MANAGED, blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true, versioned: true, removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    const closed: sqs.QueueProps = { encryption: sqs.QueueEncryption.KMS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) };
    const failed = new sqs.Queue(this, 'FailedAnnouncements', closed);
    const queue = new sqs.Queue(this, 'Announcements', { ...closed, deadLetterQueue: { queue: failed, maxReceiveCount: 3 } });
    // Pods reach S3 by addresses in the VPC, not by the route that nodes take; both names are the usual ones.
    const buckets = cluster.addAwsServiceEndpoint('Buckets', {
      service: AwsService.byInterface(ec2.InterfaceVpcEndpointAwsService.S3),
      policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['s3:PutObject', 's3:ListBucket'], resources: [bucket.bucketArn, bucket.arnForObjects('*')] })],
    });
    cluster.addAwsServiceEndpoint('Queues', {
      service: AwsService.byInterface(ec2.InterfaceVpcEndpointAwsService.SQS),
      policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['sqs:*'], resources: [queue.queueArn] })],
    });

    const events = cluster.addNamespace('events');
    const collector = events.addServiceAccount('collector');
    bucket.grantPut(collector.role);
    bucket.grantRead(collector.role);
    queue.grantConsumeMessages(collector.role);
    const chart = new CollectorChart(new cdk8s.App(), 'collector', {
      image: `${mirror}/timberio/vector:0.49.0-debian`, bucketName: bucket.bucketName, queueUrl: queue.queueUrl, region: this.region,
    });
    cluster.addCdk8sChart('Collector', chart);
    // Policies know the subnets of endpoints, not which service is asked: this is the way to both, and who may do what there is IAM's.
    cluster.allowTraffic('CollectorToServices', { source: collector, destination: buckets, ports: [NetworkPort.tcp(443)], description: 'keeps events in S3, reads announcements from SQS' });

    cluster.expectAllowed('CollectorReachesBuckets', { source: collector, destination: buckets, ports: [NetworkPort.tcp(443)] });
    cluster.expectAllowed('LoadBalancerReachesCollector', { source: NetworkPeer.loadBalancer(chart.service), destination: collector, ports: [NetworkPort.tcp(COLLECTOR_PORT)] });
    cluster.expectDenied('CollectorNeverReachesInternet', { source: collector, destination: NetworkPeer.internet() });
    cluster.expectDenied('ControllerNeverReachesInternet', { source: NetworkPeer.namespace('aws-load-balancer-controller'), destination: NetworkPeer.internet() });
    cluster.expectDenied('CollectorNeverReachesApiServer', { source: collector, destination: NetworkPeer.apiServer() });
    cluster.expectDenied('CollectorNeverReachesInstanceMetadata', { source: collector, destination: NetworkPeer.instanceMetadata() });

    new CfnOutput(this, 'ClusterName', { value: cluster.eksCluster.clusterName });
    new CfnOutput(this, 'Mirror', { description: 'Where images and charts are fetched from', value: mirror });
  }

  /** The EBS CSI driver, with a role by Pod Identity. */
  private addVolumes({ eksCluster }: SecureEksCluster): void {
    const role = new iam.Role(this, 'Volumes', {
      assumedBy: new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com')),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEBSCSIDriverPolicyV2')],
    });
    const association = new CfnPodIdentityAssociation(this, 'VolumesIdentity', {
      clusterName: eksCluster.clusterName, namespace: 'kube-system', serviceAccount: 'ebs-csi-controller-sa', roleArn: role.roleArn,
    });
    const driver = new eks.Addon(this, 'EbsCsi', { cluster: eksCluster, addonName: 'aws-ebs-csi-driver' });
    driver.node.addDependency(association);
  }
}
