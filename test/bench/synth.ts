import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

/** CPU of a synthesis with the library against the same cluster by hand, paired, CDK's template validator off. Needs `npx projen compile`. */
const RUNS = Number(process.argv[2] ?? 7);
const SCRIPTS = ['synth-by-hand.ts', 'synth-with-library.ts'];

function cpuSeconds(script: string): number {
  const out = mkdtempSync(join(tmpdir(), 'bench-'));
  const code = `process.argv[2] = ${JSON.stringify(out)}; const before = process.cpuUsage(); require(${JSON.stringify(join(__dirname, script))});`
    + 'const { user, system } = process.cpuUsage(before); console.log(`cpu ${(user + system) / 1e6}`);';
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', '-e', code], { encoding: 'utf8', env: { ...process.env, CDK_VALIDATION: 'false' } });
  rmSync(out, { recursive: true });
  if (status !== 0) throw new Error(stderr);
  return Number(/cpu ([\d.]+)/.exec(stdout)![1]);
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const runs = Array.from({ length: RUNS }, () => SCRIPTS.map(cpuSeconds));
const [byHand, withLibrary] = [0, 1].map((column) => median(runs.map((run) => run[column])));
console.log(`by hand ${byHand.toFixed(2)} s, with the library ${withLibrary.toFixed(2)} s of CPU; median ratio ${median(runs.map(([hand, library]) => library / hand)).toFixed(2)} of ${RUNS} pairs`);
