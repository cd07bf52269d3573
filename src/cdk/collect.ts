import { IConstruct } from 'constructs';
import { boundTo, markedIn } from './load-balancer-mark';
import { stackSuffix } from './names';
import { NetworkModel, ObjectsEntry, PeerSource } from './network-model';
import { objectOf } from './workload-peer';
import { Diagnostic } from '../core/diagnostic';
import { LoadBalancerFacts } from '../core/load-balancer/context';
import { ExposingObject } from '../core/load-balancer/objects';
import { loadBalancerRules } from '../core/load-balancer/path-to-pods';
import { ExpectationIntent, NetworkIntent } from '../core/network/network-intent';
import { Peer, TrafficIntent } from '../core/policy/intent';
import { QuarantineIntent } from '../core/policy/quarantine';

/** The part of an intent that users say by calls and constructs, and who said it. */
export interface Collected extends Pick<NetworkIntent, 'namespaces' | 'serviceAccounts' | 'rules' | 'exemptions' | 'quarantines' | 'expectations'> {
  /** By the name of the rule or exemption: the construct whose stack carries its policies. */
  readonly owners: ReadonlyMap<string, IConstruct>;
  /** As rendered: not copied yet. */
  readonly objects: ReadonlyMap<ObjectsEntry, readonly object[]>;
}

/** Reads everything that was said as plain data, in an order of its own. What cannot be read is reported and left out. */
export function collect(model: NetworkModel, network: IConstruct, loadBalancers: LoadBalancerFacts): Collected {
  return asReadBy(model, loadBalancers, () => collectBound(model, network, loadBalancers));
}

/** Objects that leave something to their cluster are read as this one's. */
export function asReadBy<T>({ objects }: NetworkModel, loadBalancers: LoadBalancerFacts, read: () => T): T {
  return boundTo(objects.flatMap(({ chart }) => chart ?? []), loadBalancers, read);
}

function collectBound(model: NetworkModel, network: IConstruct, loadBalancers: LoadBalancerFacts): Collected {
  const owners = new Map<string, IConstruct>();
  const objects = new Map<ObjectsEntry, readonly object[]>();
  const rules: TrafficIntent[] = [];
  const read = (subject: IConstruct, action: () => void) => {
    try {
      action();
    } catch (error) {
      model.log.add({
        code: 'unreadable', severity: 'error', subject: subject.node.path,
        message: error instanceof Error ? error.message : String(error), fix: 'mend it as the message says',
      });
    }
  };
  const own = (rule: TrafficIntent, construct: IConstruct) => {
    rules.push(rule);
    if (!owners.has(rule.name)) owners.set(rule.name, construct);
  };
  for (const entry of byPath(model.objects)) read(entry.construct, () => objects.set(entry, entry.render()));
  const inView = [...objects.values()].flat() as ExposingObject[];
  for (const { construct, chart } of objects.keys()) {
    for (const target of chart ? markedIn(chart) : []) {
      const found = loadBalancerRules(objectOf(target), inView, loadBalancers, { origin: construct.node.path, suffix: stackSuffix(construct, network) });
      for (const rule of found.rules) own(rule, construct);
      model.log.add(...found.diagnostics);
    }
  }
  for (const { construct, name, ports, description, ...ends } of byPath(model.rules)) {
    read(construct, () => own({ name, origin: construct.node.path, ports, description, ...peersOf(ends) }, construct));
  }
  for (const { construct, name } of byPath(model.exemptions)) owners.set(name, construct);
  const quarantines: QuarantineIntent[] = [];
  for (const { construct, keepOpen, ...rest } of byPath(model.quarantines)) {
    read(construct, () => quarantines.push({ ...rest, origin: construct.node.path, keepOpen: keepOpen.map((peer) => peer._toPeer()) }));
  }
  const expectations: ExpectationIntent[] = [];
  for (const { construct, expected, ports, ...ends } of byPath(model.expectations)) {
    read(construct, () => expectations.push({ origin: construct.node.path, expected, ports, ...peersOf(ends) }));
  }
  model.log.add(...equalNamespaces(model));
  return {
    owners,
    objects,
    rules,
    expectations,
    quarantines,
    exemptions: byPath(model.exemptions).map(({ construct, ...rest }) => ({ ...rest, origin: construct.node.path })),
    namespaces: byPath(model.namespaces).map(({ name, labels, existing, platformOnly, enforcement }) => ({ name, labels, existing, platformOnly, enforcement })),
    serviceAccounts: byPath(model.serviceAccounts).map(({ namespace, name, labels }) => ({ namespace, name, labels })),
  };
}

function peersOf({ source, destination }: { source: PeerSource; destination: PeerSource }): { source: Peer; destination: Peer } {
  return { source: source._toPeer(), destination: destination._toPeer() };
}

/** The order in which things were said changes nothing that is made from them. */
export function byPath<T extends { readonly construct: IConstruct }>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => a.construct.node.path < b.construct.node.path ? -1 : 1);
}

function equalNamespaces({ namespaces }: NetworkModel): Diagnostic[] {
  const first = new Map<string, string>();
  return byPath(namespaces).filter(({ existing }) => !existing).flatMap(({ name, construct }): Diagnostic[] => {
    const other = first.get(name);
    first.set(name, other ?? construct.node.path);
    return other === undefined ? [] : [{
      code: 'namespaceTwice', severity: 'error', subject: `namespace ${name}`,
      message: `${other} and ${construct.node.path} both create it`, fix: 'create it once, and declare it elsewhere with { existing: true }',
    }];
  });
}
