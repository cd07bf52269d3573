import { App, CfnResource, CustomResource, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { IConstruct } from 'constructs';
import { CONFIG, Walk, somePolicies, somePolicy, testCluster, testNetwork } from './fixture';
import { orderForeign } from '../../../src/kubernetes/deploy/foreign';

const POLICY = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'open', namespace: 'shop' }, spec: { podSelector: {} } };

function dependsOn(stack: Stack, type: string): string[] {
  const resources = Template.fromStack(stack).findResources(type);
  return Object.values(resources).flatMap(({ DependsOn }) => DependsOn ?? []);
}

function lastStep(stack: Stack): string {
  return new Walk(stack).idOf('eks-default-deny');
}

describe('what others add waits for the network', () => {
  const CASES: [string, string, (cluster: eks.Cluster, scope: Stack) => unknown, string | undefined][] = [
    ['Helm chart', 'Custom::AWSCDK-EKS-HelmChart', (cluster) => cluster.addHelmChart('Theirs', { chart: 'theirs', release: 'theirs' }), 'theirs'],
    ['Kubernetes manifest', 'Custom::AWSCDK-EKS-KubernetesResource', (cluster) => cluster.addManifest('Theirs', CONFIG), undefined],
    ['Kubernetes patch', 'Custom::AWSCDK-EKS-KubernetesPatch',
      (cluster, scope) => new eks.KubernetesPatch(scope, 'Theirs', { cluster, resourceName: 'deployment/x', applyPatch: {}, restorePatch: {} }), 'deployment/x'],
    ['EKS add-on', 'AWS::EKS::Addon', (cluster, scope) => new eks.Addon(scope, 'Theirs', { cluster, addonName: 'theirs' }), 'theirs'],
  ];

  test.each(CASES)('%s in the same stack', (what, type, add, name) => {
    const { network, stack, cluster } = testNetwork();
    add(cluster, stack);
    network.deployPolicies(somePolicies());

    const { found, diagnostics } = orderForeign(network);

    expect(diagnostics).toEqual([]);
    expect(found).toMatchObject([{ what, waits: true, ...(name === undefined ? {} : { name }) }]);
    expect(dependsOn(stack, type)).toContain(lastStep(stack));
  });

  test.each(CASES.filter(([what]) => !['Kubernetes manifest', 'Helm chart'].includes(what)))('%s in another stack', (what, type, add) => {
    const { app, network, stack, cluster } = testNetwork();
    const shop = new Stack(app, 'Shop');
    add(cluster, shop);
    network.deployPolicies(somePolicies());

    expect(orderForeign(network).found).toMatchObject([{ path: 'Shop/Theirs', what, waits: true }]);
    // A whole stack waits for the cluster's; no resource names one of another template.
    Template.fromStack(shop).resourceCountIs(type, 1);
    expect(shop.dependencies.map(({ node }) => node.id)).toEqual([stack.node.id]);
  });

  test('an add-on that calls the cluster by its literal name', () => {
    const { app, network, stack } = testNetwork(new App(), 'prod');
    new CfnResource(new Stack(app, 'Shop'), 'Theirs', { type: 'AWS::EKS::Addon', properties: { ClusterName: 'prod', AddonName: 'theirs' } });
    expect(orderForeign(network).found).toEqual([{ path: 'Shop/Theirs', what: 'EKS add-on', name: 'theirs', waits: true }]);
    expect(stack.dependencies).toHaveLength(0);
  });

  test('what has not been asked for is left alone: other clusters, reads, nodes (which the finished template names), access entries, other stages', () => {
    const { app, network, stack, cluster } = testNetwork();
    testCluster(new Stack(app, 'Other')).addHelmChart('Theirs', { chart: 'theirs' });
    new eks.KubernetesObjectValue(stack, 'Read', { cluster, objectType: 'service', objectName: 'x', jsonPath: '.spec' });
    cluster.addNodegroupCapacity('More');
    cluster.grantClusterAdmin('Admin', 'arn:aws:iam::111122223333:role/admin');
    testCluster(new Stack(new Stage(app, 'Later'), 'Platform')).addManifest('Theirs', CONFIG);

    const { diagnostics, found } = orderForeign(network);
    expect(found).toEqual([]);
    expect(diagnostics).toEqual([]);
  });

  test('what came through the network is no one else\'s, in whatever stack', () => {
    const { app, network, stack, cluster } = testNetwork();
    const shop = new Stack(app, 'Shop');
    network.deployPolicies(somePolicies());
    network.deployNamespaces([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]);
    network.deployAllows(shop, '-8d9001d3', [somePolicy('theirs')]);
    network.deployObjects(shop, 'Chart', 'shop', [CONFIG]);
    network.deployHelmChart(stack, 'metrics', { chart: 'metrics-server' });
    const dns = new eks.Addon(stack, 'Dns', { cluster, addonName: 'coredns' });
    network.prerequisites.add(dns);
    const agent = new eks.Addon(stack, 'Agent', { cluster, addonName: 'eks-pod-identity-agent' });

    expect(orderForeign(network, { ours: [agent] })).toMatchObject({ diagnostics: [], found: [] });
  });
});

