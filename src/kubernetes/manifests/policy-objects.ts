import { KubernetesObject } from './objects';
import { Cidr, EntityRule, Policy, PolicySet, Rule, Tier } from '../../core/policy/policy';

const CALICO_API = 'projectcalico.org/v3';

export function emitTier({ name, order, defaultAction }: Tier): KubernetesObject {
  return { apiVersion: CALICO_API, kind: 'Tier', metadata: { name }, spec: defined({ order, defaultAction }) };
}

export function emitPolicy(policy: Policy): KubernetesObject {
  const { name, namespace, tier, order, selector, namespaceSelector, serviceAccountSelector, types, ingress, egress } = policy;
  return {
    apiVersion: CALICO_API,
    kind: `${policy.staged ? 'Staged' : ''}${policy.kind}`,
    metadata: defined({ name, namespace }) as KubernetesObject['metadata'],
    spec: defined({
      tier,
      order,
      selector,
      namespaceSelector,
      serviceAccountSelector,
      types: [...types],
      ingress: ingress?.map(emitRule),
      egress: egress?.map(emitRule),
    }),
  };
}

/** Tiers before the policies that name them. */
export function emitPolicySet({ tiers, policies }: PolicySet): KubernetesObject[] {
  return [...tiers.map(emitTier), ...policies.map(emitPolicy)];
}

function emitRule({ action, ipVersion, protocol, notProtocol, icmp, notICMP, source, destination }: Rule): object {
  return defined({
    action,
    ipVersion,
    protocol,
    notProtocol,
    icmp: icmp && { ...icmp },
    notICMP: notICMP && { ...notICMP },
    source: source && emitEntity(source),
    destination: destination && emitEntity(destination),
  });
}

function emitEntity({ nets, notNets, selector, notSelector, namespaceSelector, ports, notPorts, serviceAccounts, services }: EntityRule): object {
  return defined({
    nets: nets?.map(emitCidr),
    notNets: notNets?.map(emitCidr),
    selector,
    notSelector,
    namespaceSelector,
    ports: ports && [...ports],
    notPorts: notPorts && [...notPorts],
    serviceAccounts: serviceAccounts && defined({ ...serviceAccounts }),
    services: services && defined({ ...services }),
  });
}

function emitCidr(cidr: Cidr): string {
  return typeof cidr === 'string' ? cidr : cidr.token;
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<T>;
}
