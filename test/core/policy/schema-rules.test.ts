import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { parsePolicyObjects } from '../../../src/core/policy';

const POLICIES = ['GlobalNetworkPolicy', 'NetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedNetworkPolicy'];
const GLOBAL = ['GlobalNetworkPolicy', 'StagedGlobalNetworkPolicy'];
const STAGED = ['StagedGlobalNetworkPolicy', 'StagedNetworkPolicy', 'StagedKubernetesNetworkPolicy'];
const SETS = ['NetworkSet', 'GlobalNetworkSet'];
const ALL = [...POLICIES, 'StagedKubernetesNetworkPolicy', ...SETS, 'Tier'];

interface Limit {
  readonly kinds: readonly string[];
  /** Specs that break it; for a tier with its name. */
  readonly broken: readonly object[];
  /** Specs just inside it. */
  readonly kept: readonly object[];
  /** Calico's API server takes what breaks it: said, not refused. */
  readonly warned?: true;
}

/** A spec with one rule in each direction that such a rule fits in. */
const rules = (...all: object[]) => all.map((rule) => ({ types: ['Ingress', 'Egress'], ingress: [{ action: 'Allow', ...rule }], egress: [{ action: 'Allow', ...rule }] }));
const peers = (...all: object[]) => all.map((peer) => ({ ingress: [{ from: [peer] }], egress: [{ to: [peer] }] }));
const icmp = (field: string, ...all: object[]) => rules(...all.map((value) => ({ protocol: 'ICMP', [field]: value })));
const ends = (...all: object[]) => [...rules(...all.map((source) => ({ source }))), ...rules(...all.map((destination) => ({ destination })))];
const tier = (name: string, defaultAction?: string) => ({ name, order: { 'kube-admin': 1000, 'default': 1_000_000, 'kube-baseline': 10_000_000 }[name], defaultAction });
const SERVICE = { services: { name: 'api', namespace: 'shop' } };
const expressions = (expression: object) => ({ podSelector: { matchExpressions: [expression] } });

