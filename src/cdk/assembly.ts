import { writeFileSync } from 'fs';
import { join } from 'path';
import { attachCustomSynthesis, Stage } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';

const TEXTS = Symbol.for('cdk-secure-eks.texts-beside-templates');

/** Writes files beside the templates: by name in the assembly, their text made only then. Texts of one name follow each other by construct. */
export function writeBesideTemplates(construct: Construct, files: () => ReadonlyMap<string, string>): void {
  const stage = Stage.of(construct) as (IConstruct & { [TEXTS]?: Map<string, Map<string, string>> });
  if (!stage[TEXTS]) Object.defineProperty(stage, TEXTS, { value: new Map() });
  const texts = stage[TEXTS]!;
  attachCustomSynthesis(construct, {
    onSynthesize: ({ outdir }) => {
      for (const [name, text] of files()) {
        const all = (texts.get(name) ?? new Map<string, string>()).set(construct.node.path, text);
        texts.set(name, all);
        writeFileSync(join(outdir, name), [...all.keys()].sort().map((path) => all.get(path)).join(''));
      }
    },
  });
}
