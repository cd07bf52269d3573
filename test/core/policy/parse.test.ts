import fc from 'fast-check';
import { SAID } from './said';
import { formatDiagnostic } from '../../../src/core/diagnostic';
import { emitNetworkSet, emitPolicy, emitTier, Opaque, parsePolicyObjects, Policy } from '../../../src/core/policy';

const gnp = (spec: object, name = 'x') => ({ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name }, spec });
const staged = (spec: object) => ({ ...gnp(spec), kind: 'StagedGlobalNetworkPolicy' });
const ingress = (rule: object) => gnp({ types: ['Ingress'], ingress: [{ action: 'Allow', ...rule }] });
const np = (spec: object) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x', namespace: 'shop' }, spec });
const refusals = (...objects: unknown[]) => parsePolicyObjects(objects).diagnostics.map(({ code, message }) => `${code}: ${message}`);
const only = (object: unknown): Policy => {
  const { policies, diagnostics } = parsePolicyObjects([object]);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policies[0];
};

describe('limits, both sides', () => {
  test.each<[string, object, object]>([
    ['port 65535', { protocol: 'TCP', destination: { ports: [65_535] } }, { protocol: 'TCP', destination: { ports: [65_536] } }],
    ['port 1', { protocol: 'TCP', destination: { ports: [1] } }, { protocol: 'TCP', destination: { ports: [0] } }],
    ['port range', { protocol: 'TCP', destination: { ports: ['10:10'] } }, { protocol: 'TCP', destination: { ports: ['10:9'] } }],
    ['port name of 15', { destination: { ports: ['a'.repeat(15)] } }, { destination: { ports: ['a'.repeat(16)] } }],
    ['port name in lower case', { destination: { ports: ['web-1'] } }, { destination: { ports: ['Web-1'] } }],
    ['port name without a double hyphen', { destination: { ports: ['a-b'] } }, { destination: { ports: ['a--b'] } }],
    ['numeric ports need a protocol', { protocol: 17, source: { ports: [53] } }, { source: { ports: [53] } }],
    ['ports need a protocol that has them', { protocol: 'SCTP', destination: { notPorts: ['sig'] } }, { protocol: 'UDPLite', destination: { notPorts: ['sig'] } }],
    ['protocol 255', { protocol: 255 }, { protocol: 256 }],
    ['protocol 1', { protocol: 1 }, { protocol: 0 }],
    ['protocol as digits', { notProtocol: '255' }, { notProtocol: '256' }],
    ['protocol names have one spelling', { protocol: 'ICMPv6' }, { protocol: 'icmpv6' }],
    ['ICMP type 254', { protocol: 'ICMP', icmp: { type: 254 } }, { protocol: 'ICMP', icmp: { type: 255 } }],
    ['ICMP code 255', { protocol: 'ICMP', icmp: { type: 0, code: 255 } }, { protocol: 'ICMP', icmp: { type: 0, code: 256 } }],
    ['ICMP code with its type', { protocol: 'ICMP', icmp: { type: 3, code: 4 } }, { protocol: 'ICMP', icmp: { code: 4 } }],
    ['ICMP fields beside the name', { protocol: 'ICMP', icmp: { type: 8 } }, { protocol: 1, icmp: { type: 8 } }],
    ['IP version', { ipVersion: 6 }, { ipVersion: 5 }],
    ['IP version of ICMP', { ipVersion: 4, protocol: 'ICMP' }, { ipVersion: 6, protocol: 'ICMP' }],
    ['IP version of CIDRs', { ipVersion: 4, source: { nets: ['10.0.0.0/8'] } }, { ipVersion: 6, source: { nets: ['10.0.0.0/8'] } }],
    ['one IP version in both ends', { source: { nets: ['10.0.0.0/8'] }, destination: { notNets: ['192.0.2.0/24'] } }, { source: { nets: ['10.0.0.0/8'] }, destination: { notNets: ['fd00::/8'] } }],
    ['strict masks', { source: { nets: ['10.0.0.0/24'] } }, { source: { nets: ['10.0.0.1/24'] } }],
    ['written masks', { source: { nets: ['10.0.0.1/32'] } }, { source: { nets: ['10.0.0.1'] } }],
    ['something outside', { source: { notNets: ['0.0.0.0/1'] } }, { source: { notNets: ['0.0.0.0/0'] } }],
    ['the same in IPv6', { source: { nets: ['::/0'] } }, { source: { notNets: ['0:0::/0'] } }],
    ['global() alone', { source: { namespaceSelector: 'global( )' } }, { source: { namespaceSelector: '!global()' } }],
    ['global() without parentheses around it', { source: { namespaceSelector: ' global() ' } }, { source: { namespaceSelector: '(global())' } }],
    ['global() without a double negation', { source: { namespaceSelector: 'global()' } }, { source: { namespaceSelector: '!!global()' } }],
    ['global() of namespaces', { source: { namespaceSelector: 'global()' } }, { source: { selector: 'global()' } }],
    ['a Service at the other end', { source: { services: { name: 'api', namespace: 'shop' } } }, { destination: { services: { name: 'api', namespace: 'shop' } } }],
    ['a Service with its namespace', { source: { services: { name: 'api', namespace: 'shop' } } }, { source: { services: { name: 'api' } } }],
    ['a Service alone', { source: { services: { name: 'api', namespace: 'shop' } } }, { source: { services: { name: 'api', namespace: 'shop' }, notNets: ['10.0.0.0/8'] } }],
    ['names of service accounts', { source: { serviceAccounts: { names: ['a.b-c'] } } }, { source: { serviceAccounts: { names: ["a' || all()"] } } }],
    ['no HTTP', { protocol: 'TCP' }, { protocol: 'TCP', http: { methods: ['GET'] } }],
    ['known fields', { metadata: { annotations: { why: 'because' } } }, { metadata: { labels: {} } }],
    ['a selector that is not blank', { source: { selector: ' has(a)\t' } }, { source: { selector: ' ' } }],
  ])('%s', (name, taken, refused) => {
    expect(refusals(ingress(taken))).toEqual([]);
    expect(parsePolicyObjects([ingress(refused)]).diagnostics.map(formatDiagnostic)).toEqual([SAID[name]]);
  });

  test.each<[string, object, object]>([
    ['the name of a policy', gnp({}, 'tier.name'), gnp({}, 'a.b.c')],
    ['253 characters of a name', gnp({}, `${'a'.repeat(126)}.${'a'.repeat(126)}`), gnp({}, `${'a'.repeat(127)}.${'a'.repeat(126)}`)],
    ['types named once', gnp({ types: ['Egress', 'Ingress'] }), gnp({ types: ['Egress', 'Egress'] })],
    ['order', gnp({ order: -1.5 }), gnp({ order: '10' })],
    ['a built-in tier', { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'default' }, spec: {} }, { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'kube-admin' }, spec: { defaultAction: 'Pass' } }],
    ['hints', gnp({ performanceHints: ['AssumeNeededOnEveryNode'] }), gnp({ performanceHints: ['AssumeNeededOnEveryNode', 'AssumeNeededOnEveryNode'] })],
    ...[{ types: ['Ingress'] }, { order: 0 }, { ingress: [] }, { selector: 'all()' }, { doNotTrack: true, applyOnForward: true }].map((beside): [string, object, object] =>
      [`a deletion beside ${Object.keys(beside)[0]}`, staged({ stagedAction: 'Delete', tier: 'default', selector: '', doNotTrack: false }), staged({ stagedAction: 'Delete', ...beside })]),
    ['flags of host endpoints', gnp({ preDNAT: true, applyOnForward: true, ingress: [{ action: 'Deny' }] }), gnp({ preDNAT: true, ingress: [{ action: 'Deny' }] })],
    ['label values', { ...gnp({}), metadata: { name: 'x', labels: { a: 'b'.repeat(63) } } }, { ...gnp({}), metadata: { name: 'x', labels: { a: 'b'.repeat(64) } } }],
    ['Kubernetes: a port range', np({ podSelector: {}, ingress: [{ ports: [{ port: 80, endPort: 80 }] }] }), np({ podSelector: {}, ingress: [{ ports: [{ port: 80, endPort: 79 }] }] })],
    ['Kubernetes: a part of the block', np({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/9'] } }] }] }), np({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9'] } }] }] })],
    ['Kubernetes: Exists has no values', np({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }), np({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } })],
    ['Kubernetes: digits are no port name', np({ ingress: [{ ports: [{ port: 'p80' }] }] }), np({ ingress: [{ ports: [{ port: '80' }] }] })],
    ['a namespace only where there is one', { ...gnp({}), metadata: { name: 'x', namespace: '' } }, { ...gnp({}), metadata: { name: 'x', namespace: 'shop' } }],
    ['network sets take addresses', { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkSet', metadata: { name: 'x' }, spec: { nets: ['10.0.0.1', '10.0.0.1/8'] } },
      { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkSet', metadata: { name: 'x', labels: { 'projectcalico.org/namespace': 'a' } }, spec: { nets: [] } }],
  ])('%s', (name, taken, refused) => {
    expect(refusals(taken)).toEqual([]);
    expect(parsePolicyObjects([refused]).diagnostics.map(formatDiagnostic)).toEqual([SAID[name] ?? expect.stringContaining("digits and '-', at most 253; rename it")]);
  });
});

