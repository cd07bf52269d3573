import { existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { load } from 'js-yaml';
import { request, rule } from './request';
import { planPolicies, policiesOf } from '../../../src/core/policy/baseline';
import { emitPolicy, emitTier } from '../../../src/core/policy/emit';
import { ExemptionIntent, PolicyRequest, TrafficIntent } from '../../../src/core/policy/intent';
import { parsePolicyObjects } from '../../../src/core/policy/parse';
import { Policy } from '../../../src/core/policy/policy';
import { yamlDocuments } from '../../../src/kubernetes/manifests/yaml';
import { ADDRESSES } from '../../fixture';

/*
 * One file per policy and variant, read by people as an attacker would read it. Written anew with UPDATE_GOLDEN=1; what
 * changes in them changes what a cluster allows.
 */
const FOLDER = join(__dirname, '__golden__');
const token = '${Token[TOKEN.1]}';
const opaque = { opaque: 'the VPC', token };
const written = new Set<string>();

function golden(name: string, policies: readonly Policy[]): void {
  const file = join(FOLDER, `${name}.yaml`);
  written.add(`${name}.yaml`);
  const yaml = yamlDocuments(policies.map((policy) => emitPolicy(policy as never)));
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, yaml);
  expect(existsSync(file) ? yaml : 'no file').toBe(existsSync(file) ? readFileSync(file, 'utf8') : yaml);
}

function plan(overrides: Partial<PolicyRequest>) {
  const { plan: planned, diagnostics } = planPolicies(request(overrides));
  expect(diagnostics).toEqual([]);
  return planned;
}

const SHARED = { ...ADDRESSES, controlPlaneDedicated: false };
const denial = (name: string, addresses: PolicyRequest['addresses'] = ADDRESSES) =>
  plan({ addresses }).denials.filter((policy) => policy.name === `eks-guardrails.${name}`);

describe('denials', () => {
  test.each(['kubelet-deny', 'apiserver-deny', 'imds-deny', 'internet-deny'])('%s', (name) => golden(name, denial(name)));
  test('apiserver-deny where the control plane shares its subnets', () => golden('apiserver-deny.shared-subnets', denial('apiserver-deny', SHARED)));
  test('internet-deny of a VPC whose range is known at deployment', () => golden('internet-deny.token', denial('internet-deny', { ...ADDRESSES, vpc: [opaque] })));
  test('internet-deny with pods in subnets of their own', () => golden('internet-deny.pod-subnets', denial('internet-deny', { ...ADDRESSES, pods: ['100.64.0.0/17'] })));
  test('the switch', () => golden('default-deny', plan({}).defaultDeny));
  test('the switch with a system namespace more', () => golden('default-deny.plus', plan({ systemNamespaces: ['kube-system', 'a-agent'] }).defaultDeny));
  test('tiers', () => {
    const file = join(FOLDER, 'tiers.yaml');
    written.add('tiers.yaml');
    const yaml = yamlDocuments(plan({}).tiers.map(emitTier));
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, yaml);
    expect(yaml).toBe(readFileSync(file, 'utf8'));
  });
});

describe('exemptions', () => {
  const exemption = (guardrail: ExemptionIntent['guardrail']): ExemptionIntent =>
    ({ name: `${guardrail.toLowerCase()}-metrics`, origin: 'Platform/Metrics', guardrail, namespace: 'monitoring', serviceAccounts: ['scraper', 'agent', 'scraper'] });
  const both = (guardrail: ExemptionIntent['guardrail'], addresses: PolicyRequest['addresses'] = ADDRESSES) => {
    const { exemptions, allows } = plan({ addresses, exemptions: [exemption(guardrail)] });
    return [...exemptions.values(), ...allows.values()].flat();
  };
  test.each(['kubelet', 'apiServer', 'instanceMetadata'] as const)('%s', (guardrail) => golden(`exemption.${guardrail}`, both(guardrail)));
  test('apiServer where the control plane shares its subnets', () => golden('exemption.apiServer.shared-subnets', both('apiServer', SHARED)));
  test('kubelet of nodes whose ranges are known at deployment', () => golden('exemption.kubelet.token', both('kubelet', { ...ADDRESSES, nodes: [opaque] })));
});

