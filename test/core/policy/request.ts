import { PolicyRequest, TrafficIntent } from '../../../src/core/policy/intent';
import { ADDRESSES } from '../../fixture';

/** A request for a made-up cluster with two namespaces of a user's. */
export function request(overrides: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    addresses: ADDRESSES,
    systemNamespaces: ['kube-system', 'calico-system', 'tigera-operator'],
    namespaces: ['shop', 'monitoring'],
    rules: [],
    exemptions: [],
    ...overrides,
  };
}

/** One end in `shop`, TCP 8080, from every pod in `monitoring`, unless said otherwise. */
export function rule(overrides: Partial<TrafficIntent> = {}): TrafficIntent {
  return {
    name: 'rule',
    origin: 'Platform/Rule',
    source: { kind: 'pods', namespace: 'monitoring' },
    destination: { kind: 'pods', namespace: 'shop', labels: { app: 'web' } },
    ports: [{ protocol: 'TCP', ports: [8080] }],
    ...overrides,
  };
}
