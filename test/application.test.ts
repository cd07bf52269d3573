import { App, Aspects, CfnParameter, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ApiObject, App as Cdk8sApp, Chart } from 'cdk8s';
import { ConfigMap, Deployment } from 'cdk8s-plus-27';
import { Construct, IDependable } from 'constructs';
import { ApplicationChart, ApplicationManifest, ClusterServiceAccount, GuardedTarget, GuardrailExemption, NetworkPeer, NetworkPort, TrafficRule } from '../src';
import { clusterIn, deepFreeze, errorsOf, fileOf, GUARDED, objectsOf, releasesOf, Resource, resourcesOf, synthErrors, testCluster, waitsFor } from './fixture';
import { map } from './two-stacks';

const rule = { source: NetworkPeer.namespace('shop'), destination: NetworkPeer.pods('shop', { app: 'web' }), ports: [NetworkPort.tcp(80)] };
const idOf = (resources: Record<string, Resource>, release: string) => Object.keys(resources).find((id) => resources[id].Properties?.Release === release)!;
const logicalId = (resource: CfnResource) => Stack.of(resource).resolve(resource.logicalId) as string;

describe('to depend on something is to wait until it is in force', () => {
  const { app, cluster, stack } = testCluster();
  const shop = new Stack(app, 'Shop', { stackName: 'shop' });
  const chart = new Chart(new Cdk8sApp(), 'web', { namespace: 'shop' });
  new ConfigMap(chart, 'Map', { metadata: { name: 'map' }, data: { a: 'b' } });
  const namespace = cluster.addNamespace('shop');
  const exemption = { namespace: 'shop', serviceAccounts: ['web'], reason: 'a test' };
  const waited: [string, IDependable & Construct, Stack, string][] = [
    ['a rule', cluster.allowTraffic('Rule', rule), stack, 'eks-default-deny'],
    ['an exemption', cluster.allowKubeletAccess('Exemption', exemption), stack, 'eks-default-deny'],
    ['a namespace', namespace, stack, 'eks-namespaces'],
    ['a service account', namespace.addServiceAccount('web'), stack, 'eks-namespaces'],
    ['objects', cluster.addManifest('Limits', map('limits', 'shop')), stack, 'limits'],
    ['a chart of a repository', cluster.addHelmChart('Remote', { chart: 'x', repository: 'https://example.com' }), stack, 'remote'],
    ['a rule of another stack', new TrafficRule(shop, 'Rule', { ...rule, network: cluster }), shop, 'eks-allows-8d9001d3'],
    ['an exemption of another stack', new GuardrailExemption(shop, 'Exemption', { ...exemption, network: cluster, target: GuardedTarget.API_SERVER }), shop, 'eks-allows-8d9001d3'],
    ['a chart of another stack', new ApplicationChart(shop, 'Web', { network: cluster, chart }), shop, 'web'],
  ];
  const waiting = waited.map(([name, on, of], index) => {
    const resource = new CfnResource(of, `Waits${index}`, { type: 'Test::Waits::Resource' });
    resource.node.addDependency(on);
    return [name, resource] as const;
  });
  let assembly: ReturnType<App['synth']>;
  beforeAll(() => { assembly = app.synth(); });

  test.each(waited.map(([name], index) => [name, index] as const))('%s', (_, index) => {
    const [, , of, release] = waited[index];
    const resources = resourcesOf(assembly, of);
    expect(waitsFor(resources, logicalId(waiting[index][1]), idOf(resources, release))).toBe(true);
  });
});