/** Every rule and limit of Calico's schemas of policies, by the place and the words that they have there. */
const LIMITS: Readonly<Record<string, Limit>> = {
  'object: The \'kube-admin\' tier must have default action \'Pass\'': { kinds: ['Tier'], broken: [tier('kube-admin', 'Deny'), tier('kube-admin')], kept: [tier('kube-admin', 'Pass')] },
  'object: The \'kube-baseline\' tier must have default action \'Pass\'': { kinds: ['Tier'], broken: [tier('kube-baseline', 'Deny'), tier('kube-baseline')], kept: [tier('kube-baseline', 'Pass')] },
  'object: The \'default\' tier must have default action \'Deny\'': { kinds: ['Tier'], broken: [tier('default', 'Pass')], kept: [tier('default', 'Deny'), tier('default')] },
  'object: required spec': { kinds: ALL, broken: [], kept: [{}], warned: true },
  'spec.defaultAction: enum Pass,Deny': { kinds: ['Tier'], broken: [tier('t', 'Allow'), tier('t', 'pass')], kept: [tier('t', 'Pass'), tier('t', 'Deny')] },
  'spec: preDNAT and doNotTrack cannot both be true': { kinds: GLOBAL, broken: [{ preDNAT: true, doNotTrack: true, applyOnForward: true }], kept: [{ preDNAT: true, doNotTrack: false, applyOnForward: true }] },
  'spec: preDNAT policy cannot have any egress rules': { kinds: GLOBAL, broken: [{ preDNAT: true, applyOnForward: true, egress: [{ action: 'Allow' }] }], kept: [{ preDNAT: true, applyOnForward: true, egress: [] }] },
  'spec: preDNAT policy cannot have \'Egress\' type': { kinds: GLOBAL, broken: [{ preDNAT: true, applyOnForward: true, types: ['Ingress', 'Egress'] }], kept: [{ preDNAT: true, applyOnForward: true, types: ['Ingress'] }] },
  'spec: applyOnForward must be true if either preDNAT or doNotTrack is true': { kinds: GLOBAL, broken: [{ preDNAT: true }, { doNotTrack: true, applyOnForward: false }], kept: [{ doNotTrack: true, applyOnForward: true }, { applyOnForward: true }, { doNotTrack: false }] },
  'rule: rules with HTTP match must have protocol TCP or unset': { kinds: POLICIES, broken: rules({ protocol: 'UDP', http: { methods: ['GET'] } }), kept: rules({ protocol: 'UDP' }) },
  'rule: HTTP match is only valid on Allow rules': { kinds: POLICIES, broken: rules({ action: 'Deny', http: { methods: ['GET'] } }), kept: rules({ action: 'Deny' }) },
  'rule: ports and notPorts cannot be specified with services': {
    kinds: POLICIES,
    broken: [{ ports: [443] }, { notPorts: [443] }].map((beside) => ({ egress: [{ action: 'Allow', protocol: 'TCP', destination: { ...SERVICE, ...beside } }] })),
    kept: [{ egress: [{ action: 'Allow', protocol: 'TCP', destination: { ...SERVICE, ports: [], notPorts: [] } }] }],
  },
  'rule: required action': { kinds: POLICIES, broken: rules({ action: undefined }), kept: rules({ action: 'Allow' }) },
  'rule.action: enum Allow,Deny,Log,Pass': { kinds: POLICIES, broken: rules({ action: 'Reject' }, { action: 'allow' }), kept: rules(...['Allow', 'Deny', 'Log', 'Pass'].map((action) => ({ action }))) },
  'rule.ipVersion: enum 4,6': { kinds: POLICIES, broken: rules({ ipVersion: 5 }, { ipVersion: 0 }), kept: rules({ ipVersion: 4 }, { ipVersion: 6 }) },
  ...Object.fromEntries(['icmp', 'notICMP'].flatMap((field): [string, Limit][] => [
    [`rule.${field}: ICMP code specified without an ICMP type`, { kinds: POLICIES, broken: icmp(field, { code: 0 }), kept: icmp(field, { type: 0, code: 0 }, {}) }],
    [`rule.${field}.type: maximum 254`, { kinds: POLICIES, broken: icmp(field, { type: 255 }), kept: icmp(field, { type: 254 }) }],
    [`rule.${field}.type: minimum 0`, { kinds: POLICIES, broken: icmp(field, { type: -1 }), kept: icmp(field, { type: 0 }) }],
    [`rule.${field}.code: maximum 255`, { kinds: POLICIES, broken: icmp(field, { type: 3, code: 256 }), kept: icmp(field, { type: 3, code: 255 }) }],
    [`rule.${field}.code: minimum 0`, { kinds: POLICIES, broken: icmp(field, { type: 3, code: -1 }), kept: icmp(field, { type: 3, code: 0 }) }],
  ])),
  'rule.end.nets: set': { kinds: POLICIES, broken: ends({ nets: ['10.0.0.0/8', '10.0.0.0/8'] }), kept: ends({ nets: ['10.0.0.0/8', '10.0.0.0/9'] }), warned: true },
  'rule.end.serviceAccounts.names: set': { kinds: POLICIES, broken: ends({ serviceAccounts: { names: ['a', 'a'] } }), kept: ends({ serviceAccounts: { names: ['a', 'b'] } }), warned: true },
  // Nobody can say what a match of HTTP decides: each is refused by name, inside the limits too.
  ...Object.fromEntries([['methods', 'maxItems 20'], ['paths', 'maxItems 20'], ['paths[].exact', 'maxLength 1024'], ['paths[].prefix', 'maxLength 1024']].map(([field, limit]): [string, Limit] =>
    [`rule.http.${field}: ${limit}`, { kinds: POLICIES, broken: rules({ http: { methods: ['GET'] } }, { http: { paths: [{ exact: '/' }] } }), kept: [] }])),
  'spec.nets: set': { kinds: SETS, broken: [{ nets: ['10.0.0.0/8', '10.0.0.0/8'] }], kept: [{ nets: ['10.0.0.0/8', '10.0.0.0/9'] }], warned: true },
  'spec.performanceHints[]: enum AssumeNeededOnEveryNode': { kinds: POLICIES, broken: [{ performanceHints: ['Hurry'] }], kept: [{ performanceHints: ['AssumeNeededOnEveryNode'] }] },
  'spec.stagedAction: enum Set,Delete,Learn,Ignore': { kinds: STAGED, broken: [{ stagedAction: 'set' }], kept: ['Set', 'Delete', 'Learn', 'Ignore'].map((stagedAction) => ({ stagedAction })) },
  'spec.types: maxItems 2': { kinds: POLICIES, broken: [{ types: ['Ingress', 'Egress', 'Ingress'] }], kept: [{ types: ['Ingress', 'Egress'] }] },
  'spec.types: minItems 1': { kinds: POLICIES, broken: [{ types: [] }], kept: [{ types: ['Egress'] }], warned: true },
  'spec.types: set': { kinds: POLICIES, broken: [{ types: ['Egress', 'Egress'] }], kept: [{ types: ['Egress', 'Ingress'] }] },
  'spec.types[]: enum Ingress,Egress': { kinds: POLICIES, broken: [{ types: ['ingress'] }], kept: [{ types: ['Ingress'] }] },
  'spec.policyTypes: maxItems 2': { kinds: ['StagedKubernetesNetworkPolicy'], broken: [{ policyTypes: ['Ingress', 'Egress', 'Ingress'] }], kept: [{ policyTypes: ['Ingress', 'Egress'] }] },
  'spec.policyTypes: minItems 1': { kinds: ['StagedKubernetesNetworkPolicy'], broken: [{ policyTypes: [] }], kept: [{ policyTypes: ['Egress'] }], warned: true },
  'spec.policyTypes: set': { kinds: ['StagedKubernetesNetworkPolicy'], broken: [{ policyTypes: ['Egress', 'Egress'] }], kept: [{ policyTypes: ['Egress', 'Ingress'] }], warned: true },
  'rule.peer[].ipBlock: required cidr': { kinds: ['StagedKubernetesNetworkPolicy'], broken: peers({ ipBlock: { except: [] } }), kept: peers({ ipBlock: { cidr: '10.0.0.0/8' } }) },
  'spec.podSelector.matchExpressions[]: required key,operator': { kinds: ['StagedKubernetesNetworkPolicy'], broken: [expressions({ operator: 'Exists' }), expressions({ key: 'a' })], kept: [expressions({ key: 'a', operator: 'Exists' })] },
  ...Object.fromEntries(['podSelector', 'namespaceSelector'].map((field): [string, Limit] => [`rule.peer[].${field}.matchExpressions[]: required key,operator`, {
    kinds: ['StagedKubernetesNetworkPolicy'],
    broken: peers({ [field]: { matchExpressions: [{ operator: 'Exists' }] } }, { [field]: { matchExpressions: [{ key: 'a' }] } }),
    kept: peers({ [field]: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }),
  }])),
};

