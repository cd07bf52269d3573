import { compile, Compiled } from './compile';
import { Peer, Topology } from './topology';
import { Decision, Verdict } from './verdict';
import { PolicySet } from '../policy';
import { Connection, ConnectionSet, Family, parseCidr, portSet, PROTOCOL } from '../sets';

/** One connection, in the words of the conformance corpus. */
export interface Flow {
  /** `namespace/pod` or `ip:ADDRESS`; the address of a pod is that pod. */
  readonly from: string;
  readonly to: string;
  /** TCP, UDP, SCTP, UDPLITE, ICMP, ICMPV6. */
  readonly protocol: string;
  readonly port?: number;
  /** Default: 40000. */
  readonly srcPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

export interface FlowVerdict {
  readonly verdict: Verdict;
  readonly egress: Decision;
  readonly ingress: Decision;
  /** Of an undetermined verdict: what would have to be known. */
  readonly because?: readonly string[];
}

const DEFAULT_SOURCE_PORT = 40_000;

/** The verdict on one connection, with the steps that decided it. */
export function evaluate(policies: PolicySet, topology: Topology, flow: Flow): FlowVerdict {
  return evaluateFlow(compile(policies, topology), flow);
}

export function evaluateFlow(compiled: Compiled, flow: Flow): FlowVerdict {
  const [from, to] = [flow.from, flow.to].map((text) => resolvePeer(compiled, text));
  const connection = connectionOf(flow);
  const problem = !from ? `${flow.from} is nowhere in the topology` : !to ? `${flow.to} is nowhere in the topology` : !connection ? `${flow.protocol} is no protocol` : undefined;
  if (!from || !to || !connection) return undetermined(problem!);
  const family = common(compiled, from, to, connection.protocol === PROTOCOL.ICMPv6);
  const pieces = compiled.between(from.peer, to.peer, only(connection), [family]);
  if (pieces.length === 0) return undetermined(`${flow.from} and ${flow.to} have no IP version in common`);
  const { verdict, egress, ingress, because } = pieces[0];
  if (pieces.some((piece) => piece.verdict !== verdict)) return undetermined('the peers stand for addresses that differ in verdict');
  return { verdict, egress, ingress, ...because && { because } };
}

function undetermined(reason: string): FlowVerdict {
  return { verdict: 'undetermined', egress: 'not-an-endpoint', ingress: 'not-an-endpoint', because: [reason] };
}

interface Placed {
  readonly peer: Peer;
  readonly family?: Family;
}

function resolvePeer(compiled: Compiled, text: string): Placed | undefined {
  if (!text.startsWith('ip:')) {
    const peer = compiled.named(text);
    return peer && { peer };
  }
  const parsed = parseCidr(text.slice('ip:'.length));
  if (!parsed || !parsed.set.isSingle) return undefined;
  return { peer: compiled.ownerOf(parsed.set) ?? { name: text, addresses: parsed.set.toCidrs() }, family: parsed.family };
}

/** An address that was named decides; else IPv4 where both have it, which ICMPv6 cannot use. */
function common(compiled: Compiled, from: Placed, to: Placed, version6: boolean): Family {
  const both = ([4, 6] as const).filter((family) => [from, to].every(({ peer }) => compiled.families(peer).includes(family)));
  return from.family ?? to.family ?? (version6 || !both.includes(4) ? 6 : 4);
}

function connectionOf({ protocol, port, srcPort = DEFAULT_SOURCE_PORT, icmpType, icmpCode }: Flow): Connection | undefined {
  const name = Object.keys(PROTOCOL).find((known) => known.toUpperCase() === protocol.toUpperCase());
  const number = name !== undefined ? PROTOCOL[name as keyof typeof PROTOCOL] : /^[0-9]{1,3}$/.test(protocol) ? Number(protocol) : undefined;
  return number === undefined || number > 255 ? undefined : { protocol: number, port, sourcePort: srcPort, icmpType, icmpCode };
}

/** The set of one connection. */
export function only({ protocol, port, sourcePort, icmpType, icmpCode }: Connection): ConnectionSet {
  switch (protocol) {
    case PROTOCOL.TCP: case PROTOCOL.UDP: case PROTOCOL.SCTP:
      return ConnectionSet.ports(protocol, port === undefined ? portSet([0, 65_535]) : portSet(port), sourcePort === undefined ? undefined : portSet(sourcePort));
    case PROTOCOL.ICMP: case PROTOCOL.ICMPv6: return ConnectionSet.icmp(protocol, icmpType, icmpCode);
    default: return ConnectionSet.protocols(protocol);
  }
}
