'use strict';
// Tries connections inside the cluster, on Node.js alone. Its own file: it runs in pods, and never in a synthesis.
//   node probe.js try NAME     tries what NAME is to try; the outcome is its log and its termination message
//   node probe.js judge        tries the positive twins, reads what the others found, and says what that proves
//   node probe.js listen PORT SECONDS  is there to be reached, for as long
const dns = require('dns');
const fs = require('fs');
const https = require('https');
const net = require('net');

/** What Kubernetes keeps of a container when it ends. https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
const TERMINATION_LOG = process.env.TERMINATION_LOG || '/dev/termination-log';
const ACCOUNT = process.env.ACCOUNT_FOLDER || '/var/run/secrets/kubernetes.io/serviceaccount';
/** Helm, Python and CloudFormation quote the message one after the other, within 4,096 bytes: no quotes in it, and this is its length. */
const MESSAGE_BYTES = 1500;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** One try: `open`, `refused` (somebody answered), `timeout`, `unreachable`, `noName` or `noAnswer`. */
function attempt({ kind, host, port }, ms) {
  const where = place(host);
  return kind === 'dns' ? ask(where, ms) : connect(where, port, ms);
}

/** `env:NAME` is what the pod is told; `dns:` is the server that the pod asks. */
function place(host) {
  if (host === 'dns:') return dns.getServers()[0];
  return host.startsWith('env:') ? process.env[host.slice(4)] || '' : host;
}

function connect(host, port, ms) {
  return new Promise((done) => {
    const socket = net.connect({ host, port });
    const end = (outcome) => { clearTimeout(timer); socket.destroy(); done(outcome); };
    const timer = setTimeout(() => end('timeout'), ms);
    socket.on('connect', () => end('open'));
    socket.on('error', ({ code }) => end(CODES[code] || 'unreachable'));
  });
}

const CODES = { ECONNREFUSED: 'refused', ECONNRESET: 'refused', ETIMEDOUT: 'timeout', ENOTFOUND: 'noName', EAI_AGAIN: 'noName', EAI_FAIL: 'noName', EAI_NODATA: 'noName' };

async function ask(name, ms) {
  const resolver = new dns.promises.Resolver({ timeout: ms, tries: 1 });
  if (process.env.DNS_SERVER) resolver.setServers([process.env.DNS_SERVER]);
  try {
    return (await resolver.resolve4(name)).length > 0 ? 'open' : 'noAnswer';
  } catch ({ code }) {
    return code === 'ENOTFOUND' || code === 'ENODATA' ? 'noName' : 'noAnswer';
  }
}

/** An answer, even a refusal, came through; a name that is unknown proves nothing. */
const ISOLATED = ['timeout', 'unreachable'];
const asExpected = (expected, outcome) => expected === 'allow' ? outcome === 'open' : ISOLATED.includes(outcome);

/** Tries until it is as expected and stays so for `holdMs`; it has `withinMs` to become so. */
async function settle(check, limits) {
  const start = Date.now();
  let since;
  let tries = 0;
  let good = 0;
  for (;;) {
    const begun = Date.now();
    const last = await attempt(check, limits.attemptMs);
    tries += 1;
    if (asExpected(check.expected, last)) {
      good += 1;
      since = since === undefined ? begun : since;
    } else {
      since = undefined;
    }
    const now = Date.now();
    if (since !== undefined && now - since >= limits.holdMs) return { ok: true, tries, good, last, ms: now - start };
    if (since === undefined && now - start >= limits.withinMs) return { ok: false, tries, good, last, ms: now - start };
    await sleep(limits.everyMs);
  }
}

