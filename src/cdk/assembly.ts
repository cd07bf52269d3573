import { writeFileSync } from 'fs';
import { join } from 'path';
import { attachCustomSynthesis } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Writes files beside the templates: by name in the assembly, their text made only then. */
export function writeBesideTemplates(construct: Construct, files: () => ReadonlyMap<string, string>): void {
  attachCustomSynthesis(construct, {
    onSynthesize: ({ outdir }) => {
      for (const [name, text] of files()) writeFileSync(join(outdir, name), text);
    },
  });
}
