import { inApplyOrder, splitKept } from '../../../src/kubernetes/manifests/object-order';
import { KubernetesObject, readObjects } from '../../../src/kubernetes/manifests/objects';

function object(kind: string, name: string, more: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name }, ...more };
}

function problem(code: string, subject: string, message: string, fix: string): object {
  return { code, severity: 'error', subject, message, fix };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

describe('reading users\' objects', () => {
  test('gives copies that share nothing with the given ones', () => {
    const given = freeze([object('ConfigMap', 'a', { data: { list: [{ x: 1 }] } })]);
    const { objects, diagnostics } = readObjects(given);
    expect(diagnostics).toEqual([]);
    expect(objects).toEqual(given);
    (objects[0] as unknown as { data: { list: { x: number }[] } }).data.list[0].x = 2;
    expect(given).toEqual([object('ConfigMap', 'a', { data: { list: [{ x: 1 }] } })]);
  });

  test('absent fields of a map are left out, as in JSON', () => {
    expect(readObjects([object('ConfigMap', 'a', { data: undefined })]).objects).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
  });

  const FIX = 'write strings, finite numbers, booleans, null, lists and plain maps';
  class Server {}
  const itself: { self?: unknown } = {};
  itself.self = itself;
  test.each<[string, unknown, string]>([
    ['a date', new Date(0), 'data.x is a Date, not plain data'],
    ['an instance', new Server(), 'data.x is a Server, not plain data'],
    ['a map of ES6', new Map(), 'data.x is a Map, not plain data'],
    ['a function', () => 1, 'data.x is function, not plain data'],
    ['a bigint', 1n, 'data.x is bigint, not plain data'],
    ['a symbol', Symbol('s'), 'data.x is symbol, not plain data'],
    ['NaN', NaN, 'data.x is NaN, which is no JSON'],
    ['infinity', Infinity, 'data.x is Infinity, which is no JSON'],
    ['a hole in a list', [1, undefined], 'data.x[1] is undefined, not plain data'],
    ['a circle', itself, 'data.x.self is a reference to itself, not plain data'],
    ['half a character', '\ud83d', 'data.x holds a character that YAML does not allow'],
    ['a control character', 'a\u007f', 'data.x holds a character that YAML does not allow'],
  ])('%s is refused by its path', (_what, x, message) => {
    expect(readObjects([object('ConfigMap', 'a', { data: { x } })])).toEqual({ objects: [], diagnostics: [problem('objectNotPlain', 'ConfigMap a', message, FIX)] });
  });

  test('a token that is an object is left as it is where tokens are known', () => {
    const token = new Server();
    const { objects, diagnostics } = readObjects([object('ConfigMap', 'a', { data: token })], { isToken: (value) => value === token });
    expect(diagnostics).toEqual([]);
    expect(objects[0].data).toBe(token);
  });

  test('the same value twice is no circle', () => {
    const shared = { a: 1 };
    expect(readObjects([object('ConfigMap', 'a', { one: shared, two: shared })]).diagnostics).toEqual([]);
  });

  const NEEDS = 'every object needs apiVersion, kind and metadata.name; generateName is not supported';
  test.each<[unknown, string, string, string]>([
    [{}, 'object 1', 'it has no apiVersion, no kind, no metadata.name', NEEDS],
    [{ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'x-' } }, 'object 1 (Pod)', 'it has no metadata.name', NEEDS],
    [{ kind: 'Pod', metadata: { name: 'x', namespace: 'y' } }, 'Pod y/x', 'it has no apiVersion', NEEDS],
    ['text', 'object 1', '"text" is no object', 'give a map with apiVersion, kind and metadata.name'],
    [[], 'object 1', '[] is no object', 'give a map with apiVersion, kind and metadata.name'],
    [null, 'object 1', 'null is no object', 'give a map with apiVersion, kind and metadata.name'],
  ])('%j is incomplete', (given, subject, message, fix) => {
    expect(readObjects([given])).toEqual({ objects: [], diagnostics: [problem('objectIncomplete', subject, message, fix)] });
  });

  test.each(['helm.sh/hook', 'helm.sh/resource-policy', 'meta.helm.sh/release-name'])('the annotation %s is refused', (annotation) => {
    const given = { ...object('Job', 'a'), metadata: { name: 'a', annotations: { [annotation]: 'x', 'example.com/helm.sh': 'y' } } };
    expect(readObjects([given])).toEqual({
      objects: [],
      diagnostics: [problem('helmAnnotation', 'Job a', `the annotation ${annotation} tells Helm to treat this object in a way of its own`,
        'remove it; namespaces and custom resource definitions are kept without it, and hooks belong into a chart of your own (addHelmChart)')],
    });
  });

  test('a label that Helm replaces is a warning, and the object is kept', () => {
    const given = { ...object('ConfigMap', 'a'), metadata: { name: 'a', labels: { 'app.kubernetes.io/managed-by': 'us' } } };
    expect(readObjects([given])).toEqual({
      objects: [given],
      diagnostics: [{
        code: 'managedByLabelReplaced',
        severity: 'warning',
        subject: 'ConfigMap a',
        message: 'the label app.kubernetes.io/managed-by=us will be Helm in the cluster, because the object travels in a Helm release',
        fix: 'remove the label, or select by another one',
      }],
    });
  });

  test('lists are what they hold, at any depth', () => {
    const list = {
      apiVersion: 'v1', kind: 'List', items: [object('Pod', 'a'), { apiVersion: 'v1', kind: 'ConfigMapList', items: [{ metadata: { name: 'b' } }, object('ConfigMap', 'c')] }],
    };
    expect(readObjects([list])).toEqual({ objects: [object('Pod', 'a'), object('ConfigMap', 'b'), object('ConfigMap', 'c')], diagnostics: [] });
  });

  test('a kind that only ends in List is no list', () => {
    expect(readObjects([object('AllowList', 'a')]).objects).toEqual([object('AllowList', 'a')]);
  });

  test('an object given twice, also in another version, is named', () => {
    const given = [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'n' } },
      { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'a', namespace: 'n' } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'm' } },
      { apiVersion: 'other/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'n' } },
    ];
    expect(readObjects(given)).toEqual({
      objects: [given[0], given[2], given[3]],
      diagnostics: [problem('duplicateObject', 'Deployment n/a', 'the same kind, namespace and name is given twice', 'give one of the two objects another name, or remove it')],
    });
  });

  test('every problem is told at once', () => {
    expect(readObjects([{}, object('ConfigMap', 'a', { x: NaN }), object('Pod', 'b'), object('Pod', 'b')]).diagnostics.map(({ code }) => code))
      .toEqual(['objectIncomplete', 'objectNotPlain', 'duplicateObject']);
  });
});

