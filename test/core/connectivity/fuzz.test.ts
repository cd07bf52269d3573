import fc from 'fast-check';
import { compile, Endpoint } from '../../../src/core/connectivity';
import { emitPolicy, parsePolicyObjects, parseSelector, Policy, writeSelector } from '../../../src/core/policy';
import { parseCidr } from '../../../src/core/sets';

/** Inputs in all. `FUZZ_RUNS=50000` for a deep run; few where each mutant of the source is tried. */
const RUNS = Number(process.env.FUZZ_RUNS ?? (process.env.FEW_RUNS ? 300 : 4000));
const SLOWEST_MS = 1000;
const settings = (share: number) => ({ seed: 20_260_805, numRuns: Math.ceil(RUNS * share) });

/** Runs one input, and takes note of the time it needs. */
function timed<T>(run: () => T): T {
  const start = process.cpuUsage(); // not the wall's clock: the machine may be busy
  const result = run();
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  if (ms > SLOWEST_MS) throw new Error(`one input took ${ms.toFixed(0)} ms`);
  return result;
}

const HOSTILE = [
  '', ' ', '\0', '\n', "'", '"', "'; drop", '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'NaN', '-0', '1e9', '0x10', '\u0130', '\ud800', 'é', '😀', 'a'.repeat(100_000), '!'.repeat(100_000),
  '('.repeat(100_000), 'has(a) && '.repeat(20_000), `a in {${"'x',".repeat(30_000)}}`, `a in {${Array.from({ length: 20_000 }, (_, i) => `'v${i}'`).join()}} || !has(a)`, '0.0.0.0/0', '::/0', '0.0.0.0', '::ffff:10.0.0.1/128', '10.0.0.0/8\n', '1.2.3.4/', '/', '65536', '-1', '0', '1:', ':1', '1:2:3',
  '99999999999999999999', 'all()', 'global()', '!all()', 'has(', "a == 'x", '${Token[X.1]}', '../../etc/passwd', '<script>', 'a'.repeat(63), 'a'.repeat(64), 'a-', '-a', 'A', 'a..b', 'a.b',
];
const hostileText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 20 }), fc.fullUnicodeString({ maxLength: 10 }));
const pieces = fc.array(fc.constantFrom('a', 'b', ' ', '==', '!=', "'x'", '"y"', '&&', '||', '!', '(', ')', '{', '}', ',', 'in', 'not in', 'notin', 'contains', 'starts with', 'ends with', 'has(', 'has(a)', 'all()', 'global()', '\t', '=', '&'), { maxLength: 14 })
  .map((parts) => parts.join(' '));

test('selectors: an answer or an error, and what is taken means the same when written again', () => {
  fc.assert(fc.property(fc.oneof(pieces, hostileText), (text) => {
    const { selector, error } = timed(() => parseSelector(text));
    if (!selector) return error!.length > 0;
    const again = parseSelector(writeSelector(selector)).selector;
    return JSON.stringify(again) === JSON.stringify(selector);
  }), settings(0.35));
});

test('CIDRs: canonical or nothing', () => {
  const near = fc.tuple(fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }).map(String), fc.constantFrom('', '00', 'f', 'ffff', '::')), { maxLength: 9 }), fc.constantFrom('.', ':'), fc.oneof(fc.integer({ min: -1, max: 130 }).map((n) => `/${n}`), fc.constant('')))
    .map(([groups, separator, prefix]) => groups.join(separator) + prefix);
  fc.assert(fc.property(fc.oneof(near, hostileText, fc.ipV4(), fc.ipV6()), (text) => {
    const parsed = timed(() => parseCidr(text));
    return parsed === undefined || (parsed.set.toCidrs().length === 1 && parseCidr(parsed.set.toString())!.set.equals(parsed.set));
  }), settings(0.25));
});

