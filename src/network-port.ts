import { requireKnown } from './cdk/tokens';
import { PortIntent } from './core/policy/intent';
import { checkPortName } from './core/policy/syntax';

/**
 * Ports of one protocol, as a rule opens or an expectation asks about them.
 *
 * Policies see ports after service translation: give the port that the *pod* listens on.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class NetworkPort {
  /**
   * One TCP port.
   * @param port 1 to 65535
   * @throws when the port is no whole number in that range, or a token
   */
  public static tcp(port: number): NetworkPort {
    return NetworkPort.numbered('TCP', port, port);
  }

  /**
   * TCP ports from `from` to `to`, both included.
   * @throws when an end is out of 1 to 65535, a token, or `from` is above `to`
   */
  public static tcpRange(from: number, to: number): NetworkPort {
    return NetworkPort.numbered('TCP', from, to);
  }

  /** Every TCP port. */
  public static allTcp(): NetworkPort {
    return new NetworkPort('TCP', { protocol: 'TCP' });
  }

  /**
   * One UDP port.
   * @param port 1 to 65535
   * @throws when the port is no whole number in that range, or a token
   */
  public static udp(port: number): NetworkPort {
    return NetworkPort.numbered('UDP', port, port);
  }

  /**
   * UDP ports from `from` to `to`, both included.
   * @throws when an end is out of 1 to 65535, a token, or `from` is above `to`
   */
  public static udpRange(from: number, to: number): NetworkPort {
    return NetworkPort.numbered('UDP', from, to);
  }

  /** Every UDP port. */
  public static allUdp(): NetworkPort {
    return new NetworkPort('UDP', { protocol: 'UDP' });
  }

  /**
   * One SCTP port.
   * @param port 1 to 65535
   * @throws when the port is no whole number in that range, or a token
   */
  public static sctp(port: number): NetworkPort {
    return NetworkPort.numbered('SCTP', port, port);
  }

  /**
   * The TCP container port of this name, resolved for each destination pod.
   * @throws when the name breaks Kubernetes' syntax for port names
   */
  public static named(name: string): NetworkPort {
    requireKnown(name, 'the port name');
    const broken = checkPortName(name);
    if (broken) throw new Error(`NetworkPort.named: ${broken}`);
    return new NetworkPort(`TCP ${name}`, { protocol: 'TCP', ports: [name] });
  }

  /** ICMP echo requests over IPv4. */
  public static icmpPing(): NetworkPort {
    return new NetworkPort('ICMP type 8', { protocol: 'ICMP', icmp: { type: 8, code: 0 } });
  }

  /** Every protocol, every port. */
  public static all(): NetworkPort {
    return new NetworkPort('all connections', {});
  }

  private static numbered(protocol: string, from: number, to: number): NetworkPort {
    for (const port of [from, to]) {
      requireKnown(port, `the ${protocol} port`);
      if (!Number.isInteger(port) || port < 1 || port > 65535) {
        throw new Error(`NetworkPort: ${protocol} port ${port} is out of range: a port is a whole number from 1 to 65535`);
      }
    }
    if (from > to) throw new Error(`NetworkPort: ${protocol} range ${from} to ${to} is empty: the first port must not be above the last`);
    const text = from === to ? `${from}` : `${from}:${to}`;
    return new NetworkPort(`${protocol} ${text}`, { protocol, ports: [from === to ? from : text] });
  }

  private constructor(private readonly text: string, private readonly intent: PortIntent) {}

  /** For example `TCP 8080`. */
  public toString(): string {
    return this.text;
  }

  /** @internal */
  public _toIntent(): PortIntent {
    return this.intent;
  }
}
