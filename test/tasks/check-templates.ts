/** Lets outside judges judge every template of the examples' assemblies. What they find is mended or explained by name. */
import { existsSync, readdirSync } from 'fs';
import { join } from 'path';
import { exampleFolder, listExamples } from './examples';
import { unexplained } from '../template-judges/explained';
import { cfnLint, checkov, controlTower, Finding } from '../template-judges/judges';

const found = new Map<string, Finding[]>();
for (const example of listExamples()) {
  const outdir = join(exampleFolder(example), 'cdk.out');
  const templates = existsSync(outdir) ? readdirSync(outdir).filter((name) => name.endsWith('.template.json')) : [];
  if (templates.length === 0) throw new Error(`examples/${example} was not synthesized; run npm run synth:examples`);
  for (const template of templates) {
    const findings = [cfnLint, checkov, controlTower].flatMap((judge) => judge(join(outdir, template)));
    found.set(example, [...found.get(example) ?? [], ...findings]);
    process.stdout.write(`${example}/${template}: ${findings.length} findings\n`);
  }
}
const open = unexplained(found);
process.stdout.write(open.length === 0 ? 'every finding is explained\n' : `${open.join('\n')}\n`);
process.exitCode = open.length === 0 ? 0 : 1;
