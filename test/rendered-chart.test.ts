import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Aws } from 'aws-cdk-lib';
import { errorsOf, fileOf, releasesOf, resourcesOf, TestCluster, testCluster } from './fixture';
import { HelmChartReleaseOptions, NetworkPeer, NetworkPort } from '../src';

/** Output of `helm template`, written by hand. */
const GATEWAY = `---
# Source: gateway/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge-gateway
  labels: {helm.sh/chart: gateway-1.2.3, app.kubernetes.io/instance: edge}
spec:
  selector: {matchLabels: {app: gateway}}
  template:
    metadata: {labels: {app: gateway}, annotations: {note: "{{ of its own }}"}}
    spec:
      serviceAccountName: gateway
      containers:
        - {name: gateway, image: "example.com/gateway:1", args: ["--format={{ .Time }}"], ports: [{name: http, containerPort: 8080}]}
---
# Source: gateway/templates/policies.yaml
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: edge-gateway}
    spec:
      podSelector: {matchLabels: {app: gateway}}
      ingress: [{ports: [{port: http}]}]
---
# Source: gateway/templates/alerts.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: alerts, namespace: edge}
data: {text: "{{ $labels.pod }} is down"}
---
# Source: gateway/templates/tests/connection.yaml
apiVersion: v1
kind: Pod
metadata: {name: connection, annotations: {helm.sh/hook: test}}
spec: {hostNetwork: true, containers: [{name: wget, image: "example.com/wget:1"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: certificates, annotations: {helm.sh/hook: "pre-install, pre-upgrade"}}
spec: {template: {metadata: {labels: {app: certificates}}, spec: {containers: [{name: certificates, image: "example.com/certificates:1"}]}}}
`;

const OPTIONS: HelmChartReleaseOptions = { chart: 'gateway', repository: 'https://example.com', version: '1.2.3', namespace: 'edge' };

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'rendered-')); });
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function withChart(rendered: string | undefined, options: Partial<HelmChartReleaseOptions> = {}): TestCluster {
  const made = testCluster();
  made.cluster.addHelmChart('Edge', { ...OPTIONS, ...options, rendered });
  return made;
}

const denied = 'denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends)';

