import { planPolicies, policiesOf } from '../../src/core/policy/baseline';
import { ClusterAddresses, PolicyRequest } from '../../src/core/policy/intent';
import { Policy, PolicySet, Rule } from '../../src/core/policy/policy';

const ADDRESSES: ClusterAddresses = {
  vpc: ['10.0.0.0/16'],
  nodes: ['10.0.64.0/18'],
  controlPlane: ['10.0.255.0/28', '10.0.255.16/28'],
  controlPlaneDedicated: true,
  loadBalancers: ['10.0.32.0/24'],
  endpoints: ['10.0.33.0/24'],
  services: '172.20.0.0/16',
};

const pods = (namespace: string, app: string) => ({ kind: 'pods' as const, namespace, labels: { app } });
const tcp = (...ports: (number | string)[]) => [{ protocol: 'TCP', ports }];

/** Every kind of peer and every guardrail, so that every shape of policy that is written is among them. */
const REQUEST: PolicyRequest = {
  addresses: ADDRESSES,
  systemNamespaces: ['calico-system', 'kube-system', 'tigera-operator'],
  namespaces: ['shop', 'web', 'monitoring', 'argocd'],
  rules: [
    { name: 'web-to-api', source: pods('web', 'web'), destination: pods('shop', 'api'), ports: tcp(8080, '9000:9010', 'http') },
    { name: 'team-to-api', source: { kind: 'pods' as const, namespaceLabels: { team: 'a' } }, destination: pods('shop', 'api'), ports: [{}] },
    { name: 'account-to-api', source: { kind: 'pods' as const, namespace: 'web', serviceAccount: 'web' }, destination: pods('shop', 'api'), ports: tcp(8080) },
    { name: 'nodes-to-web', source: { kind: 'nodes' as const }, destination: pods('web', 'web'), ports: tcp(80) },
    { name: 'control-plane-to-web', source: { kind: 'controlPlane' as const }, destination: pods('web', 'web'), ports: tcp(8443) },
    { name: 'balancer-to-web', source: { kind: 'loadBalancers' as const }, destination: pods('web', 'web'), ports: tcp(80) },
    { name: 'office-to-web', source: { kind: 'addresses' as const, name: 'the office', cidrs: ['192.0.2.0/24', '2001:db8::/32'] }, destination: pods('web', 'web'), ports: tcp(443) },
    { name: 'shop-to-vpc', source: pods('shop', 'api'), destination: { kind: 'vpc' as const }, ports: [{ protocol: 'UDP', ports: [123] }] },
    { name: 'shop-to-dns', source: pods('shop', 'api'), destination: { kind: 'clusterDns' as const }, ports: [{}] },
    { name: 'web-to-internet', source: { kind: 'pods' as const, namespace: 'web', serviceAccount: 'web' }, destination: { kind: 'internet' as const }, ports: tcp(443) },
    { name: 'ping', source: pods('web', 'web'), destination: pods('shop', 'api'), ports: [{ protocol: 'ICMP', icmp: { type: 8 } }] },
  ].map((rule) => ({ ...rule, origin: rule.name })),
  exemptions: [
    { name: 'prometheus-kubelet', origin: 'x', guardrail: 'kubelet', namespace: 'monitoring', serviceAccounts: ['prometheus'] },
    { name: 'argocd-api', origin: 'y', guardrail: 'apiServer', namespace: 'argocd', serviceAccounts: ['argocd-server', 'argocd-application-controller'] },
    { name: 'agent-metadata', origin: 'z', guardrail: 'instanceMetadata', namespace: 'monitoring', serviceAccounts: ['agent'] },
  ],
};

/** What the baseline makes of it, in both modes. */
export const { plan: PLAN, diagnostics: PLAN_DIAGNOSTICS } = planPolicies(REQUEST);
export const ENFORCED: PolicySet = { tiers: PLAN.tiers, policies: policiesOf(PLAN) };
export const STAGED: PolicySet = { ...ENFORCED, policies: ENFORCED.policies.map((policy): Policy => ({ ...policy, staged: true })) };

/** A policy with every field that a rule may have. */
const everyField: Rule = {
  action: 'Log',
  ipVersion: 4,
  protocol: 'TCP',
  source: { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'], selector: "app == 'x'", notSelector: 'has(y)', namespaceSelector: 'all()', ports: [80, '90:99'] },
  destination: { notPorts: [443], serviceAccounts: { names: ['a'], selector: 'has(role)' } },
};
export const UNUSUAL: PolicySet = {
  tiers: [{ name: 'unusual', order: 0.5 }],
  policies: [
    { kind: 'GlobalNetworkPolicy', name: 'unusual.global', tier: 'unusual', order: 1.5, selector: 'all()', types: ['Ingress', 'Egress'], ingress: [everyField], egress: [] },
    {
      kind: 'NetworkPolicy',
      namespace: 'default',
      name: 'unusual.namespaced',
      tier: 'unusual',
      types: ['Egress'],
      egress: [
        { action: 'Pass', protocol: 132, destination: { services: { namespace: 'default', name: 'kubernetes' } } },
        { action: 'Deny', protocol: 'ICMP', icmp: { type: 8, code: 0 }, notProtocol: 'UDP' },
      ],
    },
  ],
};
