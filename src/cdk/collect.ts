import { IConstruct } from 'constructs';
import { loadBalancerRule } from '../core/load-balancer/internal';
import { ExpectationIntent, NetworkIntent } from '../core/network/network-intent';
import { Peer, TrafficIntent } from '../core/policy/intent';
import { QuarantineIntent } from '../core/policy/quarantine';
import { bindLoadBalancers } from './load-balancer-mark';
import { stackSuffix } from './names';
import { NetworkModel, ObjectsEntry, PeerSource } from './network-model';
import { objectOf } from './workload-peer';

/** The part of an intent that users say by calls and constructs, and who said it. */
export interface Collected extends Pick<NetworkIntent, 'namespaces' | 'serviceAccounts' | 'rules' | 'exemptions' | 'quarantines' | 'expectations'> {
  /** By the name of the rule or exemption: the construct whose stack carries its policies. */
  readonly owners: ReadonlyMap<string, IConstruct>;
  /** As rendered: not copied yet. */
  readonly objects: ReadonlyMap<ObjectsEntry, readonly object[]>;
}

/** Reads everything that was said as plain data. What cannot be read is reported and left out. */
export function collect(model: NetworkModel, network: IConstruct, vpcRanges: readonly string[]): Collected {
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
  for (const entry of model.objects) {
    read(entry.construct, () => {
      const marked = entry.chart ? bindLoadBalancers(entry.chart, vpcRanges) : [];
      objects.set(entry, entry.render());
      for (const service of marked) own(loadBalancerRule(objectOf(service), entry.construct.node.path, stackSuffix(entry.construct, network)), entry.construct);
    });
  }
  for (const { construct, name, ports, ...ends } of model.rules) {
    read(construct, () => own({ name, origin: construct.node.path, ports, ...peersOf(ends) }, construct));
  }
  for (const { construct, name } of model.exemptions) owners.set(name, construct);
  const quarantines: QuarantineIntent[] = [];
  for (const { construct, keepOpen, ...rest } of model.quarantines) {
    read(construct, () => quarantines.push({ ...rest, origin: construct.node.path, keepOpen: keepOpen.map((peer) => peer._toPeer()) }));
  }
  const expectations: ExpectationIntent[] = [];
  for (const { construct, expected, ports, ...ends } of model.expectations) {
    read(construct, () => expectations.push({ origin: construct.node.path, expected, ports, ...peersOf(ends) }));
  }
  return {
    owners,
    objects,
    rules,
    expectations,
    quarantines,
    exemptions: model.exemptions.map(({ construct, ...rest }) => ({ ...rest, origin: construct.node.path })),
    namespaces: model.namespaces.map(({ name, labels, platformOnly }) => ({ name, labels, platformOnly })),
    serviceAccounts: model.serviceAccounts.map(({ namespace, name, labels }) => ({ namespace, name, labels })),
  };
}

function peersOf({ source, destination }: { source: PeerSource; destination: PeerSource }): { source: Peer; destination: Peer } {
  return { source: source._toPeer(), destination: destination._toPeer() };
}
