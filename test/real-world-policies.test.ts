import { NetworkPeer, NetworkPort } from '../src';
import { errorsOf, fileOf, testCluster } from './fixture';

/* Policies as well-known charts write them, by their shape: https://artifacthub.io names each. */

type Spec = Readonly<Record<string, unknown>>;
const policy = (namespace: string, name: string, app: string, spec: Spec) => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
  spec: { podSelector: { matchLabels: { 'app.kubernetes.io/name': app } }, ...spec },
});
const workload = (namespace: string, app: string, ports: Readonly<Record<string, number>> = {}, labels: Readonly<Record<string, string>> = {}) => {
  const own = { 'app.kubernetes.io/name': app, ...labels };
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: app, namespace },
    spec: {
      selector: { matchLabels: own },
      template: { metadata: { labels: own }, spec: { serviceAccountName: app, containers: [{ name: 'main', image: `example.com/${app}:1`, ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })) }] } },
    },
  };
};
const port = (...ports: (number | string)[]) => ports.map((each) => ({ port: each, protocol: 'TCP' }));
const DNS = { ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }] };
const EVERYWHERE = { ipBlock: { cidr: '0.0.0.0/0' } };
const app = (namespace: string, name: string) => NetworkPeer.pods(namespace, { 'app.kubernetes.io/name': name });

/** By chart. */
const CHARTS: Readonly<Record<string, readonly object[]>> = {
  KubePrometheusStack: [
    workload('monitoring', 'prometheus', { 'http-web': 9090 }), workload('monitoring', 'grafana', { grafana: 3000 }),
    policy('monitoring', 'prometheus', 'prometheus', { policyTypes: ['Ingress', 'Egress'], ingress: [{ ports: port('http-web') }], egress: [{}] }),
    policy('monitoring', 'grafana', 'grafana', { policyTypes: ['Ingress'], ingress: [{ ports: port('grafana'), from: [{ podSelector: { matchLabels: { 'grafana-client': 'true' } } }] }] }),
  ],
  IngressNginx: [
    workload('ingress-nginx', 'ingress-nginx', { http: 80, https: 443, webhook: 8443 }),
    policy('ingress-nginx', 'controller', 'ingress-nginx', { policyTypes: ['Ingress', 'Egress'], ingress: [{ ports: port('http', 'https', 'webhook') }], egress: [{}] }),
  ],
  CertManager: [
    workload('cert-manager', 'webhook', { https: 10250 }), workload('cert-manager', 'cert-manager'),
    policy('cert-manager', 'webhook', 'webhook', { policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [EVERYWHERE], ports: port(10250) }], egress: [{ to: [EVERYWHERE], ports: [...port(80, 443, 53, 6443), { port: 53, protocol: 'UDP' }] }] }),
    policy('cert-manager', 'controller', 'cert-manager', { policyTypes: ['Egress'], egress: [{ to: [EVERYWHERE], ports: [...port(443), { port: 53, protocol: 'UDP' }] }] }),
  ],
  ArgoCd: [
    workload('argocd', 'argocd-redis', { redis: 6379 }), workload('argocd', 'argocd-repo-server', { 'repo-server': 8081, 'metrics': 8084 }),
    policy('argocd', 'redis', 'argocd-redis', { policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'argocd-repo-server' } } }], ports: port('redis') }] }),
    policy('argocd', 'repo-server', 'argocd-repo-server', { policyTypes: ['Ingress'], ingress: [{ from: [{ namespaceSelector: {} }], ports: port('metrics') }] }),
  ],
  ExternalDns: [workload('external-dns', 'external-dns'), policy('external-dns', 'external-dns', 'external-dns', { policyTypes: ['Egress', 'Ingress'], egress: [DNS, { ports: port(443) }], ingress: [] })],
  Istio: [
    workload('istio-system', 'istiod', { 'https-dns': 15012, 'https-webhooks': 15017 }), workload('mesh', 'web'),
    policy('istio-system', 'istiod', 'istiod', { policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [], ports: port(15012, 15017) }], egress: [{}] }),
    // An operator's own, in Calico's words, beside it.
    { apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', metadata: { name: 'default-deny', namespace: 'mesh' }, spec: { selector: 'all()', types: ['Ingress', 'Egress'] } },
    {
      apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', metadata: { name: 'to-istiod', namespace: 'mesh' },
      spec: { order: 10, types: ['Egress'], egress: [{ action: 'Allow', protocol: 'TCP', destination: { namespaceSelector: "kubernetes.io/metadata.name == 'istio-system'", selector: "app.kubernetes.io/name == 'istiod'", ports: [15012] } }] },
    },
  ],
  Bitnami: [
    workload('db', 'postgresql', { 'tcp-postgresql': 5432 }), workload('db', 'keycloak', { http: 8080 }, { 'postgresql-client': 'true' }),
    policy('db', 'postgresql', 'postgresql', { policyTypes: ['Ingress', 'Egress'], egress: [{}], ingress: [{ ports: [{ port: 5432 }], from: [{ podSelector: { matchLabels: { 'postgresql-client': 'true' } } }] }] }),
    policy('db', 'keycloak', 'keycloak', { policyTypes: ['Ingress', 'Egress'], egress: [{}], ingress: [{ ports: [{ port: 8080 }] }] }),
  ],
};
const NAMESPACES = ['monitoring', 'ingress-nginx', 'cert-manager', 'argocd', 'external-dns', 'istio-system', 'mesh', 'db'];

