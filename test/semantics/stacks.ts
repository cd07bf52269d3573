import { App, Stack } from 'aws-cdk-lib';
import { byKey, shuffledBy, State, update, WrittenRelease } from './replay';
import { ClusterNamespace, NetworkPeer, NetworkPort, PolicyEnforcement, SecureEksCluster, TrafficRule } from '../../src';
import { Flow, Topology } from '../../src/core/connectivity';
import { parsePolicyObjects } from '../../src/core/policy';
import { TIERS } from '../../src/core/policy/facts';
import { clusterIn, objectsOf, Resource } from '../fixture';

/** What is said of the cluster and of namespaces by themselves. */
export interface Said {
  readonly cluster: PolicyEnforcement;
  readonly shop?: PolicyEnforcement;
  readonly home?: PolicyEnforcement;
}

/** A platform with rules of its own, and two stacks of applications, one of which uses the other. */
export function threeStacks({ cluster: enforcement, shop: shopMode, home: homeMode }: Said): { app: App; cluster: SecureEksCluster; stacks: readonly Stack[] } {
  const app = new App();
  const platform = new Stack(app, 'Platform');
  const cluster = clusterIn(platform, { cluster: { enforcement } });
  cluster.addNamespace('home', { enforcement: homeMode });
  cluster.addNamespace('billing');
  new ClusterNamespace(platform, 'ShopNamespace', { network: cluster, namespaceName: 'shop', enforcement: shopMode });
  const [shop, billing] = ['Shop', 'Billing'].map((name) => new Stack(app, name));
  billing.addStackDependency(shop);
  const web = NetworkPeer.serviceAccount('shop', 'web');
  const api = NetworkPeer.pods('billing', { app: 'api' });
  const front = NetworkPeer.pods('home', { app: 'front' });
  cluster.allowTraffic('HomeInside', { source: front, destination: NetworkPeer.pods('home', { app: 'store' }), ports: [NetworkPort.tcp(5432)] });
  new TrafficRule(shop, 'WebToApi', { network: cluster, source: web, destination: api, ports: [NetworkPort.tcp(8080)] });
  new TrafficRule(shop, 'WebToPartner', { network: cluster, source: web, destination: NetworkPeer.cidr('192.0.2.0/24'), ports: [NetworkPort.tcp(443)] });
  // Nodes, kubelets included, which a guardrail denies: an allow that is early opens it where no team's policy is asked.
  new TrafficRule(billing, 'ApiToNodes', { network: cluster, source: api, destination: NetworkPeer.nodes(), ports: [NetworkPort.tcpRange(9100, 10300)] });
  new TrafficRule(billing, 'ApiToWeb', { network: cluster, source: api, destination: web, ports: [NetworkPort.tcp(9090)] });
  return { app, cluster, stacks: [platform, shop, billing] };
}

/** Teams' own: billing closes what leaves it, shop what comes in. */
export const TEAMS = [
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'out', namespace: 'billing' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }] }] } },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'in', namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] } },
];

const pods = [['home', 'front'], ['home', 'store'], ['shop', 'web'], ['shop', 'other'], ['billing', 'api'], ['billing', 'other'], ['elsewhere', 'pod'], ['kube-system', 'coredns']] as const;
export const TOPOLOGY: Topology = {
  complete: true,
  namespaces: [...new Set(pods.map(([namespace]) => namespace))].map((name) => ({ name, labels: { 'kubernetes.io/metadata.name': name } })),
  endpoints: pods.map(([namespace, name], index) => ({
    namespace, name, labels: { [name === 'coredns' ? 'k8s-app' : 'app']: name === 'coredns' ? 'kube-dns' : name }, serviceAccount: name, addresses: [`10.0.65.${index + 1}`],
  })),
  serviceAccounts: pods.map(([namespace, name]) => ({ namespace, name, labels: {} })),
  services: [{ namespace: 'default', name: 'kubernetes', endpoints: [{ port: 443, address: '10.0.0.5' }] }],
};

const ends = pods.map((each) => each.join('/'));
const places = ['ip:10.0.66.7', 'ip:10.0.0.5', 'ip:169.254.169.254', 'ip:192.0.2.9', 'ip:203.0.113.9'];
const ports = [53, 443, 5432, 8080, 9090, 9100, 10250];
export const FLOWS: readonly Flow[] = [...ends, ...places].flatMap((from) => [...ends, ...places].filter((to) => from !== to && !(from.startsWith('ip:') && to.startsWith('ip:')))
  .flatMap((to) => ports.map((port) => ({ from, to, protocol: 'TCP', port }))));

/** One stack's releases of policies, in an order in which CloudFormation may run them. */
export interface WrittenStack {
  readonly name: string;
  readonly releases: readonly WrittenRelease[];
}

/** Stacks in the order in which `cdk deploy --all` runs them. */
export function writtenStacks(said: Said): WrittenStack[] {
  const { app, stacks } = threeStacks(said);
  const assembly = app.synth();
  const done: string[] = [];
  const visit = (name: string): void => {
    if (done.includes(name)) return;
    assembly.getStackArtifact(name).dependencies.filter(({ id }) => stacks.some(({ artifactId }) => artifactId === id)).forEach(({ id }) => visit(id));
    done.push(name);
  };
  stacks.map(({ artifactId }) => artifactId).sort().forEach(visit);
  return done.map((name) => ({ name, releases: releasesInOrder(assembly.getStackArtifact(name).template.Resources) }));
}

/** By DependsOn and references; between those that do not wait for each other any order is possible, and one is taken. */
function releasesInOrder(resources: Record<string, Resource>): WrittenStack['releases'] {
  const done: string[] = [];
  const visit = (id: string): void => {
    if (done.includes(id) || !(id in resources)) return;
    const references = [...JSON.stringify(resources[id].Properties ?? {}).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, other]) => other);
    [...resources[id].DependsOn ?? [], ...references].forEach(visit);
    done.push(id);
  };
  Object.keys(resources).sort().forEach(visit);
  return done.map((id) => resources[id]).filter(({ Type, Properties }) => Type === 'Custom::AWSCDK-EKS-HelmChart' && 'ChartAssetURL' in Properties).map((release) => {
    const { policies } = parsePolicyObjects(objectsOf(release), { tiers: Object.values(TIERS) });
    return { name: String(release.Properties.Release), policies };
  }).filter(({ policies }) => policies.length > 0);
}

/** Every state of the cluster while stack after stack is deployed. */
export function* deployments(from: readonly WrittenStack[], to: readonly WrittenStack[], seed: number): Generator<State> {
  const shuffle = shuffledBy(seed);
  const now = byKey(from.flatMap(({ releases }) => releases));
  for (const { name, releases } of to) {
    for (const { write, policies } of update(now, from.find((stack) => stack.name === name)?.releases ?? [], releases, shuffle)) yield { write: `${name}, ${write}`, policies };
  }
}
