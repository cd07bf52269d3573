import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { CONFIG, NAMESPACE, Walk, somePolicies, testCluster, testNetwork } from './fixture';
import { KubernetesNetwork } from '../../../src/kubernetes/deploy/network';

const ENFORCING = [
  'cluster', 'eks-aws-node-rbac', 'nodes', 'calico-crds', 'calico', 'calico-api', 'eks-tiers', 'eks-guardrail-exemptions',
  'eks-guardrail-denials', 'eks-allows', 'eks-default-deny', 'eks-namespaces', 'shop-kept', 'shop',
];
const STAGING = [
  ...ENFORCING.slice(0, 7), 'eks-default-deny', 'eks-allows', 'eks-guardrail-denials', 'eks-guardrail-exemptions', ...ENFORCING.slice(11),
];

function everything(towards: 'enforcing' | 'staging') {
  const made = testNetwork();
  made.network.deployObjects(made.stack, 'Shop', 'shop', [NAMESPACE, CONFIG]);
  made.network.deployNamespaces([NAMESPACE]);
  made.network.deployPolicies(somePolicies(towards));
  return { ...made, walk: new Walk(made.stack) };
}

describe('order', () => {
  test.each([['enforcing', ENFORCING], ['staging', STAGING]] as const)('towards %s: each step waits for every earlier one and none for a later one', (towards, order) => {
    const { walk } = everything(towards);

    expect([...walk.names()].sort()).toEqual([...order].sort());
    const pairs = order.flatMap((later, index) => order.slice(0, index).map((earlier) => [earlier, later]));
    // Creation follows the dependencies, deletion follows them backwards: no pair may be undecided, none decided both ways.
    expect(pairs.filter(([earlier, later]) => !walk.reaches(later, earlier))).toEqual([]);
    expect(pairs.filter(([earlier, later]) => walk.reaches(earlier, later))).toEqual([]);
  });

  test('each step waits for the step before it by a DependsOn of its own', () => {
    const { walk } = everything('enforcing');
    const steps = ENFORCING.slice(3);
    steps.slice(1).forEach((step, index) => expect(walk.waitsFor(step)).toContain(steps[index]));
    expect(walk.waitsFor('nodes')).toEqual(['eks-aws-node-rbac']);
    expect(walk.waitsFor('calico-crds')).toEqual(['eks-aws-node-rbac', 'nodes']);
    expect(walk.waitsFor('shop')).toEqual(['shop-kept']);
  });

  test('the order of calls changes nothing', () => {
    const first = everything('enforcing');
    const second = testNetwork();
    second.network.deployPolicies(somePolicies());
    second.network.deployNamespaces([NAMESPACE]);
    second.network.deployObjects(second.stack, 'Shop', 'shop', [NAMESPACE, CONFIG]);

    const ids = (walk: Walk) => Object.fromEntries(ENFORCING.map((name) => [walk.idOf(name), walk.waitsFor(name)]));
    const walk = new Walk(second.stack);
    for (const name of ENFORCING.filter((each) => each !== 'eks-namespaces')) expect(walk.waitsFor(name)).toEqual(first.walk.waitsFor(name));
    expect(Object.keys(ids(walk))).toEqual(Object.keys(ids(first.walk)));
  });

  test('without policies, what waits for the network waits for Calico', () => {
    const { network, stack } = testNetwork();
    network.deployObjects(stack, 'Shop', 'shop', [CONFIG]);
    expect(new Walk(stack).waitsFor('shop')).toEqual(['calico-api']);
  });

  test('empty releases are left out and close the gap', () => {
    const { network, stack } = testNetwork();
    network.deployPolicies({ ...somePolicies(), allows: [], exemptions: [] });
    const walk = new Walk(stack);
    expect(walk.names()).not.toContain('eks-allows');
    expect(walk.waitsFor('eks-guardrail-denials')).toEqual(['eks-tiers']);
  });

  test('what depends on the network before its policies are known waits for the last of them', () => {
    const { network, stack, cluster } = testNetwork();
    cluster.addHelmChart('Other', { chart: 'other', release: 'other' }).node.addDependency(network.ready);
    network.deployPolicies(somePolicies());
    expect(new Walk(stack).waitsFor('other')).toEqual(['eks-default-deny']);
  });
});

