import { readFileSync } from 'fs';
import { join } from 'path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ApiObject, App, Chart } from 'cdk8s';
import { InternalLoadBalancer, LoadBalancerController, LoadBalancerControllerOptions, LoadBalancerTargetType, RestrictedLoadBalancer } from '../src';
import { deepFreeze, errorsOf, fileOf, objectsOf, releasesOf, resourcesOf, testCluster, waitsFor } from './fixture';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';
const CHART = 'aws-load-balancer-controller';

function withController(options?: LoadBalancerControllerOptions) {
  const made = testCluster();
  const chart = made.cluster.addLoadBalancerController(options);
  return { ...made, chart };
}

function synthesized(options?: LoadBalancerControllerOptions) {
  const made = withController(options);
  const assembly = made.app.synth();
  const resources = resourcesOf(assembly, made.stack);
  const release = releasesOf(resources)[CHART].Properties;
  return { ...made, assembly, resources, release, values: valuesOf(release.Values) };
}

/** Values as a map, references by their logical ids. */
const valuesOf = (values: any) => JSON.parse(typeof values === 'string' ? values : values['Fn::Join'][1].map((part: any) => typeof part === 'string' ? part : part.Ref).join(''));

const service = (scope: Chart, spec: any = {}) => new ApiObject(scope, 'Web', deepFreeze({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
}) as never);

describe('addLoadBalancerController', () => {
  test('installs the chart with region and VPC given, and an account of its own', () => {
    const { release, values } = synthesized();
    expect(release).toMatchObject({ Chart: CHART, Repository: 'https://aws.github.io/eks-charts', Version: '3.5.0', Namespace: CHART, Wait: true });
    expect(values).toEqual({
      clusterName: expect.stringMatching(/^Cluster/), region: 'AWS::Region', vpcId: expect.stringMatching(/^ClusterVpc/), replicaCount: 2, podDisruptionBudget: { maxUnavailable: 1 },
      serviceAccount: { create: false, name: CHART }, defaultTargetType: 'ip', defaultLoadBalancerScheme: 'internal', enableServiceMutatorWebhook: true,
      enableShield: true, enableWafv2: true, enableWaf: false, keepTLSSecret: true,
    });
  });

  test('opens what it needs and nothing else, without a warning', () => {
    const { assembly, resources, stack } = synthesized();
    expect(objectsOf(releasesOf(resources)['eks-allows']).map(({ metadata, spec }) => [metadata.name, (spec.egress ?? spec.ingress)[0].destination.ports])).toEqual([
      ['eks-allow.api-server-load-balancer-controller-egress', undefined], // by Service: default/kubernetes
      ['eks-allow.control-plane-load-balancer-controller-ingress', [9443]],
      ['eks-allow.load-balancer-controller-to-endpoints-egress', [443]],
      ['eks-allow.load-balancer-controller-to-internet-egress', [443]],
    ]);
    expect(Object.values(resources).filter(({ Type, Properties }) => Type === 'AWS::EC2::SecurityGroupIngress' && Properties.FromPort === 9443)).toHaveLength(1);
    expect(assembly.getStackArtifact(stack.artifactId).messages.filter(({ entry }) => String(entry.data).includes('oad'))).toEqual([]);
    expect(fileOf(assembly, 'Platform.network-report.md')).toContain('exempted: service account aws-load-balancer-controller in `aws-load-balancer-controller`, because it makes load balancers of what Kubernetes holds; it rests on the claim');
  });

  test('has rights on this VPC, these nodes, and what carries the name of this cluster', () => {
    const { resources } = synthesized();
    const policies = Object.values(resources).filter(({ Type, Properties }) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties).includes('elbv2.k8s.aws/cluster'));
    expect(policies).toHaveLength(1);
    const statements: any[] = policies[0].Properties.PolicyDocument.Statement;
    const everywhere: string[] = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(everywhere.filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
    const allowing = (action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));
    expect(allowing('ec2:AuthorizeSecurityGroupIngress').map(({ Condition, Resource }) => [Condition?.StringEquals, JSON.stringify(Resource).includes('NodeSecurityGroup')])).toEqual([
      [{ 'aws:ResourceTag/elbv2.k8s.aws/cluster': { Ref: expect.stringMatching(/^Cluster/) } }, false], [undefined, true],
    ]);
    expect(allowing('elasticloadbalancing:DeleteLoadBalancer').map(({ Condition }) => Condition)).toEqual([{ StringEquals: { 'aws:ResourceTag/elbv2.k8s.aws/cluster': { Ref: expect.stringMatching(/^Cluster/) } } }]);
    expect(JSON.stringify(allowing('ec2:CreateSecurityGroup')[0].Resource)).toContain(':vpc/');
    expect(Object.values(resources).filter(({ Type }) => Type === 'AWS::EKS::PodIdentityAssociation').map(({ Properties }) => [Properties.Namespace, Properties.ServiceAccount])).toEqual([[CHART, CHART]]);
  });

  test('through endpoints only, neither the internet nor Web ACLs', () => {
    const { resources, values } = synthesized({ throughEndpointsOnly: true });
    expect(values).toMatchObject({ enableShield: false, enableWafv2: false, enableWaf: false });
    expect(objectsOf(releasesOf(resources)['eks-allows']).map(({ metadata }) => metadata.name).filter((name: string) => name.includes('internet'))).toEqual([]);
    expect(JSON.stringify(Object.values(resources).filter(({ Type }) => Type === 'AWS::IAM::Policy'))).not.toMatch(/wafv2|shield/);
  });

  test('with a mirror, replicas, targets and values of its own', () => {
    const { release, values } = synthesized({
      chartRepository: 'oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/', chartVersion: '3.5.1', imageRegistry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/aws', replicas: 1,
      targetType: LoadBalancerTargetType.INSTANCE, serviceMutatorWebhook: false, values: { logLevel: 'debug', enableShield: false },
    });
    expect(release).toMatchObject({ Repository: 'oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/aws-load-balancer-controller', Version: '3.5.1' });
    expect(values).toMatchObject({
      image: { repository: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/aws/eks/aws-load-balancer-controller' }, replicaCount: 1, defaultTargetType: 'instance',
      enableServiceMutatorWebhook: false, logLevel: 'debug', enableShield: false,
    });
    expect(values).not.toHaveProperty('podDisruptionBudget');
  });

  test('with its chart as a file', () => {
    const { cluster, stack, app } = testCluster();
    cluster.addLoadBalancerController({ chartAsset: new Asset(stack, 'ControllerChart', { path: __filename }) });
    const release = releasesOf(resourcesOf(app.synth(), stack))[CHART].Properties;
    expect(release).toHaveProperty('ChartAssetURL');
    expect(release).not.toHaveProperty('Repository');
  });

  test('once, and from one place', () => {
    const { cluster, stack } = testCluster();
    expect(() => cluster.addLoadBalancerController({ chartAsset: new Asset(stack, 'ControllerChart', { path: __filename }), chartVersion: '3.5.0' })).toThrow(new Error(
      'addLoadBalancerController(): chartAsset is the chart itself, and chartRepository and chartVersion name another; give one of them'));
    cluster.addLoadBalancerController();
    expect(() => cluster.addLoadBalancerController()).toThrow(new Error('addLoadBalancerController(): a cluster has one, and it was added already; give all options in one call'));
  });
});

