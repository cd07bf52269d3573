import { awscdk, javascript, typescript } from 'projen';

/** The oldest releases this library supports; development uses exactly these. */
const FLOOR = { cdk: '2.263.0', constructs: '10.5.1', cdk8s: '2.70.7' };

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-secure-eks',
  description: 'An EKS cluster whose network is closed by default, and proof of it',
  author: 'cdk-secure-eks maintainers',
  authorAddress: 'maintainers@users.noreply.github.com',
  repositoryUrl: 'https://github.com/cdk-secure-eks/cdk-secure-eks.git',
  keywords: ['eks', 'kubernetes', 'calico', 'network-policy', 'security'],
  stability: 'experimental',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk-secure-eks maintainers',

  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.16.0',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  projenVersion: '0.103.25',
  tsconfigDevFile: 'tsconfig.dev.json',
  projenrcTs: true,
  projenrcTsOptions: { runner: typescript.TypeScriptRunner.tsx({ typeCheck: false, tsconfig: 'tsconfig.dev.json' }) },
  runner: typescript.TypeScriptRunner.tsx({ typeCheck: false }),

  cdkVersion: FLOOR.cdk,
  constructsVersion: FLOOR.constructs,
  peerDeps: [`cdk8s@^${FLOOR.cdk8s}`],
  // Each runtime dependency has its reason in docs/decisions/0002-runtime-dependencies.md.
  bundledDeps: ['@dagrejs/dagre@^1.1.5', 'commander@^14.0.3', 'ipaddr.js@^2.2.0', 'js-yaml@^4'],
  devDeps: [
    '@aws-cdk/aws-service-spec@^0.1.216', // which property's change replaces a resource
    '@aws-cdk/lambda-layer-kubectl-v35@^2.2.2',
    '@cdklabs/cdk-validator-cfnguard@0.0.62', // Control Tower's guard rules and the program that reads them
    '@stryker-mutator/instrumenter@9.6.1',
    '@types/js-yaml@^4',
    'ajv@^8',
    'axe-core@^4',
    'cdk8s-plus-27@^2.9.5',
    'cdk8s-plus-34@^2.0.54',
    'expect@^29',
    'fast-check@^3',
    'jest-each@^29',
    'playwright-core@^1', // the browser itself is the system's
  ],

  publishToPypi: { distName: 'cdk-secure-eks', module: 'cdk_secure_eks' },
  publishToMaven: {
    mavenGroupId: 'io.github.cdksecureeks',
    mavenArtifactId: 'cdk-secure-eks',
    javaPackage: 'io.github.cdksecureeks',
  },
  publishToGo: { moduleName: 'github.com/cdk-secure-eks/cdk-secure-eks-go', packageName: 'cdksecureeks' },
  publishToNuget: { packageId: 'CdkSecureEks', dotNetNamespace: 'CdkSecureEks' },

  // The ts-jest and jest lines whose lock file `npm ci` accepts on every platform.
  jestOptions: {
    jestVersion: '^29',
    junitReporting: false,
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      collectCoverage: false,
      setupFiles: ['<rootDir>/test/setup.js'],
      setupFilesAfterEnv: ['<rootDir>/test/clean-up.js'],
      moduleNameMapper: { '^cdk-secure-eks$': '<rootDir>/src/index.ts' },
      testPathIgnorePatterns: ['/node_modules/', '/cdk.out/', '<rootDir>/test/bindings/'],
    },
  },
  eslint: true,
  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'examples', '.projenrc.ts'],
    fileExtensions: ['.ts'],
    commandOptions: { fix: false },
    ignorePatterns: ['*.js', '*.d.ts', 'node_modules/', 'cdk.out/', 'coverage'],
  },

  github: false,
  release: false,
  buildWorkflow: false,
  depsUpgrade: false,
  pullRequestTemplate: false,
  vscode: false,
  clobber: false,
  sampleCode: false,
  npmignoreEnabled: false,
  gitignore: ['.npmignore', '.jsii.tabl.json', 'cdk.out/', 'cdk.context.json', '.cache/'],
});

