import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { listExamples, readAssembly, synthesizeExample } from './tasks/examples';

/**
 * What each example synthesizes to, kept as files under test/__golden__/<example>/ with asset hashes masked.
 * `npm run test:update-golden` writes them anew; read the difference before committing it.
 */
const GOLDEN = join(__dirname, '__golden__');
/** A newer aws-cdk-lib writes other templates. */
const NEWEST = process.env.NEWEST_PEERS === '1';
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const SYNTHESIS = 120_000;

const masked = (text: string): string => text.replace(/[0-9a-f]{64}/g, '<hash of an asset>');

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

describe.each(listExamples())('examples/%s', (name) => {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  let files = new Map<string, string>();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("synthesizes, with CloudFormation's template validation on", () => {
    files = readAssembly(synthesizeExample(name, { outdir: join(folder, 'first'), env: { CDK_VALIDATION: 'true' } }));
    const kinds = [...new Set([...files.keys()].map((file) => file.replace(/^[A-Za-z]+/, '')))];
    // Where a mirror is named, a script fills it.
    expect(kinds.filter((kind) => kind !== '.copy-images.sh')).toEqual(['.kubernetes.yaml', '.network-report.md', '.template.json']);
    expect(kinds.includes('.copy-images.sh')).toBe(name === 'isolated-cluster');
  }, SYNTHESIS);

  test('is what was read and agreed to', () => {
    const golden = join(GOLDEN, name);
    if (UPDATE) {
      rmSync(golden, { recursive: true, force: true });
      mkdirSync(golden, { recursive: true });
      for (const [file, text] of files) writeFileSync(join(golden, file), masked(text));
    }
    expect(readdirSync(golden).sort()).toEqual([...files.keys()]);
    const compared = [...files].filter(([file]) => !NEWEST || !file.endsWith('.template.json'));
    for (const [file, text] of compared) expect(masked(text)).toEqual(readFileSync(join(golden, file), 'utf8'));
  });

  test('has the same bytes in another time zone and locale', () => {
    const env = { TZ: 'Pacific/Chatham', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' };
    expect(readAssembly(synthesizeExample(name, { outdir: join(folder, 'second'), env }))).toEqual(files);
  }, SYNTHESIS);

  test('opens nothing to the world', () => {
    for (const [id, { Type, Properties = {} }] of Object.entries(resourcesOf(files))) {
      const text = JSON.stringify(Properties);
      if (Type === 'AWS::EC2::SecurityGroupIngress') expect([id, /0\.0\.0\.0\/0|"::\/0"/.test(text)]).toEqual([id, false]);
      if (Type === 'AWS::EC2::SecurityGroup') expect([id, /0\.0\.0\.0\/0|"::\/0"/.test(JSON.stringify(Properties.SecurityGroupIngress ?? []))]).toEqual([id, false]);
      if (Type === 'AWS::EKS::Cluster') expect([id, /0\.0\.0\.0\/0/.test(text), /"EndpointPrivateAccess":true/.test(text)]).toEqual([id, false, true]);
      if (Type === 'AWS::EC2::Subnet') expect([id, Properties.MapPublicIpOnLaunch ?? false]).toEqual([id, false]);
    }
  });

  test('meets every expectation, and reports nothing as undetermined', () => {
    const report = [...files].find(([file]) => file.endsWith('.md'))![1];
    expect(report).toMatch(/^- met: /m);
    expect(report).not.toMatch(/unmet|undetermined because/i);
  });
});

describe('examples/private-cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'private-cluster-size-'));
  let resources: Record<string, Resource> = {};
  beforeAll(() => { resources = resourcesOf(readAssembly(synthesizeExample('private-cluster', { outdir: join(folder, 'out') }))); }, SYNTHESIS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const count = (type: RegExp) => Object.values(resources).filter(({ Type }) => type.test(Type)).length;

  test('is small: few resources, functions and custom resources, no nested stack', () => {
    expect(count(/./)).toBeLessThanOrEqual(98);
    expect(count(/^AWS::Lambda::Function$/)).toBeLessThanOrEqual(3);
    // Twelve of the library's, one of the shop's own.
    expect(count(/^(Custom::|AWS::CloudFormation::CustomResource$)/)).toBeLessThanOrEqual(13);
    expect(count(/^AWS::CloudFormation::Stack$/)).toBe(0);
  });

  test('has no public endpoint', () => {
    const [cluster] = Object.values(resources).filter(({ Type }) => Type === 'AWS::EKS::Cluster');
    expect(cluster.Properties!.ResourcesVpcConfig).toMatchObject({ EndpointPublicAccess: false, EndpointPrivateAccess: true });
  });

  test('has ten expectations, six of them denials', () => {
    const source = readFileSync(join(__dirname, '..', 'examples', 'private-cluster', 'private-cluster-stack.ts'), 'utf8');
    expect([source.match(/\.expectAllowed\(/g)!.length, source.match(/\.expectDenied\(/g)!.length]).toEqual([4, 6]);
  });
});

describe('examples/staged-rollout', () => {
  const report = (context: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'staged-rollout-'));
    try {
      return readAssembly(synthesizeExample('staged-rollout', { outdir: join(folder, 'out'), context })).get('StagedRollout.network-report.md')!;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test('says what is denied once the last namespace is enforced, as its README shows it', () => {
    const readme = readFileSync(join(__dirname, '..', 'examples', 'staged-rollout', 'README.md'), 'utf8');
    const [, shown] = /```text\n([^]*?)```/.exec(readme)!;
    const unwrapped = (text: string) => text.replace(/\s+/g, ' ').trim();
    expect(unwrapped(report({}))).toContain(unwrapped(shown));
  }, SYNTHESIS);

  test('and nothing of the kind when it is', () => expect(report({ legacy: 'enforced' })).not.toMatch(/staged|denied now|loses/), SYNTHESIS);
});

describe('examples/restricted-public-endpoint', () => {
  test.each([['203.0.112.0/24'], [undefined]])('admits the range of the context: %s', (cidr) => {
    const folder = mkdtempSync(join(tmpdir(), 'restricted-'));
    try {
      const resources = resourcesOf(readAssembly(synthesizeExample('restricted-public-endpoint', { outdir: join(folder, 'out'), context: cidr ? { cidr } : {} })));
      const [cluster] = Object.values(resources).filter(({ Type }) => Type === 'AWS::EKS::Cluster');
      expect(cluster.Properties!.ResourcesVpcConfig).toMatchObject({
        EndpointPublicAccess: true, EndpointPrivateAccess: true, PublicAccessCidrs: [cidr ?? '52.94.76.0/24'],
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, SYNTHESIS);

  test.each([
    ['0.0.0.0/0', 'publicFrom() got \'0.0.0.0/0\', which is every address'],
    ['10.0.0.0/8', 'publicFrom() got \'10.0.0.0/8\', which holds'],
    ['office', 'publicFrom() got \'office\', which is no CIDR'],
  ])('refuses %s', (cidr, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'refused-'));
    expect(() => synthesizeExample('restricted-public-endpoint', { outdir: folder, context: { cidr } })).toThrow(message);
    rmSync(folder, { recursive: true, force: true });
  }, SYNTHESIS);
});

function resourcesOf(files: Map<string, string>): Record<string, Resource> {
  return Object.assign({}, ...[...files].filter(([file]) => file.endsWith('.template.json')).map(([, text]) => JSON.parse(text).Resources));
}
