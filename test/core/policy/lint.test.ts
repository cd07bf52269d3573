import { SAID } from './said';
import { formatDiagnostic } from '../../../src/core/diagnostic';
import { lintPolicies, Policy, PolicySet } from '../../../src/core/policy';

const PODS = 'has(projectcalico.org/namespace)';
const gnp = (fields: Partial<Policy>): Policy => ({ kind: 'GlobalNetworkPolicy', name: 'x', tier: 'default', selector: PODS, types: ['Egress'], ...fields });
const found = (policies: readonly Policy[], tiers: PolicySet['tiers'] = [], serviceCidr?: string) => lintPolicies({ tiers, policies }, { serviceCidr }).map(({ code, severity }) => `${severity} ${code}`);
const PASS = [{ name: 'guard', order: 200, defaultAction: 'Pass' as const }];
const kubelet = { action: 'Deny' as const, protocol: 'TCP', destination: { ports: [10_250] } };
const web = { action: 'Allow' as const, protocol: 'TCP', destination: { ports: [443] } };

describe('each trap, and the policy beside it that is none', () => {
  test.each<[string, string, readonly Policy[], readonly Policy[]]>([
    ['rules that only deny, in a tier that denies at its end', 'error denyOnlyPolicyIsolates', [gnp({ egress: [kubelet] })], [gnp({ name: 'guard.x', tier: 'guard', egress: [kubelet] })]],
    ['logging alone isolates too', 'error denyOnlyPolicyIsolates', [gnp({ egress: [{ action: 'Log' }] })], [gnp({ egress: [] })]],
    ['a selector for everybody', 'error policySelectsHosts', [gnp({ selector: undefined, egress: [web] })], [gnp({ selector: undefined, namespaceSelector: 'all()', egress: [web] })]],
    ['a negative namespace selector', 'error policySelectsHosts', [gnp({ selector: undefined, namespaceSelector: "kubernetes.io/metadata.name not in {'a'}", egress: [web] })],
      [gnp({ selector: PODS, namespaceSelector: "kubernetes.io/metadata.name not in {'a'}", egress: [web] })]],
    ['labels that a node may have', 'warning policySelectsHosts', [gnp({ selector: "app == 'web'", egress: [web] })], [gnp({ selector: "app == 'web'", serviceAccountSelector: 'has(x)', egress: [web] })]],
    ['an allow without conditions', 'error allowWithoutCondition', [gnp({ egress: [web, { action: 'Allow' }] })], [gnp({ name: 'guard.x', tier: 'guard', egress: [web, { action: 'Allow' }] })]],
    ['an allow beyond the default deny', 'warning allowBeyondDefaultDeny', [gnp({ name: 'dns', egress: [web] }), gnp({ selector: `${PODS} && has(inside)` })],
      [gnp({ name: 'dns', selector: `has(inside) && ${PODS} && has(more)`, egress: [web] }), gnp({ selector: `${PODS} && has(inside)` })]],
    ['a name without its tier', 'warning tierPrefixMissing', [gnp({ tier: 'guard', egress: [kubelet] })], [gnp({ tier: 'guard', name: 'guard.x', egress: [kubelet] })]],
    ['an address of Services', 'warning serviceAddressInEgress', [gnp({ egress: [{ ...web, destination: { nets: ['172.20.0.10/32'], ports: [443] } }] })],
      [gnp({ egress: [{ ...web, destination: { nets: ['172.20.0.10/32'], ports: [53] } }] })]],
    ['a label of namespaces asked of pods', 'warning namespaceLabelInPodSelector', [gnp({ selector: `${PODS} && kubernetes.io/metadata.name == 'a'`, egress: [web] })],
      [gnp({ namespaceSelector: "kubernetes.io/metadata.name == 'a'", egress: [web] })]],
    ['a Service without a namespace', 'warning serviceWithoutNamespace', [{ ...gnp({ egress: [{ action: 'Allow', destination: { services: { name: 's' } } }] }), kind: 'NetworkPolicy', namespace: 'shop' }],
      [{ ...gnp({ egress: [{ action: 'Allow', destination: { services: { name: 's', namespace: 'shop' } } }] }), kind: 'NetworkPolicy', namespace: 'shop' }]],
    ['what the API refuses', 'error portsWithoutProtocol', [gnp({ egress: [{ action: 'Allow', destination: { ports: [80] } }] })], [gnp({ egress: [web] })]],
    ['two IP versions', 'error netsMixFamilies', [gnp({ egress: [{ action: 'Allow', destination: { nets: ['10.0.0.0/8', 'fd00::/8'] } }] })], [gnp({ egress: [web] })]],
  ])('%s', (name, code, trap, sound) => {
    expect(lintPolicies({ tiers: PASS, policies: trap }, { serviceCidr: '172.20.0.0/16' }).map(formatDiagnostic)).toEqual([SAID[name]]);
    expect(found(trap, PASS, '172.20.0.0/16')).toEqual([code]);
    expect(found(sound, PASS, '172.20.0.0/16')).toEqual([]);
  });
});

test('policies that bind hosts only are not judged as if they bound pods', () => {
  expect(found([gnp({ selector: undefined, doNotTrack: true, applyOnForward: true, egress: [kubelet] })])).toEqual([]);
});