project.package.addField('files', ['lib', '.jsii', 'API.md', 'CHANGELOG.md']);
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');
// What the Go module of the floor release asks for; newer ones are not resolvable together with it.
project.package.addField('overrides', {
  '@aws-cdk/asset-node-proxy-agent-v6': '2.1.2',
  '@aws-cdk/cloud-assembly-schema': '54.11.0',
});
// The last line without platform binaries, which `npm ci` would miss in a lock file written elsewhere.
project.deps.removeDependency('eslint-import-resolver-typescript');
project.addDevDeps('eslint-import-resolver-typescript@~3.6.3');
project.npmrc.addConfig('omit-lockfile-registry-resolved', 'true');

// ---------------------------------------------------------------------------------------------- the import law
// A file directly in src/ is public API, a folder is a private room. docs/architecture.md draws the rooms.
// The rule takes folders or patterns, never both in one zone.
const zone = (target: string, from: string[], message: string) => {
  const paths = from.map((each) => `./src/${each}`);
  return [paths.filter((path) => !path.includes('*')), paths.filter((path) => path.includes('*'))]
    .filter((each) => each.length > 0).map((each) => ({ target: `./src/${target}`, from: each, message }));
};
const ROOMS = ['aws', 'kubernetes', 'report', 'cli', 'cdk'];
const PUBLIC_FACE = ['*.ts'];
project.eslint!.addRules({
  'import/no-cycle': ['error', { ignoreExternal: true }],
  'import/no-restricted-paths': ['error', {
    zones: [
      ...zone('core', [...ROOMS, ...PUBLIC_FACE], 'what decides is a function over plain data: core knows no construct and no output'),
      ...zone('core/sets', ['core/policy', 'core/connectivity', 'core/plan'], 'sets are the ground that policy stands on'),
      ...zone('core/policy', ['core/connectivity', 'core/plan'], 'a policy does not know who asks about it'),
      ...zone('core/connectivity', ['core/plan'], 'a verdict depends on policies and topology only'),
      ...zone('core/plan', ['core/connectivity'], 'a plan is made before it is judged'),
      ...zone('core/template', ['core/connectivity', 'core/network', 'core/load-balancer'], 'a template is judged by what it says, not by what pods may do'),
      ...zone('aws', ['kubernetes', 'report', 'cli', 'cdk', ...PUBLIC_FACE], 'aws and kubernetes never meet: the composition root joins them'),
      ...zone('kubernetes', ['aws', 'report', 'cli', 'cdk', ...PUBLIC_FACE], 'kubernetes and aws never meet: the composition root joins them'),
      ...zone('kubernetes/manifests', ['kubernetes/deploy'], 'objects are made without knowing how they travel'),
      ...zone('report', ['aws', 'kubernetes', 'cli', 'cdk', ...PUBLIC_FACE], 'a report is a view of data'),
      ...zone('cdk', ['aws', 'kubernetes', 'report', 'cli', ...PUBLIC_FACE], 'the edge translates tokens and diagnostics, nothing else'),
    ],
  }],
  '@stylistic/max-len': ['error', { code: 200, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
  '@stylistic/object-property-newline': 'off',
  '@stylistic/array-bracket-newline': 'off',
  '@stylistic/object-curly-newline': 'off',
  '@stylistic/quote-props': 'off',
  '@typescript-eslint/member-ordering': 'off',
  'no-bitwise': 'off', // addresses are bits
});
/** Rooms that must run anywhere: the packages each may import. */
const pure = (files: string[], group: string[], message: string, excludedFiles: string[] = []) => project.eslint!.addOverride({
  files,
  excludedFiles,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] } as never,
});
pure(['src/core/**/*.ts'], ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'cdk8s', 'cdk8s-plus*', 'node:*', 'fs', 'path', 'os', 'crypto', 'child_process'],
  'core is plain data: no constructs, no builtins, no environment');
