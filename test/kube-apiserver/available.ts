import { spawnSync } from 'child_process';
import { homedir } from 'os';
import { join } from 'path';
import { kubectlLayer } from './kubectl-layer';

/** A run that must show everything skips nothing. */
const REQUIRED = process.env.CI === 'true' || process.env.REQUIRE_KUBE_APISERVER === '1';

export const SERVER_FOLDER = process.env.KUBE_APISERVER_DIR ?? join(homedir(), '.cache', 'cdk-secure-eks', 'kube-apiserver');

/** Tests that run kubectl or helm. */
export function describeWithHelm(name: string, tests: () => void): void {
  describeUnless(REQUIRED ? undefined : missingLayer(), name, tests);
}

/** Tests that talk to a real API server. */
export function describeWithApiServer(name: string, tests: () => void): void {
  describeUnless(REQUIRED ? undefined : missingLayer() ?? missingServer(), name, tests);
}

/** Says on the terminal and in the name of the tests why they did not run. */
export function describeUnless(reason: string | undefined, name: string, tests: () => void): void {
  if (reason === undefined) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`SKIPPED: ${name}: ${reason}\n`);
  describe.skip(`${name} [skipped: ${reason}]`, tests);
}

function missingLayer(): string | undefined {
  return runs(kubectlLayer().helm, 'version') ? undefined : 'helm of the kubectl layer does not run on this machine';
}

function missingServer(): string | undefined {
  if (!runs('etcd', '--version')) return 'there is no etcd (apt-get install etcd-server)';
  return runs(join(SERVER_FOLDER, 'kube-apiserver'), '--version') ? undefined : `there is no kube-apiserver in ${SERVER_FOLDER} (test/kube-apiserver/build.sh)`;
}

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
