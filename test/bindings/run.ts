/**
 * Packs the library for Python and Java, runs the same app in each and in TypeScript, and compares what they synthesize
 * byte for byte, and what they say about mistakes. `npm run test:bindings [-- python|java]`, after `npm run compile`.
 *
 * Packages of others are cached in ${XDG_CACHE_HOME:-~/.cache}/cdk-secure-eks; what is of this library is packed anew.
 */
import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { homedir, tmpdir } from 'os';
import { join } from 'path';
import { readAssembly } from '../tasks/examples';

const ROOT = join(__dirname, '..', '..');
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-secure-eks');
const MAVEN = join(CACHE, 'maven');
const WORK = mkdtempSync(join(tmpdir(), 'bindings-'));
const DIST = join(WORK, 'dist');
const MISTAKES = ['badCidr', 'unmetExpectation'];

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** One run of the app: its files, or what it said when it failed. */
interface Run {
  readonly files: Map<string, string>;
  readonly output: string;
}

const version = (name: string): string => JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;

function run({ command, args, cwd = ROOT, env }: Command): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, ...env } });
  if (error) throw error;
  return { status, output: `${stdout}${stderr}` };
}

function must(command: Command): string {
  const { status, output } = run(command);
  if (status !== 0) throw new Error(`${command.command} ${command.args.join(' ')} ended with ${status}:\n${output}`);
  return output;
}