describe('objects of callers', () => {
  test('are never changed, and travel whole', () => {
    const { app, cluster, stack } = testCluster();
    const object = deepFreeze({ ...map('a', 'shop'), metadata: { name: 'a', namespace: 'shop', labels: { app: 'a' }, annotations: { b: 'c' } }, list: [{ deep: { x: [1, 2.5, true, null, ''] } }] });
    const list = deepFreeze({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } }, map('b', 'made')] });
    cluster.addNamespace('shop', deepFreeze({ labels: { team: 'a' }, annotations: { note: 'b' } })).addServiceAccount('web', deepFreeze({ labels: { a: 'b' }, annotations: { c: 'd' } }));
    cluster.addManifest('Objects', object, list);
    cluster.allowKubeletAccess('Access', deepFreeze({ namespace: 'shop', serviceAccounts: ['web'], reason: 'x' }));
    cluster.allowTraffic('Rule', deepFreeze({ ...rule, ports: [NetworkPort.tcp(80)] }));
    const releases = releasesOf(resourcesOf(app.synth(), stack));
    expect(objectsOf(releases.objects)).toEqual([object, map('b', 'made')]);
    expect(objectsOf(releases['objects-kept'])).toEqual([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made', annotations: { 'helm.sh/resource-policy': 'keep' } } }]);
    expect(objectsOf(releases['eks-namespaces'])).toEqual([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { ...GUARDED, team: 'a' }, annotations: { 'note': 'b', 'helm.sh/resource-policy': 'keep' } } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace: 'shop', labels: { a: 'b' }, annotations: { c: 'd' } } },
    ]);
  });

  test('a chart renders the same before and after, and is read just before synthesis', () => {
    const { app, cluster, stack } = testCluster();
    const chart = new Chart(new Cdk8sApp(), 'web', { namespace: 'shop' });
    new Deployment(chart, 'Web', { containers: [{ image: 'nginx' }] });
    cluster.addNamespace('shop');
    cluster.addCdk8sChart('Web', chart);
    new ConfigMap(chart, 'Late', { metadata: { name: 'late' } });
    const before = JSON.stringify(chart.toJson());
    const releases = releasesOf(resourcesOf(app.synth(), stack));
    expect(JSON.stringify(chart.toJson())).toBe(before);
    expect(objectsOf(releases.web).map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'Deployment']);
  });
});

describe('an application on the cluster of another stack', () => {
  test('brings its own bucket, chart, account and rule without a circle', () => {
    const { app, cluster, stack } = testCluster();
    cluster.addNamespace('shop');
    const shop = new Stack(app, 'Shop');
    const bucket = new s3.Bucket(shop, 'Bucket');
    const account = new ClusterServiceAccount(stack, 'Account', { network: cluster, namespaceName: 'shop', name: 'web' });
    const chart = new Chart(new Cdk8sApp(), 'web', { namespace: 'shop' });
    new ConfigMap(chart, 'Map', { metadata: { name: 'map' }, data: { bucket: bucket.bucketName, url: `s3://${bucket.bucketName}/x` } });
    new ApplicationChart(shop, 'Web', { network: cluster, chart });
    new TrafficRule(shop, 'Rule', { ...rule, network: cluster, source: account });
    expect(synthErrors(app)).toEqual([]);
    expect(shop.dependencies).toEqual([stack]);
  });

  test('a grant to a service account makes a role for its pods and the association', () => {
    const { app, cluster, stack } = testCluster();
    const account = cluster.addNamespace('shop').addServiceAccount('web');
    new s3.Bucket(stack, 'Bucket').grantRead(account);
    cluster.addManifest('Limits', map('limits', 'shop'));
    expect(account.peerName).toBe('service account web in shop');
    app.synth();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EKS::PodIdentityAssociation', { Namespace: 'shop', ServiceAccount: 'web' });
    template.hasResourceProperties('AWS::IAM::Role', {
      Description: 'pods that run as shop/web',
      AssumeRolePolicyDocument: { Statement: [{ Action: ['sts:AssumeRole', 'sts:TagSession'], Principal: { Service: 'pods.eks.amazonaws.com' } }] },
    });
    const before = ['AWS::EKS::PodIdentityAssociation', 'AWS::IAM::Policy'].flatMap((type) => Object.keys(template.findResources(type)).filter((id) => /Namespacesshopweb/.test(id)));
    expect(before).toHaveLength(2);
    template.hasResource('Custom::AWSCDK-EKS-HelmChart', { Properties: { Release: 'limits' }, DependsOn: Match.arrayWith(before.sort()) });
  });
});

