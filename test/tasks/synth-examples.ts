/** Synthesizes every example, or those named, into its own cdk.out, with CloudFormation's template validation on. */
import { relative } from 'path';
import { listExamples, readAssembly, synthesizeExample } from './examples';

const named = process.argv.slice(2);
let failed = 0;
for (const name of named.length > 0 ? named : listExamples()) {
  const start = Date.now();
  try {
    const outdir = synthesizeExample(name, { env: { CDK_VALIDATION: 'true' } });
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    process.stdout.write(`${relative(process.cwd(), outdir)}: ${[...readAssembly(outdir).keys()].join(', ')} (${seconds} s)\n`);
  } catch (error) {
    failed += 1;
    process.stderr.write(`${(error as Error).message}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