describe('the rendered output of a chart', () => {
  test('joins the model and the report, and is deployed by Helm alone', () => {
    const made = withChart(write('gateway.yaml', GATEWAY));
    const { cluster } = made;
    const gateway = NetworkPeer.pods('edge', { app: 'gateway' });
    // Its NetworkPolicy opens the port by its name, in the namespace of the release.
    cluster.expectAllowed('Balancers', { source: NetworkPeer.loadBalancers(), destination: gateway, ports: [NetworkPort.tcp(8080)] });
    cluster.expectDenied('Other', { source: NetworkPeer.loadBalancers(), destination: gateway, ports: [NetworkPort.tcp(8081)] });
    cluster.expectDenied('Hook', { source: NetworkPeer.loadBalancers(), destination: NetworkPeer.pods('edge', { app: 'certificates' }), ports: [] });
    expect(errorsOf(made)).toEqual([]);
    const assembly = made.app.synth();
    const report = fileOf(assembly, 'Platform.network-report.md').split('\n');
    const seen = report.slice(report.indexOf('## Not seen, not known, accepted') + 2);
    expect(seen[0]).toBe('- chart `gateway` in namespace `edge` (release edge): in view is the rendered output of it, 4 objects; it is what you gave, not what Helm will render with other values. '
      + 'Left out: Pod edge/connection, which only \\`helm test\\` makes');
    expect(report.filter((line) => line.startsWith('### '))).toEqual(['### Job `edge/certificates`', '### Deployment `edge/edge-gateway`']);
    // The chart once, and none of its objects beside it.
    const resources = resourcesOf(assembly, made.stack);
    expect(JSON.stringify(resources)).not.toContain('example.com/gateway:1');
    expect(fileOf(assembly, 'Platform.kubernetes.yaml')).not.toContain('edge-gateway');
    expect(releasesOf(resources).edge.Properties).toEqual(expect.objectContaining({ Chart: 'gateway', Namespace: 'edge', Version: '1.2.3' }));
    expect(releasesOf(resources).edge.Properties).not.toHaveProperty('Rendered');
  });

  test('without it the chart is named as unseen, before those that are in view', () => {
    const made = withChart(write('gateway.yaml', GATEWAY));
    made.cluster.addHelmChart('Unseen', { chart: 'zipkin', repository: 'https://example.com', namespace: 'tracing' });
    const report = fileOf(made.app.synth(), 'Platform.network-report.md');
    expect(report).toMatch(/^- chart `zipkin` in namespace `tracing` \(release unseen\): its objects are not in view\n- chart `gateway`/m);
  });

  test('the same in a folder, in the order of names, whatever links back', () => {
    const [deployment, ...rest] = GATEWAY.split(/^---\n/m).slice(1);
    write('out/b/deployment.yaml', deployment);
    rest.forEach((text, index) => write(`out/a/${index}.yml`, text));
    write('out/NOTES.txt', 'apiVersion: {{');
    write('out/z.json', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'z' } }, null, '\t'));
    symlinkSync(join(folder, 'out'), join(folder, 'out/again'));
    const made = withChart(join(folder, 'out'));
    expect(errorsOf(made)).toEqual([]);
    expect(fileOf(made.app.synth(), 'Platform.network-report.md')).toContain('the rendered output of it, 5 objects;');
  });

  test('is checked for exposure, escapes and calls of the control plane, each finding with its file and document', () => {
    const made = withChart(write('gateway.yaml', `${GATEWAY}---
apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: edge}
spec: {type: LoadBalancer, selector: {app: gateway}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: yes, containers: []}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gateway}
webhooks: [{name: gateway.example.com, clientConfig: {service: {name: gateway, namespace: edge, port: 80}}}]
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: broken}
spec: {selector: "app = 'gateway'", ingress: [{action: Allow}]}
`));
    expect(errorsOf(made)).toEqual([
      "NetworkPolicy/edge/broken: spec.selector is 'app = 'gateway'', which is no selector: an operator belongs after label 'app' (Platform/Cluster/HelmCharts/Edge, gateway.yaml, document 9); correct the selector [cdk-secure-eks:selectorInvalid]",
      'DaemonSet edge/agent: spec.hostNetwork is true: no network policy binds it, and it reaches instance metadata as its node does (Platform/Cluster/HelmCharts/Edge, gateway.yaml, document 7); give it a pod network, or acknowledge why it needs the host\'s [cdk-secure-eks:workloadOnHostNetwork]',
      "DaemonSet edge/agent: it asks for hostNetwork, which the guard in the cluster refuses in namespace 'edge' (Platform/Cluster/HelmCharts/Edge, gateway.yaml, document 7); remove it, or say addNamespace('edge', { podSecurity: PodSecurityLevel.PRIVILEGED }) [cdk-secure-eks:workloadRefusedByGuard]",
      'Service edge/gateway: it is of type LoadBalancer without annotation service.beta.kubernetes.io/aws-load-balancer-internal, and spec.loadBalancerSourceRanges names nobody: its load balancer is open to the internet (Platform/Cluster/HelmCharts/Edge, gateway.yaml, document 6); use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply() [cdk-secure-eks:loadBalancerOpen]',
      'ValidatingWebhookConfiguration gateway: the control plane calls edge/edge-gateway on TCP 8080 through Service edge/gateway, and cannot: the security group of nodes and pods does not admit it (Platform/Cluster/HelmCharts/Edge, gateway.yaml, document 8); open it with allowFromControlPlane(), destination the pods of edge/edge-gateway, ports NetworkPort.tcp(8080) [cdk-secure-eks:controlPlaneCallDenied]',
    ]);
  });

  test('says which file added the policy that breaks an expectation', () => {
    const made = withChart(write('gateway.yaml', GATEWAY));
    made.cluster.expectDenied('Closed', { source: NetworkPeer.loadBalancers(), destination: NetworkPeer.pods('edge', { app: 'gateway' }), ports: [NetworkPort.tcp(8080)] });
    made.cluster.expectAllowed('Alerts', { source: NetworkPeer.pods('edge', { app: 'gateway' }), destination: NetworkPeer.pods('edge', { app: 'certificates' }), ports: [NetworkPort.tcp(80)] });
    expect(errorsOf(made)).toEqual([
      `Platform/Cluster/ExpectAllowed/Alerts: connections from pods app=gateway in edge to pods app=certificates in edge (TCP 80) must be allowed, but some are not. edge/edge-gateway to edge/certificates, TCP 80: ${denied}; allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]`,
      'Platform/Cluster/ExpectDenied/Closed: connections from the load-balancer subnets to pods app=gateway in edge (TCP 8080) must be denied, but some are not. the load-balancer subnets to edge/edge-gateway, TCP 8080: allowed by KubernetesNetworkPolicy/edge/edge-gateway rule 0, added by Platform/Cluster/HelmCharts/Edge, gateway.yaml, document 2; remove what allows it, or correct the expectation [cdk-secure-eks:expectationUnmet]',
    ]);
  });

  test('in a system namespace what it runs is named, not the chart', () => {
    const made = withChart(write('gateway.yaml', GATEWAY.replace(/namespace: edge/g, 'namespace: kube-system')), { namespace: 'kube-system' });
    expect(errorsOf(made).map((line) => line.replace(/: namespace .*\[/, ' ['))).toEqual([
      'Deployment kube-system/edge-gateway [cdk-secure-eks:workloadOutsideDefaultDeny]', 'Job kube-system/certificates [cdk-secure-eks:workloadOutsideDefaultDeny]',
    ]);
  });

  test('without createNamespace the namespace must be declared', () => {
    const made = withChart(write('gateway.yaml', GATEWAY), { createNamespace: false });
    expect(errorsOf(made)[0]).toMatch(/^Deployment edge\/edge-gateway: its namespace 'edge' was never declared, .*\(Platform\/Cluster\/HelmCharts\/Edge, gateway.yaml, document 1\); .*\[cdk-secure-eks:namespaceUnknown\]$/);
    const declared = withChart(write('gateway.yaml', GATEWAY), { createNamespace: false });
    declared.cluster.addNamespace('edge');
    expect(errorsOf(declared)).toEqual([]);
  });

  test('an object that another release has is an error', () => {
    const made = withChart(write('gateway.yaml', GATEWAY));
    made.cluster.addManifest('Same', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'alerts', namespace: 'edge' } });
    expect(errorsOf(made)).toEqual([expect.stringMatching(/^ConfigMap edge\/alerts: it is in release edge \(Platform\/Cluster\/HelmCharts\/Edge\) and in release same \(.*\) \(Platform\/Cluster\/HelmCharts\/Edge, gateway.yaml, document 3\); .*\[cdk-secure-eks:duplicateObject\]$/)]);
  });
});