describe('charts that depend on each other', () => {
  const chartsOf = (...names: string[]) => {
    const app = new Cdk8sApp();
    return names.map((name) => {
      const chart = new Chart(app, name, { namespace: 'default' });
      return { chart, map: new ConfigMap(chart, 'Map', { metadata: { name } }) };
    });
  };

  test('are deployed in that order, whether the charts say so or objects in them', () => {
    const { app, cluster, stack } = testCluster();
    const [a, b, c] = chartsOf('a', 'b', 'c');
    a.chart.addDependency(b.chart);
    b.map.node.addDependency(c.map);
    for (const { chart } of [a, b, c]) cluster.addCdk8sChart(chart.node.id, chart);
    const resources = resourcesOf(app.synth(), stack);
    expect(resources[idOf(resources, 'a')].DependsOn).toContain(idOf(resources, 'b'));
    expect(resources[idOf(resources, 'b')].DependsOn).toContain(idOf(resources, 'c'));
    expect(resources[idOf(resources, 'c')].DependsOn).not.toContain(idOf(resources, 'a'));
  });

  test('also in two stacks; against the order of the stacks it is an error', () => {
    const { app, cluster } = testCluster();
    const [one, two] = ['One', 'Two'].map((id) => new Stack(app, id));
    const [a, b] = chartsOf('a', 'b');
    a.chart.addDependency(b.chart);
    new ApplicationChart(one, 'A', { network: cluster, chart: a.chart });
    new ApplicationChart(two, 'B', { network: cluster, chart: b.chart });
    expect(synthErrors(app)).toEqual([]);
    expect(one.dependencies).toContain(two);

    const other = testCluster();
    const [c, d] = chartsOf('c', 'd');
    c.chart.addDependency(d.chart);
    other.cluster.addCdk8sChart('C', c.chart);
    new ApplicationChart(new Stack(other.app, 'Behind'), 'D', { network: other.cluster, chart: d.chart });
    expect(errorsOf(other)).toEqual([
      'Platform/Cluster/Charts/C/Release: release c is to wait for Behind/D, which comes only after it; '
      + 'remove one of the two dependencies; a stack that waits for another one waits with all that is in it [cdk-secure-eks:chartDependencyCircle]',
    ]);
  });

  test('are both on the cluster, or that is an error', () => {
    const made = testCluster();
    const [a, b] = chartsOf('a', 'b');
    a.chart.addDependency(b.chart);
    made.cluster.addCdk8sChart('A', a.chart);
    expect(errorsOf(made)).toEqual([
      'Platform/Cluster/Charts/A: its chart depends on chart b, which is not on this cluster; add that chart too, or remove the dependency [cdk-secure-eks:chartDependencyMissing]',
    ]);
  });
});

describe('objects that change after the network was decided', () => {
  const late = (change: (chart: Chart, objects: { [key: string]: any }[]) => void) => {
    const made = testCluster();
    const chart = new Chart(new Cdk8sApp(), 'web', { namespace: 'default' });
    new ConfigMap(chart, 'Map', { metadata: { name: 'map' } });
    const objects = [map('a', 'default')];
    made.cluster.addCdk8sChart('Web', chart);
    new ApplicationManifest(made.stack, 'Objects', { network: made.cluster, objects });
    Aspects.of(made.stack).add({ visit: (node) => { if (node === made.stack) change(chart, objects); } });
    return errorsOf(made);
  };
  const message = (subject: string, what: string) => `${subject}: its objects changed after the network had been decided, just before synthesis: ${what}; `
    + 'this is neither checked nor deployed; change them while the app is being built, not in an aspect [cdk-secure-eks:chartChangedLate]';

  test('are named', () => {
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'open' }, spec: { podSelector: {}, ingress: [{}] } };
    expect(late((chart) => { if (!chart.node.tryFindChild('Late')) new ApiObject(chart, 'Late', policy); })).toEqual([message('Platform/Cluster/Charts/Web', 'NetworkPolicy default/open')]);
    expect(late((_, objects) => { objects[0].data = {}; })).toEqual([message('Platform/Objects', 'ConfigMap default/a')]);
    expect(late((_, objects) => { objects.pop(); })).toEqual([message('Platform/Objects', 'ConfigMap default/a')]);
  });

  test('or cannot be read any more', () => {
    expect(late((chart) => { chart.toJson = () => { throw new Error('it is broken'); }; })).toEqual([message('Platform/Cluster/Charts/Web', 'it is broken, ConfigMap default/map')]);
  });

  test('and not those that stay', () => expect(late(() => undefined)).toEqual([]));
});

