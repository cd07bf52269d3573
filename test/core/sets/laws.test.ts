import fc from 'fast-check';
import { CidrSet, Connection, ConnectionSet, IntervalSet, parseCidr, portSet, PROTOCOL } from '../../../src/core/sets';
import { checkCidr } from '../../../src/core/sets/cidr-syntax';

const RUNS = { seed: 20_260_802, numRuns: 300 };

interface Algebra<S> {
  union(other: S): S;
  intersect(other: S): S;
  subtract(other: S): S;
  equals(other: S): boolean;
  covers(other: S): boolean;
  overlaps(other: S): boolean;
  isEmpty(): boolean;
  toString(): string;
}

/** What every kind of set owes. */
function laws<S extends Algebra<S>>(name: string, sets: fc.Arbitrary<S>, all: S): void {
  describe(name, () => {
    const law = (title: string, holds: (a: S, b: S, c: S) => boolean) =>
      test(title, () => fc.assert(fc.property(sets, sets, sets, holds), RUNS));
    const none = all.subtract(all);
    law('union and intersection commute and associate', (a, b, c) => a.union(b).equals(b.union(a)) && a.intersect(b).equals(b.intersect(a))
      && a.union(b).union(c).equals(a.union(b.union(c))) && a.intersect(b).intersect(c).equals(a.intersect(b.intersect(c))));
    law('each distributes over the other', (a, b, c) => a.intersect(b.union(c)).equals(a.intersect(b).union(a.intersect(c)))
      && a.union(b.intersect(c)).equals(a.union(b).intersect(a.union(c))));
    law('de Morgan', (a, b) => all.subtract(a.union(b)).equals(all.subtract(a).intersect(all.subtract(b)))
      && all.subtract(a.intersect(b)).equals(all.subtract(a).union(all.subtract(b))));
    law('difference and intersection make up the whole', (a, b) => a.subtract(b).union(a.intersect(b)).equals(a) && a.subtract(b).intersect(b).isEmpty());
    law('neutral elements', (a) => a.union(none).equals(a) && a.intersect(all).equals(a) && a.subtract(none).equals(a) && a.intersect(none).isEmpty());
    law('covering is having nothing beyond', (a, b) => a.covers(b) === b.subtract(a).isEmpty() && a.union(b).covers(a) && a.covers(a.intersect(b)));
    law('overlapping is having something in common', (a, b, c) => a.overlaps(b) === !a.intersect(b).isEmpty() && !a.subtract(b).overlaps(b) && a.union(b).overlaps(c) === (a.overlaps(c) || b.overlaps(c)));
    law('one form: built in three ways, equal in text', (a, b) => {
      const three = [a.union(b), b.union(a.subtract(b)), all.subtract(all.subtract(a).intersect(all.subtract(b)))];
      return three.every((set) => set.equals(three[0]) && set.toString() === three[0].toString());
    });
    law('equal exactly when the text is', (a, b) => a.equals(b) === (a.toString() === b.toString()));
  });
}

const port = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(65_534, 65_535));
const ports = fc.array(fc.tuple(port, port), { maxLength: 4 }).map((ranges) => portSet(...ranges));
laws('ports', ports, portSet([0, 65_535]));

laws('IPv6 intervals', fc.array(fc.tuple(fc.bigInt(0n, 20n), fc.bigInt(0n, 20n)), { maxLength: 4 }).map((ranges) => IntervalSet.of<bigint>(...ranges)),
  IntervalSet.of<bigint>([0n, 2n ** 128n - 1n]));

const cidr = fc.oneof(
  fc.tuple(fc.constantFrom('10.0.0.0', '10.128.0.0', '192.0.2.64', '255.255.255.255'), fc.integer({ min: 0, max: 32 })).map(([base, prefix]) => parseCidr(`${base}/${prefix}`)!.set),
  fc.tuple(fc.constantFrom('fd00::', 'fd00:8000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'), fc.integer({ min: 0, max: 128 })).map(([base, prefix]) => parseCidr(`${base}/${prefix}`)!.set),
);
laws('addresses', fc.array(cidr, { maxLength: 4 }).map((list) => list.reduce((all, set) => all.union(set), CidrSet.EMPTY)), CidrSet.ALL);

const connectionPart = fc.oneof(
  fc.tuple(fc.constantFrom(6, 17, 132), ports, ports).map(([protocol, to, from]) => ConnectionSet.ports(protocol, to, from)),
  fc.tuple(fc.constantFrom(1, 58), fc.constantFrom(undefined, 0, 8, 255), fc.constantFrom(undefined, 0, 4)).map(([protocol, type, code]) => ConnectionSet.icmp(protocol, type, code)),
  fc.array(fc.constantFrom(0, 1, 6, 17, 47, 58, 132, 136, 255), { maxLength: 3 }).map((numbers) => ConnectionSet.protocols(...numbers)),
);
const connections = fc.array(connectionPart, { maxLength: 3 }).map((parts) => parts.reduce((all, part) => all.union(part), ConnectionSet.NONE));
laws('connections', connections, ConnectionSet.ALL);

