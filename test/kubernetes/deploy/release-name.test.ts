import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { CONFIG, NAMESPACE, Walk, somePolicies, somePolicy, testNetwork } from './fixture';
import { KubernetesNetwork } from '../../../src/kubernetes/deploy/network';

describe('names that never change', () => {
  test('releases and logical ids', () => {
    const { network, stack } = testNetwork();
    network.deployPolicies(somePolicies());
    network.deployNamespaces([NAMESPACE]);
    network.deployObjects(stack, 'Shop', 'shop', [NAMESPACE, CONFIG]);
    const walk = new Walk(stack);
    expect(Object.fromEntries(walk.names().filter((name) => !['cluster', 'nodes'].includes(name)).sort().map((name) => [name, walk.idOf(name)]))).toMatchInlineSnapshot(`
{
  "calico": "CalicoRelease1A69F2D2",
  "calico-api": "NetworkCalicoApiC0BC79AF",
  "calico-crds": "CalicoCrdsRelease5109D9D6",
  "eks-allows": "EksAllowsRelease7F3A19D9",
  "eks-aws-node-rbac": "EksAwsNodeRbacReleaseDCA1D3F5",
  "eks-default-deny": "EksDefaultDenyReleaseA8D47A62",
  "eks-guardrail-denials": "EksGuardrailDenialsReleaseEE1F4D86",
  "eks-guardrail-exemptions": "EksGuardrailExemptionsRelease8102CD9A",
  "eks-namespaces": "EksNamespacesRelease9BA119E1",
  "eks-tiers": "EksTiersReleaseDB16800D",
  "shop": "ShopReleaseF5F9FA57",
  "shop-kept": "ShopKeptReleaseA18787A5",
}
`);
  });

  test('a release that moves in the tree stays the same resource', () => {
    const ids = ['One', 'Two'].map((place) => {
      const { network, stack } = testNetwork();
      network.deployObjects(new Construct(stack, place), place, 'shop', [CONFIG]);
      return new Walk(stack).idOf('shop');
    });
    expect(ids[0]).toBe(ids[1]);
  });

  test('two clusters of one stack have releases of the same name', () => {
    const { stack, cluster } = testNetwork();
    const second = eks.Cluster.fromClusterAttributes(stack, 'Second', { clusterName: 'second', kubectlProvider: cluster.kubectlProvider });
    new KubernetesNetwork(stack, 'SecondNetwork', { cluster: second });
    Template.fromStack(stack).resourcePropertiesCountIs('Custom::AWSCDK-EKS-HelmChart', { Release: 'calico' }, 2);
  });

  test('another stack has one allow release, named after the stack, after the network', () => {
    const { app, network, stack } = testNetwork();
    network.deployPolicies(somePolicies());
    const shop = new Stack(app, 'Shop', { stackName: 'shop' });
    const { diagnostics, releases } = network.deployAllows(shop, '-8d9001d3', [somePolicy('theirs')]);

    expect(diagnostics).toEqual([]);
    expect(releases.map(({ releaseName }) => releaseName)).toEqual(['eks-allows-8d9001d3']);
    expect(new Walk(shop).idOf('eks-allows-8d9001d3')).toMatchInlineSnapshot('"EksAllows8d9001d3ReleaseEC3930D8"');
    expect(shop.dependencies.map(({ node }) => node.id)).toEqual([stack.node.id]);
    expect(stack.dependencies).toHaveLength(0);
  });

  test.each([
    ['Shop', 'is no DNS label (lower-case letters, digits and hyphens, starting and ending with a letter or digit)'],
    ['shop-', 'is no DNS label (lower-case letters, digits and hyphens, starting and ending with a letter or digit)'],
    ['x'.repeat(54), 'has 54 characters, more than 53'],
  ])('release %s', (name, rule) => {
    const { network, stack } = testNetwork();
    expect(network.deployObjects(stack, 'Theirs', name, [CONFIG]).diagnostics).toEqual([{
      code: 'releaseNameInvalid', severity: 'error', subject: `release ${name}`, message: `its name ${rule}`, fix: 'give it a releaseName that Helm accepts',
    }]);
  });

  test.each([
    ['the network itself', 'calico'], ['the network itself', 'eks-default-deny'], ['the network itself', 'eks-allows-8d9001d3'],
    ['Platform/One', 'shop'], ['Platform/One', 'shop-kept'], ['Platform/redis', 'redis'],
  ])('the name that %s has is taken: %s', (owner, name) => {
    const { network, stack } = testNetwork();
    network.deployObjects(new Construct(stack, 'One'), 'Release', 'shop', [NAMESPACE, CONFIG]);
    network.deployHelmChart(stack, 'redis', { chart: 'redis' });
    const { diagnostics } = network.deployObjects(new Construct(stack, 'Two'), 'Release', name, [CONFIG]);

    expect(diagnostics).toEqual([{
      code: 'releaseNameTaken',
      severity: 'error',
      subject: 'Platform/Two',
      message: `its release would be called '${name}', as that of ${owner} is, and a cluster has one release of a name`,
      fix: 'give it another id, or another releaseName',
    }]);
    // Reported with everything else, not thrown on the way.
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('53 characters are accepted', () => {
    const { network, stack } = testNetwork();
    expect(network.deployObjects(stack, 'Theirs', 'x'.repeat(53), [CONFIG]).diagnostics).toEqual([]);
  });
});
