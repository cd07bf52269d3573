import { Fn, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { errorsOf, releasesOf, resourcesOf, testCluster, TestCluster, waitsFor } from './fixture';
import { CalicoOptions, ClusterImage } from '../src';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const DIGESTS = Object.fromEntries(['calico/apiserver', 'calico/kube-controllers', 'calico/node', 'calico/typha', 'tigera/operator'].map((image) => [image, DIGEST]));
const TOKEN = Token.asString(Fn.importValue('something'));

const warningsOf = ({ stack }: TestCluster) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
const brief = ({ kind, name, repository, tag, digest }: ClusterImage) => `${kind} ${name} = ${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest.slice(0, 9)}` : ''}`;

describe('the list of images', () => {
  test('of a cluster with nothing but Calico', () => {
    expect(testCluster().cluster.images.map(brief)).toEqual([
      'image calico/apiserver = quay.io/calico/apiserver:v3.32.1',
      'image calico/kube-controllers = quay.io/calico/kube-controllers:v3.32.1',
      'image calico/node = quay.io/calico/node:v3.32.1',
      'image calico/typha = quay.io/calico/typha:v3.32.1',
      'image tigera/operator = quay.io/tigera/operator:v1.42.3',
      'chart crd.projectcalico.org.v1 = https://docs.tigera.io/calico/charts:v3.32.1',
      'chart tigera-operator = https://docs.tigera.io/calico/charts:v3.32.1',
    ]);
  });

  test('from a mirror, by digest, and every one says where it is published and who needs it', () => {
    const { cluster } = testCluster({ cluster: { imageRegistry: 'registry.example.com/quay/', calico: { imageDigests: DIGESTS, chartRepository: 'oci://registry.example.com/charts' } } });
    expect(cluster.images.map(brief).filter((line) => /node|operator/.test(line))).toEqual([
      'image calico/node = registry.example.com/quay/calico/node:v3.32.1@sha256:ab',
      'image tigera/operator = registry.example.com/quay/tigera/operator:v1.42.3@sha256:ab',
      'chart tigera-operator = oci://registry.example.com/charts/tigera-operator:v3.32.1',
    ]);
    for (const { source, usedBy } of cluster.images) {
      expect(source).toMatch(/^(quay\.io|https:\/\/docs\.tigera\.io)\//);
      expect(usedBy).not.toBe('');
    }
  });

  test('with the controller of load balancers, also where its chart is a file', () => {
    const added = (options: (made: ReturnType<typeof testCluster>) => object) => {
      const made = testCluster();
      made.cluster.addLoadBalancerController(options(made));
      return made.cluster.images.map(brief).filter((line) => line.includes('aws-load-balancer-controller'));
    };
    expect(added(() => ({}))).toEqual([
      'image eks/aws-load-balancer-controller = public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0',
      'chart aws-load-balancer-controller = https://aws.github.io/eks-charts:3.5.0',
    ]);
    expect(added(({ stack }) => ({ imageRegistry: 'mirror.example.com', chartAsset: new Asset(stack, 'Chart', { path: __dirname + '/kubernetes/deploy' }) }))).toEqual([
      'image eks/aws-load-balancer-controller = mirror.example.com/eks/aws-load-balancer-controller',
    ]);
  });
});

describe('the release of Calico', () => {
  const made = (calico: CalicoOptions, version = eks.KubernetesVersion.V1_35) => testCluster({ cluster: { calico, version } });

  test('one that fails is an error, and may be accepted', () => {
    const broken = made({ version: 'v3.32.0' });
    expect(errorsOf(broken)).toEqual([expect.stringMatching(/^calico: version is 'v3.32.0': .*\[cdk-secure-eks:calicoBroken\]$/)]);
    const accepted = made({ version: 'v3.32.0' });
    accepted.cluster.acknowledge('calicoBroken', { subject: 'calico', reason: 'its API was mended here' });
    expect(errorsOf(accepted)).toEqual([]);
  });

  test.each<[string, CalicoOptions, eks.KubernetesVersion | undefined, RegExp]>([
    ['with a Kubernetes that it was not tested with', {}, eks.KubernetesVersion.V1_33, /was tested with Kubernetes 1\.34, 1\.35, 1\.36 and not with 1\.33/],
    ['that nobody has looked at', { version: 'v3.32.9' }, undefined, /version is 'v3\.32\.9', which nobody has looked at/],
    ['as a token', { version: TOKEN }, undefined, /version is known only at deployment/],
    ['with a Kubernetes that is a token', {}, eks.KubernetesVersion.of(TOKEN), /the version of Kubernetes is known only at deployment/],
  ])('one %s is a warning, and may be accepted', (_what, calico, version, message) => {
    const open = made(calico, version);
    expect(errorsOf(open)).toEqual([]);
    expect(warningsOf(open).filter((line) => line.includes('calicoUntested'))).toEqual([expect.stringMatching(message)]);
    const accepted = made(calico, version);
    accepted.cluster.acknowledge('cdk-secure-eks:calicoUntested', { subject: 'calico', reason: 'tried out' });
    errorsOf(accepted);
    expect(warningsOf(accepted).filter((line) => line.includes('calicoUntested'))).toEqual([]);
  });

  test('registry and path may be tokens', () => {
    const { app, stack, cluster } = made({ registry: TOKEN, imagePath: TOKEN });
    const values = JSON.stringify(releasesOf(resourcesOf(app.synth(), stack)).calico.Properties.Values);
    expect(values).toContain('Fn::ImportValue');
    expect(stack.resolve(cluster.images[0].repository)).toEqual({ 'Fn::Join': ['', [{ 'Fn::ImportValue': 'something' }, '/', { 'Fn::ImportValue': 'something' }, '/apiserver']] });
  });
});

describe('digests', () => {
  test('reach the cluster before the operator does', () => {
    const { app, stack } = testCluster({ cluster: { calico: { imageDigests: DIGESTS } } });
    const resources = resourcesOf(app.synth(), stack);
    const idOf = (name: string) => Object.keys(resources).find((id) => resources[id].Properties.Release === name)!;
    expect(waitsFor(resources, idOf('calico'), idOf('calico-image-digests'))).toBe(true);
    expect(waitsFor(resources, idOf('calico-image-digests'), idOf('calico-crds'))).toBe(true);
    expect(releasesOf(resources).calico.Properties.Values).toContain(`"version":"v1.42.3@${DIGEST}"`);
  });

  test('are checked, tokens named', () => {
    expect(errorsOf(testCluster({ cluster: { calico: { imageDigests: { ...DIGESTS, 'calico/node': 'latest' } } } }))).toEqual([expect.stringContaining("no digest is calico/node 'latest'")]);
    const deferred = testCluster({ cluster: { calico: { imageDigests: { ...DIGESTS, 'calico/node': TOKEN } } } });
    expect(errorsOf(deferred)).toEqual([]);
    expect(warningsOf(deferred)).toContainEqual(expect.stringContaining('the digest of calico/node is known only at deployment'));
  });
});

describe('a cluster in which every node has a taint', () => {
  const SYSTEM: eks.TaintSpec = { key: 'dedicated', value: 'system', effect: eks.TaintEffect.NO_SCHEDULE };
  const made = (toleratedTaints?: eks.TaintSpec[], taints = [SYSTEM]) => {
    const app = testCluster({ nodes: false, cluster: { toleratedTaints } });
    app.cluster.addNodegroup('System', { taints });
    return app;
  };

  test('is an error', () => {
    expect(errorsOf(made())).toEqual([expect.stringContaining('each of its node groups starts without a node or has a taint that they do not tolerate: CoreDNS and Calico find no node')]);
  });

  test('unless CoreDNS and Calico tolerate it', () => {
    const app = made([SYSTEM]);
    const resources = resourcesOf(app.app.synth(), app.stack);
    const toleration = { key: 'dedicated', operator: 'Equal', value: 'system', effect: 'NoSchedule' };
    const coreDns = Object.values(resources).find(({ Properties }) => Properties?.AddonName === 'coredns')!;
    expect(JSON.parse(coreDns.Properties.ConfigurationValues).tolerations).toEqual([
      { key: 'CriticalAddonsOnly', operator: 'Exists' }, { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }, toleration,
    ]);
    expect(JSON.parse(releasesOf(resources).calico.Properties.Values).installation.controlPlaneTolerations).toEqual([toleration]);
  });

  test('tokens are passed on, and what is no taint is an error', () => {
    const taint = { key: 'dedicated', value: TOKEN, effect: eks.TaintEffect.NO_SCHEDULE };
    const app = made([taint], [taint]);
    expect(errorsOf(app)).toEqual([]);
    expect(JSON.stringify(releasesOf(resourcesOf(app.app.synth({ force: true }), app.stack)).calico.Properties.Values)).toContain('Fn::ImportValue');
    expect(errorsOf(made([SYSTEM, { key: 'a' }]))).toEqual([expect.stringMatching(/^toleratedTaints: the taint 'a:' has no effect/)]);
  });

  test('without it nothing is said to the add-on, which has tolerations of its own', () => {
    const app = testCluster();
    const coreDns = Object.values(resourcesOf(app.app.synth(), app.stack)).find(({ Properties }) => Properties?.AddonName === 'coredns')!;
    expect(coreDns.Properties.ConfigurationValues).toBeUndefined();
  });
});
