import { Duration, Stack } from 'aws-cdk-lib';
import { CRD_FOLDER, MISSING_CRDS } from './crds';
import { NAMESPACE, testNetwork } from './deploy/fixture';
import { ENFORCED, PLAN, STAGED, UNUSUAL } from './policies';
import { Releases } from './releases';
import { PoliciesToDeploy } from '../../src/kubernetes/deploy/network';
import { ObjectsRelease } from '../../src/kubernetes/deploy/objects-release';
import { VALUES_LIMIT_BYTES } from '../../src/kubernetes/deploy/release-content';
import { KubernetesObject } from '../../src/kubernetes/manifests/objects';
import { policySetObjects } from '../../src/kubernetes/manifests/policy-objects';
import { ApiServer, START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../kube-apiserver/api-server';
import { describeUnless, describeWithApiServer } from '../kube-apiserver/available';

/** One server for all: starting it takes longer than the tests. */
let server: ApiServer;

describeWithApiServer('a real API server', () => {
  beforeAll(async () => { server = await ApiServer.start(); }, START_TIMEOUT_MS);
  afterAll(() => server?.stop(), STOP_TIMEOUT_MS);

  describeUnless(MISSING_CRDS, "with Calico's definitions", () => {
    beforeAll(() => {
      succeed('apply', '--server-side', '-f', CRD_FOLDER);
      succeed('wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all');
    }, 90_000);

    test.each([['enforced', ENFORCED], ['staged', STAGED], ['with every field', UNUSUAL]])('accepts every policy, %s, and knows every field', (_mode, set) => {
      const list = { apiVersion: 'v1', kind: 'List', items: policySetObjects(set) };
      const { status, stderr } = server.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], JSON.stringify(list));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      succeed('delete', '--wait=false', ...kindsOf(list.items), '--all');
    }, 60_000);

    describe('the releases of a network', () => {
      const releases = (change: Partial<PoliciesToDeploy> = {}, objects: KubernetesObject[] = []) => {
        const { network, stack } = testNetwork();
        network.deployPolicies({ ...POLICIES, ...change });
        network.deployNamespaces([{ ...NAMESPACE }, ACCOUNT]);
        if (objects.length > 0) network.deployObjects(stack, 'Shop', 'shop', objects);
        return new Releases(server, stack);
      };

      test('install in the order of the template, and again without a change', () => {
        const first = releases({}, [CONFIG]);
        expect(first.names()).toEqual([
          'eks-aws-node-rbac', 'eks-tiers', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-allows', 'eks-default-deny', 'eks-namespaces', 'shop',
        ]);
        first.names().forEach((name) => installed(first, name));
        expect(names('globalnetworkpolicies')).toEqual(PLANNED_NAMES);

        const before = versions();
        first.names().forEach((name) => installed(first, name));
        expect(versions()).toEqual(before);
      }, 120_000);

      test('every text arrives as it was written', () => {
        const { data } = JSON.parse(succeed('get', 'configmap', 'config', '-n', 'shop', '-o', 'json')) as { data: object };
        expect(data).toEqual(CONFIG.data);
      });

      test('a rule that is gone is gone from the cluster', () => {
        const [kept] = POLICIES.allows;
        installed(releases({ allows: [kept] }), 'eks-allows');
        expect(names('globalnetworkpolicies').filter((name) => name.startsWith('eks-allow.'))).toEqual([kept.name]);
        installed(releases(), 'eks-allows');
        expect(names('globalnetworkpolicies')).toEqual(PLANNED_NAMES);
      }, 60_000);

      test('a release that fails leaves what was in force', () => {
        const before = versions();
        const [first, ...rest] = POLICIES.denials;
        const { status, stderr } = releases({ denials: [...rest, { ...first, types: ['Sideways' as never] }] }).install('eks-guardrail-denials');

        expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('Unsupported value: "Sideways"') });
        expect(versions()).toEqual(before);
        installed(releases(), 'eks-guardrail-denials');
      }, 60_000);

      test('an object that moves from the values into the chart stays the same object', () => {
        const uid = succeed('get', 'configmap', 'config', '-n', 'shop', '-o', 'jsonpath={.metadata.uid}');
        installed(releases({}, [CONFIG, large()]), 'shop');
        expect(succeed('get', 'configmap', 'config', '-n', 'shop', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
        expect(names('configmap', '-n', 'shop')).toEqual(['config', 'large']);

        installed(releases({}, [CONFIG]), 'shop');
        expect(names('configmap', '-n', 'shop')).toEqual(['config']);
      }, 60_000);

      test('a hand edit blocks the next change until it is taken back by the restoring command', () => {
        const [policy] = policySetObjects({ tiers: [], policies: PLAN.denials });
        succeed('patch', 'globalnetworkpolicies.projectcalico.org', policy.metadata.name, '--type=merge', '-p', '{"spec":{"order":1}}');
        expect(releases().install('eks-guardrail-denials').status).toBe(1);

        const restored = server.kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=helm', '-f', '-'], JSON.stringify(policy));
        expect(restored.status).toBe(0);
        installed(releases(), 'eks-guardrail-denials');
        expect(succeed('get', 'globalnetworkpolicies.projectcalico.org', policy.metadata.name, '-o', 'jsonpath={.spec.order}'))
          .toBe(String((policy.spec as { order: number }).order));
      }, 90_000);

      test('removed in reverse, nothing but the namespaces remains, and they are taken over again', () => {
        const all = releases({}, [CONFIG]);
        for (const name of all.names().reverse()) expect(all.uninstall(name)).toMatchObject({ status: 0 });
        expect(names('globalnetworkpolicies')).toEqual([]);
        expect(names('tiers.projectcalico.org')).toEqual([]);
        expect(names('clusterrole').filter((name) => name.startsWith('secure-eks'))).toEqual([]);
        expect(names('serviceaccount', '-n', 'shop')).toEqual([]);
        expect(names('namespace')).toContain('shop');

        installed(all, 'eks-namespaces');
        expect(names('serviceaccount', '-n', 'shop')).toEqual(['web']);
      }, 120_000);
    });
  });

  test('an atomic release that fails waits twice: the reason for half the time', () => {
    const deployment = (image: string) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'never-ready' },
      spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image }] } } },
    });
    const release = (image: string, wait: boolean) => {
      const { network, stack } = testNetwork();
      const made = new ObjectsRelease(stack, 'Waiting', {
        cluster: network.cluster, releaseName: 'waiting', namespace: 'default', objects: [deployment(image)], wait, atomic: wait, timeout: Duration.seconds(3),
      });
      return new Releases(server, Stack.of(made));
    };
    installed(release('first', false), 'waiting');
    const start = Date.now();
    expect(release('second', true).install('waiting')).toMatchObject({ status: 1, stderr: expect.stringContaining('an error occurred while rolling back the release') });
    expect(Date.now() - start).toBeGreaterThan(6000);
    expect(succeed('get', 'deployment', 'never-ready', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('first');
  }, 60_000);

  test('the barrier says nothing until the API is available, and then one word', () => {
    const apiService = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v9.example.com' },
      spec: { group: 'example.com', version: 'v9', groupPriorityMinimum: 100, versionPriority: 100, service: { name: 'calico-api', namespace: 'calico-system' } },
    };
    expect(server.kubectl(['create', '-f', '-'], JSON.stringify(apiService)).status).toBe(0);
    const { network } = testNetwork();
    const barrier = network.node.findChild('CalicoApi').node.findChild('Resource').node.defaultChild as unknown as { _cfnProperties: { JsonPath: string } };
    const path = `-o=jsonpath='{${barrier._cfnProperties.JsonPath}}'`;
    expect(succeed('get', 'apiservice', 'v9.example.com', path)).toBe("''");
    expect(succeed('get', 'apiservice', 'v1.apps', path)).toBe("'Available'");
    succeed('delete', 'apiservice', 'v9.example.com');
  }, 30_000);
});

