import { existsSync, readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';
import { blocks, synthesize } from './markdown';
import { SecureEksCluster } from '../src';

const ROOT = join(__dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

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
  const [app, contradiction, openService, asked, opened, ...rest] = blocks(README, 'ts');
  const [message, refused, blocked] = blocks(README, 'text');
  const unwrapped = (text: string) => text.replace(/\s+/g, ' ').trim();

  test('its TypeScript compiles', () => {
    expect(rest).toEqual([]);
    expect(typeErrors(new Map([
      [join(ROOT, 'test', 'readme-app.ts'), app],
      [join(ROOT, 'test', 'readme-contradiction.ts'), `${app}\n${contradiction}`],
      [join(ROOT, 'test', 'readme-open-service.ts'), `${app}\n${openService}`],
      [join(ROOT, 'test', 'readme-blocked.ts'), `${app}\n${asked}\n${opened}`],
    ]))).toEqual([]);
  }, 120_000);

  test('its app synthesizes, with the files that it names', () => {
    expect([...synthesize(app).files.keys()]).toEqual(['Platform.kubernetes.yaml', 'Platform.network-report.md', 'Platform.template.json']);
  }, 60_000);

  test.each([['a failed expectation', contradiction, message], ['a Service that is open', openService, refused]])('the message of %s is the real one', (_, code, shown) => {
    const { status, output } = synthesize(`${app}\n${code}`);
    expect(status).not.toBe(0);
    expect(unwrapped(output)).toContain(unwrapped(shown));
  }, 60_000);

  test('what is blocked is found by asking, and opened by the line that it ends with', () => {
    const { status, output } = synthesize(`${app}\n${asked}`);
    expect(status).not.toBe(0);
    expect(unwrapped(output)).toContain(unwrapped(blocked));

    const { files } = synthesize(`${app}\n${asked}\n${opened}`);
    const [words] = /allowed by GlobalNetworkPolicy\/eks-allow\.front-to-payments-egress rule 0/.exec(README)!;
    expect(files.get('Platform.network-report.md')).toContain(words);
  }, 120_000);

  test('every policy that it says denies exists, and every call that it says opens', () => {
    const [section] = /## When something is blocked\n[^]*?\n## /.exec(README)!;
    const { files } = synthesize(app);
    const denials = [...section.matchAll(/`(?:eks-guardrails)?\.((?:kubelet|apiserver|imds|internet)-deny)`|`eks-default-deny\.(default-deny)`/g)].map(([, guardrail, last]) => guardrail ? `eks-guardrails.${guardrail}` : `eks-default-deny.${last}`);
    expect(denials).toHaveLength(5);
    for (const name of denials) expect(files.get('Platform.kubernetes.yaml')).toContain(`name: ${name}`);
    for (const [, call] of section.matchAll(/`(\w+)\(\)`/g)) expect([call, call in SecureEksCluster.prototype]).toEqual([call, true]);
  }, 60_000);

  test('every command that it names exists', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    for (const text of [README, readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')]) {
      for (const [, name] of text.matchAll(/npm run ([a-z:-]+)/g)) expect([name, name in scripts]).toEqual([name, true]);
    }
  });
});

describe('docs/nodes.md', () => {
  const [app] = blocks(README, 'ts');
  const code = blocks(readFileSync(join(ROOT, 'docs', 'nodes.md'), 'utf8'), 'ts');

  test('its TypeScript compiles beside the README\'s, and synthesizes', () => {
    expect(code).toHaveLength(4);
    const all = [app, ...code].join('\n');
    expect(typeErrors(new Map([[join(ROOT, 'test', 'nodes-app.ts'), all]]))).toEqual([]);
    const { files, output } = synthesize(all);
    expect([output.match(/error/i), [...files.keys()]]).toEqual([null, ['Platform.kubernetes.yaml', 'Platform.network-report.md', 'Platform.template.json']]);
    expect(files.get('Platform.kubernetes.yaml')).toContain('kind: EC2NodeClass');
  }, 120_000);
});

describe('docs/rolling-out.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'rolling-out.md'), 'utf8');

  test('its TypeScript compiles beside the README\'s, and synthesizes with what it says about it', () => {
    const [app] = blocks(README, 'ts');
    const code = blocks(page, 'ts');
    expect(code).toHaveLength(1);
    const all = [app, ...code].join('\n');
    expect(typeErrors(new Map([[join(ROOT, 'test', 'rolling-out-app.ts'), all]]))).toEqual([]);
    // A cluster of its own: two in one stack write two reports of one name.
    const alone = [app.slice(0, app.indexOf('const cluster =')), ...code].join('\n');
    const { files, output } = synthesize(alone);
    expect(output).not.toMatch(/error/i);
    expect(files.get('Platform.network-report.md')).toContain('**not denied now**');
    expect(files.get('Platform.kubernetes.yaml')).toContain('kind: StagedGlobalNetworkPolicy');
    expect(files.get('Platform.kubernetes.yaml')).not.toMatch(/^kind: GlobalNetworkPolicy/m);
  }, 120_000);
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