test('every refusal names the object, the value, the rule and the fix', () => {
  const object = gnp({ tier: 'x', ingress: [{ action: 'allow', protocol: 'TCP', source: { nets: ['10.1.2.3/24'] } }, { action: 'Deny', destination: { ports: [10_250] } }] });
  expect(parsePolicyObjects([object]).diagnostics.map(formatDiagnostic)).toEqual([
    "GlobalNetworkPolicy/x: spec.ingress[0].action is 'allow': it must be one of Allow, Deny, Log, Pass; use one of them [cdk-secure-eks:policyInvalid]",
    "GlobalNetworkPolicy/x: spec.ingress[0].source.nets[0] is '10.1.2.3/24', which has bits set behind its prefix; write 10.1.2.0/24 [cdk-secure-eks:policyInvalid]",
    'GlobalNetworkPolicy/x: spec.ingress[1].destination.ports needs a protocol with ports and has none; name the protocol of the ports: TCP, UDP or SCTP [cdk-secure-eks:portsWithoutProtocol]',
  ]);
  expect(refusals(gnp({ tier: 'x' }))).toEqual(["policyTierMissing: spec.tier is 'x', which does not exist"]);
  expect(refusals(ingress({ http: {} }))).toEqual(['httpMatchUnsupported: spec.ingress[0].http matches HTTP, which only a proxy could enforce: no verdict can be given']);
  expect(refusals(gnp({ podSelector: {} }))[0]).toMatch(/^policyFieldUnknown: spec\.podSelector is no field that this kind has/);
});

