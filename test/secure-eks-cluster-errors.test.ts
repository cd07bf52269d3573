import { App, Aspects, CfnParameter, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ApiObject, App as Cdk8sApp, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import {
  ApplicationChart, ApplicationManifest, ClusterNamespace, ClusterServiceAccount, ConnectivityExpectation, GuardedTarget, GuardrailExemption,
  NetworkPeer, NetworkPort, NodegroupOptions, SystemNamespaces, TrafficRule,
} from '../src';
import { clusterIn, errorsOf, synthErrors, testCluster } from './fixture';

const WHY = 'is a token, and what a policy allows can only be proved for values known at synthesis; write the value itself';
const map = (name: string, namespace = 'shop') => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: 'b' } });
const open = { source: NetworkPeer.namespace('shop'), destination: NetworkPeer.pods('shop', { app: 'web' }), ports: [NetworkPort.tcp(80)] };

describe('several mistakes', () => {
  test('are one error that lists all of them', () => {
    const made = testCluster({ cluster: { admins: [] } });
    const { cluster, stack } = made;
    cluster.addNamespace('Shop');
    const shop = cluster.addNamespace('shop', { labels: { 'a b': 'x' }, annotations: { 'helm.sh/hook': 'pre-install' } });
    shop.addServiceAccount('Web', { annotations: { 'meta.helm.sh/release-name': 'x' } });
    cluster.allowTraffic('NoPorts', { ...open, ports: [] });
    cluster.allowTraffic('Unknown', { ...open, source: NetworkPeer.namespace('shpo') });
    cluster.allowKubeletAccess('Metrics', { namespace: 'shop', serviceAccounts: [], reason: 'metrics' });
    cluster.allowApiServerAccess('Syntax', { namespace: 'shop', serviceAccounts: ['No_Name'], reason: 'api' });
    cluster.allowInstanceMetadataAccess('Metadata', { namespace: 'shop', serviceAccounts: ['agent'], reason: 'agent' });
    cluster.addManifest('Open', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'open', namespace: 'shop' }, spec: { type: 'LoadBalancer' } });
    cluster.addManifest('Hook', { ...map('hook'), metadata: { name: 'hook', namespace: 'shop', annotations: { 'helm.sh/hook': 'pre-install' } } });
    cluster.addManifest('Nowhere', map('nowhere', 'elsewhere'));
    cluster.addManifest('Half', { kind: 'ConfigMap' });
    new ClusterServiceAccount(stack, 'Lost', { network: cluster, namespaceName: 'lost', name: 'lost' });
    const errors = errorsOf(made);
    const codes = errors.map((line) => /\[cdk-secure-eks:(\w+)\]$/.exec(line)?.[1]).sort();
    expect(codes).toEqual([
      'adminsMissing', 'exemptionWithoutServiceAccount', 'helmAnnotation', 'helmAnnotation', 'helmAnnotation', 'kubernetesSyntax', 'kubernetesSyntax', 'kubernetesSyntax', 'kubernetesSyntax',
      'loadBalancerOpen', 'metadataHopLimit', 'namespaceUnknown', 'namespaceUnknown', 'namespaceUnknown', 'objectIncomplete', 'rulePortsMissing',
    ].sort());
    expect(errors).toEqual(expect.arrayContaining([
      "namespace Shop: namespace 'Shop' is no DNS label: at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit; write it as the rule says [cdk-secure-eks:kubernetesSyntax]",
      "namespace shop: label key 'a b' breaks Kubernetes' syntax: an optional DNS subdomain and '/', then at most 63 letters, digits, '-', '_' or '.'; write it as the rule says [cdk-secure-eks:kubernetesSyntax]",
      "namespace shop: annotation 'helm.sh/hook' is Helm's, which carries the object and would act on it; remove it [cdk-secure-eks:helmAnnotation]",
      "service account shop/Web: annotation 'meta.helm.sh/release-name' is Helm's, which carries the object and would act on it; remove it [cdk-secure-eks:helmAnnotation]",
      "service account shop/Web: service account 'Web' is no DNS subdomain: at most 253 lower-case letters, digits, hyphens and dots, each part starting and ending with a letter or digit; write it as the rule says [cdk-secure-eks:kubernetesSyntax]",
      "Platform/Cluster/ApiServerAccess/Syntax: service account 'No_Name' is no DNS subdomain: at most 253 lower-case letters, digits, hyphens and dots, each part starting and ending with a letter or digit; write it as the rule says [cdk-secure-eks:kubernetesSyntax]",
      'Platform/Cluster/TrafficRules/NoPorts: ports is empty, and an empty list never means everything; name the ports, or give NetworkPort.all() [cdk-secure-eks:rulePortsMissing]',
      "service account lost/lost: its namespace 'lost' was never declared, so that its release would fail; declare it with addNamespace('lost'), or with { existing: true } where someone else creates it [cdk-secure-eks:namespaceUnknown]",
      "ConfigMap elsewhere/nowhere: its namespace 'elsewhere' was never declared, so that its release would fail; declare it with addNamespace('elsewhere'), or with { existing: true } where someone else creates it [cdk-secure-eks:namespaceUnknown]",
    ]));
    expect(synthErrors(made.app)).toHaveLength(errors.length); // the same the second time
  });

  test('equal names, wherever they were given', () => {
    const made = testCluster();
    const { app, cluster, stack } = made;
    cluster.addNamespace('shop');
    new ClusterNamespace(stack, 'Again', { network: cluster, namespaceName: 'shop' });
    cluster.allowTraffic('WebToApi', open);
    cluster.allowTraffic('web-to-api', open);
    new TrafficRule(stack, 'Elsewhere', { ...open, network: cluster, ruleName: 'WebToApi' });
    cluster.addManifest('App', map('one'));
    const other = new Stack(app, 'Other');
    new ApplicationManifest(other, 'App', { network: cluster, objects: [map('two')] });
    expect(errorsOf(made).sort()).toEqual([
      "Platform/Cluster/Manifests/App: its release would be called 'app', as that of Other/App is, and a cluster has one release of a name; give it another id, or another releaseName [cdk-secure-eks:releaseNameTaken]",
      "Platform/Cluster/TrafficRules/web-to-api: its policies would be called 'web-to-api', as those of Platform/Cluster/TrafficRules/WebToApi are, and the cluster has one object of a name; give one of them another id [cdk-secure-eks:ruleNameTaken]",
      "Platform/Elsewhere: its policies would be called 'web-to-api', as those of Platform/Cluster/TrafficRules/web-to-api are, and the cluster has one object of a name; give one of them another id [cdk-secure-eks:ruleNameTaken]",
      'namespace shop: Platform/Again and Platform/Cluster/Namespaces/shop both create it; create it once, and declare it elsewhere with { existing: true } [cdk-secure-eks:namespaceTwice]',
    ]);
  });
});