describe('several clusters', () => {
  test('in one stack, used from one application, keep everything apart', () => {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const blue = clusterIn(stack, {}, 'Blue');
    const green = clusterIn(stack, {}, 'Green');
    const shop = new Stack(app, 'Shop', { stackName: 'shop' });
    for (const network of [blue, green]) {
      network.addNamespace('shop');
      new TrafficRule(shop, `Rule${network.node.id}`, { ...rule, network, ruleName: 'rule' });
      new ApplicationManifest(shop, `Objects${network.node.id}`, { network, objects: [map('a', 'shop')], releaseName: 'objects' });
    }
    expect(synthErrors(app)).toEqual([]);
    const assembly = app.synth({ force: true });
    const releases = Object.values(resourcesOf(assembly, shop)).filter(({ Type }) => Type === 'Custom::AWSCDK-EKS-HelmChart').map(({ Properties }) => Properties.Release);
    expect(releases.sort()).toEqual(['eks-allows-8d9001d3', 'eks-allows-8d9001d3', 'objects', 'objects']);
    const report = fileOf(assembly, 'Platform.network-report.md');
    expect([...report.matchAll(/^# .*$/gm)].map(([line]) => line)).toEqual(['# Network of Platform/Blue', '# Network of Platform/Green']);
    expect(fileOf(assembly, 'Shop.kubernetes.yaml').match(/^# release objects$/gm)).toHaveLength(2);
  });
});

describe('options of charts', () => {
  test('a timeout, and not to wait', () => {
    const { app, cluster, stack } = testCluster();
    const objects = [map('a', 'default')];
    new ApplicationManifest(stack, 'Short', { network: cluster, objects, timeout: Duration.minutes(2) });
    new ApplicationManifest(stack, 'Loose', { network: cluster, objects: [map('b', 'default')], wait: false });
    const releases = releasesOf(resourcesOf(app.synth(), stack));
    expect(releases.short.Properties).toMatchObject({ Timeout: '120s', Wait: true, Atomic: true });
    expect(releases.loose.Properties).toMatchObject({ Timeout: '840s' });
    expect(Object.keys(releases.loose.Properties)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(Wait|Atomic)$/)]));
  });

  test('a timeout beyond what the function has, and skipCrds, which it ignores, are errors', () => {
    const made = testCluster();
    new ApplicationManifest(made.stack, 'Long', { network: made.cluster, objects: [map('a', 'default')], timeout: Duration.minutes(8) });
    made.cluster.addHelmChart('Metrics', { chart: 'x', repository: 'https://example.com', skipCrds: true });
    expect(errorsOf(made).sort()).toEqual([
      'Platform/Cluster/HelmCharts/Metrics: skipCrds is true, which the function of aws-cdk-lib that runs helm ignores: the chart installs its custom resource definitions all the same; '
      + 'leave them out by the values of the chart, or acknowledge that it may install them [cdk-secure-eks:helmSkipCrdsIgnored]',
      'release long: its timeout is 480 s, and atomic lets helm wait twice: the function that runs helm may end first and leave the release locked; use at most 420 s [cdk-secure-eks:releaseTimeoutTooLong]',
    ]);
  });

  test('a release name, and what a chart of a repository gets', () => {
    const { app, cluster, stack } = testCluster();
    const version = new CfnParameter(stack, 'Version').valueAsString;
    const chart = new Chart(new Cdk8sApp(), 'web', { namespace: 'default' });
    new ApiObject(chart, 'Map', { ...map('a', 'default') } as never);
    cluster.addCdk8sChart('Web', chart, { releaseName: 'other' });
    cluster.addHelmChart('RemoteChart', { chart: 'x', repository: 'https://example.com', version, namespace: 'default', values: { a: version } });
    const releases = releasesOf(resourcesOf(app.synth(), stack));
    expect(Object.keys(releases)).toEqual(expect.arrayContaining(['other', 'remote-chart']));
    expect(releases['remote-chart'].Properties).toMatchObject({ Chart: 'x', Version: { Ref: 'Version' }, Namespace: 'default' });
  });
});
