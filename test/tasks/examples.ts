import { spawnSync } from 'child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';

const ROOT = join(__dirname, '..', '..');

/** Every folder of `examples/` that holds an app. */
export function listExamples(): string[] {
  return readdirSync(join(ROOT, 'examples')).filter((name) => existsSync(join(ROOT, 'examples', name, 'app.ts'))).sort();
}

export function exampleFolder(name: string): string {
  return join(ROOT, 'examples', name);
}

/** What a synthesis may be told. */
export interface SynthesisOptions {
  /** Where the assembly goes. Default: `cdk.out` beside the app. */
  readonly outdir?: string;
  /** Context beside what cdk.json says, as `-c` of the CDK command. */
  readonly context?: Record<string, string>;
  readonly env?: Record<string, string>;
}

/** Runs an example as the CDK command does: a process in its folder, with the context of its cdk.json. Returns the assembly's folder. */
export function synthesizeExample(name: string, options: SynthesisOptions = {}): string {
  const folder = exampleFolder(name);
  const { context } = JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8')) as { context?: object };
  const outdir = options.outdir ?? join(folder, 'cdk.out');
  rmSync(outdir, { recursive: true, force: true });
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'), '--tsconfig', join(ROOT, 'tsconfig.dev.json'), 'app.ts'], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...options.context }),
      CDK_OUTDIR: outdir,
      ...options.env,
    },
  });
  if (status !== 0) throw new Error(`examples/${name} did not synthesize:\n${stdout}${stderr}`);
  if (stderr) process.stderr.write(stderr);
  return outdir;
}

/** The files of an assembly that this library or CloudFormation reads, by name. */
export function readAssembly(outdir: string): Map<string, string> {
  const wanted = /\.(template\.json|kubernetes\.yaml|network-report\.md|copy-images\.sh)$/;
  return new Map(readdirSync(outdir).filter((name) => wanted.test(name)).sort().map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
}