describe('equal ids in different methods', () => {
  test('do not collide', () => {
    const { app, cluster } = testCluster();
    cluster.addNodegroup('Same', { metadataHopLimit: 2 });
    cluster.addNamespace('same').addServiceAccount('same');
    const options = { namespace: 'same', serviceAccounts: ['same'], reason: 'a test' };
    cluster.allowTraffic('same', { ...open, source: NetworkPeer.namespace('same'), destination: NetworkPeer.pods('same', { app: 'web' }) });
    cluster.allowFromControlPlane('same', { destination: NetworkPeer.namespace('same'), ports: [NetworkPort.tcp(9443)] });
    cluster.allowKubeletAccess('same', options);
    cluster.allowApiServerAccess('same', options);
    cluster.allowInstanceMetadataAccess('same', options);
    cluster.expectDenied('same', { source: NetworkPeer.namespace('default'), destination: NetworkPeer.instanceMetadata() });
    cluster.expectAllowed('same', { source: NetworkPeer.serviceAccount('same', 'same'), destination: NetworkPeer.apiServer() });
    cluster.addManifest('same', map('same', 'same'));
    expect(synthErrors(app)).toEqual([]);
  });

  test('equal ids in one are an error of the construct tree', () => {
    const { cluster } = testCluster();
    cluster.allowTraffic('Same', open);
    expect(() => cluster.allowTraffic('Same', open)).toThrow("There is already a Construct with name 'Same' in Construct [TrafficRules]");
    cluster.addNamespace('same');
    expect(() => cluster.addNamespace('same')).toThrow("There is already a Construct with name 'same' in Construct [Namespaces]");
  });
});

