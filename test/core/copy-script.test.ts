import { execFileSync, spawnSync } from 'child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { copyScript } from '../../src/core/copy-script';
import { Image } from '../../src/core/image';

const folder = mkdtempSync(join(tmpdir(), 'copy-script-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const REGISTRY = '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/mirror';
const IMAGES: readonly Image[] = [
  { kind: 'image', name: 'calico/node', repository: `${REGISTRY}/calico/node`, tag: 'v3.32.1', source: 'quay.io/calico/node', usedBy: 'Calico' },
  { kind: 'image', name: 'tigera/operator', repository: `${REGISTRY}/tigera/operator`, tag: 'v1.42.3', digest: DIGEST, source: 'quay.io/tigera/operator', usedBy: 'Calico' },
  { kind: 'image', name: 'eks/controller', repository: `${REGISTRY}/eks/controller`, source: 'public.ecr.aws/eks/controller', usedBy: 'a chart' },
  { kind: 'image', name: 'as/published', repository: 'quay.io/as/published', tag: '1', source: 'quay.io/as/published', usedBy: 'nobody' },
  { kind: 'chart', name: 'tigera-operator', repository: `oci://${REGISTRY}/charts/tigera-operator`, tag: 'v3.32.1', source: 'https://docs.tigera.io/calico/charts', usedBy: 'Calico' },
];
const ENVIRONMENT = { ACCOUNT: '111122223333', REGION: 'eu-west-1', SUFFIX: 'amazonaws.com' };
const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

function run(script: string, env: Record<string, string>): { status: number | null; stdout: string[]; stderr: string } {
  const file = join(folder, 'copy.sh');
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync('sh', [file], { encoding: 'utf8', env: { PATH: process.env.PATH!, ...env } });
  return { status, stdout: stdout.split('\n').filter((line) => line !== ''), stderr };
}

const repository = (name: string) => `aws ecr create-repository --registry-id 111122223333 --region eu-west-1 --repository-name mirror/${name} --image-tag-mutability IMMUTABLE`;

test.each([
  ['crane', (from: string, to: string) => `crane copy ${from} ${to}`],
  ['skopeo', (from: string, to: string) => `skopeo copy --all --preserve-digests docker://${from} docker://${to}`],
])('a dry run with %s says every command and runs none', (TOOL, copy) => {
  const { status, stdout, stderr } = run(copyScript({ cluster: 'Platform/Cluster', images: IMAGES })!, { ...ENVIRONMENT, TOOL, DRY_RUN: '1' });
  expect(stdout).toEqual([
    repository('calico/node'), copy('quay.io/calico/node:v3.32.1', `${HOST}/mirror/calico/node:v3.32.1`),
    repository('tigera/operator'), copy(`quay.io/tigera/operator@${DIGEST}`, `${HOST}/mirror/tigera/operator:v1.42.3`),
    repository('charts/tigera-operator'),
    'helm pull tigera-operator --repo https://docs.tigera.io/calico/charts --version v3.32.1 --destination FOLDER',
    `helm push FOLDER/tigera-operator-v3.32.1.tgz oci://${HOST}/mirror/charts`,
  ]);
  expect(stderr).toBe('eks/controller is not copied, because its tag is not known: a chart brings it\n');
  expect(status).toBe(0);
});

test('for real it runs the same commands, and makes no repository that is there', () => {
  const log = join(folder, 'log');
  for (const tool of ['crane', 'helm', 'aws']) {
    const file = join(folder, tool);
    // Of the repositories only that of Calico's node is there.
    writeFileSync(file, `#!/bin/sh\necho ${tool} "$@" | sed "s#/tmp/[^ /]*#TMP#g" >> ${log}\n${tool === 'aws' ? 'case "$*" in *describe*calico/node*) exit 0 ;; *describe*) exit 255 ;; esac\n' : ''}`);
    chmodSync(file, 0o755);
  }
  const { status } = run(copyScript({ cluster: 'Platform/Cluster', images: IMAGES.slice(0, 2) })!, { ...ENVIRONMENT, PATH: `${folder}:${process.env.PATH}` });
  expect(status).toBe(0);
  const described = (name: string) => `aws ecr describe-repositories --registry-id 111122223333 --region eu-west-1 --repository-names mirror/${name}`;
  expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
    described('calico/node'), `crane copy quay.io/calico/node:v3.32.1 ${HOST}/mirror/calico/node:v3.32.1`,
    described('tigera/operator'), repository('tigera/operator'), `crane copy quay.io/tigera/operator@${DIGEST} ${HOST}/mirror/tigera/operator:v1.42.3`,
  ]);
});

test('what is not given is asked for, by name', () => {
  const { status, stderr } = run(copyScript({ cluster: 'C', images: IMAGES })!, { TOOL: 'crane', DRY_RUN: '1', ACCOUNT: '1' });
  expect([status, stderr]).toEqual([2, expect.stringContaining('REGION: the region of the registry')]);
});

test('another tool is refused', () => {
  const { status, stderr } = run(copyScript({ cluster: 'C', images: IMAGES })!, { ...ENVIRONMENT, TOOL: 'docker', DRY_RUN: '1' });
  expect([status, stderr]).toEqual([1, 'TOOL is docker, and this script knows crane and skopeo\n']);
});

test('names run nothing', () => {
  const evil = join(folder, 'evil');
  const name = `x"; touch ${evil}; $(touch ${evil}) \`touch ${evil}\`\ntouch ${evil}`;
  const script = copyScript({ cluster: name, images: [{ kind: 'image', name, repository: `registry.example.com/${name}`, tag: name, source: name, usedBy: name }, { kind: 'image', name, repository: 'a/b', source: name, usedBy: name }] })!;
  run(script, { TOOL: 'crane', DRY_RUN: '1' });
  expect(existsSync(evil)).toBe(false);
});

test('without a mirror there is nothing to copy', () => {
  expect(copyScript({ cluster: 'C', images: IMAGES.filter(({ repository: where, source }) => where === source) })).toBeUndefined();
  expect(copyScript({ cluster: 'C', images: [{ kind: 'chart', name: 'tigera-operator', repository: 'https://docs.tigera.io/calico/charts', tag: '1', source: 'https://docs.tigera.io/calico/charts', usedBy: '' }] })).toBeUndefined();
});

test('a value of the template is a variable of its own', () => {
  const script = copyScript({ cluster: 'C', images: [{ ...IMAGES[0], repository: '${Registry}/calico/node' }] })!;
  expect(run(script, { TOOL: 'crane', DRY_RUN: '1', REGISTRY: 'registry.example.com' }).stdout).toEqual(['crane copy quay.io/calico/node:v3.32.1 registry.example.com/calico/node:v3.32.1']);
});

test('it is a script that every POSIX shell reads', () => {
  writeFileSync(join(folder, 'read.sh'), copyScript({ cluster: 'C', images: IMAGES })!);
  expect(() => execFileSync('sh', ['-n', join(folder, 'read.sh')])).not.toThrow();
});
