import { compile, Endpoint, Outside, Peer, Piece, reachability, diff, Topology } from '../../../src/core/connectivity';
import { cellOf } from '../../../src/core/connectivity/reachability';
import { Opaque, parsePolicyObjects, PolicySet } from '../../../src/core/policy';

/** Answers are shared by pairs that are treated alike: here are pairs that look alike and are not. */
const VPC: Opaque = { opaque: 'the VPC range', token: '${Vpc}' };
const pod = (name: string, more: Partial<Endpoint> = {}): Endpoint => ({ name, namespace: 'shop', labels: { app: name }, ...more });
const TOPOLOGY: Topology = { endpoints: [], namespaces: [{ name: 'shop', labels: {} }], complete: true };
const ON_DB = { types: ['Ingress'], selector: "app == 'db'" };

function policies(...specs: object[]): PolicySet {
  const objects = specs.map((spec, i) => ({ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: `p${i}` }, spec: { order: i, ...spec } }));
  const { tiers, policies: parsed, diagnostics } = parsePolicyObjects(objects, { tokens: (text) => (text === VPC.token ? VPC : undefined) });
  expect(diagnostics).toEqual([]);
  return { tiers, policies: parsed };
}

const write = (pieces: readonly Piece[]) => pieces.map(({ connections, verdict, because = [], source = [] }) =>
  [`${verdict} ${connections}`, ...because.length > 0 ? [`because ${because.join('; ')}`] : [], ...source.length > 0 ? [`from ${source.map((each) => typeof each === 'string' ? each : each.opaque).join(',')}`] : []].join(' '));
const asked = (set: PolicySet, more: Partial<Topology> = {}) => {
  const compiled = compile(set, { ...TOPOLOGY, ...more });
  return (from: Peer, to: Peer) => write(compiled.between(from, to));
};

describe('doubt is told of the pod that it is about', () => {
  const [one, other] = ['one', 'other'].map((name) => pod(name, { labels: {}, open: { labels: true } }));

  test('as the peer of a rule', () => {
    const between = asked(policies({ ...ON_DB, ingress: [{ action: 'Allow', source: { selector: "role == 'web'" } }] }));
    expect(between(one, pod('db'))).toEqual(['undetermined all connections because the labels of shop/one']);
    expect(between(other, pod('db'))).toEqual(['undetermined all connections because the labels of shop/other']);
  });

  test('as the end that a rule is for', () => {
    const between = asked(policies({ types: ['Ingress'], selector: 'all()', ingress: [{ action: 'Allow', destination: { selector: "role == 'web'" } }] }));
    expect(between(pod('web'), one)).toEqual(['undetermined all connections because the labels of shop/one']);
    expect(between(pod('web'), other)).toEqual(['undetermined all connections because the labels of shop/other']);
  });

  test('as the end that a policy may bind', () => {
    const between = asked(policies({ types: ['Ingress'], selector: "role == 'web'", ingress: [] }));
    expect(between(pod('web'), one)).toEqual(['undetermined all connections because the labels of shop/one']);
    expect(between(pod('web'), other)).toEqual(['undetermined all connections because the labels of shop/other']);
  });
});

describe('answers about one label do not contradict each other', () => {
  test('one of several values, then one of them', () => {
    const between = asked(policies({ ...ON_DB, ingress: [{ action: 'Deny', source: { selector: "role in {'a', 'b'}" } }, { action: 'Allow', source: { selector: "role == 'a'" } }] }));
    expect(between(pod('any', { open: { labels: true } }), pod('db'))).toEqual(['deny all connections']);
  });

  test('an unknown service account has one name, whichever label asks for it', () => {
    const between = asked(policies({
      ...ON_DB, ingress: [{ action: 'Deny', source: { serviceAccounts: { names: ['admin'] } } }, { action: 'Allow', source: { serviceAccounts: { selector: "projectcalico.org/name == 'admin'" } } }],
    }));
    expect(between(pod('any', { open: { serviceAccount: true } }), pod('db'))).toEqual(['deny all connections']);
  });
});

test('a network set without a namespace is in none', () => {
  const networkSets = [{ nets: ['192.0.2.0/24'], labels: { role: 'office' } }] as never;
  const office: Outside = { name: 'office', addresses: ['192.0.2.0/24'] };
  const of = (source: object) => asked(policies({ ...ON_DB, ingress: [{ action: 'Allow', source: { selector: "role == 'office'", ...source } }] }), { networkSets })(office, pod('db'));
  expect(of({})).toEqual(['allow all connections']);
  expect(of({ namespaceSelector: 'all()' })).toEqual(['deny all connections']);
  expect(of({ namespaceSelector: 'has(projectcalico.org/name)' })).toEqual(['deny all connections']);
  expect(of({ selector: "role == 'office' && has(pcns.projectcalico.org/name)" })).toEqual(['deny all connections']);
});