describe('where waiting would be a circle', () => {
  function circle(path: string): object {
    return {
      code: 'foreignBeforeNetwork',
      severity: 'error',
      acknowledgeable: true,
      subject: path,
      message: 'this Kubernetes manifest should wait for the network, but what the network needs depends on it: what it starts may run before any policy',
      fix: 'remove the dependency on it from node groups and add-ons, or acknowledge that it starts before the policies',
    };
  }

  const WAYS: [string, (nodes: eks.Nodegroup, manifest: IConstruct, stack: Stack) => void][] = [
    ['a dependency between constructs', (nodes, manifest) => nodes.node.addDependency(manifest)],
    ['a DependsOn', (nodes, manifest) => (nodes.node.defaultChild as CfnResource).addResourceDependency(manifest.node.defaultChild as CfnResource)],
    ['a reference', (nodes, manifest) => (nodes.node.defaultChild as CfnResource).addPropertyOverride('Tags.after', (manifest.node.defaultChild as CfnResource).ref)],
    ['steps in between', (nodes, manifest, stack) => {
      const between = new CfnQueue(stack, 'Between', { queueName: (manifest.node.defaultChild as CfnResource).ref });
      nodes.node.addDependency(between);
    }],
  ];

  test.each(WAYS)('by %s: named, and the template stays without a circle', (_how, tie) => {
    const { network, stack, cluster, nodes } = testNetwork();
    const manifest = cluster.addManifest('First', CONFIG);
    tie(nodes, manifest, stack);
    const other = cluster.addManifest('Second', CONFIG);
    network.deployPolicies(somePolicies());

    const { diagnostics, found } = orderForeign(network);

    expect(diagnostics).toEqual([circle('Platform/Cluster/manifest-First')]);
    expect(found.map(({ path, waits }) => [path, waits])).toEqual([['Platform/Cluster/manifest-First', false], [other.node.path, true]]);
    // The assertions module refuses a template with a circle.
    expect(dependsOn(stack, 'Custom::AWSCDK-EKS-KubernetesResource')).toContain(lastStep(stack));
  });

  test('by a stack that the cluster\'s stack waits for', () => {
    const { app, network, stack } = testNetwork(new App(), 'prod');
    const first = new Stack(app, 'First');
    new CustomResource(first, 'Theirs', { serviceToken: 'arn', resourceType: 'Custom::AWSCDK-EKS-KubernetesResource', properties: { ClusterName: 'prod', Manifest: '[]' } });
    stack.addStackDependency(first);

    expect(orderForeign(network)).toMatchObject({ diagnostics: [circle('First/Theirs')], found: [{ path: 'First/Theirs', waits: false }] });
    expect(() => app.synth()).not.toThrow();
  });
});

describe('what a manifest outside the model holds', () => {
  test.each([
    ['on', true, ' (its prune skips policies)'],
    ['off', false, ''],
  ])('a policy, prune %s', (_word, prune, why) => {
    const { network, stack, cluster } = testNetwork();
    new eks.KubernetesManifest(stack, 'Theirs', { cluster, prune, manifest: [CONFIG, POLICY] });
    expect(orderForeign(network).diagnostics).toEqual([{
      code: 'policyOutsideModel',
      severity: 'error',
      subject: 'Platform/Theirs',
      acknowledgeable: true,
      message: `NetworkPolicy shop/open is deployed by kubectl, which leaves it in force when it is removed from the app${why}, and no check knows it`,
      fix: 'add it by addManifest of this cluster',
    }]);
  });

  test.each([[true, 1], [false, 0]])('a namespace, prune %s', (prune, warnings) => {
    const { network, stack, cluster } = testNetwork();
    // A token in the text does not hide what is around it.
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { region: stack.region } } };
    new eks.KubernetesManifest(stack, 'Theirs', { cluster, prune, manifest: [namespace] });
    expect(orderForeign(network).diagnostics).toEqual(Array.from({ length: warnings }, () => ({
      code: 'namespacePruned',
      severity: 'warning',
      subject: 'Platform/Theirs',
      message: 'Namespace shop would be deleted with all in it as soon as it leaves this manifest (kubectl apply --prune)',
      fix: 'use addNamespace of this cluster, or set prune: false on the manifest',
    })));
  });

  test('nobody can see: said', () => {
    const { network, stack, cluster } = testNetwork();
    new CustomResource(stack, 'Theirs', {
      serviceToken: cluster.kubectlProvider!.serviceToken,
      resourceType: 'Custom::AWSCDK-EKS-KubernetesResource',
      properties: { ClusterName: cluster.clusterName, Manifest: { 'Fn::ImportValue': 'manifest' } },
    });
    expect(orderForeign(network).diagnostics).toMatchObject([{ code: 'manifestUnreadable', severity: 'warning', subject: 'Platform/Theirs' }]);
  });
});
