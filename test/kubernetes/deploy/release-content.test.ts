import { RELEASE_LIMIT_BYTES, VALUES_LIMIT_BYTES, planReleaseContent } from '../../../src/kubernetes/deploy/release-content';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';

function config(name: string, text = 'x', token = false): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text, ...(token ? { region: 'TOKEN' } : {}) } };
}

const plan = (...objects: KubernetesObject[]) => planReleaseContent('shop', objects, (object) => JSON.stringify(object).includes('TOKEN'));

/** What the text may have so that one object fills the values exactly. */
const ROOM = VALUES_LIMIT_BYTES - Buffer.byteLength(JSON.stringify(JSON.stringify({ objects: [config('a', '')] })));

test('what fits stands in the values, up to the last byte', () => {
  expect(plan(config('a', 'x'.repeat(ROOM)))).toMatchObject({ inValues: [{ metadata: { name: 'a' } }], file: undefined, diagnostics: [] });
});

test('one byte more, and what needs no value from the deployment goes into the file', () => {
  const { inValues, file, diagnostics } = plan(config('a', 'x'.repeat(ROOM)), config('b', 'y', true));
  expect(inValues).toEqual([config('b', 'y', true)]);
  expect(JSON.parse(file!)).toEqual([config('a', 'x'.repeat(ROOM))]);
  expect(diagnostics).toEqual([]);
});

test('text is counted as the event carries it: a quote takes more than a letter', () => {
  expect(plan(config('a', '"'.repeat(ROOM))).file).toBeDefined();
});

test('more that only the deployment knows than an event carries is an error', () => {
  expect(plan(config('a', 'x'.repeat(ROOM), true)).diagnostics).toEqual([{
    code: 'releaseTooLarge',
    severity: 'error',
    subject: 'release shop',
    message: `its objects with values known only at deployment take ${VALUES_LIMIT_BYTES + ',"region":"TOKEN"'.length + 4} bytes, more than the ${VALUES_LIMIT_BYTES} that an event carries`,
    fix: 'put some of them into a chart of their own, or write their values out',
  }]);
});

test('more than a Secret holds is an error, as it is compressed', () => {
  expect(plan(config('a', 'x'.repeat(5 * RELEASE_LIMIT_BYTES))).diagnostics).toEqual([]);
  const { diagnostics } = plan(config('a', noise(RELEASE_LIMIT_BYTES)));
  expect(diagnostics).toMatchObject([{ code: 'releaseTooLarge', severity: 'error', subject: 'release shop', fix: 'divide its objects between several charts' }]);
  expect(diagnostics[0].message).toMatch(/^Helm would keep it in a Secret of about \d{7} bytes, more than the 1048576 that a Secret holds$/);
});

test('characters beyond the first plane travel in the file, the rest stays in the values', () => {
  const { inValues, file, diagnostics } = plan(config('a', '\u{1f600}'), config('b'));
  expect([inValues, JSON.parse(file!), diagnostics]).toEqual([[config('b')], [config('a', '\u{1f600}')], []]);
});

test('together with a value from the deployment they are an error', () => {
  expect(plan(config('a', '\u{1f600}', true)).diagnostics).toEqual([{
    code: 'textNotTransportable',
    severity: 'error',
    subject: 'ConfigMap a',
    message: 'it holds a character beyond U+FFFF and a value known only at deployment, which cannot travel together',
    fix: 'write the character or the value in another object',
  }]);
});

test('keys are sorted, the order of objects is kept', () => {
  const { inValues } = plan({ metadata: { name: 'b' }, kind: 'Pod', apiVersion: 'v1' }, { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } });
  expect(JSON.stringify(inValues)).toBe('[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}},{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}]');
});

/** Text that does not compress, the same in every run. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return String.fromCharCode(33 + (state % 90));
  }).join('');
}