test('whether a peer is behind a Service whose endpoints nobody knows is not known', () => {
  const services = { name: 'api', namespace: 'shop' };
  const from = asked(policies({ ...ON_DB, ingress: [{ action: 'Allow', source: { services } }] }), { complete: false, services: [] });
  expect(from({ name: 'office', addresses: ['192.0.2.1/32'] }, pod('db'))).toEqual(['undetermined all connections because the endpoints of Service shop/api']);
  const between = asked(policies({ types: ['Egress'], selector: "app == 'web'", egress: [{ action: 'Allow', destination: { services } }] }), { complete: false, services: [] });
  expect(between(pod('web'), { name: 'office', addresses: ['192.0.2.1/32'] })).toEqual(['undetermined all connections because the endpoints of Service shop/api']);
});

test('the addresses of an outside peer that differ are listed, known and unknown ones', () => {
  const between = asked(policies({ ...ON_DB, ingress: [{ action: 'Allow', source: { nets: ['192.0.2.0/25', VPC.token] } }] }));
  const told = (...addresses: Outside['addresses'][number][]) => between({ name: 'some', addresses }, pod('db')).sort();
  expect(told('192.0.2.0/24', '198.51.100.0/24')).toEqual([
    'allow all connections from 192.0.2.0/25', 'undetermined all connections because the range of the VPC range from 192.0.2.128/25,198.51.100.0/24',
  ]);
  expect(told('192.0.2.0/24', VPC)).toEqual(['allow all connections from 192.0.2.0/25,the VPC range', 'undetermined all connections because the range of the VPC range from 192.0.2.128/25']);
});

describe('the matrix says what each pair is told by itself', () => {
  const ports = [{ name: 'sql', port: 5432 }];
  const endpoints = [
    pod('web'), pod('api', { ports: [{ name: 'sql', port: 80 }] }), pod('db', { ports }), pod('many', { ports, replicated: true }), pod('host', { hostNetwork: true }),
    pod('open', { labels: {}, open: { labels: true } }), pod('loose', { open: { labels: true, ports: true }, replicated: false }),
  ];
  const outside: Outside[] = [{ name: 'office', addresses: ['192.0.2.0/24'] }, { name: 'desk', addresses: ['192.0.2.9/32', '2001:db8::1/128'] }];
  const set = policies(
    { types: ['Ingress'], selector: "app in {'db', 'many', 'api', 'loose'}", ingress: [{ action: 'Allow', protocol: 'TCP', source: { selector: "app == 'web'" }, destination: { ports: ['sql'] } }, { action: 'Allow', source: { nets: ['192.0.2.0/25'] } }] },
    { types: ['Egress'], selector: "app in {'web', 'api'}", egress: [{ action: 'Allow', protocol: 'TCP', destination: { selector: "app != 'api'", ports: ['sql'] } }, { action: 'Allow', protocol: 'UDP' }] },
    { types: ['Ingress', 'Egress'], selector: "app == 'loose'", ingress: [], egress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['sql', 443] } }] },
  );
  const compiled = compile(set, { ...TOPOLOGY, endpoints, outside });
  const matrix = reachability({ ...TOPOLOGY, endpoints, outside }, set);
  const text = ({ allowed, undetermined, partial }: ReturnType<typeof cellOf>) => `${allowed} | ${undetermined} | ${partial}`;

  test.each(endpoints.map((each) => [each.name, each] as const))('from %s', (_, from) => {
    const told = (tell: (to: Peer) => ReturnType<typeof cellOf>) => [...endpoints, ...outside].map((to) => `${to.name}: ${text(tell(to))}`);
    expect(told((to) => matrix.between(from, to))).toEqual(told((to) => cellOf(compiled.between(from, to))));
  });

  test('of one pod that may be any, it is not said that it is the same one', () => {
    const any = pod('any', { open: { labels: true } });
    const closed = policies({ types: ['Ingress'], selector: 'all()', ingress: [] });
    expect(reachability({ ...TOPOLOGY, endpoints: [any] }, closed).between(any, any).allowed.isEmpty()).toBe(true);
    const one = pod('one', { replicated: false });
    expect(reachability({ ...TOPOLOGY, endpoints: [one] }, closed).between(one, one).allowed.toString()).toBe('all connections');
  });
});

test('differences are in the order of names', () => {
  const endpoints = ['c', 'a', 'b'].map((name) => pod(name));
  const matrix = (set: PolicySet) => reachability({ ...TOPOLOGY, endpoints }, set);
  const found = diff(matrix(policies({ types: ['Ingress'], selector: "app == 'a'", ingress: [] })), matrix(policies({ types: ['Ingress'], selector: "app == 'b'", ingress: [] })));
  expect(found.map(({ from, to, opened, closed }) => `${from} to ${to}: ${opened} opened, ${closed} closed`)).toEqual([
    'shop/a to shop/b: no connections opened, all connections closed',
    'shop/b to shop/a: all connections opened, no connections closed',
    'shop/c to shop/a: all connections opened, no connections closed',
    'shop/c to shop/b: no connections opened, all connections closed',
  ]);
});

test('a name that nobody has is nobody', () => {
  expect(compile(policies(), { ...TOPOLOGY, endpoints: [pod('web')] }).named('shop/api')).toBeUndefined();
  expect(compile(policies(), { ...TOPOLOGY, endpoints: [pod('web')] }).named('shop/web')).toEqual(pod('web'));
});