describe('what was not rendered for this release', () => {
  const fix = 'render it anew: helm template edge gateway --namespace edge --version 1.3.0 with the same repository and values [cdk-secure-eks:renderedOtherwise]';

  test('another version, name or namespace is an error that may be acknowledged', () => {
    const made = withChart(write('gateway.yaml', GATEWAY.replace('instance: edge', 'instance: release-name').replace('namespace: edge', 'namespace: default')), { version: '1.3.0' });
    expect(errorsOf(made)).toEqual([
      'Platform/Cluster/HelmCharts/Edge: what was rendered is not what will be installed: its labels say version 1.2.3, and the release has 1.3.0; '
      + `its labels say instance release-name, and the release is edge; 1 of its objects are in namespace default, and the release is in edge; ${fix}`,
    ]);
    const accepted = withChart(write('gateway.yaml', GATEWAY), { version: '1.3.0' });
    accepted.cluster.acknowledge('renderedOtherwise', { subject: 'Platform/Cluster/HelmCharts/Edge', reason: 'its policies are the same' });
    expect(errorsOf(accepted)).toEqual([]);
  });

  test.each(['1.2.3', 'v1.2.3'])('version %s is that of its labels', (version) => {
    expect(errorsOf(withChart(write('gateway.yaml', GATEWAY), { version }))).toEqual([]);
  });
});

