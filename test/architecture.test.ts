import { execFileSync, spawnSync } from 'child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';

const ROOT = join(__dirname, '..');
const PLANE = { rooms: ['aws', 'kubernetes', 'report', 'cli', 'cdk'], face: 'a-class' };

interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly because: RegExp;
}

/** Who must never import whom, in words of our own: not read from the rules. */
const FORBIDDEN: Violation[] = [
  ...[...PLANE.rooms, PLANE.face].map((room) => ({ file: 'core/sets/x', imports: room, because: /what decides is a function over plain data/ })),
  ...['core/policy', 'core/connectivity', 'core/plan'].map((room) => ({ file: 'core/sets/x', imports: room, because: /sets are the ground/ })),
  ...['core/connectivity', 'core/plan'].map((room) => ({ file: 'core/policy/x', imports: room, because: /does not know who asks/ })),
  { file: 'core/connectivity/x', imports: 'core/plan', because: /depends on policies and topology only/ },
  { file: 'core/plan/x', imports: 'core/connectivity', because: /made before it is judged/ },
  ...['core/connectivity', 'core/network', 'core/load-balancer'].map((room) => ({ file: 'core/template/x', imports: room, because: /judged by what it says/ })),
  ...['kubernetes', 'report', 'cli', 'cdk', PLANE.face].map((room) => ({ file: 'aws/x', imports: room, because: /aws and kubernetes never meet/ })),
  ...['aws', 'report', 'cli', 'cdk', PLANE.face].map((room) => ({ file: 'kubernetes/deploy/x', imports: room, because: /kubernetes and aws never meet/ })),
  { file: 'kubernetes/manifests/x', imports: 'kubernetes/deploy', because: /without knowing how they travel/ },
  ...['aws', 'kubernetes', 'cli', 'cdk', PLANE.face].map((room) => ({ file: 'report/x', imports: room, because: /a report is a view of data/ })),
  ...['aws', 'kubernetes', 'report', 'cli', PLANE.face].map((room) => ({ file: 'cdk/x', imports: room, because: /the edge translates/ })),
];

/** Packages that rooms which must run anywhere may not name. */
const FORBIDDEN_PACKAGES: Violation[] = [
  ...['aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs', 'cdk8s', 'cdk8s-plus-27', 'node:fs', 'fs', 'path', 'os', 'crypto', 'child_process']
    .map((name) => ({ file: 'core/plan/x', imports: name, because: /core is plain data/ })),
  ...['aws-cdk-lib', 'aws-cdk-lib/aws-eks-v2', 'cdk8s-plus-27'].map((name) => ({ file: 'kubernetes/manifests/x', imports: name, because: /without AWS/ })),
  ...['aws-cdk-lib', 'constructs', 'cdk8s', 'cdk8s-plus-27'].map((name) => ({ file: 'report/x', imports: name, because: /a report is a view of data/ })),
  ...['aws/x', 'kubernetes/deploy/x', 'cdk/x', PLANE.face].map((file) => ({ file, imports: 'cdk8s-plus-27', because: /users bring any cdk8s-plus/ })),
];

/** What the rooms live from. */
const PERMITTED: Omit<Violation, 'because'>[] = [
  { file: 'core/policy/x', imports: 'core/sets' }, { file: 'core/connectivity/x', imports: 'core/policy' }, { file: 'core/plan/x', imports: 'core/sets' },
  { file: 'core/template/x', imports: 'core/plan' }, { file: 'aws/x', imports: 'core/plan' }, { file: 'aws/x', imports: 'aws-cdk-lib/aws-ec2' },
  { file: 'kubernetes/manifests/x', imports: 'core/policy' }, { file: 'kubernetes/deploy/x', imports: 'kubernetes/manifests' },
  { file: 'kubernetes/deploy/x', imports: 'aws-cdk-lib/aws-eks-v2' }, { file: 'report/x', imports: 'core/connectivity' }, { file: 'cdk/x', imports: 'core/policy' },
  ...['core/plan', 'aws', 'kubernetes/deploy', 'report', 'cdk'].map((room) => ({ file: 'composition-root', imports: room })),
];

const RULES = ['import/no-restricted-paths', 'no-restricted-imports', 'import/no-cycle'];

interface Finding {
  readonly rule: string;
  readonly message: string;
}

/** Lints a small library that holds these imports, each in a file of its own, by the project's own configuration. */
class Fixture {
  private readonly folder = mkdtempSync(join(tmpdir(), 'import-law-'));
  private readonly files = new Map<string, string>();

  public constructor() {
    for (const name of ['.eslintrc.json', 'tsconfig.json', 'tsconfig.dev.json', 'package.json']) copyFileSync(join(ROOT, name), join(this.folder, name));
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    for (const room of ['core/sets', 'core/policy', 'core/connectivity', 'core/plan', 'core/network', 'core/load-balancer', 'kubernetes/deploy', 'kubernetes/manifests', ...PLANE.rooms]) {
      this.files.set(`${room}/index`, 'export const here = true;\n');
    }
    this.files.set(PLANE.face, 'export const here = true;\n');
  }

  /** Returns the name of the file. */
  public import(file: string, imports: string): string {
    const name = `${file}-${this.files.size}`;
    const inside = imports === PLANE.face ? PLANE.face : `${imports}/index`;
    const from = this.files.has(inside) ? `${'../'.repeat(name.split('/').length - 1) || './'}${inside}` : imports;
    this.files.set(name, `export * from '${from}';\n`);
    return name;
  }

