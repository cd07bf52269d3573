import { CfnResource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { App as Cdk8sApp, Chart } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-27';
import { errorsOf, fileOf, Resource, resourcesOf, testCluster, waitsFor } from './fixture';

process.env.JSII_DEPRECATED = 'quiet'; // the controller of eks-v2 uses a deprecated provider

/** What anything adds through `cluster.eksCluster` waits for the network, or is named. */
describe('added through eksCluster', () => {
  const made = testCluster();
  const { eksCluster } = made.cluster;
  const chart = new Chart(new Cdk8sApp(), 'foreign');
  new ConfigMap(chart, 'Map', { data: { a: 'b' } });
  const added: Record<string, { node: { findAll(): any[] } }> = {
    'addManifest': eksCluster.addManifest('Manifest', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
    'addHelmChart': eksCluster.addHelmChart('Chart', { chart: 'nginx', repository: 'https://example.com', release: 'nginx' }),
    'addCdk8sChart': eksCluster.addCdk8sChart('Cdk8s', chart),
    'addServiceAccount': eksCluster.addServiceAccount('Account', { name: 'account', identityType: eks.IdentityType.POD_IDENTITY }),
    'Addon': new eks.Addon(made.stack, 'Addon', { cluster: eksCluster, addonName: 'aws-ebs-csi-driver' }),
    'CfnAddon': new CfnResource(made.stack, 'CfnAddon', { type: 'AWS::EKS::Addon', properties: { ClusterName: eksCluster.clusterName, AddonName: 'adot' } }),
    'Addon of another stack': new eks.Addon(new Stack(made.app, 'Other'), 'Addon', { cluster: eksCluster, addonName: 'amazon-cloudwatch-observability' }),
    'AlbController': eks.AlbController.create(made.stack, { cluster: eksCluster, version: eks.AlbControllerVersion.V2_8_2 }),
  };
  const before = {
    addNodegroupCapacity: eksCluster.addNodegroupCapacity('More', { instanceTypes: [new ec2.InstanceType('m6i.large')] }),
    addFargateProfile: eksCluster.addFargateProfile('Fargate', { selectors: [{ namespace: 'fargate' }] }),
  };
  let platform: Record<string, Resource>;
  let report: string;
  const FOREIGN = ['Custom::AWSCDK-EKS-HelmChart', 'Custom::AWSCDK-EKS-KubernetesResource', 'AWS::EKS::Addon'];
  const idsIn = (construct: { node: { findAll(): any[] } }, types?: string[]) => construct.node.findAll()
    .filter((each) => CfnResource.isCfnResource(each) && (!types || types.includes(each.cfnResourceType)))
    .map((each) => Stack.of(each).getLogicalId(each));
  const switchId = () => Object.keys(platform).find((id) => platform[id].Properties?.Release === 'eks-default-deny')!;

  beforeAll(() => {
    made.cluster.acknowledge('fargateOutsideNetwork', { subject: 'Platform/Cluster/Cluster/fargate-profile-Fargate', reason: 'a test' });
    const assembly = made.app.synth();
    platform = resourcesOf(assembly, made.stack);
    report = fileOf(assembly, 'Platform.network-report.md');
  });

  test.each(Object.keys(added).filter((name) => !name.includes('another')))('%s waits for the switch', (name) => {
    const ids = idsIn(added[name], FOREIGN);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) expect(waitsFor(platform, id, switchId())).toBe(true);
  });

  test('an add-on of another stack waits by its stack', () => {
    expect((made.app.node.findChild('Other') as Stack).dependencies).toContain(made.stack);
  });

  test('addNodegroupCapacity waits for what every node needs', () => {
    const addons = Object.keys(platform).filter((id) => ['vpc-cni', 'kube-proxy'].includes(platform[id].Properties?.AddonName));
    expect(addons).toHaveLength(2);
    for (const id of idsIn(before.addNodegroupCapacity, ['AWS::EKS::Nodegroup'])) expect(platform[id].DependsOn).toEqual(expect.arrayContaining(addons));
  });

  test.each(Object.keys(before) as (keyof typeof before)[])('%s waits for nothing of the network, which needs somewhere to run', (name) => {
    for (const id of idsIn(before[name])) expect(waitsFor(platform, id, switchId())).toBe(false);
  });

  test('the report names each of them as not in view', () => {
    for (const path of ['Platform/Cluster/Cluster/manifest-Manifest', 'chart-Chart', 'Addon', 'Other/Addon', 'aws-ebs-csi-driver', 'adot', 'nginx', 'aws-load-balancer-controller']) expect(report).toContain(path.split('/').at(-1)!);
    expect(report).toMatch(/^- EKS add-on `aws-ebs-csi-driver` at Platform\/Addon: its objects are not in view; it waits for the network$/m);
  });
});

describe('named in an error', () => {
  test('a Fargate profile, whose pods no policy binds', () => {
    const made = testCluster();
    made.cluster.eksCluster.addFargateProfile('Fargate', { selectors: [{ namespace: 'fargate' }] });
    expect(errorsOf(made)).toEqual([
      expect.stringMatching(/^Platform\/Cluster\/.*Fargate: Calico does not run on Fargate: no policy binds the pods of this profile; run them on nodes, or acknowledge what their security group lets them reach \[cdk-secure-eks:fargateOutsideNetwork\]$/),
    ]);
  });

  test('nodes past addNodegroup(), in a warning', () => {
    const made = testCluster();
    made.cluster.eksCluster.addNodegroupCapacity('More');
    expect(errorsOf(made)).toEqual([]);
    expect(fileOf(made.app.synth(), 'Platform.network-report.md')).toMatch(/NodegroupMore: its nodes were not made by addNodegroup\(\): .*\(nodesOutsideModel\)$/m);
  });

  test('a policy by kubectl, which nobody would delete', () => {
    const made = testCluster();
    made.cluster.eksCluster.addManifest('Policy', { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'open', namespace: 'shop' }, spec: { podSelector: {}, ingress: [{}] } });
    expect(errorsOf(made)).toEqual([expect.stringMatching(/^Platform\/Cluster\/.*manifest-Policy: NetworkPolicy shop\/open is deployed by kubectl, .*\[cdk-secure-eks:policyOutsideModel\]$/)]);
  });

  test('a Service open to the internet and pods on the host\'s network, by kubectl', () => {
    const made = testCluster();
    const { eksCluster } = made.cluster;
    eksCluster.addManifest('Open', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'open', namespace: 'shop', annotations: { stack: made.stack.stackId } }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });
    eksCluster.addManifest('Hidden', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hidden', namespace: 'shop' }, spec: { type: made.stack.region } });
    eksCluster.addManifest('Agent', {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'kube-system' },
      spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { hostNetwork: true, containers: [] } } },
    });
    expect(errorsOf(made).map((line) => line.replace(/^(.*?): .*\[/, '$1 ['))).toEqual([
      'Service shop/open [cdk-secure-eks:loadBalancerOpen]',
      'Service shop/hidden [cdk-secure-eks:exposureUnknown]',
      'DaemonSet kube-system/agent [cdk-secure-eks:workloadOutsideDefaultDeny]',
      'DaemonSet kube-system/agent [cdk-secure-eks:workloadOnHostNetwork]',
    ]);
  });

  test('what nodes wait for, since it would start before the policies', () => {
    const made = testCluster();
    const manifest = made.cluster.eksCluster.addManifest('First', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'first' } });
    made.cluster.addNodegroup('Late').node.addDependency(manifest);
    expect(errorsOf(made)).toEqual([expect.stringMatching(/manifest-First: this Kubernetes manifest should wait for the network, but what the network needs depends on it: .*\[cdk-secure-eks:foreignBeforeNetwork\]$/)]);
  });
});
