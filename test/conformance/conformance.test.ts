import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { read } from './run';

describe('the command', () => {
  const [scenario] = read(join(__dirname, 'semantics.jsonl.gz')).filter(({ flows }) => flows.length > 1);
  const wrong = { ...scenario, flows: scenario.flows.map((flow, i) => (i === 0 ? { ...flow, verdict: flow.verdict === 'allow' ? 'deny' : 'allow' } : flow)) };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (scenarios: readonly unknown[], zipped: boolean) => {
    const text = scenarios.map((one) => JSON.stringify(one)).join('\n');
    const file = join(folder, zipped ? 'x.jsonl.gz' : 'x.jsonl');
    writeFileSync(file, zipped ? gzipSync(text) : text);
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, 'run.ts'), file], { encoding: 'utf8' });
    return { status, lines: stdout.trim().split('\n') };
  };

  test('says how many agree, and exits with 0', () => {
    const { status, lines } = run([scenario], false);
    expect(lines).toEqual([`${scenario.flows.length} of ${scenario.flows.length} verdicts agree`]);
    expect(status).toBe(0);
  }, 30_000);

  test('prints each disagreement, and exits with 1', () => {
    const { status, lines } = run([wrong], true);
    expect(lines[0]).toContain(scenario.name);
    expect(lines[lines.length - 1]).toBe(`${scenario.flows.length - 1} of ${scenario.flows.length} verdicts agree`);
    expect(status).toBe(1);
  }, 30_000);
});
