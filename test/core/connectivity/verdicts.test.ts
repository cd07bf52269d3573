import {
  checkExpectation, compile, Counterexample, describeVerdict, diff, Endpoint, evaluate, explain, Outside, Peer, Piece, reachability, Topology,
} from '../../../src/core/connectivity';
import { Opaque, parsePolicyObjects, PolicySet } from '../../../src/core/policy';
import { ConnectionSet, portSet, PROTOCOL } from '../../../src/core/sets';

const words = ({ piece }: Counterexample): string => `${piece.connections}: ${describeVerdict(piece)}`;
const VPC: Opaque = { opaque: 'the VPC range', token: '${Vpc}' };
const pod = (name: string, more: Partial<Endpoint> = {}): Endpoint => ({ name, namespace: 'shop', labels: { app: name }, ...more });
const tcp = (...ports: (number | readonly [number, number])[]) => ConnectionSet.ports(PROTOCOL.TCP, portSet(...ports));
const topology = (...endpoints: Endpoint[]): Topology => ({ endpoints, namespaces: [{ name: 'shop', labels: {} }] });

function policies(...specs: object[]): PolicySet {
  const objects = specs.map((spec, i) => ({ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: `p${i}` }, spec: { order: i, ...spec } }));
  const { tiers, policies: parsed, diagnostics } = parsePolicyObjects(objects, { tokens: (text) => (text === VPC.token ? VPC : undefined) });
  expect(diagnostics).toEqual([]);
  return { tiers, policies: parsed };
}

const write = (pieces: readonly Piece[]) => pieces.map(({ connections, verdict, because, source, destination }) =>
  [`${verdict} ${connections}`, ...because ? [`because ${because.join('; ')}`] : [], ...source ? [`from ${source.map(String)}`] : [], ...destination ? [`to ${destination.map((c) => (typeof c === 'string' ? c : c.opaque)).join(',')}`] : []].join(' '));
const between = (set: PolicySet, from: Peer, to: Peer, more: Partial<Topology> = {}) => write(compile(set, { ...topology(), ...more }).between(from, to));
const INGRESS = { types: ['Ingress'], selector: "app == 'db'" };

describe('what is known for certain', () => {
  test('pieces carry the deciding steps of both sides', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', protocol: 'TCP', source: { selector: "app == 'web'" }, destination: { ports: ['sql', '9000:9100'] } }] });
    const [allowed, denied] = compile(set, topology()).between(pod('web'), pod('db', { ports: [{ name: 'sql', port: 5432 }] }));
    expect(allowed).toEqual({
      connections: tcp(5432, [9000, 9100]), verdict: 'allow',
      egress: { tier: null, policy: 'Profile/kns.shop', rule: null, action: 'Allow' },
      ingress: { tier: 'default', policy: 'GlobalNetworkPolicy/p0', rule: 0, action: 'Allow' },
    });
    expect(denied).toMatchObject({ verdict: 'deny', ingress: { rule: -1, action: 'Deny' } });
    expect(denied.connections.equals(ConnectionSet.ALL.subtract(tcp(5432, [9000, 9100])))).toBe(true);
  });

  test('a pod reaches itself, one of several pods of a workload the other only by policy', () => {
    const set = policies({ ...INGRESS, ingress: [] });
    const [one, many] = [pod('db'), pod('db', { replicated: true })];
    expect(between(set, one, one)).toEqual(['allow all connections']);
    expect(between(set, many, many)).toEqual(['deny all connections']);
  });

  test('a pod cannot pretend by its labels to be of another namespace or account', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { namespaceSelector: "projectcalico.org/name == 'kube-system'" } }, { action: 'Allow', source: { serviceAccounts: { names: ['admin'] } } }] });
    const labels = { 'pcns.projectcalico.org/name': 'kube-system', 'pcsa.projectcalico.org/name': 'admin', 'projectcalico.org/serviceaccount': 'admin', 'projectcalico.org/namespace': 'kube-system' };
    expect(between(set, pod('web', { labels }), pod('db'))).toEqual(['deny all connections']);
    expect(between(set, pod('web', { serviceAccount: 'admin' }), pod('db'))).toEqual(['allow all connections']);
  });

  test('an outside peer is split into the addresses that differ', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { nets: ['192.0.2.0/25'] } }] });
    const net: Outside = { name: 'office', addresses: ['192.0.2.0/24'] };
    expect(between(set, net, pod('db'))).toEqual(['allow all connections from 192.0.2.0/25', 'deny all connections from 192.0.2.128/25']);
    expect(between(set, { name: 'desk', addresses: ['192.0.2.9/32'] }, pod('db'))).toEqual(['allow all connections']);
  });

  test('IP versions that differ are told apart', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', ipVersion: 6 }] });
    const dual = { addresses: ['10.0.0.1', 'fd00::1'] };
    expect(compile(set, topology()).between(pod('web', dual), pod('db', dual)).map(({ verdict, ipVersion }) => [verdict, ipVersion])).toEqual([['allow', 6], ['deny', 4]]);
    expect(between(set, pod('web', { addresses: ['10.0.0.1'] }), pod('db', { addresses: ['fd00::1'] }))).toEqual([]);
  });
});