const POLICIES: PoliciesToDeploy = {
  tiers: PLAN.tiers,
  allows: [...PLAN.allows.values()].flat(),
  exemptions: [...PLAN.exemptions.values()].flat(),
  denials: PLAN.denials,
  defaultDeny: PLAN.defaultDeny,
  towards: 'enforcing',
};
const PLANNED_NAMES = ENFORCED.policies.map(({ name }) => name).sort();

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace: 'shop' } };
const CONFIG = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'config', namespace: 'shop' },
  data: { exponent: '1e3', on: 'on', template: '{{ .Values }}', emoji: '\u{1f600}', umlaut: 'ü', document: 'a\n---\nb', zBreaks: 'text\n\n' },
};

function large(): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large', namespace: 'shop' }, data: { text: 'x'.repeat(VALUES_LIMIT_BYTES) } };
}

function succeed(...args: string[]): string {
  const { status, stdout, stderr } = server.kubectl(args);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function installed(releases: Releases, name: string): void {
  const { status, stderr } = releases.install(name);
  if (status !== 0) throw new Error(`helm upgrade ${name}: ${stderr}`);
}

function names(...what: string[]): string[] {
  return succeed('get', ...what, '-o', 'name').split('\n').filter((line) => line !== '').map((line) => line.slice(line.indexOf('/') + 1)).sort();
}

/** Of everything that releases hold here: whatever is written gets another one. */
function versions(): string {
  return succeed('get', 'globalnetworkpolicies.projectcalico.org,tiers.projectcalico.org,clusterroles,clusterrolebindings,namespaces,serviceaccounts,configmaps', '-A',
    '-o', 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}');
}

function kindsOf(objects: readonly KubernetesObject[]): string[] {
  return [[...new Set(objects.map(({ kind }) => kind))].map((kind) => `${kind.toLowerCase()}.projectcalico.org`).join(',')];
}
