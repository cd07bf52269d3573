import { ExpectationIntent, NamedReason, NetworkIntent, UserRelease } from '../core/network/network-intent';
import { ClusterAddresses, Peer, TrafficIntent } from '../core/policy/intent';
import { NetworkModel, PeerSource } from './network-model';

/** Reads everything that was said as plain data. What cannot be read is reported and left out. */
export function collectRequest(model: NetworkModel, addresses: ClusterAddresses, systemNamespaces: readonly NamedReason[]): NetworkIntent {
  const read = <T>(subject: string, produce: () => T): T[] => {
    try {
      return [produce()];
    } catch (error) {
      model.log.add({
        code: 'unreadable', severity: 'error', subject,
        message: error instanceof Error ? error.message : String(error), fix: 'mend it as the message says',
      });
      return [];
    }
  };
  const peers = ({ source, destination }: { source: PeerSource; destination: PeerSource }): { source: Peer; destination: Peer } =>
    ({ source: source._toPeer(), destination: destination._toPeer() });
  return {
    addresses,
    systemNamespaces,
    namespaces: model.namespaces.map(({ name, labels }) => ({ name, labels })),
    serviceAccounts: model.serviceAccounts.map(({ namespace, name, labels }) => ({ namespace, name, labels })),
    rules: model.rules.flatMap((rule) => read(rule.construct.node.path, (): TrafficIntent =>
      ({ name: rule.name, origin: rule.construct.node.path, ports: rule.ports, ...peers(rule) }))),
    exemptions: model.exemptions.map(({ construct, ...rest }) => ({ ...rest, origin: construct.node.path })),
    expectations: model.expectations.flatMap((expectation) => read(expectation.construct.node.path, (): ExpectationIntent =>
      ({ origin: expectation.construct.node.path, expected: expectation.expected, ports: expectation.ports, ...peers(expectation) }))),
    releases: model.objects.flatMap((entry) => read(entry.construct.node.path, (): UserRelease =>
      ({ origin: entry.construct.node.path, name: entry.releaseName, objects: entry.render() }))),
    unseen: model.helmCharts.map(({ construct, chart, namespace }) => ({ origin: construct.node.path, chart, namespace })),
  };
}