const log = (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`);

/** Everything at once. */
function tryAll({ checks, limits }, by) {
  const mine = checks.map((check, index) => ({ ...check, index })).filter((check) => check.by === by);
  return Promise.all(mine.map(async (check) => ({ index: check.index, ...await settle(check, limits) })));
}

/** A line of JSON for each. */
function logAll({ probe, checks }, results) {
  for (const { index, ...result } of results) {
    const { flow, by, expected, host, port } = checks[index];
    log({ probe, by, flow, expected, host: place(host), port, ...result });
  }
}

async function tryAs(config, name) {
  const results = await tryAll(config, name);
  logAll(config, results);
  const short = results.map(({ index, ok, tries, good, last }) => [index, ok ? 1 : 0, tries, good, last]);
  fs.writeFileSync(TERMINATION_LOG, JSON.stringify({ probe: config.probe, results: short }));
}

async function judge(config) {
  const { checks, limits, probers, mode, help } = config;
  const end = Date.now() + limits.endMs;
  const [twins, seen] = await Promise.all([tryAll(config, 'judge'), Promise.all(probers.map((prober) => outcomeOf(prober, config, end)))]);
  // What a denial is compared with must still be there once the denial was seen.
  const still = await Promise.all(twins.map(({ index }) => settle(checks[index], { ...limits, holdMs: 0, withinMs: Math.min(limits.withinMs, 3 * (limits.attemptMs + limits.everyMs)) })));
  const results = new Map(twins.map((result, i) => [result.index, result.ok && !still[i].ok ? { ...result, ok: false, last: still[i].last } : result]));
  const faults = [];
  seen.forEach(({ found, fault }, i) => {
    if (fault) faults.push(`${probers[i].namespace}/${probers[i].name} ${fault}, so these were not tried: ${checks.filter(({ by }) => by === probers[i].name).map(({ flow }) => flow).join(', ')}`);
    for (const [index, ok, tries, good, last] of found || []) results.set(index, { ok: ok === 1, tries, good, last });
  });
  checks.forEach((check, index) => {
    const result = results.get(index);
    if (result && !result.ok) faults.push(`${check.flow}: ${describe(check, result)}`);
    else if (!result && check.by === 'judge') faults.push(`${check.flow}: it was not tried`);
  });
  // Helm prints all of the log of a pod that fails: then it is the message alone.
  if (faults.length === 0 || mode === 'report') logAll(config, twins);
  if (faults.length === 0) {
    log({ probe: config.probe, proven: checks.length });
    return 0;
  }
  process.stdout.write(`${message(faults, mode, help)}\n`);
  return mode === 'report' ? 0 : 1;
}

function describe({ expected, by, host, port }, { tries, good, last }) {
  const to = host.startsWith('env:') || host === 'dns:' ? `port ${port}` : port === undefined ? host : `${host}:${port}`;
  return `${expected === 'allow' ? 'must be allowed' : 'must be denied'}, ${by} to ${to}: ${WORDS[last]} (${good} of ${tries} tries as expected)`;
}

const WORDS = {
  open: 'it was reached', refused: 'it answered with a refusal, so packets arrive', timeout: 'no answer', unreachable: 'no way there',
  noName: 'its name is unknown', noAnswer: 'the DNS does not answer',
};

/** Plain ASCII without quotes, cut to what travels. */
function message(faults, mode, help) {
  const head = mode === 'report' ? 'Enforcement is not proven (report only). ' : 'Enforcement is not proven. ';
  const clean = (text) => text.replace(/["'`\\]/g, '').replace(/[^ -~]/g, ' ').replace(/ +/g, ' ');
  const room = MESSAGE_BYTES - head.length - clean(help).length - 30;
  let text = '';
  let told = 0;
  for (const fault of faults.map(clean)) {
    const next = `${text}(${told + 1}) ${fault.slice(0, 300)}. `;
    if (next.length > room) break;
    text = next;
    told += 1;
  }
  return `${head}${text}${told < faults.length ? `And ${faults.length - told} more. ` : ''}${clean(help)}`;
}

/** Waits for the pods of one that tries. `fault` says why there is no answer. */
async function outcomeOf({ name, namespace }, { probe }, end) {
  let fault = 'was never seen';
  for (;;) {
    try {
      const { items } = await api(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`secure-eks.io/probe=${probe},secure-eks.io/probe-identity=${name}`)}`);
      const states = items.map(stateOf);
      const done = states.find(({ found }) => found);
      if (done) return done;
      fault = states.length === 0 ? 'has no pod: see the events of its Job' : states[states.length - 1].fault;
    } catch (error) {
      fault = `could not be asked about (${error.message})`;
    }
    if (Date.now() >= end) return { fault };
    await sleep(1000);
  }
}

/** What became of a pod: its findings, or why there are none yet. */
function stateOf({ status = {} }) {
  const [container] = status.containerStatuses || [];
  const state = container ? { ...container.lastState, ...container.state } : {};
  if (state.terminated) {
    try {
      return { found: JSON.parse(state.terminated.message).results };
    } catch {
      return { fault: `ended without an answer (${state.terminated.reason || 'unknown reason'}, exit code ${state.terminated.exitCode})` };
    }
  }
  if (state.waiting) return { fault: `did not start (${[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')})` };
  if (state.running) return { fault: 'did not end in time' };
  const scheduled = (status.conditions || []).find(({ type }) => type === 'PodScheduled');
  if (scheduled && scheduled.status !== 'True') return { fault: `was never scheduled (${scheduled.message || scheduled.reason || 'no reason given'})` };
  return { fault: `did not start (${[status.phase, status.reason, status.message].filter(Boolean).join(': ') || 'no state'})` };
}

function api(path) {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  const options = { host, port, path, timeout: 3000, ca: fs.readFileSync(`${ACCOUNT}/ca.crt`), headers: { authorization: `Bearer ${fs.readFileSync(`${ACCOUNT}/token`, 'utf8').trim()}` } };
  return new Promise((done, fail) => {
    const sent = https.get(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => {
        if (response.statusCode !== 200) fail(new Error(`the API server answers ${response.statusCode}`));
        else done(JSON.parse(text));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('the API server does not answer')));
    sent.on('error', fail);
  });
}

async function main([role, argument, seconds]) {
  if (role === 'listen') {
    net.createServer((socket) => socket.on('error', () => {}).end()).listen(Number(argument), '::');
    process.on('SIGTERM', () => process.exit(0));
    setTimeout(() => process.exit(0), Number(seconds) * 1000);
    return;
  }
  const config = JSON.parse(fs.readFileSync(process.env.PROBE_CONFIG || '/probe/config.json', 'utf8'));
  process.exit(role === 'judge' ? await judge(config) : (await tryAs(config, argument), 0));
}

main(process.argv.slice(2)).catch((error) => {
  process.stdout.write(`Enforcement is not proven: the probe itself failed. ${String(error && error.message).slice(0, 500)}\n`);
  process.exit(1);
});