function judge(kind: string, given: object): readonly { severity: string; code: string; message: string }[] {
  const { name = 'x', ...spec } = given as { name?: string };
  const namespaced = !kind.includes('Global') && kind !== 'Tier';
  return parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind, metadata: { name, ...namespaced && { namespace: 'shop' } }, spec }]).diagnostics;
}

describe.each(Object.entries(LIMITS))('%s', (_, { kinds, broken, kept, warned }) => {
  test.each(kinds)('%s', (kind) => {
    for (const spec of broken) {
      const found = judge(kind, spec);
      expect([spec, found.map(({ severity }) => severity)]).toEqual([spec, expect.arrayContaining([warned ? 'warning' : 'error'])]);
      if (warned) expect(found.every(({ code }) => code === 'policyBeyondSchema')).toBe(true);
    }
    for (const spec of kept) expect([spec, judge(kind, spec)]).toEqual([spec, []]);
  });
});

test('an object without a spec is taken, and said to be one that the schemas refuse', () => {
  for (const kind of ALL) {
    const { diagnostics } = parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind, metadata: { name: 'x' } }]);
    expect(diagnostics.map(({ code, severity, message }) => `${code} ${severity}: ${message}`)).toEqual(["policyBeyondSchema warning: spec is missing: Calico's schemas refuse that"]);
  }
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

/** What a schema forbids, by place; both directions and both ends of a rule are one place. */
function limitsOf(schema: Schema, place = 'object'): string[] {
  const found = [
    ...(schema['x-kubernetes-validations'] as { message: string }[] | undefined ?? []).map(({ message }) => message),
    ...[schema, ...schema.allOf as Schema[] | undefined ?? []].flatMap((part) => (Array.isArray(part.enum) ? [`enum ${part.enum.join(',')}`] : [])).slice(-1),
    ...['maximum', 'minimum', 'maxItems', 'minItems', 'maxLength', 'minLength'].filter((word) => schema[word] !== undefined).map((word) => `${word} ${String(schema[word])}`),
    ...schema['x-kubernetes-list-type'] === 'set' ? ['set'] : [],
    ...schema.required ? [`required ${schema.required.filter((name) => name !== 'metadata').join(',')}`] : [],
  ].map((limit) => `${place}: ${limit}`);
  const at = (name: string) => `${place}.${name}`.replace(/^object\./, '').replace(/^spec\.(ingress|egress)$/, 'rules').replace(/^rule\.(source|destination)$/, 'rule.end').replace(/^rule\.(from|to)$/, 'rule.peer');
  const inner = Object.entries(schema.properties ?? {}).filter(([name]) => name !== 'metadata' || place !== 'object').filter(([name]) => name !== 'status').flatMap(([name, part]) => limitsOf(part, at(name)));
  return [...found, ...inner, ...schema.items ? limitsOf(schema.items, place === 'rules' ? 'rule' : `${place}[]`) : []];
}

// The schemas are Calico's and come from CALICO_CRD_DIR; a run without them says so by skipping.
const folder = process.env.CALICO_CRD_DIR ?? '';
(existsSync(folder) ? test : test.skip)('no rule or limit of the schemas is missing here, and none is of no schema', () => {
  const found = readdirSync(folder).filter((file) => file.endsWith('.yaml')).flatMap((file) => {
    const { spec } = load(readFileSync(join(folder, file), 'utf8')) as { spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] } };
    return ALL.includes(spec.names.kind) ? limitsOf(spec.versions[0].schema.openAPIV3Schema).map((limit) => [limit, spec.names.kind]) : [];
  });
  const kinds = (limit: string) => [...new Set(found.filter(([other]) => other === limit).map(([, kind]) => kind))].sort();
  expect(Object.fromEntries(Object.entries(LIMITS).map(([limit, { kinds: named }]) => [limit, [...named].sort()])))
    .toEqual(Object.fromEntries([...new Set(found.map(([limit]) => limit))].map((limit) => [limit, kinds(limit)])));
});