describe('what is not known', () => {
  const office: Outside = { name: 'office', addresses: ['10.1.0.0/16'] };

  test('a token decides nothing where it makes no difference', () => {
    const rule = { action: 'Allow', source: { nets: [VPC.token] } };
    expect(between(policies({ ...INGRESS, ingress: [rule] }), office, pod('db'))).toEqual(['undetermined all connections because the range of the VPC range']);
    expect(between(policies({ ...INGRESS, ingress: [rule, { action: 'Allow' }] }), office, pod('db'))).toEqual(['allow all connections']);
    expect(between(policies({ ...INGRESS, ingress: [{ action: 'Deny' }, rule] }), office, pod('db'))).toEqual(['deny all connections']);
    expect(between(policies({ ...INGRESS, ingress: [{ ...rule, protocol: 'TCP', destination: { ports: [80] } }] }), office, pod('db')))
      .toEqual(['undetermined TCP 80 because the range of the VPC range', `deny ${ConnectionSet.ALL.subtract(tcp(80))}`]);
  });

  test('a token is inside itself', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { nets: [VPC.token] } }] });
    expect(between(set, { name: 'vpc', addresses: [VPC] }, pod('db'))).toEqual(['allow all connections']);
  });

  test('no VPC range has the metadata address', () => {
    const set = policies({ types: ['Egress'], selector: "app == 'web'", egress: [{ action: 'Deny', destination: { nets: ['169.254.169.254/32'] } }, { action: 'Allow' }] });
    expect(between(set, pod('web'), pod('db', { within: [VPC] }))).toEqual(['allow all connections']);
    expect(between(set, pod('web'), pod('db'))).toEqual(['allow all connections']);
  });

  test('two rules about one unknown are one unknown', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { nets: [VPC.token] } }, { action: 'Allow', source: { notNets: [VPC.token] } }] });
    expect(between(set, office, pod('db'))).toEqual(['allow all connections']);
  });

  test('a pod somewhere in a range', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { nets: ['10.0.0.0/20'] } }] });
    expect(between(set, pod('web', { within: ['10.0.0.0/24'] }), pod('db'))).toEqual(['allow all connections']);
    expect(between(set, pod('web', { within: ['10.1.0.0/24'] }), pod('db'))).toEqual(['deny all connections']);
    expect(between(set, pod('web', { within: ['10.0.0.0/19'] }), pod('db'))).toEqual(['undetermined all connections because the address of shop/web']);
    expect(between(set, pod('web', { within: ['10.0.0.0/24', '10.1.0.0/24'] }), pod('db'))).toEqual(['undetermined all connections because the address of shop/web']);
  });

  test('labels of an abstract pod, and what contradicts each other', () => {
    const any = pod('any', { labels: { app: 'web' }, open: { labels: true } });
    const allowing = (...selectors: string[]) => policies({ ...INGRESS, ingress: selectors.map((selector) => ({ action: 'Allow', source: { selector } })) });
    expect(between(allowing("app == 'web'"), any, pod('db'))).toEqual(['allow all connections']);
    expect(between(allowing("app == 'api'"), any, pod('db'))).toEqual(['deny all connections']);
    expect(between(allowing("role == 'x'"), any, pod('db'))).toEqual(['undetermined all connections because the labels of shop/any']);
    expect(between(allowing("role == 'x'", "role != 'x'"), any, pod('db'))).toEqual(['allow all connections']);
    expect(between(allowing("has(role) && role not in {'x'}", "role in {'x','y'}", '!has(role)'), any, pod('db'))).toEqual(['allow all connections']);
    expect(between(allowing("role == 'x' && role == 'y'"), any, pod('db'))).toEqual(['deny all connections']);
    expect(between(allowing("role starts with 'x' && role == 'y'"), any, pod('db'))).toEqual(['deny all connections']);
    expect(between(allowing('has(projectcalico.org/namespace)'), any, pod('db'))).toEqual(['allow all connections']);
  });

  test('any namespace but those that are known', () => {
    const other = pod('other', { namespace: 'any other namespace', labels: {}, open: { labels: true } });
    const namespaces = [{ name: 'any other namespace', labels: {}, open: { name: true, labels: true }, except: ['shop'] }];
    const allowing = (namespaceSelector: string) => policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { namespaceSelector } }] });
    expect(between(allowing("projectcalico.org/name == 'shop'"), other, pod('db'), { namespaces })).toEqual(['deny all connections']);
    expect(between(allowing("kubernetes.io/metadata.name != 'shop'"), other, pod('db'), { namespaces })).toEqual(['allow all connections']);
    expect(between(allowing('all()'), other, pod('db'), { namespaces })).toEqual(['allow all connections']);
    expect(between(allowing("projectcalico.org/name == 'dev' && kubernetes.io/metadata.name != 'dev'"), other, pod('db'), { namespaces })).toEqual(['deny all connections']);
    expect(between(allowing("projectcalico.org/name == 'dev'"), other, pod('db'), { namespaces })).toHaveLength(1);
    expect(between(allowing("projectcalico.org/name == 'dev'"), other, pod('db'), { namespaces })[0]).toMatch(/^undetermined/);
  });

  test('whether a policy binds an abstract pod at all', () => {
    const any = pod('any', { labels: {}, open: { labels: true } });
    const set = policies({ types: ['Egress'], selector: 'has(isolated)' });
    expect(between(set, any, pod('db'))).toEqual(['undetermined all connections because the labels of shop/any']);
    expect(between(policies({ types: ['Egress'], selector: 'has(isolated) || !has(isolated)' }), any, pod('db'))).toEqual(['deny all connections']);
  });

  test('named ports of an abstract pod', () => {
    const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['sql'] } }] });
    expect(between(set, pod('web'), pod('db', { open: { ports: true } }))[0]).toBe('undetermined TCP 1-65535 because the port named sql of shop/db');
    expect(between(set, pod('web'), pod('db'))).toEqual(['deny all connections']);
  });

  test('a Service without endpoints in view, and one that leads somewhere into a range', () => {
    const set = policies({ types: ['Egress'], selector: "app == 'web'", egress: [{ action: 'Allow', protocol: 'TCP', destination: { services: { name: 'kubernetes', namespace: 'default' } } }] });
    const services = [{ namespace: 'default', name: 'kubernetes', endpoints: [{ within: ['10.9.0.0/28'], port: 443 }] }];
    const api: Outside = { name: 'the API server', addresses: ['10.9.0.0/28'], backs: { namespace: 'default', name: 'kubernetes' } };
    expect(between(set, pod('web'), office)).toEqual(['undetermined TCP because the endpoints of Service default/kubernetes', `deny ${ConnectionSet.ALL.subtract(ConnectionSet.protocols(6))}`]);
    expect(between(set, pod('web'), office, { complete: true })).toEqual(['deny all connections']);
    expect(between(set, pod('web'), api, { services })).toEqual(['allow TCP 443', `deny ${ConnectionSet.ALL.subtract(tcp(443))}`]);
    expect(between(set, pod('web'), { ...api, backs: undefined }, { services })[0]).toBe('undetermined TCP 443 because which addresses Service default/kubernetes leads to');
    expect(between(set, pod('web'), office, { services })).toEqual(['deny all connections']);
    expect(between(set, pod('web'), pod('db', { within: ['10.9.0.0/24'] }), { services })).toEqual(['deny all connections']);
  });

  test('too many unknowns end in doubt, soon', () => {
    const any = pod('any', { labels: {}, open: { labels: true } });
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
    const set = policies({ ...INGRESS, ingress: keys.map((key, i) => ({ action: i % 2 ? 'Deny' : 'Allow', protocol: 'TCP', source: { selector: `has(${key})` }, destination: { ports: [i + 1] } })) });
    const start = process.cpuUsage(); // not the wall's clock: the machine may be busy
    const pieces = compile(set, topology()).between(any, pod('db'));
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(5000);
    expect(pieces.filter(({ verdict }) => verdict === 'allow')).toEqual([]);
    expect(pieces[0].because!.length).toBeGreaterThan(0);
  });
});