test('membership follows the operations', () => {
  const connection: fc.Arbitrary<Connection> = fc.oneof(
    fc.record({ protocol: fc.constantFrom(6, 17, 132), port, sourcePort: port }),
    fc.record({ protocol: fc.constantFrom(1, 58), icmpType: fc.constantFrom(0, 7, 8, 255), icmpCode: fc.constantFrom(0, 4, 5) }),
    fc.record({ protocol: fc.constantFrom(0, 47, 136, 255) }),
  );
  fc.assert(fc.property(connections, connections, connection, (a, b, one) => {
    const [inA, inB] = [a.contains(one), b.contains(one)];
    return a.union(b).contains(one) === (inA || inB) && a.intersect(b).contains(one) === (inA && inB) && a.subtract(b).contains(one) === (inA && !inB);
  }), { ...RUNS, numRuns: 2000 });
});

test('the edges of a set lie on both sides of it, and inside what there is', () => {
  expect(ConnectionSet.icmp(PROTOCOL.ICMP, 0, 255).boundaries()).toEqual([
    ...[0, 1].flatMap((icmpType) => [254, 255, 255].map((icmpCode) => ({ protocol: 1, icmpType, icmpCode }))),
  ]);
  expect(ConnectionSet.protocols(255, 0).boundaries()).toEqual([{ protocol: 0 }, { protocol: 1 }, { protocol: 254 }, { protocol: 255 }]);
  const edges = ConnectionSet.ports(6, portSet([80, 90])).boundaries().filter(({ sourcePort }) => sourcePort === 0);
  expect(edges.map(({ port: to }) => to)).toEqual([79, 80, 90, 91]);
});

describe('text', () => {
  const tcp = (...list: number[]) => ConnectionSet.ports(PROTOCOL.TCP, portSet(...list));
  test.each([
    [tcp(443, 80).union(ConnectionSet.ports(PROTOCOL.UDP, portSet(53))), 'TCP 80,443; UDP 53'],
    [tcp(80, 81, 82), 'TCP 80-82'],
    [ConnectionSet.ports(PROTOCOL.TCP, portSet(80), portSet([1024, 65_535])), 'TCP 80 from 1024-65535'],
    [ConnectionSet.icmp(PROTOCOL.ICMP, 3, 4), 'ICMP 3/4'],
    [ConnectionSet.icmp(PROTOCOL.ICMPv6, 128), 'ICMPv6 128'],
    [ConnectionSet.icmp(PROTOCOL.ICMP, undefined, 4), 'ICMP 0-255/4'],
    [ConnectionSet.icmp(PROTOCOL.ICMP), 'ICMP'],
    [ConnectionSet.icmp(PROTOCOL.ICMP, 256), 'no connections'],
    [ConnectionSet.ports(PROTOCOL.SCTP, portSet(), portSet(5)), 'no connections'],
    [ConnectionSet.ports(PROTOCOL.SCTP, portSet([0, 65_535]), portSet(5)), 'SCTP from 5'],
    [ConnectionSet.ports(PROTOCOL.UDP, portSet([90, 80], [65_530, 70_000])), 'UDP 65530-65535'],
    [ConnectionSet.protocols(2, 3, 4), 'protocols 2-4'],
    [ConnectionSet.protocols(135, 136, 137), 'protocols 135-137'],
    [ConnectionSet.protocols(136), 'UDPLite'],
    [ConnectionSet.protocols(256, 300), 'no connections'],
    [ConnectionSet.ALL.subtract(ConnectionSet.protocols(PROTOCOL.TCP, 0)), 'UDP; SCTP; ICMP; ICMPv6; protocols 2-5; protocols 7-16; protocols 18-57; protocols 59-131; protocols 133-255'],
    [ConnectionSet.ports(PROTOCOL.TCP, portSet(80), portSet(1)).union(ConnectionSet.ports(PROTOCOL.TCP, portSet(90), portSet(2))), 'TCP 80 from 1; TCP 90 from 2'],
    [ConnectionSet.ports(PROTOCOL.TCP, portSet(80), portSet(1)).union(ConnectionSet.ports(PROTOCOL.TCP, portSet(80), portSet(9, 3))), 'TCP 80 from 1,3,9'],
    [ConnectionSet.protocols(PROTOCOL.SCTP, PROTOCOL.UDPLite, 47), 'SCTP; protocol 47; UDPLite'],
    [ConnectionSet.ALL, 'all connections'],
    [ConnectionSet.NONE, 'no connections'],
    [ConnectionSet.ports(47, portSet(80)), 'no connections'],
    [ConnectionSet.icmp(PROTOCOL.TCP, 8), 'no connections'],
    [CidrSet.of('10.0.0.0/9', '10.128.0.0/9', '192.0.2.1/32', 'fd00::/9', 'fd80::/9'), '10.0.0.0/8,192.0.2.1/32,fd00::/8'],
    [CidrSet.of('0.0.0.0/0').subtract(CidrSet.of('128.0.0.0/2')), '0.0.0.0/1,192.0.0.0/2'],
  ])('%#', (set, text) => expect(set.toString()).toBe(text));
});

