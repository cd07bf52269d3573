import { ADDRESSES } from './fixtures/cluster';
import { PolicyRequest } from '../../src/core/policy/intent';

const pods = (namespace?: string) => ({ kind: 'pods' as const, ...namespace !== undefined && { namespace } });

/** Rules, exemptions and a quarantine so broad that each decides something on nearly every topology. */
export const BROAD: PolicyRequest = {
  addresses: { ...ADDRESSES, vpc: ['10.0.0.0/8'], nodes: ['10.0.0.0/16'] },
  systemNamespaces: ['kube-system'],
  namespaces: ['shop'],
  rules: [
    { name: 'tcp', origin: 'broad/tcp', source: pods(), destination: pods(), ports: [{ protocol: 'TCP' }] },
    { name: 'dns', origin: 'broad/dns', source: pods(), destination: { kind: 'vpc' }, ports: [{ protocol: 'UDP', ports: [53] }] },
    { name: 'nodes', origin: 'broad/nodes', source: pods(), destination: { kind: 'nodes' }, ports: [{}] },
    { name: 'visitors', origin: 'broad/visitors', source: { kind: 'addresses', name: 'half of the world', cidrs: ['0.0.0.0/1'] }, destination: pods(), ports: [{ protocol: 'TCP', ports: [80, 443, 8080] }] },
    { name: 'internet', origin: 'broad/internet', source: pods('shop'), destination: { kind: 'internet' }, ports: [{}] },
  ],
  exemptions: (['kubelet', 'apiServer', 'instanceMetadata'] as const).map((guardrail) => ({
    name: guardrail.toLowerCase(), origin: `broad/${guardrail}`, guardrail, namespace: 'shop', serviceAccounts: ['default'],
  })),
  quarantines: [{ name: 'broad', origin: 'broad/quarantine', namespace: 'shop', labels: { app: 'web' }, keepOpen: [{ kind: 'addresses', name: 'some', cidrs: ['192.0.2.0/24'] }] }],
};