describe('expectations', () => {
  const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', protocol: 'TCP', source: { selector: "app == 'web'" }, destination: { ports: [5432, 5433] } }] });
  const compiled = compile(set, topology());
  const [web, api, db] = [pod('web'), pod('api'), pod('db')];
  const ask = (from: Peer[], connections: ConnectionSet, expected: 'allow' | 'deny') => checkExpectation(compiled, { from, to: [db], connections, expected });

  test('allowed means each connection, denied means none whatever', () => {
    expect(ask([web], tcp([5432, 5433]), 'allow')).toMatchObject({ verdict: 'met', vacuous: false, counterexamples: [] });
    expect(ask([web], tcp([5431, 5433]), 'allow').verdict).toBe('unmet');
    expect(ask([web], ConnectionSet.ALL, 'deny').verdict).toBe('unmet');
    expect(ask([api], ConnectionSet.ALL, 'deny').verdict).toBe('met');
    expect(ask([api, web], tcp(5432), 'allow').counterexamples.map(({ from }) => from)).toEqual([api]);
  });

  test('a counterexample names the connections and what decided', () => {
    expect(ask([web], tcp([5431, 5433]), 'allow').counterexamples.map(words)).toEqual([
      'TCP 5431: denied at ingress by tier default, GlobalNetworkPolicy/p0, end of tier: Deny',
    ]);
    expect(ask([web], tcp(5432), 'deny').counterexamples.map(words)).toEqual([
      'TCP 5432: allowed at egress by Profile/kns.shop: Allow; at ingress by tier default, GlobalNetworkPolicy/p0, rule 0: Allow',
    ]);
  });

  test('what nobody knows is neither met nor unmet, and an expectation about nobody is vacuous', () => {
    const any = pod('any', { labels: {}, open: { labels: true } });
    const result = ask([any], tcp(5432), 'deny');
    expect(result.verdict).toBe('undetermined');
    expect(result.counterexamples.map(words)).toEqual(['TCP 5432: undetermined because of the labels of shop/any']);
    expect(ask([db], ConnectionSet.ALL, 'deny')).toEqual({ verdict: 'met', counterexamples: [], pieces: [], vacuous: true });
    expect(ask([], ConnectionSet.ALL, 'allow').vacuous).toBe(true);
  });
});