describe('CIDRs', () => {
  test.each(['10.0.0.0/33', '300.1.1.1/32', '10.0.0/8', '010.0.0.0/8', '10.0.0.0/08', '10.0.0.0/', '/8', '', '1', 'fd00::/129', 'fd00::1::/64', 'fe80::1%eth0/64',
    '::ffff:10.0.0.1/128', '0x0a.0.0.0/8', '10.0.0.0/8 ', ' 10.0.0.0/8', 'x10.0.0.0/8', '\u0661.0.0.0/8', '10.0.0.0/8/8', '64:ff9b::010.0.0.1', '64:ff9b::10.00.0.1', '64:ff9b::10.001.0.1',
    '64:ff9b::10.0.0.01', '64:ff9b::10.0.0.01/128'])('%s is none', (text) => expect(parseCidr(text)).toBeUndefined());

  test.each([['fd00::01', 'fd00::1/128'], ['fd00::0', 'fd00::/128'], ['64:ff9b::10.0.0.10/128', '64:ff9b::a00:a/128'], ['64:ff9b::0.0.0.1', '64:ff9b::1/128'], ['::/0', '::/0'], ['0.0.0.0/0', '0.0.0.0/0'], ['10.0.0.20', '10.0.0.20/32']])(
    '%s is %s', (text, canonical) => expect(parseCidr(text)?.set.toString()).toBe(canonical));

  test.each([
    ['10.0.0.0/8', undefined],
    ['fd00::/8', undefined],
    ['10.0.0', "'10.0.0' is no CIDR: write an address, '/' and the length of the mask, as 192.0.2.0/24"],
    ['10.0.0.1', "'10.0.0.1' has no mask: write 10.0.0.1/32 for the one address"],
    ['fd00::1', "'fd00::1' has no mask: write fd00::1/128 for the one address"],
    ['10.0.0.1/8', "'10.0.0.1/8' has bits set behind its mask: write 10.0.0.0/8, or 10.0.0.1/32 for the one address"],
    ['fd00::1/8', "'fd00::1/8' has bits set behind its mask: write fd00::/8, or fd00::1/128 for the one address"],
  ])('what is wrong with %s', (text, message) => expect(checkCidr(text)).toBe(message));

  test('what does not parse is left out of a set', () => {
    expect(CidrSet.of('10.0.0.0/8', 'x', '').toString()).toBe('10.0.0.0/8');
    expect(CidrSet.isCidr('x')).toBe(false);
    expect(CidrSet.family(4).toString()).toBe('0.0.0.0/0');
    expect(CidrSet.family(6).toString()).toBe('::/0');
  });

  test('an address without a prefix, and bits behind it, are seen', () => {
    expect(parseCidr('198.51.100.7')).toMatchObject({ family: 4, prefix: 32, masked: false, hostBits: false });
    expect(parseCidr('10.1.2.3/24')).toMatchObject({ masked: true, hostBits: true });
    expect(parseCidr('10.1.2.3/24')!.set.toString()).toBe('10.1.2.0/24');
    expect(parseCidr('FD00:0:0::1/64')).toMatchObject({ family: 6, hostBits: true });
    expect([CidrSet.isCidr('10.0.0.0/8'), CidrSet.isCidr('10.0.0.1/8'), CidrSet.isCidr('10.0.0.1')]).toEqual([true, false, false]);
  });

  test('size and version', () => {
    expect(CidrSet.of('10.0.0.0/24', 'fd00::/127').size).toBe(258n);
    expect([CidrSet.of('10.0.0.0/24').families, CidrSet.of('fd00::/8').families, CidrSet.ALL.families, CidrSet.EMPTY.families]).toEqual([[4], [6], [4, 6], []]);
    expect([CidrSet.of('fd00::/127').isSingle, CidrSet.of('10.0.0.1/32', 'fd00::1/128').isSingle, CidrSet.of('10.0.0.1/32', '10.0.0.3/32').isSingle]).toEqual([false, false, false]);
    expect([CidrSet.EMPTY.key, CidrSet.of('10.0.0.0/31', 'fd00::/127').key === CidrSet.of('fd00::/127', '10.0.0.0/31').key, CidrSet.of('0.0.0.1/32').key === CidrSet.of('::1/128').key]).toEqual([' ', true, false]);
    expect([CidrSet.of('10.0.0.1/32').isSingle, CidrSet.of('fd00::1/128').isSingle, CidrSet.of('10.0.0.0/31').isSingle, CidrSet.EMPTY.isSingle]).toEqual([true, true, false, false]);
  });
});
