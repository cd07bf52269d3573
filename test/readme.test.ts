import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';
import { readAssembly } from './tasks/examples';

const ROOT = join(__dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code);
}

/** Runs code as an app of a user; inside the repository, so that it finds the packages. */
function synthesize(code: string): { status: number | null; output: string; files: Map<string, string> } {
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

/** What the compiler says about these files, which exist in its memory only. */
function typeErrors(sources: Map<string, string>): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.dev.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => sources.has(path) ? ts.createSourceFile(path, sources.get(path)!, target) : getSourceFile(path, target, ...rest);
  const program = ts.createProgram([...sources.keys()], { ...options, noUnusedLocals: false }, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

describe('README', () => {
  const [app, contradiction, ...rest] = blocks(README, 'ts');
  const [message] = blocks(README, 'text');

  test('its TypeScript compiles', () => {
    expect(rest).toEqual([]);
    expect(typeErrors(new Map([
      [join(ROOT, 'test', 'readme-app.ts'), app],
      [join(ROOT, 'test', 'readme-contradiction.ts'), `${app}\n${contradiction}`],
    ]))).toEqual([]);
  }, 120_000);

  test('its app synthesizes, with the files that it names', () => {
    expect([...synthesize(app).files.keys()]).toEqual(['Platform.kubernetes.yaml', 'Platform.network-report.md', 'Platform.template.json']);
  }, 60_000);

  test('the message of a failed expectation is the real one', () => {
    const { status, output } = synthesize(`${app}\n${contradiction}`);
    expect(status).not.toBe(0);
    const unwrapped = (text: string) => text.replace(/\s+/g, ' ').trim();
    expect(unwrapped(output)).toContain(unwrapped(message));
  }, 60_000);

  test('every command that it names exists', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    for (const text of [README, readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')]) {
      for (const [, name] of text.matchAll(/npm run ([a-z:-]+)/g)) expect([name, name in scripts]).toEqual([name, true]);
    }
  });
});

describe('links', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs', 'examples'].flatMap((path) => path.endsWith('.md')
    ? [path]
    : readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md') && !/cdk\.out|node_modules/.test(name)).map((name) => join(path, name)));

  test.each(pages)('%s points to files that exist', (page) => {
    for (const [, target] of readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      expect([target, existsSync(join(ROOT, page, '..', target))]).toEqual([target, true]);
    }
  });
});