describe('the dialect of the whole cluster changes', () => {
  test.each(['before', 'after'])('for charts that were added %s it, in whatever stack', (when) => {
    const { app, stack, cluster } = testCluster({ cluster: { loadBalancerController: LoadBalancerController.IN_TREE } });
    const scope = new Chart(new App(), 'shop', { namespace: 'shop' });
    InternalLoadBalancer.apply(service(scope));
    cluster.addNamespace('shop');
    if (when === 'before') cluster.addCdk8sChart('Shop', scope);
    cluster.addLoadBalancerController();
    if (when === 'after') cluster.addCdk8sChart('Shop', scope);
    cluster.addManifest('Settings', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' } });
    cluster.addHelmChart('Other', { chart: 'other', repository: 'https://example.com', namespace: 'shop', createNamespace: false });
    const resources = resourcesOf(app.synth(), stack);
    const releases = releasesOf(resources);
    expect(objectsOf(releases.shop)[0]).toMatchObject({
      metadata: { annotations: { [`${PREFIX}scheme`]: 'internal', [`${PREFIX}nlb-target-type`]: 'ip', [`${PREFIX}healthcheck-port`]: 'traffic-port' } },
      spec: { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: ['10.0.0.0/16'] },
    });
    const idOf = (name: string) => Object.keys(resources).find((id) => resources[id] === releases[name])!;
    // Services need its webhooks, and whatever has a load balancer is gone before it: also where nobody sees into the chart.
    expect(['shop', 'settings', 'other'].map((name) => waitsFor(resources, idOf(name), idOf(CHART)))).toEqual([true, false, true]);
    // It starts with its credentials, and after the policies.
    const association = Object.keys(resources).find((id) => resources[id].Type === 'AWS::EKS::PodIdentityAssociation')!;
    expect([association, idOf('eks-default-deny'), idOf('eks-namespaces')].map((id) => waitsFor(resources, idOf(CHART), id))).toEqual([true, true, true]);
  });

  test('where it waits for what it serves, the circle is said', () => {
    const { cluster, app, chart } = withController();
    cluster.addNamespace('shop');
    const web = cluster.addManifest('Web', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { selector: { app: 'web' } } });
    chart.node.addDependency(web);
    expect(errorsOf({ app, cluster })).toEqual([expect.stringMatching(
      /^Platform\/Cluster\/Manifests\/Web\/Release: this release web may hold load balancers, and the controller that makes them \(Platform\/Cluster\/HelmCharts\/LoadBalancerController\) comes only after it: on deletion they would stay in AWS; /)]);
  });

  test('a Service that names no class is warned of by name', () => {
    const { app, stack, cluster } = withController();
    cluster.addNamespace('shop');
    cluster.addManifest('Web', {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', annotations: { [`${PREFIX}scheme`]: 'internal' } }, spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    const warnings = app.synth().getStackArtifact((stack as Stack).artifactId).messages.map(({ entry }) => String(entry.data));
    expect(warnings.filter((each) => each.includes('loadBalancerClassUnsaid'))).toHaveLength(1);
  });
});

describe('the messages in the README of examples/internal-load-balancer are the real ones', () => {
  const readme = readFileSync(join(__dirname, '..', 'examples', 'internal-load-balancer', 'README.md'), 'utf8');
  const shown = [...readme.matchAll(/^```text\n([^]*?)^```/gm)].map(([, text]) => text.replace(/\s+/g, ' ').trim());

  test.each([[0, false], [1, true]])('message %i', (index, restricted) => {
    expect(shown).toHaveLength(2);
    const made = withController();
    const scope = new Chart(new App(), 'packages', { namespace: 'packages' });
    const publishing = new ApiObject(scope, 'Publishing', { ...service(new Chart(new App(), 'x')).toJson(), metadata: { name: 'publishing' } });
    if (restricted) RestrictedLoadBalancer.apply(publishing, { sources: ['0.0.0.0/0'] });
    made.cluster.addNamespace('packages');
    made.cluster.addCdk8sChart('Packages', scope);
    expect(errorsOf(made)).toEqual([shown[index]]);
  });
});
