import { spawnSync } from 'child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import { readAssembly } from './tasks/examples';

const ROOT = join(__dirname, '..');

/** Code of a language in a Markdown text. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code);
}

/** Runs code as an app of a user; inside the repository, so that it finds the packages. */
export function synthesize(code: string): { status: number | null; output: string; files: Map<string, string> } {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache', 'readme-'));
  try {
    writeFileSync(join(folder, 'app.ts'), code);
    const outdir = join(folder, 'cdk.out');
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'), '--tsconfig', join(ROOT, 'tsconfig.dev.json'), 'app.ts'], {
      cwd: folder, encoding: 'utf8', env: { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: 'false' },
    });
    return { status, output: `${stdout}${stderr}`, files: status === 0 ? readAssembly(outdir) : new Map() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
