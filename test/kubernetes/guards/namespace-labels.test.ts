import { ADMINISTRATOR, CALICO_API_SERVER, Case, DEPLOYER, DEVELOPER, GuardedServer, testCases } from './guarded-server';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { namespaceLabelsGuard } from '../../../src/kubernetes/manifests/guards/namespace-labels';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const LEVEL = 'pod-security.kubernetes.io/enforce';
const OPEN = 'secure-eks.io/allow-internet-facing';
const namespace = (name: string, labels?: Record<string, string>): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...labels && { labels } } });
const REFUSED = {
  [LEVEL]: `secure-eks-namespace-labels: label ${LEVEL}: this lets pods of the namespace do more than before, and only who may change the guards may do so`,
  [OPEN]: `secure-eks-namespace-labels: label ${OPEN}: this lets load balancers of the namespace be reached by anyone, and only who may change the guards may do so`,
};

const SYSTEM = 'secure-eks-namespace-labels: a namespace of this name is outside the guards and the default deny, and only who may change the guards may make it';
const admitted = undefined;

describeWithApiServer('the guard of the labels that lift other guards', () => {
  let guarded: GuardedServer;
  const there = {
    plain: namespace('plain'), open: namespace('open', { [OPEN]: 'true', [LEVEL]: 'privileged' }), baseline: namespace('baseline', { [LEVEL]: 'baseline' }), closed: namespace('closed', { [OPEN]: 'false' }),
    restricted: namespace('restricted', { [LEVEL]: 'restricted' }), leaving: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'leaving', labels: { [OPEN]: 'true' }, finalizers: ['example.com/hold'] } },
  };

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(...Object.values(there));
    guarded.apply(...guardObjects(namespaceLabelsGuard(['kube-system', 'calico-system', 'istio-system']), 'deny'));
    await guarded.untilRefused(namespace('canary', { [OPEN]: 'true' }));
    await guarded.startRemoval(there.leaving);
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  const create = (labels: Record<string, string> | undefined, name = 'new', as?: string) => () => guarded.create(namespace(name, labels), as);
  const update = (which: keyof typeof there, labels: Record<string, string | null>, subresource?: string, as?: string) => () => guarded.update(there[which], { metadata: { labels } }, as, subresource);
  const byAdministrators: Case[] = ([
    ['opened', 'plain', { [OPEN]: 'true' }, OPEN],
    ['opened after a no', 'closed', { [OPEN]: 'true' }, OPEN],
    ['made privileged', 'baseline', { [LEVEL]: 'privileged' }, LEVEL],
    ['made privileged where it had no level', 'plain', { [LEVEL]: 'privileged' }, LEVEL],
    ['made privileged where it was restricted', 'restricted', { [LEVEL]: 'privileged' }, LEVEL],
    ['freed of its level', 'baseline', { [LEVEL]: null }, LEVEL],
    ['given a weaker level', 'restricted', { [LEVEL]: 'baseline' }, LEVEL],
    ['opened among other changes', 'baseline', { [OPEN]: 'true', [LEVEL]: 'restricted', team: 'b' }, OPEN],
  ] as const).flatMap(([how, which, labels, label]): Case[] => [
    [`a developer may not have a namespace ${how}`, update(which, labels), REFUSED[label]],
    [`nor by its status: ${how}`, update(which, labels, '/status'), REFUSED[label]],
    [`nor by its finalization: ${how}`, update(which, labels, '/finalize'), REFUSED[label]],
    [`who may change guards may have a namespace ${how}`, update(which, labels, '', ADMINISTRATOR), admitted],
  ]);

  testCases([
    ['anyone makes a namespace without labels', create(undefined), admitted],
    ['anyone makes one with a level', create({ [LEVEL]: 'baseline' }), admitted],
    ['anyone makes one with the strictest level', create({ [LEVEL]: 'restricted', 'pod-security.kubernetes.io/warn': 'privileged' }), admitted],
    ['anyone makes one that says no', create({ [OPEN]: 'false', team: 'a' }), admitted],
    ['anyone makes one with another word', create({ [OPEN]: 'yes' }), admitted],
    ['a privileged one', create({ [LEVEL]: 'privileged' }), REFUSED[LEVEL]],
    ['a privileged one by an administrator', create({ [LEVEL]: 'privileged' }, 'new', ADMINISTRATOR), admitted],
    ['a privileged one by who deploys', create({ [LEVEL]: 'privileged' }, 'new', DEPLOYER), admitted],
    ['an open one', create({ [OPEN]: 'true' }), REFUSED[OPEN]],
    ['an open one by an administrator', create({ [OPEN]: 'true' }, 'new', ADMINISTRATOR), admitted],
    ['an open one by who deploys', create({ [OPEN]: 'true' }, 'new', DEPLOYER), admitted],
    ['an open one by apply', () => guarded.patch(namespace('new'), 'apply-patch', namespace('new', { [OPEN]: 'true' })), REFUSED[OPEN]],
    ['an open one of a name that the server makes', () => guarded.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'new-', labels: { [OPEN]: 'true' } } } as never), REFUSED[OPEN]],
    ['one of the name of the system', create(undefined, 'istio-system'), SYSTEM],
    ['one of the name of the system by Calico', create(undefined, 'calico-system', CALICO_API_SERVER), admitted],
    ['one of the name of the system by who deploys', create(undefined, 'istio-system', DEPLOYER), admitted],
    ['one of nearly the name of the system', create(undefined, 'istio-system2'), admitted],
    ['one that calls itself the system', create({ 'kubernetes.io/metadata.name': 'kube-system' }), admitted],
    ...byAdministrators,
    ['a patch of one label', () => guarded.patch(there.plain, 'merge-patch', { metadata: { labels: { [OPEN]: 'true' } } }), REFUSED[OPEN]],
    ['a JSON patch that removes a level', () => guarded.patch(there.baseline, 'json-patch', [{ op: 'remove', path: `/metadata/labels/${LEVEL.replace('/', '~1')}` }]), REFUSED[LEVEL]],
    ['all labels go', () => guarded.update(there.baseline, { metadata: { labels: null } }), REFUSED[LEVEL]],
    ['closed again', update('open', { [OPEN]: null }), admitted],
    ['closed by a no', update('open', { [OPEN]: 'false' }), admitted],
    ['given a level', update('open', { [LEVEL]: 'baseline' }), admitted],
    ['freed of the level that frees', update('open', { [LEVEL]: null }), admitted],
    ['given a stricter level', update('baseline', { [LEVEL]: 'restricted' }), admitted],
    ['given a level where there was none', update('plain', { [LEVEL]: 'baseline' }), admitted],
    ['labelled otherwise', update('open', { team: 'c' }), admitted],
    ['freed of the label that says no', update('closed', { [OPEN]: null }), admitted],
    ['one of the system is labelled', () => guarded.update(namespace('kube-system'), { metadata: { labels: { team: 'platform' } } }), admitted],
    ['removed', () => guarded.remove(there.plain), admitted],
    ['on its way out it loses its finalizer', () => guarded.update(there.leaving, { metadata: { finalizers: [] } }), admitted],
    ['on its way out it is finalized', () => guarded.update(there.leaving, { spec: { finalizers: [] } }, DEVELOPER, '/finalize'), admitted],
    ['on its way out it gets its status', () => guarded.update(there.leaving, { status: { phase: 'Terminating' } }, DEVELOPER, '/status'), admitted],
    ['on its way out it keeps what it had', update('leaving', { [OPEN]: 'true', team: 'd' }), admitted],
    ['on its way out it is not freed: what is in it still serves', update('leaving', { [LEVEL]: 'privileged' }), REFUSED[LEVEL]],
  ]);

  test('the most labels stay within what an expression may cost', async () => {
    const labels = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`example.com/label-${index}`, 'x'.repeat(60)]));
    expect(await guarded.create(namespace('new', labels))).toBeUndefined();
    expect(await guarded.create(namespace('new', { ...labels, [OPEN]: 'true' }))).toBe(REFUSED[OPEN]);
  });
});
