import { ChildProcess, spawn } from 'child_process';
import { createSocket } from 'dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { AddressInfo, connect, createServer, Server, Socket } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';

/** The program itself, as a pod runs it, against real sockets. */
const PROGRAM = join(__dirname, '../../../src/kubernetes/deploy/probe-program/probe.js');
const LIMITS = { attemptMs: 300, everyMs: 20, holdMs: 400, withinMs: 2000, endMs: 5000 };

let folder: string;
const open = new Set<{ close(): void }>();
const children = new Set<ChildProcess>();
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'probe-')); });
afterEach(() => {
  for (const each of open) each.close();
  open.clear();
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true, force: true });
});

interface Check { flow: string; expected: 'allow' | 'deny'; kind?: string; host?: string; port?: number }

/** As one identity: what its termination message and its log say. */
async function tryAs(checks: Check[], limits: Partial<typeof LIMITS> = {}, env: Record<string, string> = {}) {
  const config = { probe: 'abc', limits: { ...LIMITS, ...limits }, checks: [...checks.map((check) => ({ kind: 'tcp', host: '127.0.0.1', by: 'stranger', ...check })), { flow: 'of another', by: 'judge', expected: 'allow', kind: 'tcp', host: '127.0.0.1', port: 1 }] };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const { stdout, code } = await run(['try', 'stranger'], env);
  const { probe, results } = JSON.parse(readFileSync(join(folder, 'termination'), 'utf8'));
  expect([probe, code]).toEqual(['abc', 0]);
  return { results: results.map(([index, ok, tries, good, last]: any) => ({ index, ok: ok === 1, tries, good, last })), log: stdout.trim().split('\n').map((line) => JSON.parse(line)) };
}

function run(args: string[], env: Record<string, string> = {}): Promise<{ stdout: string; code: number | null }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...env, PROBE_CONFIG: join(folder, 'config.json'), TERMINATION_LOG: join(folder, 'termination') }, stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let stdout = '';
  child.stdout!.on('data', (data) => { stdout += data; });
  return new Promise((done) => child.on('exit', (code) => done({ stdout, code })));
}

async function listener(port = 0): Promise<number> {
  const server: Server = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  open.add(server);
  return (server.address() as AddressInfo).port;
}

/** Free when asked, and of nobody. */
async function closedPort(): Promise<number> {
  const port = await listener();
  const [server] = [...open].slice(-1) as Server[];
  await new Promise((done) => server.close(done));
  open.delete(server);
  return port;
}