describe('rules', () => {
  const account = { kind: 'pods', namespace: 'shop', serviceAccount: 'web' } as const;
  const web = { kind: 'pods', namespace: 'shop', labels: { app: 'web', tier: 'front' } } as const;
  const cases: Record<string, Partial<TrafficIntent>> = {
    'pods-to-pods': {},
    'named-port': { ports: [{ protocol: 'TCP', ports: ['http'] }] },
    'range-and-icmp': { ports: [{ protocol: 'UDP', ports: ['8000:8100'] }, { protocol: 'ICMP', icmp: { type: 8, code: 0 } }, { protocol: 'SCTP', ports: [3868] }] },
    'all-connections': { ports: [{}] },
    'namespace-labels': { source: { kind: 'pods', namespaceLabels: { team: 'a', env: 'prod' } } },
    'service-accounts': { source: account, destination: { kind: 'pods', namespace: 'monitoring', serviceAccount: 'scraper' } },
    'workloads': { source: { ...web, serviceAccount: 'web' }, destination: { ...web, serviceAccount: 'api' } },
    'from-control-plane': { source: { kind: 'controlPlane' }, ports: [{ protocol: 'TCP', ports: [9443] }] },
    'from-nodes': { source: { kind: 'nodes' } },
    'from-load-balancers': { source: { kind: 'loadBalancers' } },
    'to-vpc': { source: web, destination: { kind: 'vpc' }, ports: [{ protocol: 'TCP', ports: [5432] }] },
    'to-nodes': { source: web, destination: { kind: 'nodes' }, ports: [{ protocol: 'TCP', ports: [9100] }] },
    'to-cluster-dns': { source: web, destination: { kind: 'clusterDns' }, ports: [{ protocol: 'TCP', ports: [9153] }] },
    'to-cidr-inside': { source: web, destination: { kind: 'addresses', name: 'db', cidrs: ['10.0.3.0/24'] }, ports: [{ protocol: 'TCP', ports: [5432] }] },
    'to-cidr-of-nodes': { source: web, destination: { kind: 'addresses', name: 'x', cidrs: ['10.0.64.0/20'] } },
    'to-cidr-outside': { source: account, destination: { kind: 'addresses', name: 'x', cidrs: ['192.0.2.0/24'] }, ports: [{ protocol: 'TCP', ports: [443] }] },
    'to-both-families': { source: account, destination: { kind: 'addresses', name: 'x', cidrs: ['192.0.2.0/24', '2001:db8::/32'] }, ports: [{ protocol: 'TCP', ports: [443] }] },
    'to-cidr-token': { source: account, destination: { kind: 'addresses', name: 'x', cidrs: [{ opaque: 'x', token }] } },
    'to-everything': { source: account, destination: { kind: 'addresses', name: 'x', cidrs: ['0.0.0.0/0'] } },
    'to-internet': { source: account, destination: { kind: 'internet' }, ports: [{ protocol: 'TCP', ports: [443] }] },
    'namespace-to-internet': { source: { kind: 'pods', namespace: 'shop' }, destination: { kind: 'internet' }, ports: [{ protocol: 'TCP', ports: [443] }] },
    'workload-to-internet': { source: { ...web, serviceAccount: 'web' }, destination: { kind: 'internet' }, ports: [{ protocol: 'TCP', ports: [443] }] },
  };
  test('from a control plane that shares its subnets with nodes', () => {
    const { allows } = plan({ addresses: { ...SHARED, controlPlane: ADDRESSES.nodes }, rules: [rule({ name: 'from-shared', source: { kind: 'controlPlane' } })] });
    golden('rule.from-control-plane.shared-subnets', [...allows.values()].flat());
  });
  // Custom networking: pods have ranges of their own, outside the VPC's first range, and nodes made before may still hold some.
  test.each<[string, TrafficIntent['source'], TrafficIntent['destination']]>([
    ['to-pod-range', web, { kind: 'addresses', name: 'x', cidrs: ['100.64.0.0/18'] }], ['from-nodes', { kind: 'nodes' }, web], ['to-vpc', web, { kind: 'vpc' }],
  ])('%s, with pods in subnets of their own', (name, source, destination) => {
    const { allows } = plan({ addresses: { ...ADDRESSES, pods: ['100.64.0.0/17'] }, rules: [rule({ name, source, destination })] });
    golden(`rule.${name}.pod-subnets`, [...allows.values()].flat());
  });
  test.each(Object.entries(cases))('%s', (name, overrides) => {
    const { allows, exemptions } = plan({ rules: [rule({ name, ...overrides })] });
    golden(`rule.${name}`, [...exemptions.values(), ...allows.values()].flat());
  });
});

test('each file belongs to a case', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...written].sort());
});

test('every file read back is the policy it came from', () => {
  const { plan: planned } = planPolicies(request({
    rules: [rule(), rule({ name: 'out', source: { kind: 'pods', namespace: 'shop' }, destination: { kind: 'internet' }, ports: [{ protocol: 'UDP', ports: ['1:2', 'dns'].slice(0, 1) }] })],
    exemptions: [{ name: 'kubelet-x', origin: 'x', guardrail: 'kubelet', namespace: 'shop', serviceAccounts: ['a'] }],
  }));
  const objects = policiesOf(planned).map((policy) => load(yamlDocuments([emitPolicy(policy as never)]).replace(/^---\n/, '')));
  const { policies, diagnostics } = parsePolicyObjects(objects as never, { tiers: planned.tiers });
  expect(diagnostics).toEqual([]);
  expect(policies).toEqual(policiesOf(planned));
});