pure(['src/kubernetes/manifests/**/*.ts'], ['aws-cdk-lib', 'aws-cdk-lib/*', 'cdk8s-plus*'], 'manifests are made without AWS');
pure(['src/**/*.ts'], ['cdk8s-plus*'], 'users bring any cdk8s-plus; none is imported', ['src/core/**', 'src/kubernetes/manifests/**', 'src/report/**']);
// Where the library is imported by its name, the linter does not see that it is a package of its own.
project.eslint!.addOverride({ files: ['examples/**/*.ts', 'test/bindings/**/*.ts'], rules: { 'import/order': 'off' } });
pure(['src/report/**/*.ts'], ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'cdk8s', 'cdk8s-plus*'], 'a report is a view of data');

project.tsconfigDev.addInclude('.projenrc.ts');
for (const each of ['lib', 'dist', '**/cdk.out']) project.tsconfigDev.addExclude(each);
// One project for every file that is linted: the compiler's own leaves tests and examples out.
project.eslint!.config.settings['import/resolver'].typescript.project = './tsconfig.dev.json';
project.eslint!.config.parserOptions = { ecmaVersion: 2018, sourceType: 'module', project: './tsconfig.dev.json' };
// Examples import the library by its name, as users do.
project.tsconfigDev.file.addOverride('compilerOptions.paths', { 'cdk-secure-eks': ['./src/index.ts'] });
const task = (name: string, description: string, exec: string) => project.addTask(name, { description, exec, receiveArgs: true });
task('demo', 'Synthesizes examples/private-cluster and prints its network report', 'tsx --tsconfig tsconfig.dev.json test/tasks/demo.ts');
task('synth:examples', 'Synthesizes every example into examples/<name>/cdk.out', 'tsx --tsconfig tsconfig.dev.json test/tasks/synth-examples.ts');
task('test:bindings', 'Packs for Python and Java and compares what the same app synthesizes: npm run test:bindings [-- python|java]', 'tsx --tsconfig tsconfig.dev.json test/bindings/run.ts');
project.addTask('test:update-golden', { description: 'Writes what the examples synthesize to test/__golden__', exec: "jest --ci 'examples\\.test|golden'", env: { UPDATE_GOLDEN: '1' } });
task('test:newest', 'Runs the tests against the newest aws-cdk-lib, in a copy of the repository', 'tsx --tsconfig tsconfig.dev.json test/tasks/newest.ts');
task('test:mutation', 'Changes core in every small way and looks whether a test fails: npm run test:mutation [-- ROOM ...] [--all | --every N] [--survivors FILE]',
  'tsx --tsconfig tsconfig.dev.json test/mutation/run.ts');
const deep = project.addTask('test:deep', { description: 'What takes long: many random inputs, orders and mutants, and test:newest' });
deep.exec('FUZZ_RUNS=50000 ORACLE_RUNS=2000 jest --ci --testTimeout=3600000 test/core');
deep.exec('FUZZ_RUNS=1 jest --ci --testTimeout=3600000 test/semantics'); // every mutant of the baseline
deep.spawn(project.tasks.tryFind('test:mutation')!);
deep.spawn(project.tasks.tryFind('test:newest')!);
task('check:templates', 'Lets cfn-lint, checkov and the rules of AWS Control Tower judge the templates of npm run synth:examples', 'tsx --tsconfig tsconfig.dev.json test/tasks/check-templates.ts');
task('conformance', 'Evaluates files of recorded verdicts: npm run conformance -- FILE.jsonl[.gz]', 'tsx --tsconfig tsconfig.dev.json test/conformance/run.ts');
task('bench:connectivity', 'Prints time and memory of the reachability of N workloads', 'tsx --tsconfig tsconfig.dev.json test/bench/connectivity.ts');
task('bench:decide', 'Prints what rules and expectations add to one decision in a fresh process', 'tsx --tsconfig tsconfig.dev.json test/bench/decide.ts');
task('bench:synth', 'Prints the CPU of a synthesis against the same cluster by hand', 'tsx test/bench/synth.ts');
project.compileTask.exec('cp -R src/kubernetes/deploy/objects-chart src/kubernetes/deploy/probe-program lib/kubernetes/deploy/'); // data beside code, which the compiler leaves behind
project.testTask.prependExec('tsc --noEmit -p tsconfig.dev.json'); // ts-jest does not check types
project.packageTask.reset(); // packaging is explicit: npx projen package:python|java|go
project.tryRemoveFile('projenrc/tsconfig.json');
project.synth();