/** A listener whose packets are dropped once it is stopped: its queue is full and nobody takes from it. */
class Droppable {
  public static async start(): Promise<Droppable> {
    const child = spawn(process.execPath, ['-e', "const s = require('net').createServer((c) => c.on('error', () => {}).end()).listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))"], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    return new Droppable(child, Number(await new Promise((done) => child.stdout!.once('data', (data) => done(String(data))))));
  }

  private readonly held: Socket[] = [];

  private constructor(private readonly child: ChildProcess, public readonly port: number) {}

  public async drop(): Promise<void> {
    this.child.kill('SIGSTOP');
    for (let i = 0; i < 4; i++) this.held.push(connect({ host: '127.0.0.1', port: this.port }).on('error', () => {}));
    open.add({ close: () => this.held.forEach((socket) => socket.destroy()) });
    await new Promise((done) => setTimeout(done, 100));
  }

  public pass(): void {
    this.held.forEach((socket) => socket.destroy());
    this.child.kill('SIGCONT');
  }
}

const after = (ms: number, action: () => unknown) => setTimeout(() => void action(), ms);

test('what is open is allowed and not denied; what others are to try is left to them', async () => {
  const port = await listener();
  const { results, log } = await tryAs([{ flow: 'open', expected: 'allow', port }, { flow: 'leak', expected: 'deny', port }]);
  expect(results).toMatchObject([{ index: 0, ok: true, last: 'open' }, { index: 1, ok: false, good: 0, last: 'open' }]);
  expect(results[0].good).toBeGreaterThan(3);
  expect(log).toMatchObject([{ probe: 'abc', by: 'stranger', flow: 'open', expected: 'allow', host: '127.0.0.1', port, ok: true }, { flow: 'leak', ok: false }]);
}, 20_000);

test('a refusal is an answer: neither allowed nor denied', async () => {
  const port = await closedPort();
  const { results } = await tryAs([{ flow: 'nobody listens', expected: 'allow', port }, { flow: 'not dropped', expected: 'deny', port }]);
  expect(results).toMatchObject([{ ok: false, last: 'refused' }, { ok: false, last: 'refused' }]);
}, 20_000);

test('dropped packets are a denial', async () => {
  const dropped = await Droppable.start();
  await dropped.drop();
  const { results } = await tryAs([{ flow: 'dropped', expected: 'deny', port: dropped.port }, { flow: 'expected open', expected: 'allow', port: dropped.port }]);
  expect(results).toMatchObject([{ ok: true, last: 'timeout' }, { ok: false, good: 0, last: 'timeout' }]);
}, 20_000);

test('so is an address to which no way leads', async () => {
  // No connection leads to everybody. https://www.rfc-editor.org/rfc/rfc919
  const { results } = await tryAs([{ flow: 'nowhere', expected: 'deny', host: '255.255.255.255', port: 9 }]);
  expect(results).toMatchObject([{ ok: true, last: expect.stringMatching(/^(timeout|unreachable)$/) }]);
}, 20_000);

test('a policy that is slow to be in force is waited for, then must hold', async () => {
  const dropped = await Droppable.start();
  after(600, () => dropped.drop());
  const { results: [slow] } = await tryAs([{ flow: 'slow', expected: 'deny', port: dropped.port }]);
  expect(slow).toMatchObject({ ok: true, last: 'timeout' });
  expect(slow.tries).toBeGreaterThan(slow.good + 2);
}, 20_000);

test('a rule that is slow to be in force is waited for, too', async () => {
  const port = await closedPort();
  after(600, () => listener(port));
  const { results: [slow] } = await tryAs([{ flow: 'slow', expected: 'allow', port }]);
  expect(slow).toMatchObject({ ok: true, last: 'open' });
  expect(slow.tries).toBeGreaterThan(slow.good);
}, 20_000);

test('one that does not hold fails', async () => {
  const dropped = await Droppable.start();
  await dropped.drop();
  after(900, () => dropped.pass());
  const { results: [leaky] } = await tryAs([{ flow: 'leaks later', expected: 'deny', port: dropped.port }], { holdMs: 1500, withinMs: 1000 });
  expect(leaky).toMatchObject({ ok: false, last: 'open' });
  expect(leaky.good).toBeGreaterThan(0);
}, 20_000);

test('a name that nobody knows proves no denial', async () => {
  const { results } = await tryAs([{ flow: 'unknown', expected: 'deny', host: 'nobody.invalid', port: 1 }], { withinMs: 500 });
  expect(results).toMatchObject([{ ok: false, good: 0, last: 'noName' }]);
}, 20_000);

test('a host that the pod is told is taken from its environment', async () => {
  const port = await listener();
  const { log } = await tryAs([{ flow: 'kubelet', expected: 'allow', host: 'env:HOST_IP', port }], {}, { HOST_IP: '127.0.0.1' });
  expect(log).toMatchObject([{ ok: true, host: '127.0.0.1' }]);
}, 20_000);

test('names are asked of the DNS by UDP: an answer, none, and no such name', async () => {
  const server = createSocket('udp4');
  open.add(server);
  await new Promise<void>((done) => server.bind(0, '127.0.0.1', done));
  // One A record for the first name, no such name for the second, silence for the third.
  server.on('message', (query, { port, address }) => {
    const name = query.toString('latin1', 12);
    if (name.includes('silent')) return;
    const answer = Buffer.concat([query.subarray(0, 12), query.subarray(12, query.indexOf(0, 12) + 5), name.includes('known') ? Buffer.from('c00c00010001000000050004ac140001', 'hex') : Buffer.alloc(0)]);
    answer.writeUInt16BE(name.includes('known') ? 0x8180 : 0x8183, 2);
    answer.writeUInt16BE(name.includes('known') ? 1 : 0, 6);
    answer.writeUInt16BE(0, 10);
    server.send(answer, port, address);
  });
  const dns = (host: string) => ({ flow: host, expected: 'allow' as const, kind: 'dns', host, port: undefined });
  const { results } = await tryAs([dns('known.example'), dns('missing.example'), dns('silent.example')], { withinMs: 900 }, { DNS_SERVER: `127.0.0.1:${server.address().port}` });
  expect(results).toMatchObject([{ ok: true, last: 'open' }, { ok: false, last: 'noName' }, { ok: false, last: 'noAnswer' }]);
}, 20_000);

test('what Kubernetes keeps of a container holds the findings of a hundred flows', async () => {
  const port = await closedPort();
  await tryAs(Array.from({ length: 100 }, (_, i) => ({ flow: `flow ${i}`, expected: 'deny' as const, port })), { withinMs: 100, everyMs: 50 });
  expect(readFileSync(join(folder, 'termination'), 'utf8').length).toBeLessThan(4096);
}, 20_000);

test('the target is there to be reached, and goes by itself', async () => {
  const port = await closedPort();
  const started = Date.now();
  const ended = run(['listen', String(port), '2']);
  const { results } = await tryAs([{ flow: 'target', expected: 'allow', port }]);
  expect(results).toMatchObject([{ ok: true }]);
  expect((await ended).code).toBe(0);
  expect(Date.now() - started).toBeGreaterThan(1900);
}, 20_000);

test('a probe that cannot begin says so, and fails', async () => {
  writeFileSync(join(folder, 'config.json'), '{');
  const { stdout, code } = await run(['try', 'stranger']);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^Enforcement is not proven: the probe itself failed\. /)]);
});