describe('what the network consists of', () => {
  test('at most ten custom resources, and no function, role or stack of its own', () => {
    const before = Object.values(Template.fromStack(withoutNetwork()).toJSON().Resources as object).map(({ Type }) => Type);
    const { network, stack } = testNetwork();
    network.deployNamespaces([NAMESPACE]);
    network.deployPolicies(somePolicies());
    const after = Object.values(Template.fromStack(stack).toJSON().Resources as object).map(({ Type }) => Type);

    const added = [...after];
    for (const type of before) added.splice(added.indexOf(type), 1);
    expect(added.filter((type) => !type.startsWith('Custom::'))).toEqual([]);
    expect(added.filter((type) => type.startsWith('Custom::'))).toHaveLength(10);
  });

  test('Calico: definitions retained and owned by one release, the operator not their manager', () => {
    const { walk } = everything('enforcing');
    expect(walk.resource('calico-crds')).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Chart: 'crd.projectcalico.org.v1',
        Version: 'v3.32.1',
        Repository: 'https://docs.tigera.io/calico/charts',
        Namespace: 'tigera-operator',
        CreateNamespace: true,
        Wait: true,
        Timeout: '840s',
      },
    });
    expect(walk.resource('calico')).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: {
        Chart: 'tigera-operator', Version: 'v3.32.1', Repository: 'https://docs.tigera.io/calico/charts', Namespace: 'tigera-operator', Wait: true, Timeout: '840s',
      },
    });
    expect(JSON.parse(String(walk.propertiesOf('calico').Values)).manageCRDs).toBe(false);
  });

  test('the barrier reads the availability of the API that serves policies', () => {
    const { walk } = everything('enforcing');
    expect(walk.propertiesOf('calico-api')).toMatchObject({
      ObjectType: 'apiservice', ObjectName: 'v3.projectcalico.org', JsonPath: '.status.conditions[?(@.status=="True")].type', TimeoutSeconds: 600,
    });
  });

  test('releases of objects: atomic, waited for, below the limit of the function, in a namespace of the platform', () => {
    const { walk } = everything('enforcing');
    for (const name of ENFORCING.filter((each) => each.startsWith('eks-'))) {
      expect(walk.propertiesOf(name)).toMatchObject({ Atomic: true, Wait: true, Timeout: '420s', Namespace: 'kube-system' });
      expect(walk.propertiesOf(name)).not.toHaveProperty('CreateNamespace');
      expect(walk.propertiesOf(name)).not.toHaveProperty('Chart');
    }
    expect(walk.propertiesOf('shop')).toMatchObject({ Namespace: 'default' });
  });

  test('charts from a registry are named in full, images from a mirror too', () => {
    const { stack, cluster } = testNetwork();
    new KubernetesNetwork(new Construct(stack, 'Mirrored'), 'Network', {
      cluster: eks.Cluster.fromClusterAttributes(stack, 'Import', { clusterName: 'other', kubectlProvider: cluster.kubectlProvider }),
      calico: { chartRepository: 'oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/', registry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/' },
    });
    const template = Template.fromStack(stack);
    const repository = (chart: string) => `oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/${chart}`;
    template.hasResourceProperties('Custom::AWSCDK-EKS-HelmChart', { ClusterName: 'other', Repository: repository('crd.projectcalico.org.v1') });
    template.hasResourceProperties('Custom::AWSCDK-EKS-HelmChart', {
      ClusterName: 'other',
      Repository: repository('tigera-operator'),
      Values: Match.serializedJson(Match.objectLike({
        installation: Match.objectLike({ registry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/' }),
        tigeraOperator: { registry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay', image: 'tigera/operator', version: 'v1.42.3' },
      })),
    });
  });
});

describe("users' charts", () => {
  test('a Helm chart waits for the network and keeps its release name', () => {
    const { network, stack } = testNetwork();
    network.deployHelmChart(stack, 'metrics', { chart: 'metrics-server', repository: 'https://example.com' });
    network.deployPolicies(somePolicies());
    const walk = new Walk(stack);
    expect(walk.waitsFor('metrics')).toEqual(['eks-default-deny']);
    expect(walk.propertiesOf('metrics')).toMatchObject({ Release: 'metrics', Timeout: '840s' });
  });

  test.each([
    [{ timeout: Duration.minutes(15) }, 'its timeout is 900 s: the function that runs helm may end first and leave the release locked', 'use at most 840 s'],
    [{ timeout: Duration.seconds(421), atomic: true },
      'its timeout is 421 s, and atomic lets helm wait twice: the function that runs helm may end first and leave the release locked', 'use at most 420 s'],
  ])('a timeout that outlives the function: %j', (options, message, fix) => {
    const { network, stack } = testNetwork();
    expect(network.deployHelmChart(stack, 'metrics', { chart: 'metrics-server', ...options }).diagnostics)
      .toEqual([{ code: 'releaseTimeoutTooLong', severity: 'error', subject: 'release metrics', message, fix }]);
  });

  test.each([[{ timeout: Duration.minutes(14) }], [{ timeout: Duration.minutes(7), atomic: true }]])('the longest timeout: %j', (options) => {
    const { network, stack } = testNetwork();
    expect(network.deployHelmChart(stack, 'metrics', { chart: 'metrics-server', ...options }).diagnostics).toEqual([]);
  });

  test('only kept kinds: one release, and it is what others wait for', () => {
    const { network, stack } = testNetwork();
    const { releases, ready } = network.deployObjects(stack, 'Definitions', 'definitions', [NAMESPACE]);
    expect(releases.map(({ releaseName }) => releaseName)).toEqual(['definitions-kept']);
    expect(ready).toBe(releases[0]);
    expect(JSON.parse(String(new Walk(stack).propertiesOf('definitions-kept').Values)).objects[0].metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });
});

function withoutNetwork(): Stack {
  const stack = new Stack(new App(), 'Platform');
  testCluster(stack).addNodegroupCapacity('Nodes');
  return stack;
}