describe('policies of well-known charts', () => {
  const made = testCluster();
  const { cluster } = made;
  for (const name of NAMESPACES) cluster.addNamespace(name);
  for (const [id, objects] of Object.entries(CHARTS)) cluster.addManifest(id, ...objects);
  const tcp = (...ports: number[]) => ports.map((each) => NetworkPort.tcp(each));

  // What both ends' charts open, as their documents say.
  cluster.expectAllowed('KeycloakToPostgres', { source: app('db', 'keycloak'), destination: app('db', 'postgresql'), ports: tcp(5432) });
  cluster.expectAllowed('PrometheusToArgo', { source: app('monitoring', 'prometheus'), destination: app('argocd', 'argocd-repo-server'), ports: tcp(8084) });
  cluster.expectAllowed('NginxToKeycloak', { source: app('ingress-nginx', 'ingress-nginx'), destination: app('db', 'keycloak'), ports: tcp(8080) });
  cluster.expectAllowed('MeshToIstiod', { source: app('mesh', 'web'), destination: app('istio-system', 'istiod'), ports: tcp(15012) });
  cluster.expectAllowed('WebhookCalled', { source: NetworkPeer.controlPlane(), destination: app('cert-manager', 'webhook'), ports: tcp(10250) });
  cluster.expectAllowed('BalancersToNginx', { source: NetworkPeer.cidr('10.0.0.0/16'), destination: app('ingress-nginx', 'ingress-nginx'), ports: tcp(80, 443) });
  // What they close, or what the guardrails close though a chart opens everything.
  cluster.expectDenied('PostgresOtherPort', { source: app('db', 'keycloak'), destination: app('db', 'postgresql'), ports: tcp(5433) });
  cluster.expectDenied('PrometheusToPostgres', { source: app('monitoring', 'prometheus'), destination: app('db', 'postgresql') });
  cluster.expectDenied('GrafanaFromAfar', { source: app('db', 'keycloak'), destination: app('monitoring', 'grafana') });
  cluster.expectDenied('MeshToNobodyElse', { source: app('mesh', 'web'), destination: app('db', 'keycloak') });
  cluster.expectDenied('KeycloakToInternet', { source: app('db', 'keycloak'), destination: NetworkPeer.internet() });
  cluster.expectDenied('ExternalDnsToInternet', { source: app('external-dns', 'external-dns'), destination: NetworkPeer.internet() });
  // The chart opens only the server's end; the client's stays closed until the platform says so.
  cluster.expectDenied('ArgoWithoutAllow', { source: app('argocd', 'argocd-repo-server'), destination: app('argocd', 'argocd-redis') });

  test('are understood without an error, and every verdict is as their documents say', () => {
    const report = fileOf(made.app.synth(), 'Platform.network-report.md');
    expect(report).not.toContain('undetermined');
    expect(report.split('\n').filter((line) => line.startsWith('- **un'))).toEqual([]);
    expect(report.match(/^- met: /gm)).toHaveLength(13);
    expect(report).toContain('denied by GlobalNetworkPolicy/eks-guardrails.internet-deny rule 0 (Platform/Cluster/ExpectDenied/KeycloakToInternet)');
  });
});

test('what is wrong in them is said by name, all at once', () => {
  const made = testCluster();
  made.cluster.addNamespace('db');
  const broken = (name: string, spec: Spec) => policy('db', name, 'web', spec);
  made.cluster.addManifest('Broken',
    broken('a-string-port', { ingress: [{ ports: [{ port: '5432' }] }] }),
    broken('b-lower-protocol', { ingress: [{ ports: [{ port: 80, protocol: 'tcp' }] }] }),
    broken('c-from-map', { ingress: [{ from: { podSelector: {} } }] }),
    broken('d-misspelt', { ingres: [] }),
    broken('e-address', { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1' } }] }] }),
    broken('f-templated', { ingress: [{ ports: [{ port: '{{ .Values.port }}' }] }] }),
    { apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', metadata: { name: 'g-selector', namespace: 'db' }, spec: { selector: 'app = web' } },
  );
  expect(errorsOf(made).filter((line) => line.includes('/db/'))).toEqual([
    "KubernetesNetworkPolicy/db/a-string-port: spec.ingress[0].ports[0].port is '5432', which is no port name; write a port number or a port name [cdk-secure-eks:policyInvalid]",
    "KubernetesNetworkPolicy/db/b-lower-protocol: spec.ingress[0].ports[0].protocol is 'tcp': it must be one of TCP, UDP, SCTP; use one of them [cdk-secure-eks:policyInvalid]",
    'KubernetesNetworkPolicy/db/c-from-map: spec.ingress[0].from is an object: it must be a list; write a list [cdk-secure-eks:policyInvalid]',
    'KubernetesNetworkPolicy/db/d-misspelt: spec.ingres is no field that this kind has; use one of podSelector, ingress, egress, policyTypes [cdk-secure-eks:policyFieldUnknown]',
    "KubernetesNetworkPolicy/db/e-address: spec.egress[0].to[0].ipBlock.cidr is '10.0.0.1', which is no CIDR; write address/prefix [cdk-secure-eks:policyInvalid]",
    "KubernetesNetworkPolicy/db/f-templated: spec.ingress[0].ports[0].port is '{{ .Values.port }}', which is no port name; write a port number or a port name [cdk-secure-eks:policyInvalid]",
    "NetworkPolicy/db/g-selector: spec.selector is 'app = web', which is no selector: an operator belongs after label 'app'; correct the selector [cdk-secure-eks:selectorInvalid]",
  ]);
});
