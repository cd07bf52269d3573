import { Cidr, EntityRule, NetworkSet, Policy, Rule, Tier } from './policy';

const API_VERSION = 'projectcalico.org/v3';

/** A plain object that nobody else holds. */
export type Manifest = Record<string, unknown>;

/** The policy as an object of Calico's API; read again it is the same policy. Kubernetes policies are their owner's to emit. */
export function emitPolicy(policy: Policy & { readonly kind: 'GlobalNetworkPolicy' | 'NetworkPolicy' }): Manifest {
  const { kind, staged, namespace, name, ingress, egress, ...spec } = policy;
  return {
    apiVersion: API_VERSION,
    kind: staged ? `Staged${kind}` : kind,
    metadata: { name, ...namespace !== undefined && { namespace } },
    spec: present({
      ...staged && { stagedAction: spec.stagedAction },
      tier: spec.tier,
      order: spec.order,
      selector: spec.selector,
      namespaceSelector: spec.namespaceSelector,
      serviceAccountSelector: spec.serviceAccountSelector,
      // A staged deletion carries nothing else.
      types: spec.stagedAction === 'Delete' ? undefined : [...spec.types],
      doNotTrack: spec.doNotTrack,
      preDNAT: spec.preDNAT,
      applyOnForward: spec.applyOnForward,
      performanceHints: spec.performanceHints && [...spec.performanceHints],
      ingress: ingress?.map(emitRule),
      egress: egress?.map(emitRule),
    }),
  };
}

export function emitTier({ name, order, defaultAction }: Tier): Manifest {
  return { apiVersion: API_VERSION, kind: 'Tier', metadata: { name }, spec: present({ order, defaultAction }) };
}

export function emitNetworkSet({ kind, namespace, name, labels, nets }: NetworkSet): Manifest {
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name, ...namespace !== undefined && { namespace }, ...Object.keys(labels).length > 0 && { labels: { ...labels } } },
    spec: present({ nets: nets.length > 0 ? nets.map(emitCidr) : undefined }),
  };
}

function emitRule({ action, ipVersion, protocol, notProtocol, icmp, notICMP, source, destination, annotations }: Rule): Manifest {
  return present({
    action,
    ipVersion,
    protocol,
    notProtocol,
    icmp: icmp && { ...icmp },
    notICMP: notICMP && { ...notICMP },
    source: source && emitEntity(source),
    destination: destination && emitEntity(destination),
    metadata: annotations && { annotations: { ...annotations } },
  });
}

function emitEntity({ nets, notNets, selector, notSelector, namespaceSelector, ports, notPorts, serviceAccounts, services }: EntityRule): Manifest {
  return present({
    nets: nets?.map(emitCidr),
    notNets: notNets?.map(emitCidr),
    selector,
    notSelector,
    namespaceSelector,
    ports: ports && [...ports],
    notPorts: notPorts && [...notPorts],
    serviceAccounts: serviceAccounts && present({ names: serviceAccounts.names && [...serviceAccounts.names], selector: serviceAccounts.selector }),
    services: services && { ...services },
  });
}

const emitCidr = (cidr: Cidr): string => (typeof cidr === 'string' ? cidr : cidr.token);

function present(fields: Manifest): Manifest {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
