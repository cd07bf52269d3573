import { DEPLOYER_PREFIX, DEVELOPER, GuardedServer } from './guarded-server';
import { guardModes } from '../../../src/core/guard/guards-in-force';
import { EnforcementModes, NamespaceEnforcement } from '../../../src/core/policy/enforcement';
import { guardSet } from '../../../src/kubernetes/manifests/guards/guard-set';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const OPEN = 'secure-eks.io/allow-internet-facing';
const namespace = (name: string, labels = {}): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
const pod = (where: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: where }, spec: { hostNetwork: true, containers: [{ name: 'web', image: 'web' }] } });
const service = (where: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: where }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });

describeWithApiServer('guards, where some namespaces are staged', () => {
  describe.each<[string, EnforcementModes['cluster'], NamespaceEnforcement, string, string]>([
    ['a staged namespace of an enforced cluster', 'enforced', 'staged', 'shop', 'web'],
    ['an enforced namespace of a staged cluster', 'staged', 'enforced', 'web', 'shop'],
  ])('with %s', (_, cluster, own, warned, refused) => {
    let guarded: GuardedServer;
    const applied = (object: KubernetesObject) => guarded.server.kubectl(['apply', '--dry-run=server', '--as', DEVELOPER, '-f', '-'], JSON.stringify(object));

    beforeAll(async () => {
      guarded = await GuardedServer.start();
      guarded.apply(namespace('shop'), namespace('web'));
      guarded.apply(...guardSet({
        where: guardModes({ cluster, namespaces: new Map([['shop', own]]) }), systemNamespaces: ['kube-system'], deployer: { username: DEPLOYER_PREFIX }, acceptedTiers: [],
        exposure: { dialects: ['inTree'], controllerAccounts: [], accepted: [] },
      }));
      await guarded.untilRefused(pod(refused));
      await guarded.untilRefused(service(refused));
      await guarded.untilRefused(namespace(refused, { [OPEN]: 'true' }));
    }, START_TIMEOUT_MS);
    afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

    test.each([['a pod on the network of its node', pod, 'secure-eks-pod-escapes'], ['a load balancer for everyone', service, 'secure-eks-services']])('%s is refused where it is enforced, and warned of where it is staged', async (_what, object, guard) => {
      expect(await guarded.create(object(refused))).toMatch(new RegExp(`^${guard}: `));
      expect(await guarded.create(object(warned))).toBeUndefined();
      const { status, stderr } = applied(object(warned));
      expect([status, stderr]).toEqual([0, expect.stringContaining(`Warning: Validation failed for ValidatingAdmissionPolicy '${guard}'`)]);
    });

    test('a label that lifts guards likewise: a Namespace is judged by its own name', async () => {
      expect(await guarded.update(namespace(refused), { metadata: { labels: { [OPEN]: 'true' } } })).toMatch(/^secure-eks-namespace-labels: /);
      expect(await guarded.update(namespace(warned), { metadata: { labels: { [OPEN]: 'true' } } })).toBeUndefined();
    });
  });
});
