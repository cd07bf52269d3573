import { compile, describeVerdict, Endpoint, explain, Outside, Peer } from '../../../src/core/connectivity';
import { parsePolicyObjects } from '../../../src/core/policy';
import { ConnectionSet, portSet, PROTOCOL } from '../../../src/core/sets';

const pod = (name: string, more: Partial<Endpoint> = {}): Endpoint => ({ name, namespace: 'shop', labels: { app: name }, ...more });
const OFFICE: Outside = { name: 'office', addresses: ['192.0.2.0/24'] };
const TCP_80 = ConnectionSet.ports(PROTOCOL.TCP, portSet(80));
const tier = { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'guard' }, spec: { order: 1, defaultAction: 'Pass' } };
const policy = (name: string, spec: object) => ({ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name }, spec });
const on = (...objects: object[]) => {
  const { diagnostics, ...set } = parsePolicyObjects([tier, ...objects]);
  expect(diagnostics).toEqual([]);
  return compile(set, { endpoints: [], namespaces: [{ name: 'shop', labels: {} }] });
};
const said = (set: ReturnType<typeof on>, from: Peer, to: Peer) => explain(set, from, to, TCP_80).map(({ verdict, steps, summary }) => [verdict, ...steps, summary]);

test('without a policy the namespace decides', () => {
  expect(said(on(), pod('web'), pod('db'))).toEqual([[
    'allow', 'egress of shop/web: Profile/kns.shop: Allow', 'ingress of shop/db: Profile/kns.shop: Allow',
    'shop/web -> shop/db, TCP 80: allowed at egress by Profile/kns.shop: Allow; at ingress by Profile/kns.shop: Allow',
  ]]);
});

test('a pod and itself', () => {
  const web = pod('web');
  expect(said(on(), web, web)).toEqual([['allow', 'egress: shop/web reaches itself', 'ingress: shop/web reaches itself',
    'shop/web -> shop/web, TCP 80: allowed at egress by a pod reaches itself; at ingress by a pod reaches itself']]);
});

test('what no policy binds', () => {
  expect(said(on(), OFFICE, pod('db'))).toEqual([['allow', 'egress: no policy binds office', 'ingress of shop/db: Profile/kns.shop: Allow',
    'office -> shop/db, TCP 80: allowed at egress by no policy binds it; at ingress by Profile/kns.shop: Allow']]);
});

test('steps that pass come first, and both ends that deny are named', () => {
  const set = on(
    policy('guard.pass', { tier: 'guard', types: ['Egress'], egress: [{ action: 'Pass', protocol: 'UDP' }, { action: 'Pass', protocol: 'TCP' }] }),
    policy('closed', { types: ['Ingress', 'Egress'], selector: 'all()' }),
  );
  expect(said(set, pod('web'), pod('db'))).toEqual([[
    'deny', 'egress of shop/web: tier guard, GlobalNetworkPolicy/guard.pass, rule 1: Pass', 'egress of shop/web: tier default, GlobalNetworkPolicy/closed, end of tier: Deny',
    'ingress of shop/db: tier default, GlobalNetworkPolicy/closed, end of tier: Deny',
    'shop/web -> shop/db, TCP 80: denied at egress by tier guard, GlobalNetworkPolicy/guard.pass, rule 1: Pass, then tier default, GlobalNetworkPolicy/closed, end of tier: Deny; '
      + 'denied at ingress by tier default, GlobalNetworkPolicy/closed, end of tier: Deny',
  ]]);
});

test('what would have to be known', () => {
  const set = on(policy('some', { types: ['Ingress'], selector: "app == 'db'", ingress: [{ action: 'Allow', source: { selector: "role == 'x'" } }, { action: 'Deny' }] }));
  const [piece] = set.between(pod('any', { open: { labels: true } }), pod('db'), TCP_80);
  expect(describeVerdict(piece)).toBe('undetermined because of the labels of shop/any');
  const [explained] = explain(set, pod('any', { open: { labels: true } }), pod('db'), TCP_80);
  expect(explained.steps.slice(-1)).toEqual(['unknown: the labels of shop/any']);
  expect(explained.summary).toBe('shop/any -> shop/db, TCP 80: undetermined because of the labels of shop/any');
});
