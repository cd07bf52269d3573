import { Fn, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { errorsOf, fileOf, objectsOf, releasesOf, Resource, resourcesOf, testCluster, waitsFor } from './fixture';
import { NodegroupOptions, StartupTaintOptions } from '../src';

const TAINT = { Key: 'secure-eks.io/policies-not-in-force', Value: 'true', Effect: 'NO_SCHEDULE' };
const TOLERATION = { key: TAINT.Key, operator: 'Equal', value: 'true', effect: 'NoSchedule' };

function made(startupTaint: StartupTaintOptions | undefined = {}, nodes: NodegroupOptions = {}) {
  const test = testCluster({ nodes: false, cluster: { startupTaint } });
  test.cluster.addNodegroup('Workers', nodes);
  const assembly = test.app.synth();
  return { ...test, assembly, resources: resourcesOf(assembly, test.stack) };
}

const ofType = (resources: Record<string, Resource>, type: string) => Object.values(resources).filter(({ Type }) => Type === type);
const daemonSet = (resources: Record<string, Resource>) => objectsOf(releasesOf(resources)['eks-startup-taint']).find(({ kind }) => kind === 'DaemonSet');

describe('the startup taint', () => {
  const { resources, assembly, cluster } = made({}, { taints: [{ key: 'own', effect: eks.TaintEffect.PREFER_NO_SCHEDULE }] });

  test('is on every group, beside its own', () => {
    expect(ofType(resources, 'AWS::EKS::Nodegroup').map(({ Properties }) => Properties.Taints)).toEqual([[{ Key: 'own', Effect: 'PREFER_NO_SCHEDULE' }, TAINT]]);
  });

  test('is taken away by a DaemonSet once Felix on its node is ready', () => {
    const { spec } = daemonSet(resources).spec.template;
    expect(spec).toMatchObject({ hostNetwork: true, tolerations: [{ operator: 'Exists' }], priorityClassName: 'system-node-critical' });
    const [taint, felix, untaint] = spec.initContainers;
    expect(taint.command).toEqual(['/bin/kubectl', 'taint', 'node', '$(NODE_NAME)', 'secure-eks.io/policies-not-in-force=true:NoSchedule', '--overwrite']);
    expect(felix).toMatchObject({ restartPolicy: 'Always', startupProbe: { httpGet: { host: '127.0.0.1', port: 9099, path: '/readiness' } } });
    expect(untaint.command.slice(-1)).toEqual(['secure-eks.io/policies-not-in-force:NoSchedule-']);
  });

  test('holds up nothing that Calico needs', () => {
    // What AWS and Calico ship, by hand; undefined: what this library adds decides.
    const shipped: Record<string, { tolerations?: object[]; source: string }> = {
      'aws-node': { tolerations: [{ operator: 'Exists' }], source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/charts/aws-vpc-cni/values.yaml' },
      'kube-proxy': { tolerations: [{ operator: 'Exists' }], source: 'https://github.com/kubernetes/kubernetes/blob/v1.35.4/cluster/addons/kube-proxy/kube-proxy-ds.yaml' },
      'eks-pod-identity-agent': { tolerations: [{ operator: 'Exists' }], source: 'https://github.com/aws/eks-pod-identity-agent/blob/main/charts/eks-pod-identity-agent/values.yaml' },
      'tigera-operator': { tolerations: [{ operator: 'Exists' }], source: 'https://github.com/projectcalico/calico/blob/v3.32.1/charts/tigera-operator/values.yaml' },
      'calico-node': { tolerations: [{ operator: 'Exists' }], source: 'https://github.com/tigera/operator/blob/v1.42.3/pkg/render/node.go' },
      'calico-typha': { tolerations: [{ operator: 'Exists' }], source: 'https://github.com/tigera/operator/blob/v1.42.3/pkg/render/typha.go' },
      'calico-apiserver, calico-kube-controllers': {
        tolerations: JSON.parse(releasesOf(resources).calico.Properties.Values).installation.controlPlaneTolerations, source: 'https://github.com/tigera/operator/blob/v1.42.3/pkg/render/apiserver.go',
      },
      'coredns': { tolerations: JSON.parse(ofType(resources, 'AWS::EKS::Addon').find(({ Properties }) => Properties.AddonName === 'coredns')!.Properties.ConfigurationValues).tolerations, source: 'https://docs.aws.amazon.com/eks/latest/userguide/coredns-add-on-create.html' },
    };
    const tolerates = (tolerations: object[] = []) => tolerations.some((each) => JSON.stringify(each) === '{"operator":"Exists"}' || JSON.stringify(each) === JSON.stringify(TOLERATION));
    expect(Object.entries(shipped).filter(([, { tolerations }]) => !tolerates(tolerations)).map(([name]) => name)).toEqual([]);
  });

  test('what takes it away comes after Calico and before the policies, and waits for all nodes', () => {
    const idOf = (name: string) => Object.keys(resources).find((id) => resources[id].Properties?.Release === name)!;
    expect(waitsFor(resources, idOf('eks-startup-taint'), idOf('calico'))).toBe(true);
    expect(waitsFor(resources, idOf('eks-tiers'), idOf('eks-startup-taint'))).toBe(true);
    expect(resources[idOf('eks-startup-taint')].Properties.Wait).toBe(true);
  });

  test('is in the report and its images in the list', () => {
    expect(fileOf(assembly, 'Platform.network-report.md')).toContain('the startup taint keeps them off until Calico\'s first write there');
    expect(cluster.images.filter(({ usedBy }) => usedBy.startsWith('the startup taint')).map(({ repository, tag }) => `${repository}:${tag}`)).toEqual(['registry.k8s.io/kubectl:v1.35.4', 'registry.k8s.io/pause:3.10']);
  });

  test('visits every node again when a group changes, and only then', () => {
    const settings = (nodes: NodegroupOptions) => daemonSet(made({}, nodes).resources).spec.template.metadata.annotations['secure-eks.io/node-groups'];
    const plain = settings({});
    expect(settings({})).toBe(plain);
    for (const change of [{ maxSize: 9 }, { labels: { a: 'b' } }, { taints: [{ key: 'own', effect: eks.TaintEffect.PREFER_NO_SCHEDULE }] }]) expect(settings(change)).not.toBe(plain);
    expect(settings({ maxSize: Token.asNumber(Fn.importValue('size')) })).toMatch(/^[0-9a-f]{16}$/);
  });
});

test('a mirror, also one that only the deployment knows', () => {
  const images = (registry: string) => JSON.stringify(daemonSet(made({ imageRegistry: registry }).resources).spec.template.spec.initContainers.map(({ image }: any) => image));
  expect(images('mirror.example.com/k8s')).toBe('["mirror.example.com/k8s/kubectl:v1.35.4","mirror.example.com/k8s/pause:3.10","mirror.example.com/k8s/kubectl:v1.35.4"]');
  expect(images(Token.asString(Fn.importValue('registry')))).toContain('Fn::ImportValue');
});

test('without it no group has a taint, nothing is deployed for it, and the report says what that means', () => {
  const test = testCluster();
  const assembly = test.app.synth();
  const resources = resourcesOf(assembly, test.stack);
  expect(errorsOf(test)).toEqual([]);
  expect(ofType(resources, 'AWS::EKS::Nodegroup').map(({ Properties }) => Properties.Taints)).toEqual([undefined]);
  expect(Object.keys(releasesOf(resources))).not.toContain('eks-startup-taint');
  expect(fileOf(assembly, 'Platform.network-report.md')).toContain('**a pod that starts earlier is bound by no policy until then** (`startupTaint`)');
});