describe('defaults', () => {
  test.each<[object, readonly string[]]>([
    [{}, ['Ingress']], [{ types: [] }, ['Ingress']], [{ egress: [{ action: 'Allow' }] }, ['Egress']], [{ ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] }, ['Ingress', 'Egress']],
    [{ egress: [] }, ['Ingress']], [{ types: ['Egress', 'Ingress'] }, ['Egress', 'Ingress']],
  ])('Calico types of %j', (spec, types) => expect(only(gnp(spec)).types).toEqual(types));

  test.each<[object, readonly string[]]>([
    [{}, ['Ingress']], [{ egress: [{}] }, ['Ingress', 'Egress']], [{ egress: [] }, ['Ingress']], [{ policyTypes: ['Egress'], ingress: [{}] }, ['Egress']],
  ])('Kubernetes types of %j', (spec, types) => expect(only(np(spec)).types).toEqual(types));

  test('a Kubernetes rule becomes one for each protocol and peer, and keeps its index', () => {
    const policy = only(np({ podSelector: { matchLabels: { b: '2', a: '1' } }, ingress: [{}, { from: [{ podSelector: {} }, { namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }, { port: 80 }, { port: 'web' }] }] }));
    expect(policy).toMatchObject({ kind: 'KubernetesNetworkPolicy', tier: 'default', order: 1000, selector: "projectcalico.org/orchestrator == 'k8s' && a == '1' && b == '2'" });
    expect(policy.ingress!.map(({ index, protocol, destination }) => [index, protocol, destination?.ports])).toEqual([
      [0, undefined, undefined], [1, 'TCP', [80, 'web']], [1, 'TCP', [80, 'web']], [1, 'UDP', [53]], [1, 'UDP', [53]],
    ]);
  });
});

describe('sets of objects', () => {
  test('lists are opened, other kinds are left alone, unknown policy kinds are not', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [gnp({}), { apiVersion: 'v1', kind: 'Pod' }, null, 'text', { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', items: [np({})] }] };
    expect(parsePolicyObjects([list])).toMatchObject({ policies: [{ name: 'x' }, { name: 'x', namespace: 'shop' }], diagnostics: [] });
    for (const [apiVersion, kind] of [['crd.projectcalico.org/v1', 'GlobalNetworkPolicy'], ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'], ['networking.k8s.io/v1beta1', 'NetworkPolicy'], ['projectcalico.org/v1', 'Tier']]) {
      expect(parsePolicyObjects([{ apiVersion, kind, metadata: { name: 'x' } }]).diagnostics).toMatchObject([{ code: 'policyKindUnknown', severity: 'error' }]);
    }
    expect(parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind: 'HostEndpoint', metadata: { name: 'x' } }]).diagnostics).toMatchObject([{ code: 'calicoObjectNotModelled', severity: 'error', acknowledgeable: true }]);
  });

  test('a list that contains itself ends', () => {
    const list: { apiVersion: string; kind: string; items: unknown[] } = { apiVersion: 'v1', kind: 'List', items: [gnp({})] };
    list.items.push(list);
    expect(parsePolicyObjects([list]).policies).toHaveLength(1);
  });

  test('the same object twice is one, two of one name are an error', () => {
    expect(parsePolicyObjects([gnp({}), gnp({})])).toMatchObject({ policies: [{ name: 'x' }], diagnostics: [] });
    expect(refusals(gnp({}), gnp({ order: 1 }))).toEqual(['policyDuplicate: is defined twice with different content']);
  });

  test('a namespaced policy without a namespace goes where the options say', () => {
    const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' }, spec: {} };
    expect(parsePolicyObjects([object]).policies[0].namespace).toBe('default');
    expect(parsePolicyObjects([object], { namespace: 'team' }).policies[0].namespace).toBe('team');
  });
});

