import Module from 'node:module';
import { join, relative, sep } from 'node:path';
import { runInThisContext } from 'node:vm';
import { expect } from 'expect';
import fc from 'fast-check';
import { bind } from 'jest-each';
import * as ts from 'typescript';

/**
 * Loads test files once and runs single tests of them, in this process: what jest does in seconds for each mutant takes
 * milliseconds so. It knows the words of jest that the tests of core use; a test that needs others is left out, by name.
 */
export const ROOT = join(__dirname, '..', '..');

export interface Test {
  readonly file: string;
  readonly title: string;
  readonly run: () => void;
  /** Processor time without a mutant, in milliseconds. */
  cost: number;
}

const everything = globalThis as unknown as Record<string, unknown>;
let collected: Test[] = [];
let titles: string[] = [];
let current = '';

function installWords(): void {
  const test = (title: string, body: () => void) => void collected.push({ file: current, title: [...titles, title].join(' '), run: body, cost: 0 });
  const describe = (title: string, body: () => void) => {
    titles.push(title);
    body();
    titles.pop();
  };
  const unknown = () => { throw new Error('not a word of these tests'); };
  Object.assign(everything, {
    expect, test: Object.assign(test, { each: bind(test as never), skip: () => {} }), describe: Object.assign(describe, { each: bind(describe as never), skip: () => {} }),
    beforeAll: unknown, afterAll: unknown, beforeEach: unknown, afterEach: unknown, jest: { mock: unknown },
  });
  // A counterexample is enough; nobody reads the smallest.
  fc.configureGlobal({ endOnFailure: true });
}

/** The compiled text of every file that was loaded; given ones take the place of what is on the disk. */
const compiled = new Map<string, string>();

export function prepare(instrumented: ReadonlyMap<string, string>): void {
  forget();
  compiled.clear();
  const options: ts.CompilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  const { _extensions: loaders } = Module as unknown as { _extensions: Record<string, (module: { _compile(text: string, file: string): void }, file: string) => void> };
  loaders['.ts'] = (module, file) => {
    if (!compiled.has(file)) compiled.set(file, ts.transpileModule(instrumented.get(file) ?? ts.sys.readFile(file)!, { compilerOptions: options, fileName: file }).outputText);
    module._compile(compiled.get(file)!, file);
  };
  installWords();
}

/** From here on nothing is noted of what is reached, and the choice of a mutant is one comparison: half the time. */
export function stopNoting(): void {
  for (const [file, text] of compiled) compiled.set(file, text.replace(/stryCov_9fa48\([^()]*\)/g, '0').replace(/stryMutAct_9fa48\("(\d+)"\)/g, '(stryActive === $1)'));
}

function forget(): void {
  for (const file of Object.keys(require.cache)) if (compiled.has(file)) delete require.cache[file];
}

/** Loads files anew, with all that they import of this project. */
export function load(files: readonly string[]): { tests: Test[]; failed: string[] } {
  forget();
  const failed: string[] = [];
  const tests = files.flatMap((file) => {
    [current, titles, collected] = [relative(ROOT, file).split(sep).join('/'), [], []];
    try {
      Module.createRequire(file)(file);
      return collected;
    } catch (error) {
      failed.push(`${current}: ${String((error as Error).message).split('\n')[0]}`);
      return [];
    }
  });
  return { tests, failed };
}

export type Outcome = 'passed' | 'failed' | 'timeout';

/** An endless loop is ended by its processor time: a busy machine makes no mutant look killed. */
export function run(test: Test, allowedMs: number): Outcome {
  for (let clock = allowedMs; ; clock *= 4) {
    const before = process.cpuUsage();
    try {
      everything.__run = test.run;
      const result: unknown = runInThisContext('__run()', { timeout: Math.ceil(clock) });
      if (result !== undefined && result !== null && typeof (result as Promise<void>).then === 'function') throw new Error('asynchronous tests are not known here');
      return 'passed';
    } catch (error) {
      if ((error as { code?: string } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'failed';
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1000 >= allowedMs * 0.8) return 'timeout';
    }
  }
}

/** The same for work of any kind, as loading is. */
export function withLimit(work: () => void, allowedMs: number): Outcome {
  return run({ file: '', title: '', run: work, cost: 0 }, allowedMs);
}
