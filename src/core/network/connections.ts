import { isEndpoint, Peer as End } from '../connectivity/topology';
import { KUBELET_PORTS, API_SERVER, CLUSTER_DNS, INSTANCE_METADATA } from '../policy/facts';
import { Peer, PortIntent } from '../policy/intent';
import { ConnectionSet, portSet, PROTOCOL } from '../sets';

/** The connections that ports mean towards one end, or why that is not known. */
export function connectionsOf(ports: readonly PortIntent[], end: End): ConnectionSet | string {
  let all = ConnectionSet.NONE;
  for (const port of ports) {
    const some = connectionsOfOne(port, end);
    if (typeof some === 'string') return some;
    all = all.union(some);
  }
  return all;
}

/** What is asked of a peer when no ports are named: everything, or what a well-known one serves. */
export function ownPorts(peer: Peer, expected: 'allow' | 'deny'): readonly PortIntent[] {
  switch (peer.kind) {
    // The read-only port is denied with the other, and never served by EKS.
    case 'kubelet': return [{ protocol: 'TCP', ports: expected === 'deny' ? KUBELET_PORTS : KUBELET_PORTS.slice(0, 1) }];
    case 'apiServer': return [{ protocol: 'TCP', ports: [API_SERVER.port] }];
    case 'instanceMetadata': return expected === 'deny' ? [{}] : [{ protocol: 'TCP', ports: [INSTANCE_METADATA.port] }];
    case 'clusterDns': return [{ protocol: 'UDP', ports: [CLUSTER_DNS.port] }, { protocol: 'TCP', ports: [CLUSTER_DNS.port] }];
    default: return [{}];
  }
}

function connectionsOfOne({ protocol, ports, icmp }: PortIntent, end: End): ConnectionSet | string {
  if (protocol === undefined) return ConnectionSet.ALL;
  const number = typeof protocol === 'number' ? protocol : PROTOCOL[protocol as keyof typeof PROTOCOL];
  if (icmp) return ConnectionSet.icmp(number, icmp.type, icmp.code);
  if (!ports) return ConnectionSet.protocols(number);
  let all = ConnectionSet.NONE;
  for (const port of ports) {
    const ranges = rangesOf(port, protocol, end);
    if (typeof ranges === 'string') return ranges;
    all = all.union(ConnectionSet.ports(number, portSet(...ranges)));
  }
  return all;
}

/** A name means what the pods there call so; pods out of view may call anything so. */
function rangesOf(port: number | string, protocol: string | number, end: End): [number, number][] | string {
  if (typeof port === 'number') return [[port, port]];
  const range = /^(\d+):(\d+)$/.exec(port);
  if (range) return [[Number(range[1]), Number(range[2])]];
  const named = isEndpoint(end) && !end.open?.ports ? (end.ports ?? []).filter((each) => each.name === port && (each.protocol ?? 'TCP') === protocol) : [];
  return named.length > 0 ? named.map((each) => [each.port, each.port]) : `no port named ${port} is in view at ${end.name}`;
}