describe('emitting', () => {
  const vpc: Opaque = { opaque: 'the VPC range', token: '${Token[Vpc.CidrBlock.7]}' };
  const policy: Policy & { kind: 'GlobalNetworkPolicy' } = {
    kind: 'GlobalNetworkPolicy', name: 't.x', tier: 't', order: 5, selector: 'has(a)', namespaceSelector: 'all()', serviceAccountSelector: 'has(b)', types: ['Egress'],
    egress: [{ action: 'Pass', protocol: 6, ipVersion: 4, source: { notSelector: 'has(c)' }, destination: { nets: ['10.0.0.0/8', vpc], ports: [80, '81:90', 'web'] }, annotations: { a: 'b' } },
      { action: 'Deny', protocol: 'ICMP', icmp: { type: 3, code: 4 } }, { action: 'Log', notProtocol: 'UDP', destination: { services: { name: 's', namespace: 'n' } } }],
    applyOnForward: true, doNotTrack: true, performanceHints: ['AssumeNeededOnEveryNode'],
  };
  const tier = { name: 't', order: 5, defaultAction: 'Pass' as const };
  const tokens = (text: string) => (text === vpc.token ? vpc : undefined);

  test.each([policy, { ...policy, staged: true, stagedAction: 'Learn' as const }, { ...policy, kind: 'NetworkPolicy' as const, namespace: 'shop', namespaceSelector: undefined, applyOnForward: undefined, doNotTrack: undefined },
    { kind: 'GlobalNetworkPolicy' as const, staged: true, name: 'x', tier: 'default', types: ['Ingress'] as const, stagedAction: 'Delete' as const }])('read again it is the same policy: %#', (one) => {
    const parsed = parsePolicyObjects([emitTier(tier), JSON.parse(JSON.stringify(emitPolicy(one)))], { tokens });
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.policies).toEqual([JSON.parse(JSON.stringify(one))]);
    expect(parsed.tiers).toEqual([tier]);
  });

  test('a token is emitted as its text, and refused where nobody says what it stands for', () => {
    expect(JSON.stringify(emitPolicy(policy))).toContain('"nets":["10.0.0.0/8","${Token[Vpc.CidrBlock.7]}"]');
    expect(refusals(emitTier(tier), emitPolicy(policy))).toEqual(["policyInvalid: spec.egress[0].destination.nets[1] is '${Token[Vpc.CidrBlock.7]}', which is no CIDR"]);
  });

  test('a network set too', () => {
    const set = { kind: 'NetworkSet' as const, namespace: 'shop', name: 'x', labels: { a: 'b' }, nets: ['10.0.0.0/8', vpc] };
    expect(parsePolicyObjects([emitNetworkSet(set)], { tokens }).networkSets).toEqual([set]);
  });

  test('nothing that is emitted is shared with the model', () => {
    const frozen = JSON.stringify(policy);
    const object = emitPolicy(policy) as { spec: { types: string[]; egress: { destination: { ports: unknown[] } }[] } };
    object.spec.types.push('Ingress');
    object.spec.egress[0].destination.ports.length = 0;
    expect(JSON.stringify(policy)).toBe(frozen);
  });
});

test('labels called like members of every object are labels', () => {
  const labels = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Record<string, string>;
  const { networkSets, diagnostics } = parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkSet', metadata: { name: 'x', labels }, spec: {} }]);
  // The API refuses names that begin with an underscore; the others it takes.
  expect(diagnostics.map(({ message }) => message)).toEqual(["metadata.labels has the key '__proto__', which is no label name"]);
  expect(networkSets).toEqual([]);
});

test('plain data of any shape is read without a throw', () => {
  fc.assert(fc.property(fc.constantFrom('GlobalNetworkPolicy', 'NetworkPolicy', 'StagedKubernetesNetworkPolicy', 'Tier', 'NetworkSet'), fc.jsonValue(), fc.jsonValue(), (kind, metadata, spec) => {
    const { policies, tiers, networkSets, diagnostics } = parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind, metadata, spec }]);
    return policies.length + tiers.length + networkSets.length === 0 ? diagnostics.length > 0 : true;
  }), { seed: 20_260_804, numRuns: 1000 });
});