  public write(file: string, text: string): void {
    this.files.set(file, text);
  }

  /** What the linter found about imports, by file. */
  public lint(): Map<string, Finding[]> {
    for (const [name, text] of this.files) {
      const path = join(this.folder, 'src', `${name}.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules', 'eslint', 'bin', 'eslint.js'), '--ext', '.ts', '-f', 'json', 'src'], {
      cwd: this.folder, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, ESLINT_USE_FLAT_CONFIG: 'false', NODE_NO_WARNINGS: '1' },
    });
    if (!stdout.startsWith('[')) throw new Error(`eslint did not run: ${stdout}${stderr}`);
    const results = JSON.parse(stdout) as { filePath: string; messages: { ruleId: string | null; message: string }[] }[];
    return new Map(results.map(({ filePath, messages }) => [
      filePath.slice(filePath.indexOf('/src/') + 5, -'.ts'.length),
      messages.filter(({ ruleId }) => ruleId === null || RULES.includes(ruleId)).map(({ ruleId, message }) => ({ rule: String(ruleId), message })),
    ]));
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe('the import law', () => {
  const fixture = new Fixture();
  const forbidden = [...FORBIDDEN, ...FORBIDDEN_PACKAGES].map((each) => ({ ...each, at: fixture.import(each.file, each.imports) }));
  const permitted = PERMITTED.map((each) => ({ ...each, at: fixture.import(each.file, each.imports) }));
  fixture.write('aws/hen', "import { egg } from './egg';\nexport const hen = () => egg;\n");
  fixture.write('aws/egg', "import { hen } from './hen';\nexport const egg = () => hen;\n");
  let found = new Map<string, Finding[]>();
  beforeAll(() => { found = fixture.lint(); }, 120_000);
  afterAll(() => fixture.remove());

  test.each(forbidden)('$file never imports $imports', ({ at, because }) => {
    expect(found.get(at)).toEqual([{ rule: expect.stringMatching(/restricted/), message: expect.stringMatching(because) }]);
  });

  test.each(permitted)('$file may import $imports', ({ at }) => {
    expect(found.get(at)).toEqual([]);
  });

  test('no circle of imports', () => {
    expect(found.get('aws/hen')).toEqual([{ rule: 'import/no-cycle', message: expect.stringMatching(/cycle/) }]);
  });

  test('each zone of the configuration has a case here', () => {
    const { rules } = JSON.parse(readFileSync(join(ROOT, '.eslintrc.json'), 'utf8').replace(/^\/\/.*$/m, '')) as { rules: Record<string, [string, { zones: { target: string; from: string[]; message: string }[] }]> };
    const zones = rules['import/no-restricted-paths'][1].zones;
    for (const { from, message } of zones) {
      for (const path of from) {
        const room = path.replace('./src/', '').replace('*.ts', PLANE.face);
        expect([message, room, FORBIDDEN.some(({ imports, because }) => imports === room && because.test(message))]).toEqual([message, room, true]);
      }
    }
  });
});

describe('public API', () => {
  const source = join(ROOT, 'src');
  const lines = readFileSync(join(source, 'index.ts'), 'utf8').split('\n').filter((line) => line !== '');

  test('is every file directly in src/, and nothing else', () => {
    const beside = readdirSync(source, { withFileTypes: true }).filter((each) => each.isFile() && each.name !== 'index.ts').map(({ name }) => name.replace(/\.ts$/, ''));
    expect(lines).toEqual(beside.sort().map((name) => `export * from './${name}';`));
  });

  test('no public signature names cdk8s-plus or a room', () => {
    const assembly = join(ROOT, '.jsii');
    if (!existsSync(assembly)) {
      process.stderr.write('SKIPPED: there is no .jsii yet (npm run compile)\n');
      return;
    }
    const { types, dependencies } = JSON.parse(readFileSync(assembly, 'utf8')) as { types: Record<string, { namespace?: string }>; dependencies: object };
    expect(Object.values(types).filter(({ namespace }) => namespace !== undefined)).toEqual([]);
    expect(Object.keys(dependencies).filter((name) => name.startsWith('cdk8s-plus'))).toEqual([]);
  });
});

describe('the same bytes on any machine', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

  test.each(files)('%s asks for no clock, chance, locale or environment', (name) => {
    const text = readFileSync(join(ROOT, 'src', name), 'utf8');
    expect(text.match(/\bnew Date\b|\bDate\.|\bMath\.random\b|\.localeCompare\(|\.toLocale|\bIntl\.|\bprocess\.|\brandomUUID\b/g)).toBeNull();
  });
});

describe('repository', () => {
  test('the lock file names no registry host', () => {
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
  });

  test('nothing lies about at the top level', () => {
    if (!existsSync(join(ROOT, '.git'))) return; // a copy of the files, not the repository
    const tracked = execFileSync('git', ['ls-tree', '--name-only', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    expect(tracked.filter((name) => !TOP_LEVEL.includes(name))).toEqual([]);
  });
});

const TOP_LEVEL = [
  '.ci', '.eslintrc.json', '.gitattributes', '.gitignore', '.npmrc', '.projen', '.projenrc.ts', 'API.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE',
  'README.md', 'docs', 'examples', 'package-lock.json', 'package.json', 'rosetta', 'src', 'test', 'tsconfig.dev.json', 'tsconfig.json',
];
