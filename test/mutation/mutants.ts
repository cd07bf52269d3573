import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ROOT } from './suite';

/** A change of the source, which is in the compiled text beside the original and chosen while it runs. */
export interface Mutant {
  readonly id: string;
  /** File, line and column, what was there and what takes its place. */
  readonly text: string;
}

const silent = new Proxy({}, { get: (_, name) => (name === 'isDebugEnabled' ? () => false : () => {}) });

/** Stryker's own mutants of the files, and the files with all of them inside. */
export async function mutantsOf(files: readonly string[]): Promise<{ mutants: Mutant[]; instrumented: Map<string, string> }> {
  const { Instrumenter } = await import('@stryker-mutator/instrumenter');
  const originals = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const options = { ignorers: [], excludedMutations: [], plugins: null, noHeader: true };
  const result = await new Instrumenter(silent as never).instrument([...originals].map(([name, content]) => ({ name, content, mutate: true })), options as never);
  return {
    instrumented: new Map(result.files.map(({ name, content }) => [name, content])),
    mutants: result.mutants.map(({ id, fileName, location: { start, end }, replacement }) => {
      const lines = originals.get(fileName)!.split('\n').slice(start.line, end.line + 1);
      lines[lines.length - 1] = lines[lines.length - 1].slice(0, end.column);
      lines[0] = lines[0].slice(start.column);
      return { id, text: `${relative(ROOT, fileName)}:${start.line + 1}:${start.column + 1} ${short(lines.join(' '))} -> ${short(replacement ?? '')}` };
    }),
  };
}

const short = (text: string) => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 60)} ... ${line.slice(-25)}` : line;
};
