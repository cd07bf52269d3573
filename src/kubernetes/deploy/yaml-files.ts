import { readdirSync, readFileSync, realpathSync, statSync } from 'fs';
import { basename, join } from 'path';
import { Token } from 'aws-cdk-lib';

/** A file by its name below the path that was given, the same on any machine. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

const ENDINGS = /\.(ya?ml|json)$/;

/** The file at a path, or all with the endings .yaml, .yml and .json in a folder, however deep, in the order of their names. */
export function readYamlFiles(path: string): { files: TextFile[]; problems: string[] } {
  if (Token.isUnresolved(path)) return { files: [], problems: ['the path is a token, and files are read at synthesis'] };
  const files: TextFile[] = [];
  const problems: string[] = [];
  const entered = new Set<string>();
  const visit = (at: string, name: string, named: boolean) => {
    try {
      if (!statSync(at).isDirectory()) {
        if (named || ENDINGS.test(name)) files.push({ name, text: textOf(at) });
        return;
      }
      // A link back to a folder above would never end.
      const real = realpathSync(at);
      if (entered.has(real)) return;
      entered.add(real);
      for (const child of readdirSync(at).sort()) visit(join(at, child), `${name}/${child}`, false);
    } catch (error) {
      problems.push(`${name}: ${reasonOf(error)}`);
    }
  };
  visit(path, basename(path) || path, true);
  if (files.length === 0 && problems.length === 0) problems.push(`${basename(path)}: no file in it ends in .yaml, .yml or .json`);
  return { files, problems };
}

function textOf(path: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
}

/** Without the path, which differs between machines. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return code === 'ENOENT' ? 'does not exist' : code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8' : `cannot be read (${code ?? message})`;
}
