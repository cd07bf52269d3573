import { ADMINISTRATOR, DEPLOYER, DEVELOPER, GuardedServer } from './guarded-server';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { namespaceLabelsGuard } from '../../../src/kubernetes/manifests/guards/namespace-labels';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const LEVEL = 'pod-security.kubernetes.io/enforce';
const OPEN = 'secure-eks.io/allow-internet-facing';
const namespace = (name: string, labels?: Record<string, string>): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...labels && { labels } } });
const REFUSED = {
  [LEVEL]: `secure-eks-namespace-labels: label ${LEVEL}: this lets pods of the namespace past every network policy, and only who may change the guards may do so`,
  [OPEN]: `secure-eks-namespace-labels: label ${OPEN}: this lets load balancers of the namespace be reached by anyone, and only who may change the guards may do so`,
};

describeWithApiServer('the guard of the labels that lift other guards', () => {
  let guarded: GuardedServer;
  const there = {
    plain: namespace('plain'), open: namespace('open', { [OPEN]: 'true', [LEVEL]: 'privileged' }), baseline: namespace('baseline', { [LEVEL]: 'baseline' }), closed: namespace('closed', { [OPEN]: 'false' }),
  };

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(...Object.values(there));
    guarded.apply(...guardObjects(namespaceLabelsGuard(), 'deny'));
    await guarded.untilRefused(namespace('canary', { [OPEN]: 'true' }));
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  const change = (labels: Record<string, string | null>) => ({ metadata: { labels } });

  test.each<[string, KubernetesObject]>([
    ['without labels', namespace('new')],
    ['with a level', namespace('new', { [LEVEL]: 'baseline' })],
    ['with the strictest level', namespace('new', { [LEVEL]: 'restricted', 'pod-security.kubernetes.io/warn': 'privileged' })],
    ['that says no', namespace('new', { [OPEN]: 'false', team: 'a' })],
    ['with another value', namespace('new', { [OPEN]: 'yes' })],
  ])('anyone may make a namespace %s', async (_name, object) => expect(await guarded.create(object)).toBeUndefined());

  test.each<[string, string, string]>([['privileged', LEVEL, 'privileged'], ['open', OPEN, 'true']])('only who may change guards may make a namespace that is %s', async (_name, label, value) => {
    const object = namespace('new', { [label]: value });
    expect(await guarded.create(object, DEVELOPER)).toBe(REFUSED[label as keyof typeof REFUSED]);
    expect(await guarded.create(object, ADMINISTRATOR)).toBeUndefined();
    expect(await guarded.create(object, DEPLOYER)).toBeUndefined();
  });

  test.each<[string, keyof typeof there, Record<string, string | null>, string]>([
    ['opened', 'plain', { [OPEN]: 'true' }, OPEN],
    ['opened after a no', 'closed', { [OPEN]: 'true' }, OPEN],
    ['made privileged', 'baseline', { [LEVEL]: 'privileged' }, LEVEL],
    ['freed of its level', 'baseline', { [LEVEL]: null }, LEVEL],
    ['opened among other changes', 'baseline', { [OPEN]: 'true', [LEVEL]: 'restricted', team: 'b' }, OPEN],
  ])('only who may change guards may have a namespace %s', async (_name, which, labels, label) => {
    expect(await guarded.update(there[which], change(labels))).toBe(REFUSED[label as keyof typeof REFUSED]);
    expect(await guarded.update(there[which], change(labels), ADMINISTRATOR)).toBeUndefined();
  });

  test('a namespace without a level has its pods guarded: calling it privileged frees them', async () =>
    expect(await guarded.update(there.plain, change({ [LEVEL]: 'privileged' }))).toBe(REFUSED[LEVEL]));

  test.each<[string, keyof typeof there, Record<string, string | null>]>([
    ['closed again', 'open', { [OPEN]: null }],
    ['closed by a no', 'open', { [OPEN]: 'false' }],
    ['given a level', 'open', { [LEVEL]: 'baseline' }],
    ['given a stricter level', 'baseline', { [LEVEL]: 'restricted' }],
    ['labelled otherwise', 'open', { team: 'c' }],
    ['freed of the label that says no', 'closed', { [OPEN]: null }],
  ])('anyone may have a namespace %s', async (_name, which, labels) => expect(await guarded.update(there[which], change(labels))).toBeUndefined());

  test('a namespace on its way out is let go', async () => {
    const leaving = { ...namespace('leaving', { [OPEN]: 'true' }) };
    guarded.apply({ ...leaving, metadata: { ...leaving.metadata, finalizers: ['example.com/hold'] } });
    expect(await guarded.remove(leaving)).toBeUndefined();
    expect(guarded.server.kubectl(['delete', 'namespace', 'leaving', '--wait=false']).status).toBe(0);
    expect(await guarded.update(leaving, { metadata: { finalizers: [], labels: { [OPEN]: 'true' } } })).toBeUndefined();
  });
});
