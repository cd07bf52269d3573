import { ChildProcess, execFileSync, spawn, spawnSync } from 'child_process';
import { generateKeyPairSync, randomBytes } from 'crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { Agent, get, request } from 'https';
import { createServer, AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { SERVER_FOLDER } from './available';
import { kubectlLayer } from './kubectl-layer';

/** Longer than a build from nothing: for `beforeAll`. */
export const START_TIMEOUT_MS = 20 * 60_000;
/** etcd and the server write what they hold; a busy machine takes its time. */
export const STOP_TIMEOUT_MS = 60_000;
const READY_WITHIN_MS = 90_000;
/** Ends the processes even if the test run is killed. */
const LIFETIME_SECONDS = 900;
/** Those that finish what the API server only begins; none that would need nodes. */
const CONTROLLERS = [
  'namespace-controller', 'garbage-collector-controller', 'serviceaccount-controller', 'clusterrole-aggregation-controller', 'validatingadmissionpolicy-status-controller',
];

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the server answers. */
export interface Answer {
  readonly status: number;
  readonly body: any;
}

export interface ApiServerOptions {
  /** Whether kube-controller-manager runs beside it: namespaces finish deleting, guards get their status. Default: false. */
  readonly controllers?: boolean;
  /** Default: a quarter of an hour. */
  readonly lifetimeSeconds?: number;
}

/** etcd and kube-apiserver on loopback; whoever holds it is cluster admin. */
export class ApiServer {
  public static async start({ controllers = false, lifetimeSeconds = LIFETIME_SECONDS }: ApiServerOptions = {}): Promise<ApiServer> {
    execFileSync(join(__dirname, 'build.sh'), [SERVER_FOLDER], { stdio: ['ignore', 'inherit', 'inherit'] });
    const server = new ApiServer(mkdtempSync(join(tmpdir(), 'kube-apiserver-')), await freePorts(4), lifetimeSeconds);
    try {
      await server.ready();
      if (controllers) server.startControllers();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  public readonly kubeconfig: string;
  private readonly url: string;
  private readonly token = randomBytes(16).toString('hex');
  private readonly controllersToken = randomBytes(16).toString('hex');
  private readonly processes: ChildProcess[];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });

  private constructor(private readonly folder: string, private readonly ports: readonly number[], private readonly lifetimeSeconds: number) {
    const [client, peer, secure] = ports;
    this.url = `https://127.0.0.1:${secure}`;
    mkdirSync(join(folder, 'helm'));
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    this.write('sa.key', privateKey);
    this.write('sa.pub', publicKey);
    this.write('tokens.csv', `${this.token},admin,admin,"system:masters"\n${this.controllersToken},system:kube-controller-manager,controllers\n`);
    this.kubeconfig = this.writeKubeconfig('kubeconfig', { token: this.token });
    const etcd = `http://127.0.0.1:${client}`;
    const peers = `http://127.0.0.1:${peer}`;
    this.processes = [
      this.spawn('etcd', 'etcd', '--data-dir=etcd', '--unsafe-no-fsync', `--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`,
        `--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`, `--initial-cluster=default=${peers}`),
      this.spawn('apiserver', join(SERVER_FOLDER, 'kube-apiserver'), `--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1',
        `--secure-port=${secure}`, '--cert-dir=certificates', '--token-auth-file=tokens.csv', '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc', '--service-account-key-file=sa.pub', '--service-account-signing-key-file=sa.key',
        '--service-cluster-ip-range=10.100.0.0/16', '--disable-admission-plugins=ServiceAccount', '--allow-privileged=true', '--endpoint-reconciler-type=none'),
    ];
  }

  /** A file for kubectl and helm that acts as another user. */
  public kubeconfigAs(user: string): string {
    return this.writeKubeconfig(`kubeconfig-${user.replace(/[^a-z0-9]/g, '-')}`, { token: this.token, as: user });
  }

  public kubectl(args: readonly string[], input?: string): CommandResult {
    return this.run(kubectlLayer().kubectl, args, input);
  }

  public helm(args: readonly string[]): CommandResult {
    return this.run(kubectlLayer().helm, args);
  }

  /** One request, as another user where one is named: much faster than a process for each. */
  public ask(method: string, path: string, body?: object, as?: string, contentType = 'application/json'): Promise<Answer> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      'authorization': `Bearer ${this.token}`, 'accept': 'application/json',
      ...content !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(content) }, ...as !== undefined && { 'impersonate-user': as },
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}${path}`, { method, headers, agent: this.agent }, (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk) => { received += chunk; }).on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(received || 'null') }));
      });
      sent.on('error', reject);
      sent.end(content);
    });
  }

  /** Ends the processes by their ids, the last one first, and removes the folder. */
  public async stop(): Promise<void> {
    this.agent.destroy();
    for (const child of [...this.processes].reverse()) await end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(command: string, args: readonly string[], input?: string): CommandResult {
    const env = { PATH: process.env.PATH, HOME: this.folder, HELM_CACHE_HOME: join(this.folder, 'helm'), KUBECONFIG: this.kubeconfig };
    return spawnSync(command, args, { input, env, encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 });
  }

  private spawn(name: string, ...command: string[]): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), 'w');
    return spawn('timeout', ['--kill-after=5', String(this.lifetimeSeconds), ...command], { cwd: this.folder, stdio: ['ignore', log, log] });
  }

  private startControllers(): void {
    const kubeconfig = this.writeKubeconfig('kubeconfig-controllers', { token: this.controllersToken });
    this.processes.push(this.spawn('controllers', join(SERVER_FOLDER, 'kube-controller-manager'), `--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--bind-address=127.0.0.1',
      `--secure-port=${this.ports[3]}`, '--cert-dir=certificates', '--use-service-account-credentials', '--service-account-private-key-file=sa.key', `--controllers=${CONTROLLERS.join(',')}`));
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!await answers(`${this.url}/readyz`, this.token)) {
      const log = () => readFileSync(join(this.folder, 'apiserver.log'), 'utf8').slice(-2000);
      if (this.processes.some(({ exitCode }) => exitCode !== null)) throw new Error(`etcd or kube-apiserver ended:\n${log()}`);
      if (Date.now() > deadline) throw new Error(`kube-apiserver is not ready after ${READY_WITHIN_MS / 1000} s:\n${log()}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private writeKubeconfig(name: string, user: object): string {
    return this.write(name, JSON.stringify({
      'apiVersion': 'v1',
      'kind': 'Config',
      'clusters': [{ name: 'test', cluster: { 'server': this.url, 'insecure-skip-tls-verify': true } }],
      'users': [{ name: 'user', user }],
      'contexts': [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
      'current-context': 'test',
    }));
  }

  private write(name: string, content: string): string {
    writeFileSync(join(this.folder, name), content, { mode: 0o600 });
    return join(this.folder, name);
  }
}

/** Held open together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The certificate is the server's own, made at start. */
function answers(url: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { rejectUnauthorized: false, agent: false, headers: { authorization: `Bearer ${token}` }, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killed = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(killed);
}
