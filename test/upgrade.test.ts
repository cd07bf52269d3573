import { App } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Resource, resourcesOf, testCluster, waitsFor } from './fixture';
import { CalicoOptions, NetworkPeer, NetworkPort } from '../src';

const RELEASE = 'Custom::AWSCDK-EKS-HelmChart';
const digest = (letter: string) => Object.fromEntries(['calico/apiserver', 'calico/kube-controllers', 'calico/node', 'calico/typha', 'tigera/operator'].map((image) => [image, `sha256:${letter.repeat(64)}`]));

/** A cluster with some policies, and Calico as given. */
function templateWith(calico: CalicoOptions): Record<string, Resource> {
  const { app, stack, cluster } = testCluster({ cluster: { calico, version: eks.KubernetesVersion.V1_35 } });
  const shop = cluster.addNamespace('shop');
  cluster.allowTraffic('WebToApi', { source: shop.pods({ app: 'web' }), destination: shop.pods({ app: 'api' }), ports: [NetworkPort.tcp(8080)] });
  cluster.allowKubeletAccess('Metrics', { namespace: 'shop', serviceAccounts: ['metrics'], reason: 'a test' });
  cluster.expectDenied('Internet', { source: shop.pods({ app: 'web' }), destination: NetworkPeer.internet() });
  return resourcesOf((app as App).synth(), stack);
}

/** What differs, by the release or the type and id of the resource, with the names of its properties. */
function differences(before: Record<string, Resource>, after: Record<string, Resource>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const id of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const [one, other] = [before[id], after[id]];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    const name = (one ?? other).Type === RELEASE ? String((one ?? other).Properties.Release) : `${(one ?? other).Type} ${id}`;
    const properties = [...new Set([...Object.keys(one?.Properties ?? {}), ...Object.keys(other?.Properties ?? {})])];
    found[name] = [...!one || !other ? [one ? 'gone' : 'new'] : [], ...properties.filter((each) => JSON.stringify(one?.Properties[each]) !== JSON.stringify(other?.Properties[each]))].sort();
    // Nothing but properties: what waits for what, and what is kept, stays.
    if (one && other) expect({ ...one, Properties: undefined }).toEqual({ ...other, Properties: undefined });
  }
  return found;
}

const idOf = (resources: Record<string, Resource>, release: string) => Object.keys(resources).find((id) => resources[id].Type === RELEASE && resources[id].Properties.Release === release)!;
const POLICY_RELEASES = ['eks-tiers', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-allows', 'eks-default-deny'];

describe('two versions of Calico', () => {
  const before = templateWith({});
  const after = templateWith({ version: 'v3.32.2', operatorVersion: 'v1.42.4' });

  test('differ in the version of two charts, and in nothing else', () => {
    expect(differences(before, after)).toEqual({ 'calico': ['Version'], 'calico-crds': ['Version'] });
    expect(differences(after, before)).toEqual({ 'calico': ['Version'], 'calico-crds': ['Version'] });
  });

  test('with a mirror also in the tag of the operator, with digests in those', () => {
    const mirror = { registry: 'registry.example.com' };
    expect(differences(templateWith(mirror), templateWith({ ...mirror, version: 'v3.32.2', operatorVersion: 'v1.42.4' }))).toEqual({ 'calico': ['Values', 'Version'], 'calico-crds': ['Version'] });
    expect(differences(templateWith({ imageDigests: digest('a') }), templateWith({ imageDigests: digest('b'), version: 'v3.32.2', operatorVersion: 'v1.42.4' })))
      .toEqual({ 'calico': ['Values', 'Version'], 'calico-crds': ['Version'], 'calico-image-digests': ['Values'] });
  });

  test.each([['before', before], ['after', after]])('%s: definitions, then the operator, then policies, and back in the opposite order', (_when, resources) => {
    const order = ['calico-crds', 'calico', ...POLICY_RELEASES].map((name) => idOf(resources, name));
    expect(order).not.toContain(undefined);
    order.slice(1).forEach((later, index) => expect([later, waitsFor(resources, later, order[index])]).toEqual([later, true]));
    order.slice(1).forEach((later, index) => expect([later, waitsFor(resources, order[index], later)]).toEqual([later, false]));
  });

  test('no release of policies and none of namespaces has a word of the version', () => {
    for (const name of [...POLICY_RELEASES, 'eks-namespaces', 'eks-admission-guards', 'eks-aws-node-rbac']) {
      expect(JSON.stringify(after[idOf(after, name)].Properties)).not.toMatch(/3\.32/);
    }
  });

  test('the definitions are kept whatever becomes of the stack', () => {
    for (const resources of [before, after]) expect(resources[idOf(resources, 'calico-crds')]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});

describe('deletion', () => {
  const resources = templateWith({});
  const releases = Object.values(resources).filter(({ Type }) => Type === RELEASE);

  test('every release waits for what it removes, for less than the function that runs helm lives', () => {
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; aws-eks-v2 gives both functions 900 s.
    const functions = Object.values(resources).filter(({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.Timeout !== undefined);
    expect(functions.map(({ Properties }) => Properties.Timeout)).toEqual([900, 900]);
    for (const { Properties } of releases) {
      expect([Properties.Release, Properties.Wait]).toEqual([Properties.Release, true]);
      // An atomic release that fails is rolled back, for as long again.
      expect(parseInt(Properties.Timeout, 10) * (Properties.Atomic ? 2 : 1)).toBeLessThan(900);
    }
  });

  test('what ends finalizers goes after what has them: Calico after policies, nodes and the VPC CNI after Calico, the way to AWS last', () => {
    const calico = idOf(resources, 'calico');
    const removedBefore = (later: string, earlier: string) => waitsFor(resources, earlier, later);
    for (const name of [...POLICY_RELEASES, 'eks-namespaces', 'eks-admission-guards']) expect([name, removedBefore(calico, idOf(resources, name))]).toEqual([name, true]);
    const ids = (type: string) => Object.keys(resources).filter((id) => resources[id].Type === type);
    for (const id of [...ids('AWS::EKS::Nodegroup'), ...ids('AWS::EKS::Addon')]) expect([id, removedBefore(id, calico)]).toEqual([id, true]);
    for (const id of [...ids('AWS::EC2::NatGateway'), ...ids('AWS::EC2::SecurityGroupIngress')]) expect([id, removedBefore(id, calico)]).toEqual([id, true]);
  });
});

test('a load balancer goes before its controller, and the controller before Calico', () => {
  const { app, stack, cluster } = testCluster();
  cluster.addLoadBalancerController();
  cluster.addNamespace('shop');
  cluster.addManifest('Ingress', { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'shop', namespace: 'shop', annotations: { 'alb.ingress.kubernetes.io/scheme': 'internal' } }, spec: { ingressClassName: 'alb', defaultBackend: { service: { name: 'web', port: { number: 80 } } } } });
  const resources = resourcesOf(app.synth(), stack);
  const ingress = Object.keys(resources).find((id) => resources[id].Type === RELEASE && resources[id].Properties.Release === 'ingress')!;
  const controller = idOf(resources, 'aws-load-balancer-controller');
  expect(waitsFor(resources, ingress, controller)).toBe(true);
  expect(waitsFor(resources, controller, idOf(resources, 'calico'))).toBe(true);
});
