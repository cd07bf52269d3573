/** The app that each language writes: `app.ts [badCidr|unmetExpectation]`. Keep its twins in python/ and java/ equal. */
import * as cdk from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as cdk8s from 'cdk8s';
import { ClusterEndpointAccess, InternalLoadBalancer, NetworkPeer, NetworkPort, PodSecurityLevel, SecureEksCluster } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';

const mistake = process.argv[2];

const app = new cdk.App();
const stack = new cdk.Stack(app, 'Bindings', { env: { account: '111122223333', region: 'eu-west-1' } });
const layer = lambda.LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1');
const admin = new iam.Role(stack, 'Admin', { assumedBy: new iam.AccountRootPrincipal() });

const cluster = new SecureEksCluster(stack, 'Cluster', {
  version: eks.KubernetesVersion.V1_35,
  kubectlLayer: layer,
  admins: [admin],
  endpointAccess: ClusterEndpointAccess.publicFrom(mistake === 'badCidr' ? 'office' : '52.94.76.0/24'),
});
cluster.addNodegroup('General', { minSize: 2, maxSize: 4, labels: { pool: 'general' } });
const shop = cluster.addNamespace('shop', { labels: { team: 'shop' }, podSecurity: PodSecurityLevel.PRIVILEGED });

const chart = new cdk8s.Chart(new cdk8s.App(), 'web');
const web = new kplus.Deployment(chart, 'web', {
  metadata: { name: 'web', namespace: 'shop' },
  podMetadata: { labels: { app: 'web' } },
  containers: [{ image: 'public.ecr.aws/nginx/nginx-unprivileged:1.29', portNumber: 8080 }],
});
const service = new kplus.Service(chart, 'service', {
  metadata: { name: 'web', namespace: 'shop' }, type: kplus.ServiceType.LOAD_BALANCER, selector: web, ports: [{ port: 80, targetPort: 8080 }],
});
InternalLoadBalancer.apply(service, { sources: ['10.20.0.0/16'] });
cluster.addCdk8sChart('Web', chart);

cluster.addManifest('Cache', {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'cache', namespace: 'shop', labels: { app: 'cache' } },
  spec: { containers: [{ name: 'cache', image: 'docker.io/valkey/valkey:8.1.4', ports: [{ containerPort: 6379 }] }] },
});
cluster.addManifest('NodeMetrics', {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'node-metrics', namespace: 'shop' },
  spec: { hostNetwork: true, containers: [{ name: 'exporter', image: 'quay.io/prometheus/node-exporter:v1.9.1' }] },
});
cluster.acknowledge('cdk-secure-eks:workloadOnHostNetwork', { subject: 'Pod shop/node-metrics', reason: 'measures the network of its node' });

const webPods = shop.pods({ app: 'web' });
const cache = NetworkPeer.pods('shop', { app: 'cache' });
cluster.allowTraffic('WebToCache', { source: webPods, destination: cache, ports: [NetworkPort.tcp(6379)], description: 'sessions' });
cluster.expectAllowed('WebReachesCache', { source: webPods, destination: cache, ports: [NetworkPort.tcp(6379)] });
cluster.expectDenied('CacheNeverReachesWeb', { source: cache, destination: webPods });
cluster.expectDenied('WebNeverReachesMetadata', { source: webPods, destination: NetworkPeer.instanceMetadata() });
if (mistake === 'unmetExpectation') cluster.expectDenied('WebNeverReachesCache', { source: webPods, destination: cache });

app.synth();