describe('tokens', () => {
  const stack = new Stack(new App(), 'Tokens');
  const token = new CfnParameter(stack, 'Text').valueAsString;
  const { cluster, stack: home } = testCluster({ nodes: false });

  test('are refused in names and labels', () => {
    expect(() => cluster.addNamespace(token)).toThrow();
    expect(() => new ClusterNamespace(home, 'N1', { network: cluster, namespaceName: token })).toThrow(new Error(`the namespace ${WHY}`));
    expect(() => new ClusterNamespace(home, 'N2', { network: cluster, namespaceName: 'shop', labels: { team: token } })).toThrow(new Error(`the value of label 'team' ${WHY}`));
    expect(() => new ClusterNamespace(home, 'N3', { network: cluster, namespaceName: 'shop', labels: { [token]: 'a' } })).toThrow(new Error(`the label key ${WHY}`));
    expect(() => new ClusterServiceAccount(home, 'A1', { network: cluster, namespaceName: token, name: 'web' })).toThrow(new Error(`the namespace ${WHY}`));
    expect(() => new ClusterServiceAccount(home, 'A2', { network: cluster, namespaceName: 'shop', name: token })).toThrow(new Error(`the service account ${WHY}`));
    expect(() => new ClusterServiceAccount(home, 'A3', { network: cluster, namespaceName: 'shop', name: 'web', labels: { team: token } })).toThrow(new Error(`the value of label 'team' ${WHY}`));
    expect(() => new TrafficRule(home, 'R1', { ...open, network: cluster, ruleName: token })).toThrow(new Error(`ruleName ${WHY}`));
    const exemption = { network: cluster, target: GuardedTarget.KUBELET, reason: 'a test' };
    expect(() => new GuardrailExemption(home, 'E1', { ...exemption, namespace: token, serviceAccounts: ['a'] })).toThrow(new Error(`the namespace ${WHY}`));
    expect(() => new GuardrailExemption(home, 'E2', { ...exemption, namespace: 'shop', serviceAccounts: ['a', token] })).toThrow(new Error(`the service account ${WHY}`));
    expect(() => SystemNamespaces.DEFAULT.plus(token, 'x')).toThrow(new Error(`the namespace ${WHY}`));
  });

  test('as a release name are reported', () => {
    const made = testCluster();
    const name = new CfnParameter(made.stack, 'Name').valueAsString;
    made.cluster.addNamespace('shop');
    new ApplicationManifest(made.stack, 'App', { network: made.cluster, objects: [map('one')], releaseName: name });
    expect(errorsOf(made)).toEqual([expect.stringMatching(/^release \$\{Token\[.*\]\}: its name is known only at deployment; give it a releaseName that Helm accepts \[cdk-secure-eks:releaseNameInvalid\]$/)]);
  });
});