const SOUND = [
  {
    apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'x', labels: { a: 'b' } }, spec: {
      order: 10, selector: "app == 'db'", namespaceSelector: 'all()', serviceAccountSelector: 'has(a)', types: ['Ingress', 'Egress'],
      ingress: [{ action: 'Deny', protocol: 'TCP', source: { nets: ['10.0.0.0/8'], selector: 'has(a)', serviceAccounts: { names: ['bot'] } }, destination: { ports: [80, '81:90', 'web'] } }],
      egress: [{ action: 'Deny', notProtocol: 'UDP', destination: { services: { name: 'kubernetes', namespace: 'default' } } }, { action: 'Deny', protocol: 'ICMP', icmp: { type: 8 } }],
    },
  },
  { apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', metadata: { name: 'x', namespace: 'shop' }, spec: { selector: 'all()', types: ['Ingress'] } },
  {
    apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x', namespace: 'shop' }, spec: {
      podSelector: { matchLabels: { app: 'db' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 80, endPort: 90, protocol: 'TCP' }, { port: 'web' }] }],
    },
  },
  { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'x' }, spec: { order: 5, defaultAction: 'Deny' } },
  { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkSet', metadata: { name: 'x', labels: { a: 'b' } }, spec: { nets: ['10.0.0.0/8'] } },
];

function paths(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const inner = Array.isArray(value) ? value.flatMap((item, i) => paths(item, [...at, i])) : typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, item]) => paths(item, [...at, key])) : [];
  return [...at.length > 0 ? [at] : [], ...inner];
}

function replaced(value: unknown, [head, ...rest]: readonly (string | number)[], change: (old: unknown) => unknown): unknown {
  if (head === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, i) => (i === head ? replaced(item, rest, change) : item));
  return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, key === head ? replaced(item, rest, change) : item]));
}

const anything = fc.oneof(hostileText, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.jsonValue({ maxDepth: 3 }), fc.constant({}), fc.constant([]), fc.bigInt(), fc.constant(Symbol('s')), fc.constant(() => 1));
const mutated = fc.constantFrom(...SOUND).chain((object) => fc.array(fc.tuple(fc.constantFrom(...paths(object).filter(([head]) => head === 'spec' || head === 'metadata')), anything, fc.boolean(), hostileText), { minLength: 1, maxLength: 2 })
  .map((changes) => changes.reduce<unknown>((one, [path, value, add, key]) => {
    try {
      return replaced(one, path, (old) => (add && typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, [key]: value } : value));
    } catch {
      return one; // An earlier change has removed the place of this one.
    }
  }, object)));

const DB: Endpoint = { name: 'db', namespace: 'shop', labels: JSON.parse('{"app":"db","a":"b","__proto__":"x","constructor":"y"}') as Record<string, string>, ports: [{ name: 'web', port: 80 }] };

test('manifests: refused in words, or understood whole', () => {
  const tally = { refused: 0, taken: 0 };
  fc.assert(fc.property(mutated, (object) => {
    const { policies, tiers, networkSets, diagnostics } = timed(() => parsePolicyObjects([object]));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(policies.length + tiers.length + networkSets.length).toBe(errors.length > 0 ? 0 : 1);
    expect(diagnostics.every(({ subject, message, fix }) => subject !== '' && message !== '' && fix !== '' && message.length < 2000)).toBe(true);
    tally[errors.length > 0 ? 'refused' : 'taken']++;
    for (const policy of policies) {
      if (policy.kind !== 'KubernetesNetworkPolicy') expect(parsePolicyObjects([emitPolicy(policy as Policy & { kind: 'NetworkPolicy' })]).policies).toEqual([policy]);
    }
    const found = timed(() => compile({ policies, tiers }, { endpoints: [DB], networkSets }).between({ ...DB, name: 'web' }, DB));
    expect(found.length).toBeGreaterThan(0);
  }), settings(0.4));
  // Both happen often, or this would say nothing.
  expect(Math.min(tally.refused, tally.taken)).toBeGreaterThan(RUNS / 50);
});

test('a policy that is refused is never taken for one that is absent', () => {
  for (const object of SOUND) {
    const { diagnostics } = parsePolicyObjects([{ ...object, spec: { ...object.spec, unknown: 1 } }]);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).not.toEqual([]);
  }
});

test('labels called like members of every object match only by their own value', () => {
  const deny = (selector: string) => parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'x' }, spec: { selector, types: ['Ingress'] } }]);
  const verdict = (selector: string, endpoint: Endpoint) => compile(deny(selector), { endpoints: [] }).between({ ...DB, name: 'web' }, endpoint)[0].verdict;
  const bare: Endpoint = { ...DB, labels: {} };
  for (const key of ['__proto__', 'constructor', 'toString', 'valueOf']) expect(verdict(`has(${key})`, bare)).toBe('allow');
  expect(verdict("__proto__ == 'x'", DB)).toBe('deny');
  expect(verdict("constructor == 'y'", DB)).toBe('deny');
  expect(verdict("constructor != 'y'", DB)).toBe('allow');
});