function timed<T>(what: string, work: () => T): T {
  const start = Date.now();
  const result = work();
  process.stdout.write(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}

const pacmak = (target: string, outdir: string, folder: string): string => must({
  command: process.execPath,
  args: [join(ROOT, 'node_modules', 'jsii-pacmak', 'bin', 'jsii-pacmak'), '--target', target, '--outdir', outdir, '--maven-local-repository', MAVEN, folder],
  env: { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' },
});

function synthesize(language: string, app: (mistake: string) => Command, mistake = ''): Run {
  const outdir = join(WORK, `${language}-${mistake}`);
  const command = app(mistake);
  const { status, output } = run({ ...command, env: { CDK_OUTDIR: outdir, CDK_VALIDATION: 'false', JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', ...command.env } });
  if ((status === 0) !== (mistake === '')) throw new Error(`${language} ${mistake} ended with ${status}:\n${output}`);
  return { files: mistake === '' ? readAssembly(outdir) : new Map(), output };
}

// ------------------------------------------------------------------------------------------------- the languages

const given = (mistake: string): string[] => mistake === '' ? [] : [mistake];

function typescript(): (mistake: string) => Command {
  return (mistake) => ({
    command: process.execPath,
    args: [join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'), '--tsconfig', join(ROOT, 'tsconfig.dev.json'), join(__dirname, 'typescript', 'app.ts'), ...given(mistake)],
  });
}

/** The versions that the TypeScript twin runs with, so that a difference is one of the binding. */
function python(): (mistake: string) => Command {
  const packages = [
    `aws-cdk-lib==${version('aws-cdk-lib')}`, `constructs==${version('constructs')}`, `cdk8s==${version('cdk8s')}`, `cdk8s-plus-27==${version('cdk8s-plus-27')}`,
    `aws-cdk.asset-awscli-v1==${version('@aws-cdk/asset-awscli-v1')}`, `aws-cdk.asset-node-proxy-agent-v6==${version('@aws-cdk/asset-node-proxy-agent-v6')}`,
    `aws-cdk.cloud-assembly-schema==${version('@aws-cdk/cloud-assembly-schema')}`,
  ];
  const venv = join(CACHE, `python-${createHash('sha256').update(packages.join()).digest('hex').slice(0, 12)}`);
  const interpreter = join(venv, 'bin', 'python');
  if (!existsSync(join(venv, 'complete'))) {
    timed('Python: packages of others', () => {
      rmSync(venv, { recursive: true, force: true });
      must({ command: 'python3', args: ['-m', 'venv', venv] });
      must({ command: interpreter, args: ['-m', 'pip', 'install', '--quiet', ...packages] });
      must({ command: 'touch', args: [join(venv, 'complete')] });
    });
  }
  timed('Python: wheel', () => pacmak('python', DIST, ROOT));
  // Beside the cached packages, not among them: runs at the same time must not see each other's wheel.
  const site = join(WORK, 'site-packages');
  const wheel = readdirSync(join(DIST, 'python')).find((name) => name.endsWith('.whl'))!;
  timed('Python: installation', () => must({ command: interpreter, args: ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-index', '--target', site, join(DIST, 'python', wheel)] }));
  return (mistake) => ({ command: interpreter, args: [join(__dirname, 'python', 'app.py'), ...given(mistake)], env: { PYTHONPATH: site } });
}

function java(): (mistake: string) => Command {
  const plus = version('cdk8s-plus-27');
  const built = join(MAVEN, 'org', 'cdk8s', 'cdk8s-plus-27', plus, `cdk8s-plus-27-${plus}.jar`);
  mkdirSync(MAVEN, { recursive: true });
  // Not every repository of Java packages holds it; its npm package holds all that its jar is made from.
  if (!existsSync(built)) timed('Java: cdk8s-plus-27', () => pacmak('java', join(WORK, 'cdk8s-plus-27'), join(ROOT, 'node_modules', 'cdk8s-plus-27')));
  timed('Java: jar', () => pacmak('java', DIST, ROOT));
  const target = join(WORK, 'target');
  const classpath = join(WORK, 'classpath');
  timed('Java: compilation', () => {
    const maven = (...how: string[]) => run({
      command: 'mvn',
      args: [...how, '--batch-mode', '--quiet', `-Dmaven.repo.local=${MAVEN}`, `-Dbindings.target=${target}`, `-Dcdk8s-plus-27.version=${plus}`,
        `-Dmdep.outputFile=${classpath}`, 'compile', 'dependency:build-classpath'],
      cwd: join(__dirname, 'java'),
    });
    if (maven('--offline').status === 0) return;
    const { status, output } = maven();
    if (status !== 0) throw new Error(`mvn ended with ${status}:\n${output}`);
  });
  return (mistake) => ({ command: 'java', args: ['-cp', `${join(target, 'classes')}:${readFileSync(classpath, 'utf8').trim()}`, 'bindings.Bindings', ...given(mistake)] });
}

// ------------------------------------------------------------------------------------------------- the comparison

let passed = 0;
let failed = 0;

function compare(what: string, actual: string | undefined, expected: string): void {
  if (actual === expected) {
    passed += 1;
    process.stdout.write(`same: ${what}\n`);
    return;
  }
  failed += 1;
  const lines = (text: string) => text.split('\n');
  const at = lines(expected).findIndex((line, index) => line !== lines(actual ?? '')[index]);
  process.stdout.write(`DIFFERENT: ${what}, line ${at + 1}:\n  expected ${lines(expected)[at]}\n  actual   ${lines(actual ?? '')[at]}\n`);
}

/** The library's message: what follows is the language's own stack trace. */
function messageOf(mistake: string, output: string): string {
  const found = mistake === 'badCidr' ? /ClusterEndpointAccess\.publicFrom\(\) got .*/.exec(output)?.[0] : /\[Bindings\/Cluster\] .*/.exec(output)?.[0];
  return (found ?? `no message of the library in:\n${output}`).trim();
}

function main(): void {
  const languages = new Map([['python', python], ['java', java]]);
  const named = process.argv.slice(2);
  const twin = typescript();
  const expected = timed('TypeScript: synthesis', () => synthesize('typescript', twin));
  const messages = MISTAKES.map((mistake) => messageOf(mistake, synthesize('typescript', twin, mistake).output));
  for (const [language, prepare] of languages) {
    if (named.length > 0 && !named.includes(language)) continue;
    try {
      const app = prepare();
      const actual = timed(`${language}: synthesis`, () => synthesize(language, app));
      for (const [name, text] of expected.files) compare(`${language}, ${name}`, actual.files.get(name), text);
      MISTAKES.forEach((mistake, index) => compare(`${language}, message of ${mistake}`, messageOf(mistake, synthesize(language, app, mistake).output), messages[index]));
    } catch (error) {
      failed += 1;
      process.stdout.write(`FAILED: ${language}: ${(error as Error).message}\n`);
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  main();
} finally {
  if (process.env.KEEP_BINDINGS) process.stdout.write(`kept: ${WORK}\n`);
  else rmSync(WORK, { recursive: true, force: true });
}
