import { App, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ApiObject, App as Cdk8sApp, Chart } from 'cdk8s';
import { Deployment, Ingress, IngressBackend, ServiceType } from 'cdk8s-plus-34';
import { ApplicationChart, ApplicationManifest, GuardedTarget, GuardrailExemption, InternalLoadBalancer, NetworkPeer, NetworkPort, SecureEksCluster, TrafficRule } from '../../src';
import { clusterIn } from '../fixture';

/** The same app over time: each version takes something away, adds something and changes something. */
export type Version = 1 | 2 | 3;

/** Writes the assembly of a platform and of a shop in a stack of its own, with one thing of every kind that reaches the cluster. */
export function synthesizeShop(version: Version, outdir: string): string {
  const app = new App({ outdir });
  const platform = new Stack(app, 'Platform');
  const cluster = clusterIn(platform, { nodes: false });
  cluster.addNodegroup('Workers', { metadataHopLimit: 2 });
  cluster.addLoadBalancerController();
  fillPlatform(cluster, version);
  fillShop(new Stack(app, 'Shop'), cluster, version);
  app.synth();
  return outdir;
}

function fillPlatform(cluster: SecureEksCluster, version: Version): void {
  const shop = cluster.addNamespace('shop', { labels: { version: `v${version}` } });
  shop.addServiceAccount('web');
  const web = shop.pods({ app: 'web' });
  if (version !== 2) cluster.addNamespace('batch').addServiceAccount('nightly');
  cluster.addNamespace('legacy', { existing: true });

  const scraper = NetworkPeer.serviceAccount('monitoring', 'scraper');
  cluster.addNamespace('monitoring');
  if (version === 1) cluster.allowTraffic('Scrape', { source: scraper, destination: web, ports: [NetworkPort.tcp(9090)] });
  if (version === 3) cluster.allowTraffic('Traces', { source: web, destination: scraper, ports: [NetworkPort.tcp(4317)] });
  cluster.allowTraffic('WebToLegacy', { source: web, destination: NetworkPeer.pods('legacy', { app: 'ledger' }), ports: [NetworkPort.tcp(8000 + version)] });
  cluster.allowFromControlPlane('Webhook', { destination: web, ports: [NetworkPort.tcp(9443)] });
  cluster.allowKubeletAccess('Scraper', { namespace: 'monitoring', serviceAccounts: version === 1 ? ['scraper', 'old'] : ['scraper'], reason: 'container metrics' });
  if (version !== 2) cluster.allowInstanceMetadataAccess('Scraper', { namespace: 'monitoring', serviceAccounts: ['scraper'], reason: 'zone of the node' });

  cluster.addManifest('Limits', config('limits', 'monitoring', version), ...version === 2 ? [] : [config('more', 'monitoring', version)]);
  cluster.addManifest('Team', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', labels: { version: `v${version}` } } }, config('team', 'team', version));
  cluster.addHelmChart('Dashboards', { chart: 'dashboards', repository: 'https://example.com', namespace: 'monitoring', createNamespace: false, values: { version }, wait: true });
}

function fillShop(stack: Stack, network: SecureEksCluster, version: Version): void {
  const bucket = new s3.Bucket(stack, 'Bucket');
  new ApplicationChart(stack, 'Web', { network, chart: webChart(bucket.bucketName, version) });
  if (version !== 3) new ApplicationManifest(stack, 'Extra', { network, objects: [config('extra', 'shop', version)] });
  const web = NetworkPeer.serviceAccount('shop', 'web');
  const allow = (id: string, cidr: string) => new TrafficRule(stack, id, { network, source: web, destination: NetworkPeer.cidr(cidr), ports: [NetworkPort.tcp(443)] });
  allow('ToBucket', '52.218.0.0/17');
  if (version === 1) allow('ToPartner', '203.0.113.0/24');
  if (version === 3) new GuardrailExemption(stack, 'Operator', { network, target: GuardedTarget.API_SERVER, namespace: 'shop', serviceAccounts: ['operator'], reason: 'reconciles' });
}

/** Two load balancers, so that something is to be waited for on deletion, and a policy of the team's. */
function webChart(bucketName: string, version: Version): Chart {
  const chart = new Chart(new Cdk8sApp(), 'shop', { namespace: 'shop', disableResourceNameHashes: true });
  new ApiObject(chart, 'Config', { ...config('web', 'shop', version), data: { bucket: bucketName, version: String(version) } } as never);
  const web = new Deployment(chart, 'web', {
    metadata: { name: 'web' }, podMetadata: { labels: { app: 'web' } }, replicas: version, containers: [{ image: `nginx:1.${version}`, portNumber: 8080, securityContext: { user: 101, group: 101 } }],
  });
  const service = web.exposeViaService({ name: 'web', serviceType: ServiceType.LOAD_BALANCER, ports: [{ port: 80, targetPort: 8080 }] });
  InternalLoadBalancer.apply(service);
  if (version !== 2) {
    const page = new Ingress(chart, 'page', { metadata: { name: 'page' } });
    page.addRule('/', IngressBackend.fromService(web.exposeViaService({ name: 'pages', ports: [{ port: 80, targetPort: 8080 }] })));
    InternalLoadBalancer.apply(page);
  }
  if (version !== 2) {
    new ApiObject(chart, 'Policy', {
      apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'web', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 8080 }] }] },
    } as never);
  }
  return chart;
}

function config(name: string, namespace: string, version: Version): { [key: string]: any } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { version: String(version) } };
}
