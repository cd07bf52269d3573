import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { check, Scenario } from './scenario';

/** `npm run conformance -- FILE.jsonl[.gz]...`: each disagreement, then `N of M verdicts agree`; exit 1 unless all do. */
function main(files: readonly string[]): number {
  if (files.length === 0) {
    console.error('usage: npm run conformance -- FILE.jsonl[.gz]...');
    return 2;
  }
  let verdicts = 0;
  let differing = 0;
  for (const scenario of files.flatMap(read)) {
    const { verdicts: asked, disagreements } = check(scenario);
    verdicts += asked;
    differing += disagreements.length;
    for (const { what, expected, actual } of disagreements) console.log(`${scenario.name}: ${what}\n  expected ${expected}\n  actual   ${actual}`);
  }
  console.log(`${Math.max(0, verdicts - differing)} of ${verdicts} verdicts agree`);
  return differing === 0 ? 0 : 1;
}

export function read(file: string): Scenario[] {
  const bytes = readFileSync(file);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Scenario);
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));