test('the order of application: kinds as Helm installs them, others last, names within', () => {
  const kinds = ['Widget', 'Deployment', 'Ingress', 'Service', 'ConfigMap', 'Namespace', 'Alpha', 'ServiceAccount', 'ValidatingWebhookConfiguration', 'NetworkPolicy'];
  const objects = kinds.flatMap((kind) => ['b', 'a'].map((name) => object(kind, name)));
  const expected = ['Namespace', 'NetworkPolicy', 'ServiceAccount', 'ConfigMap', 'Service', 'Deployment', 'Ingress', 'ValidatingWebhookConfiguration', 'Alpha', 'Widget'];
  const order = inApplyOrder(objects).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(order).toEqual(expected.flatMap((kind) => [`${kind} a`, `${kind} b`]));
  expect(inApplyOrder([...objects].reverse()).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(order);
});

test('namespaces and definitions are lifted out and kept; nothing else is touched', () => {
  const given = freeze([
    object('ConfigMap', 'a'), { ...object('Namespace', 'b'), metadata: { name: 'b', annotations: { x: 'y' } } }, object('CustomResourceDefinition', 'c'),
  ]);
  const { kept, rest } = splitKept(given);
  expect(rest).toEqual([object('ConfigMap', 'a')]);
  expect(kept.map(({ kind, metadata }) => [kind, metadata.annotations])).toEqual([
    ['Namespace', { 'x': 'y', 'helm.sh/resource-policy': 'keep' }], ['CustomResourceDefinition', { 'helm.sh/resource-policy': 'keep' }],
  ]);
});
