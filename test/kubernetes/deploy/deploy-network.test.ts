import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CONFIG, NAMESPACE, Walk, testNetwork } from './fixture';
import { deployNetwork } from '../../../src/kubernetes/deploy/deploy-network';
import { PLAN } from '../policies';

test('an object in two releases is named with both, and given twice in one it is that one\'s', () => {
  const { app, network, stack } = testNetwork();
  const shop = new Stack(app, 'Shop');
  const { diagnostics } = deployNetwork(network, {
    plan: PLAN,
    owners: new Map(),
    platformObjects: [NAMESPACE],
    releases: [
      { scope: new Construct(stack, 'One'), name: 'one', objects: [CONFIG] },
      { scope: new Construct(shop, 'Two'), name: 'two', objects: [NAMESPACE, CONFIG] },
    ],
  });
  const fix = 'give it once; a namespace that addNamespace() made needs no object in a chart';
  expect(diagnostics).toEqual([
    {
      code: 'duplicateObject', severity: 'error', subject: 'Namespace shop', fix,
      message: 'it is in release two-kept (Shop/Two/ReleaseKept) and in release eks-namespaces (Platform/Network/eks-namespaces)',
    },
    {
      code: 'duplicateObject', severity: 'error', subject: 'ConfigMap shop/config', fix,
      message: 'it is in release two (Shop/Two/Release) and in release one (Platform/One/Release)',
    },
  ]);
});

test('what another stack asked for travels in that stack, before what it runs', () => {
  const { app, network, stack } = testNetwork();
  const shop = new Stack(app, 'Shop', { stackName: 'shop' });
  const scope = new Construct(shop, 'Chart');
  const deployed = deployNetwork(network, {
    plan: PLAN, owners: new Map([['web-to-api', shop], ['argocd-api', shop]]), platformObjects: [], releases: [{ scope, name: 'web', objects: [CONFIG] }],
  });
  expect(deployed.diagnostics).toEqual([]);
  expect(deployed.releases.map(({ releaseName }) => releaseName)).toEqual([
    'eks-aws-node-rbac', 'eks-tiers', 'eks-allows', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-default-deny', 'eks-allows-8d9001d3', 'web',
  ]);
  const names = (release: string, of: Stack) => (JSON.parse(String(new Walk(of).propertiesOf(release).Values)) as { objects: { metadata: { name: string } }[] })
    .objects.map(({ metadata }) => metadata.name).sort();

  const theirs = names('eks-allows-8d9001d3', shop);
  expect(theirs).toEqual([
    'eks-allow.argocd-api-egress', 'eks-allow.web-to-api-egress', 'eks-allow.web-to-api-ingress', 'eks-guardrails.argocd-api-exempt',
  ]);
  expect(new Walk(shop).waitsFor('web')).toEqual(['eks-allows-8d9001d3']);
  const ours = [...names('eks-allows', stack), ...names('eks-guardrail-exemptions', stack)];
  expect(ours.filter((name) => theirs.includes(name))).toEqual([]);
  expect(ours).toContain('eks-allow.nodes-to-web-ingress');
});