test('an explanation lists the steps in order', () => {
  const tiers = [{ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'guard' }, spec: { order: 1, defaultAction: 'Pass' } }];
  const parsed = parsePolicyObjects([...tiers,
    { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'guard.x' }, spec: { tier: 'guard', types: ['Egress'], egress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: [10_250] } }] } }]);
  expect(explain(compile(parsed, topology()), pod('web'), pod('db'))).toEqual([
    {
      connections: ConnectionSet.ALL.subtract(tcp(10_250)).toString(), verdict: 'allow',
      steps: ['egress of shop/web: tier guard, GlobalNetworkPolicy/guard.x, end of tier: Pass', 'egress of shop/web: Profile/kns.shop: Allow', 'ingress of shop/db: Profile/kns.shop: Allow'],
      summary: expect.stringContaining('allowed at egress by tier guard') as string,
    },
    {
      connections: 'TCP 10250', verdict: 'deny', steps: ['egress of shop/web: tier guard, GlobalNetworkPolicy/guard.x, rule 0: Deny', 'ingress of shop/db: Profile/kns.shop: Allow'],
      summary: 'shop/web -> shop/db, TCP 10250: denied at egress by tier guard, GlobalNetworkPolicy/guard.x, rule 0: Deny',
    },
  ]);
});

test('a difference says what opened and what closed, and a matrix differs from itself in nothing', () => {
  const peers = { ...topology(pod('web'), pod('db')), outside: [{ name: 'office', addresses: ['192.0.2.0/24'] }] };
  const allow = (port: number) => policies({ ...INGRESS, ingress: [{ action: 'Allow', protocol: 'TCP', source: { selector: "app == 'web'" }, destination: { ports: [port] } }] });
  const [before, after] = [reachability(peers, allow(80)), reachability(peers, allow(81))];
  expect(diff(before, before)).toEqual([]);
  expect(diff(before, after).map(({ from, to, opened, closed }) => `${from} ${to} +${opened} -${closed}`)).toEqual(['shop/web shop/db +TCP 81 -TCP 80']);
});

test('one flow, by name or address', () => {
  const peers = topology(pod('web', { addresses: ['10.0.0.1'] }), pod('db', { addresses: ['10.0.0.2', 'fd00::2'] }));
  const set = policies({ ...INGRESS, ingress: [{ action: 'Allow', source: { selector: "app == 'web'" } }] });
  const verdict = (from: string, to: string, protocol = 'TCP') => evaluate(set, peers, { from, to, protocol, port: 80 }).verdict;
  expect(verdict('shop/web', 'shop/db')).toBe('allow');
  expect(verdict('ip:10.0.0.1', 'ip:10.0.0.2')).toBe('allow');
  expect(verdict('ip:10.0.0.9', 'shop/db')).toBe('deny');
  expect(evaluate(set, peers, { from: 'shop/nobody', to: 'shop/db', protocol: 'TCP', port: 80 })).toMatchObject({ verdict: 'undetermined', because: ['shop/nobody is nowhere in the topology'] });
  expect(evaluate(set, peers, { from: 'shop/web', to: 'shop/db', protocol: 'nonsense' })).toMatchObject({ verdict: 'undetermined', because: ['nonsense is no protocol'] });
  expect(evaluate(set, peers, { from: 'ip:fd00::9', to: 'shop/web', protocol: 'TCP', port: 80 }).verdict).toBe('undetermined');
});
