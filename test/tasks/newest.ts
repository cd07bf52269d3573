/**
 * The tests against the newest releases of the peers, in a copy of the repository. What a template looks like may change with
 * aws-cdk-lib: goldens of templates are not compared there (NEWEST_PEERS=1), everything else is.
 */
import { execFileSync, spawnSync } from 'child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';

const ROOT = join(__dirname, '..', '..');
const PEERS = ['aws-cdk-lib', 'constructs', 'cdk8s'];
// One level down, so that paths beside the repository stay what they are.
const COPY = join(mkdtempSync(join(tmpdir(), 'newest-')), 'repository');

function copyFiles(): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter((name) => name !== '');
  for (const name of files) cpSync(join(ROOT, name), join(COPY, name), { recursive: true });
}

function takeNewestPeers(): void {
  const path = join(COPY, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const peer of PEERS) manifest.devDependencies[peer] = manifest.peerDependencies[peer];
  delete manifest.overrides; // they hold companions of the oldest release back
  writeFileSync(path, JSON.stringify(manifest, undefined, 2));
  rmSync(join(COPY, 'package-lock.json'));
}

function run(command: string, args: string[]): number {
  return spawnSync(command, args, {
    cwd: COPY, stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NEWEST_PEERS: '1', CALICO_CRD_DIR: process.env.CALICO_CRD_DIR ?? join(dirname(ROOT), 'shared', 'data', 'calico-crds') },
  }).status ?? 1;
}

try {
  copyFiles();
  takeNewestPeers();
  if (run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']) !== 0) throw new Error('npm install failed');
  for (const peer of PEERS) process.stdout.write(`${peer} ${JSON.parse(readFileSync(join(COPY, 'node_modules', peer, 'package.json'), 'utf8')).version}\n`);
  const status = run('npx', ['tsc', '--noEmit', '-p', 'tsconfig.dev.json']) + run('npx', ['jest', '--ci', ...process.argv.slice(2)]);
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(dirname(COPY), { recursive: true, force: true });
}
