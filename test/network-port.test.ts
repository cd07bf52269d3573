import { CfnParameter, Stack } from 'aws-cdk-lib';
import { NetworkPort } from '../src';

const stack = new Stack();
const numberToken = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
const textToken = new CfnParameter(stack, 'Text').valueAsString;

describe('NetworkPort', () => {
  test.each([
    [NetworkPort.tcp(1), { protocol: 'TCP', ports: [1] }, 'TCP 1'],
    [NetworkPort.tcp(65535), { protocol: 'TCP', ports: [65535] }, 'TCP 65535'],
    [NetworkPort.tcpRange(8000, 8100), { protocol: 'TCP', ports: ['8000:8100'] }, 'TCP 8000:8100'],
    [NetworkPort.tcpRange(80, 80), { protocol: 'TCP', ports: [80] }, 'TCP 80'],
    [NetworkPort.allTcp(), { protocol: 'TCP' }, 'TCP'],
    [NetworkPort.udp(53), { protocol: 'UDP', ports: [53] }, 'UDP 53'],
    [NetworkPort.udpRange(1, 65535), { protocol: 'UDP', ports: ['1:65535'] }, 'UDP 1:65535'],
    [NetworkPort.allUdp(), { protocol: 'UDP' }, 'UDP'],
    [NetworkPort.sctp(3868), { protocol: 'SCTP', ports: [3868] }, 'SCTP 3868'],
    [NetworkPort.named('http'), { protocol: 'TCP', ports: ['http'] }, 'TCP http'],
    [NetworkPort.icmpPing(), { protocol: 'ICMP', icmp: { type: 8, code: 0 } }, 'ICMP type 8'],
    [NetworkPort.all(), {}, 'all connections'],
  ])('%s', (port, intent, text) => {
    expect(port._toIntent()).toEqual(intent);
    expect(String(port)).toBe(text);
  });

  test.each([[0], [65536], [-1], [80.5], [NaN], [Infinity]])('port %d is out of range', (port) => {
    const range = `port ${port} is out of range: a port is a whole number from 1 to 65535`;
    expect(() => NetworkPort.tcp(port)).toThrow(new Error(`NetworkPort: TCP ${range}`));
    expect(() => NetworkPort.udpRange(1, port)).toThrow(new Error(`NetworkPort: UDP ${range}`));
    expect(() => NetworkPort.sctp(port)).toThrow(new Error(`NetworkPort: SCTP ${range}`));
  });

  test('a range whose ends are swapped is empty', () => {
    expect(() => NetworkPort.tcpRange(81, 80)).toThrow(new Error('NetworkPort: TCP range 81 to 80 is empty: the first port must not be above the last'));
  });

  test('tokens are refused: what they open could not be proved', () => {
    const why = 'is a token, and what a policy allows can only be proved for values known at synthesis; write the value itself';
    expect(() => NetworkPort.tcp(numberToken)).toThrow(new Error(`the TCP port ${why}`));
    expect(() => NetworkPort.udpRange(1, numberToken)).toThrow(new Error(`the UDP port ${why}`));
    expect(() => NetworkPort.named(textToken)).toThrow(new Error(`the port name ${why}`));
  });

  test.each(['', '80', 'HTTP', 'a--b', '-http', 'http-', 'a.b', 'sixteen-letters-', 'abcdefghijklmnop'])("the port name '%s' is refused", (name) => {
    expect(() => NetworkPort.named(name)).toThrow(
      new Error(`NetworkPort.named: port name '${name}' breaks Kubernetes' syntax: at most 15 lower-case letters, digits and single hyphens, with a letter among them`));
  });

  test.each(['http', 'a', '8a', 'abcdefghijklmno', 'grpc-web'])("the port name '%s' is accepted", (name) => {
    expect(NetworkPort.named(name)._toIntent().ports).toEqual([name]);
  });
});