describe('what cannot be read is an error that names file and document', () => {
  const fix = 'give the whole output of: helm template edge gateway --namespace edge --version 1.2.3 with the same repository and values [cdk-secure-eks:renderedUnreadable]';
  const map = (metadata: string, rest = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\n${rest}`;

  test.each([
    ['no YAML', 'a: [1', 'x.yaml, document 2 is not readable as YAML: unexpected end of the stream within a flow collection, in its line 3'],
    ['a key twice', map('{name: a}', 'data: {a: b, a: c}'), 'x.yaml, document 2 is not readable as YAML: duplicated mapping key, in its line 5'],
    ['nesting without end', '['.repeat(50_000), 'x.yaml, document 2 is not readable as YAML: nesting exceeded maxDepth (100), in its line 2'],
    ['text of a template', '{{- if .Values.on }}\na: b\n{{- end }}', 'x.yaml, document 2 is text of a template, and not what Helm renders from it'],
    ['a value of a template', map('{name: a}', 'data: {{ .Values.data }}'), 'x.yaml, document 2 is text of a template, and not what Helm renders from it'],
    ['a quoted one', map('{name: "{{ .Release.Name }}"}'), 'x.yaml, document 2 holds text of a template in what decides, and not what Helm renders from it'],
    ['one in a policy', 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {podSelector: {matchLabels: {app: "{{ .Values.app }}"}}}', 'x.yaml, document 2 holds text of a template in what decides, and not what Helm renders from it'],
    ['an anchor in two places', map('{name: a}', 'data: &x {a: b}\nbinaryData: *x'), 'x.yaml, document 2 uses an anchor in two places'],
    ['a key __proto__', map('{name: a, labels: {__proto__: {a: b}}}'), 'x.yaml, document 2 has a key __proto__'],
    ['no object', 'just text', 'x.yaml, document 2 "just text" is no object'],
    ['no name', map('{generateName: a}'), 'x.yaml, document 2 has no metadata.name'],
    ['the same object', map('{name: first}'), 'x.yaml, document 2 holds ConfigMap edge/first, as x.yaml, document 1 does'],
  ])('%s', (_, text, message) => {
    expect(errorsOf(withChart(write('x.yaml', `${map('{name: first}')}---\n${text}`)))).toEqual([`Platform/Cluster/HelmCharts/Edge: rendered: ${message}; ${fix}`]);
  });

  test('aliases that stand for a million objects end at the first', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)];
    expect(errorsOf(withChart(write('x.yaml', lines.join('\n'))))).toEqual([`Platform/Cluster/HelmCharts/Edge: rendered: x.yaml, document 1 uses an anchor in two places; ${fix}`]);
  });

  test.each<[string, () => string, string]>([
    ['a path that is not there', () => join(folder, 'none.yaml'), 'none.yaml: does not exist'],
    ['a folder without a file', () => { write('empty/NOTES.txt', ''); return join(folder, 'empty'); }, 'empty: no file in it ends in .yaml, .yml or .json'],
    ['what is no UTF-8', () => write('x.yaml', Buffer.from([0x61, 0xff, 0xfe])), 'x.yaml: is not UTF-8'],
    ['a token', () => Aws.STACK_NAME, 'the path is a token, and files are read at synthesis'],
  ])('%s', (_, path, message) => {
    expect(errorsOf(withChart(path()))).toEqual([
      `Platform/Cluster/HelmCharts/Edge: rendered: ${message}; give the path of a file, or of a folder, that holds the output of \`helm template\` [cdk-secure-eks:renderedUnreadable]`,
    ]);
  });

  test('a file that holds nothing, or tests alone', () => {
    const tests = GATEWAY.split(/^---\n/m).find((text) => text.includes('hook: test'))!;
    for (const text of ['# only a comment\n', tests]) {
      expect(errorsOf(withChart(write('x.yaml', text)))).toEqual([`Platform/Cluster/HelmCharts/Edge: rendered: x.yaml holds no object that an installation makes; ${fix}`]);
    }
  });

  test('the namespace of the release as a token, when objects are in it', () => {
    expect(errorsOf(withChart(write('x.yaml', GATEWAY), { namespace: Aws.STACK_NAME }))[0]).toContain('rendered: the namespace of the release is a token, and objects that name none are in it');
  });

  test('a policy that is a hook is a warning', () => {
    const made = withChart(write('x.yaml', GATEWAY.replace('metadata: {name: edge-gateway}', 'metadata: {name: edge-gateway, annotations: {helm.sh/hook: pre-install}}')));
    expect(fileOf(made.app.synth(), 'Platform.network-report.md')).toContain('- NetworkPolicy edge/edge-gateway: is a hook (pre-install): it is no part of the release, and may be in force only while hooks run; verdicts take it for always in force (x.yaml, document 2) (hookPolicy)');
  });
});