describe('what is added too late, or in the wrong place', () => {
  const late: Record<string, (cluster: ReturnType<typeof clusterIn>, stack: Stack) => void> = {
    'Platform/Cluster/TrafficRules/Late': (cluster) => cluster.allowTraffic('Late', open),
    'Platform/Cluster/FromControlPlane/Control': (cluster) => cluster.allowFromControlPlane('Control', { destination: NetworkPeer.namespace('shop'), ports: [NetworkPort.tcp(443)] }),
    'Platform/Cluster/KubeletAccess/Late': (cluster) => cluster.allowKubeletAccess('Late', { namespace: 'shop', serviceAccounts: ['a'], reason: 'x' }),
    'Platform/Cluster/Namespaces/late': (cluster) => cluster.addNamespace('late'),
    'Platform/Account': (cluster, stack) => new ClusterServiceAccount(stack, 'Account', { network: cluster, namespaceName: 'shop', name: 'a' }),
    'Platform/Cluster/ExpectDenied/Late': (cluster) => cluster.expectDenied('Late', { source: NetworkPeer.namespace('shop'), destination: NetworkPeer.internet() }),
    'Platform/Cluster/Charts/Late': (cluster) => cluster.addCdk8sChart('Late', new Chart(new Cdk8sApp(), 'late')),
    'Platform/Cluster/Manifests/Late': (cluster) => cluster.addManifest('Late', map('late')),
    'Platform/Cluster/HelmCharts/Late': (cluster) => cluster.addHelmChart('Late', { chart: 'x', repository: 'https://example.com' }),
    "acknowledge('loadBalancerOpen')": (cluster) => cluster.acknowledge('loadBalancerOpen', { subject: 'x', reason: 'y' }),
  };

  test('throws in an aspect, each by its own name', () => {
    const { app, cluster, stack } = testCluster();
    const thrown: string[] = [];
    let done = false;
    Aspects.of(stack).add({
      visit: (node: IConstruct) => {
        if (node !== stack || done) return;
        done = true;
        for (const add of Object.values(late)) {
          try {
            add(cluster, stack);
            thrown.push('nothing');
          } catch (error) {
            thrown.push((error as Error).message);
          }
        }
      },
    });
    app.synth();
    const why = 'the network of Platform/Cluster was decided already, just before synthesis; add it while the app is being built, not in an aspect';
    expect(thrown).toEqual(Object.keys(late).map((subject) => `${subject}: ${why}`));
  });

  test('in another stage throws', () => {
    const { app, cluster } = testCluster({ nodes: false });
    const elsewhere = new Stack(new Stage(app, 'Prod'), 'Shop');
    const message = 'is in another stage than Platform/Cluster, and a stage cannot use another\'s resources; put both in one';
    expect(() => new TrafficRule(elsewhere, 'Rule', { ...open, network: cluster })).toThrow(new Error(`Prod/Shop/Rule ${message}`));
    expect(() => new ApplicationManifest(elsewhere, 'App', { network: cluster, objects: [map('a')] })).toThrow(new Error(`Prod/Shop/App ${message}`));
    expect(() => new ConnectivityExpectation(elsewhere, 'Expect', { network: cluster, allowed: true, source: NetworkPeer.nodes(), destination: NetworkPeer.nodes() }))
      .toThrow(new Error(`Prod/Shop/Expect ${message}`));
  });

  test('in a nested stack throws: names on the cluster are made from the name of the stack', () => {
    const { cluster, stack } = testCluster({ nodes: false });
    const nested = new NestedStack(stack, 'Nested');
    const message = 'its stack\'s name is a token (a nested stack?), and names on the cluster are made from it; use a stack with a name';
    expect(() => new TrafficRule(nested, 'Rule', { ...open, network: cluster })).toThrow(new Error(`Platform/Nested/Rule: ${message}`));
    expect(() => new ApplicationManifest(nested, 'App', { network: cluster, objects: [map('a')] })).toThrow(new Error(`Platform/Nested/App: ${message}`));
  });

  test('on a network that is none of ours throws', () => {
    const stack = new Stack(new App(), 'Demo');
    expect(() => new TrafficRule(stack, 'Rule', { ...open, network: Object.assign(new Stack(stack, 'Other'), { clusterName: 'x' }) as never }))
      .toThrow(new Error("Demo/Other is no network of this library's; give a SecureEksCluster as 'network'"));
  });

  test('outside an App throws', () => {
    expect(() => clusterIn(new Stack())).not.toThrow(); // a Stack without an App has one of its own
  });

  test('a chart inside a chart is refused, as its objects would be lost', () => {
    const made = testCluster();
    const outer = new Chart(new Cdk8sApp(), 'outer');
    const inner = new Chart(outer, 'inner');
    new ApiObject(inner, 'Map', map('inner', 'default'));
    new ApplicationChart(made.stack, 'App', { network: made.cluster, chart: outer });
    expect(errorsOf(made)).toEqual([
      'Platform/App: outer holds other charts (outer/inner), whose objects are no part of it; add each chart by itself; mend it as the message says [cdk-secure-eks:unreadable]',
    ]);
  });

  test('an id that makes no name throws', () => {
    const { cluster } = testCluster({ nodes: false });
    expect(() => cluster.allowTraffic('---', open)).toThrow(new Error("id '---' becomes the Kubernetes name '', which must have 1 to 100 letters, digits or hyphens; choose another id"));
    expect(() => cluster.allowTraffic('a'.repeat(101), open)).toThrow(`id '${'a'.repeat(101)}' becomes`);
  });
});

describe('a cluster on which nothing starts', () => {
  test.each<[string, NodegroupOptions[]]>([
    ['no node group', []], ['a group without nodes', [{ minSize: 0 }]], ['a tainted group', [{ taints: [{ key: 'a', value: 'b', effect: eks.TaintEffect.NO_SCHEDULE }] }]],
  ])('%s', (_, groups) => {
    const made = testCluster({ nodes: false });
    groups.forEach((group, index) => made.cluster.addNodegroup(`Group${index}`, group));
    expect(errorsOf(made)).toEqual([expect.stringMatching(/^Platform\/Cluster: .*: CoreDNS and Calico find no node to run on, .*\[cdk-secure-eks:nodesMissing\]$/)]);
  });

  test('is accepted where nodes come from elsewhere', () => {
    const made = testCluster({ nodes: false });
    made.cluster.eksCluster.addNodegroupCapacity('Theirs');
    made.cluster.acknowledge('nodesMissing', { subject: 'Platform/Cluster', reason: 'nodes of another making' });
    expect(errorsOf(made)).toEqual([]);
  });
});
