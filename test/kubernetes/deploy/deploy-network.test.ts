import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CONFIG, NAMESPACE, TestNetwork, Walk, testNetwork } from './fixture';
import { withEnforcement } from '../../../src/core/policy/enforcement';
import { NetworkContent, deployNetwork } from '../../../src/kubernetes/deploy/deploy-network';
import { PLAN as DECIDED } from '../policies';

const modes = { cluster: 'enforced' as const, namespaces: new Map() };
const PLAN = withEnforcement(DECIDED, modes);
const suffixOf = () => '-8d9001d3';

test('an object in two releases is named with both, and given twice in one it is that one\'s', () => {
  const { app, network, stack } = testNetwork();
  const shop = new Stack(app, 'Shop');
  const { diagnostics } = deployNetwork(network, {
    plan: PLAN, modes,
    owners: new Map(),
    suffixOf,
    guards: [], platformObjects: [NAMESPACE],
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
    plan: PLAN, modes, owners: new Map([['web-to-api', shop], ['argocd-api', shop]]), suffixOf, guards: [], platformObjects: [], releases: [{ scope, name: 'web', objects: [CONFIG] }],
  });
  expect(deployed.diagnostics).toEqual([]);
  expect(deployed.releases.map(({ releaseName }) => releaseName)).toEqual([
    'eks-aws-node-rbac', 'eks-tiers', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-allows', 'eks-default-deny', 'eks-allows-8d9001d3', 'web',
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

/** With nothing but what is given. */
function deploy({ network }: TestNetwork, content: Partial<NetworkContent>): ReturnType<typeof deployNetwork> {
  return deployNetwork(network, { plan: PLAN, modes, owners: new Map(), suffixOf, guards: [], platformObjects: [], releases: [], ...content });
}

describe('objects come after their namespace', () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace: 'shop' } };
  const later = (path: string, what: string, creator: string) => ({
    code: 'namespaceCreatedLater', severity: 'error', subject: path,
    message: `this ${what} needs namespace 'shop', which release team-kept (${creator}/ReleaseKept) creates only after it`,
    fix: 'create it with addNamespace(\'shop\') instead, which comes before all of them',
  });

  test('which another release of the same stack creates, or the platform', () => {
    const made = testNetwork();
    const { network, stack } = made;
    const { chart } = network.deployHelmChart(stack, 'metrics', { chart: 'metrics', namespace: 'shop' });
    const { diagnostics } = deploy(made, {
      releases: [{ scope: new Construct(stack, 'App'), name: 'app', objects: [CONFIG] }, { scope: new Construct(stack, 'Team'), name: 'team', objects: [NAMESPACE] }],
      charts: [{ construct: chart, releaseName: 'x', namespace: 'shop' }],
    });
    expect(diagnostics).toEqual([]);
    const walk = new Walk(stack);
    expect(walk.waitsFor('app')).toEqual(['eks-default-deny', 'team-kept']);
    expect(walk.waitsFor('metrics')).toEqual(['eks-default-deny', 'team-kept']);
    expect(walk.waitsFor('team-kept')).toEqual(['eks-default-deny']);
  });

  test('of the platform', () => {
    const made = testNetwork();
    deploy(made, { guards: [], platformObjects: [NAMESPACE, account], releases: [{ scope: new Construct(made.stack, 'App'), name: 'app', objects: [CONFIG] }] });
    expect(new Walk(made.stack).waitsFor('app')).toEqual(['eks-namespaces']);
  });

  test('which another stack creates', () => {
    const made = testNetwork();
    const [shop, team] = ['Shop', 'Team'].map((id) => new Stack(made.app, id));
    const { diagnostics } = deploy(made, {
      releases: [{ scope: new Construct(shop, 'App'), name: 'app', objects: [CONFIG] }, { scope: new Construct(team, 'Objects'), name: 'team', objects: [NAMESPACE] }],
    });
    expect(diagnostics).toEqual([]);
    made.app.synth();
    expect(shop.dependencies).toContain(team);
  });

  test('or both are named, where it comes after them: in a stack behind, in the platform\'s, by a dependency', () => {
    const made = testNetwork();
    const team = new Construct(new Stack(made.app, 'Team'), 'Objects');
    expect(deploy(made, {
      guards: [], platformObjects: [account],
      releases: [{ scope: new Construct(made.stack, 'App'), name: 'app', objects: [CONFIG] }, { scope: team, name: 'team', objects: [NAMESPACE] }],
    }).diagnostics).toEqual([
      later('Platform/Network/eks-namespaces', 'release eks-namespaces', 'Team/Objects'), later('Platform/App/Release', 'release app', 'Team/Objects'),
    ]);
    made.app.synth();

    const tied = testNetwork(new App());
    const [one, two] = ['App', 'Team'].map((id) => new Construct(tied.stack, id));
    two.node.addDependency(one);
    expect(deploy(tied, { releases: [{ scope: one, name: 'app', objects: [CONFIG] }, { scope: two, name: 'team', objects: [NAMESPACE] }] }).diagnostics)
      .toEqual([later('Platform/App/Release', 'release app', 'Platform/Team')]);
    tied.app.synth();
  });
});

describe('pods come after what gives their service account its role', () => {
  const pods = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' }, spec: { template: { spec: { serviceAccountName: 'web', containers: [] } } } };
  const identityIn = (stack: Stack, id = 'Account', name = 'web') => {
    const construct = new Construct(stack, id);
    return { namespace: 'shop', name, construct, association: new CfnResource(construct, 'Association', { type: 'Test::Association' }) };
  };

  test('whatever is in its namespace: objects and charts, and nothing elsewhere', () => {
    const made = testNetwork();
    const { network, stack } = made;
    const [shop, other] = ['shop', 'other'].map((namespace) => network.deployHelmChart(stack, namespace, { chart: 'x', namespace }).chart);
    const identities = [identityIn(stack), { namespace: 'shop', name: 'empty', construct: new Construct(stack, 'Empty') }];
    expect(deploy(made, {
      identities,
      releases: [{ scope: new Construct(stack, 'App'), name: 'app', objects: [pods] }],
      charts: [{ releaseName: 'x', construct: shop, namespace: 'shop' }, { releaseName: 'x', construct: other, namespace: 'other' }],
    }).diagnostics).toEqual([]);
    const walk = new Walk(stack);
    expect(walk.resource('app').DependsOn).toContainEqual(expect.stringMatching(/^AccountAssociation/));
    expect(walk.resource('shop').DependsOn).toContainEqual(expect.stringMatching(/^AccountAssociation/));
    expect(walk.resource('other').DependsOn).not.toContainEqual(expect.stringMatching(/^AccountAssociation/));
  });

  test('and where it comes after them by itself, that is an error for pods that run as it, and nothing for the rest', () => {
    const made = testNetwork();
    const shop = new Stack(made.app, 'Shop');
    shop.addStackDependency(made.stack);
    expect(deploy(made, {
      identities: [identityIn(shop)],
      releases: [{ scope: new Construct(made.stack, 'App'), name: 'app', objects: [pods] }, { scope: new Construct(made.stack, 'Limits'), name: 'limits', objects: [CONFIG] }],
    }).diagnostics).toEqual([{
      code: 'identityCreatedLater', severity: 'error', acknowledgeable: true, subject: 'Platform/App/Release',
      message: 'pods of this release app run as shop/web, and Shop/Account, which gives that its role, comes only after it: they would start without credentials',
      fix: 'create the service account in the same stack or in one before it, and grant it nothing that waits for this release',
    }]);
    made.app.synth();
  });
});
