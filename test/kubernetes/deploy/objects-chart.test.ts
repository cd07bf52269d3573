import { execFileSync, spawnSync } from 'child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import * as fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { readObjects } from '../../../src/kubernetes/manifests/objects';
import { describeWithHelm } from '../../kube-apiserver/available';
import { kubectlLayer } from '../../kube-apiserver/kubectl-layer';

const CHART = join(__dirname, '../../../src/kubernetes/deploy/objects-chart');

/** Text and numbers that YAML readers, Helm or Go templates are known to bend. */
const TRICKY = {
  exponent: '1e3',
  on: 'on',
  yes: 'y',
  no: 'NO',
  nothing: 'null',
  tilde: '~',
  octal: '0o17',
  oldOctal: '017',
  hex: '0x1F',
  underscored: '1_000',
  sexagesimal: '12:30:45',
  date: '2001-01-01',
  merge: '=',
  template: '{{ .Values.objects }}',
  comment: 'a # b',
  colon: 'a: b',
  document: 'first\n---\nsecond',
  endsInBreaks: 'text\n\n',
  onlyBreaks: '\n\n',
  leading: '  text',
  tab: 'a\tb',
  html: '<a href="x">&\'</a>',
  separators: 'a\u2028b\u2029c\u0085d',
  accents: 'Grüße',
  empty: '',
  quote: 'say "hi" \\ there',
  percent: '%d%s',
  at: '@x',
  star: '*x',
  amp: '&x',
};
const NUMBERS = { large: 12345678, larger: 9007199254740991, negative: -42, fraction: 0.1, exponent: 1e21, zero: 0 };

function configMap(name: string, data: object): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations: {} }, data, zz: 'last value ends in breaks\n\n\n' };
}

describeWithHelm('the objects chart, rendered by the helm that deploys it', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'objects-chart-test-')); });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As the function does it: JSON written again by Python, then read by helm as YAML. */
  function render(inValues: readonly object[], inFile?: readonly object[]): unknown[] {
    const chart = join(folder, 'chart');
    cpSync(CHART, chart, { recursive: true });
    if (inFile) writeFileSync(join(chart, 'objects.json'), JSON.stringify(inFile));
    const values = join(folder, 'values.yaml');
    writeFileSync(values, escapeNonAscii(JSON.stringify({ objects: inValues }, undefined, 2)));
    const text = execFileSync(kubectlLayer().helm, ['template', 'release', chart, '--values', values], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return loadAll(text).filter((document) => document !== null);
  }

  test.each([['values', false], ['the data file', true]])('every value arrives as it was written, through %s', (_way, file) => {
    const objects = [
      configMap('text', TRICKY),
      configMap('numbers', NUMBERS),
      configMap('structure', { nothing: null, map: {}, list: [], nested: [null, {}, [], [[1]]], true: true, false: false }),
    ];

    expect(file ? render([], objects) : render(objects)).toEqual(objects);
  });

  test('objects of both ways stand in one release', () => {
    const [one, two] = [configMap('one', {}), configMap('two', {})];
    expect(render([one], [two])).toEqual([one, two]);
  });

  test('no objects are no error', () => {
    expect(render([])).toEqual([]);
  });

  test('characters beyond the first plane arrive through the data file', () => {
    const objects = [configMap('emoji', { text: 'a \u{1f600} b' })];
    expect(render([], objects)).toEqual(objects);
  });

  test('characters beyond the first plane break values: the reason for the data file', () => {
    expect(() => render([configMap('emoji', { text: '\u{1f600}' })])).toThrow(/invalid Unicode character escape code/);
  });

  test('a damaged data file fails instead of deploying nothing', () => {
    const chart = join(folder, 'chart');
    cpSync(CHART, chart, { recursive: true });
    writeFileSync(join(chart, 'objects.json'), '[{"kind":');
    expect(spawnSync(kubectlLayer().helm, ['template', 'release', chart], { encoding: 'utf8' }).status).not.toBe(0);
  });

  test('any text that is accepted arrives', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[-+0-9eE_.:xo~#&*!|>'"%@`{}[\], \n\t]{0,12}$/));
    const samples = fc.sample(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), text, { maxKeys: 8 }), { numRuns: 300, seed: 4 });
    const objects = samples.map((data, index) => configMap(`sample-${index}`, data)).filter((object) => readObjects([object]).diagnostics.length === 0);
    expect(objects.length).toBeGreaterThan(100);

    expect(render([], objects)).toEqual(objects);
  });
});

/** What Python's json module writes. */
function escapeNonAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
