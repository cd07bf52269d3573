import { App, AppProps, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ApiObject, App as Cdk8sApp, Chart } from 'cdk8s';
import { Deployment, ServiceType } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { ApplicationChart, ApplicationManifest, GuardedTarget, GuardrailExemption, InternalLoadBalancer, NetworkPeer, NetworkPort, SecureEksCluster, TrafficRule } from '../src';
import { clusterIn } from './fixture';

export interface TwoStacks {
  readonly app: App;
  readonly platform: Stack;
  readonly shop: Stack;
  readonly cluster: SecureEksCluster;
  readonly shopChart: Chart;
  readonly rule: TrafficRule;
}

export interface TwoStacksOptions {
  readonly app?: AppProps;
  /** Everything is said in the other order. */
  readonly reversed?: boolean;
  readonly scope?: (app: App) => Construct;
}

/** A platform and an application of another stack on its cluster, with one thing of every kind. */
export function twoStacks({ app: props, reversed = false, scope: scopeIn = (app) => app }: TwoStacksOptions = {}): TwoStacks {
  const app = new App(props);
  const scope = scopeIn(app);
  const platform = new Stack(scope, 'Platform');
  const shop = new Stack(scope, 'Shop', { stackName: 'shop' });
  const cluster = clusterIn(platform, { nodes: false });
  cluster.addNodegroup('Workers', { metadataHopLimit: 2 });
  const bucket = new s3.Bucket(shop, 'Bucket');
  const shopChart = chartOf(bucket.bucketName);
  const web = NetworkPeer.pods('shop', { app: 'web' });
  let rule: TrafficRule;

  const said: (() => void)[] = [
    () => { cluster.addNamespace('shop', { labels: { team: 'shop' } }).addServiceAccount('web'); },
    () => { cluster.addNamespace('monitoring'); },
    () => { cluster.addNamespace('legacy', { existing: true, labels: { team: 'old' } }); },
    () => { cluster.allowTraffic('Scrape', { source: NetworkPeer.serviceAccount('monitoring', 'scraper'), destination: web, ports: [NetworkPort.tcp(9090)], description: 'metrics of `web`' }); },
    () => { cluster.allowFromControlPlane('Webhook', { destination: web, ports: [NetworkPort.tcp(9443)] }); },
    () => { cluster.allowKubeletAccess('Scraper', { namespace: 'monitoring', serviceAccounts: ['scraper'], reason: 'container metrics' }); },
    () => { cluster.allowInstanceMetadataAccess('Scraper', { namespace: 'monitoring', serviceAccounts: ['scraper'], reason: 'zone of the node' }); },
    () => { cluster.addManifest('Limits', map('limits', 'monitoring'), map('more', 'monitoring')); },
    () => { cluster.addManifest('Again', map('again', 'monitoring')); },
    () => { cluster.addHelmChart('Dashboards', { chart: 'grafana', repository: 'https://example.com', namespace: 'monitoring' }); },
    () => { cluster.expectDenied('WebToInternet', { source: web, destination: NetworkPeer.internet() }); },
    () => { cluster.expectAllowed('ScraperToKubelet', { source: NetworkPeer.serviceAccount('monitoring', 'scraper'), destination: NetworkPeer.kubelet() }); },
    () => { rule = new TrafficRule(shop, 'WebToBucket', { network: cluster, source: NetworkPeer.serviceAccount('shop', 'web'), destination: NetworkPeer.cidr('52.218.0.0/17'), ports: [NetworkPort.tcp(443)] }); },
    () => { new GuardrailExemption(shop, 'Operator', { network: cluster, target: GuardedTarget.API_SERVER, namespace: 'shop', serviceAccounts: ['operator'], reason: 'reconciles' }); },
    () => { new ApplicationChart(shop, 'Web', { network: cluster, chart: shopChart }); },
    () => { new ApplicationManifest(shop, 'Extra', { network: cluster, objects: [map('extra', 'shop')] }); },
  ];
  for (const say of reversed ? said.reverse() : said) say();
  return { app, platform, shop, cluster, shopChart, rule: rule! };
}

export function map(name: string, namespace: string): { [key: string]: any } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: 'b' } };
}

function chartOf(bucketName: string): Chart {
  const chart = new Chart(new Cdk8sApp(), 'shop', { namespace: 'shop' });
  new ApiObject(chart, 'Config', { ...map('web', 'shop'), data: { bucket: bucketName } } as never);
  const web = new Deployment(chart, 'Web', { metadata: { name: 'web' }, containers: [{ image: 'nginx:1', portNumber: 8080 }] });
  web.podMetadata.addLabel('app', 'web');
  const service = web.exposeViaService({ name: 'web', serviceType: ServiceType.LOAD_BALANCER, ports: [{ port: 80, targetPort: 8080 }] });
  InternalLoadBalancer.apply(service);
  return chart;
}
