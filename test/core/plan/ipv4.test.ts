import * as fc from 'fast-check';
import { formatRange, Ipv4Range, isIpv6Cidr, overlaps, parseIpv4, part, size } from '../../../src/core/plan/ipv4';

const range = fc.record({ prefix: fc.integer({ min: 0, max: 32 }), seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
  .map(({ prefix, seed }): Ipv4Range => ({ prefix, base: seed - (seed % size(prefix)) }));

const contains = (outer: Ipv4Range, inner: Ipv4Range): boolean => outer.base <= inner.base && inner.base + size(inner.prefix) <= outer.base + size(outer.prefix);

describe('laws', () => {
  test('what is printed is read back', () => {
    fc.assert(fc.property(range, (each) => expect(parseIpv4(formatRange(each))).toEqual({ range: each, hostBits: false })));
  });

  test('two ranges overlap where one contains the other, and nowhere else', () => {
    fc.assert(fc.property(range, range, (a, b) => overlaps(a, b) === (contains(a, b) || contains(b, a))));
  });

  test('the parts of a range lie in it and apart', () => {
    fc.assert(fc.property(range.filter(({ prefix }) => prefix <= 28), fc.integer({ min: 1, max: 4 }), (whole, bits) => {
      const parts = Array.from({ length: 2 ** bits }, (_, index) => part(whole, whole.prefix + bits, index));
      expect(parts.every((each) => contains(whole, each))).toBe(true);
      expect(parts.some((a, i) => parts.some((b, j) => i !== j && overlaps(a, b)))).toBe(false);
    }));
  });
});

test.each(['10.0.0.0/16', '0.0.0.0/0', '255.255.255.255/32'])('%s is a CIDR', (text) => expect(parseIpv4(text)?.hostBits).toBe(false));
test.each(['10.0.0.1/16', '0.0.0.1/0', '255.255.255.255/31'])('%s has host bits', (text) => expect(parseIpv4(text)?.hostBits).toBe(true));
test.each(['', '/', '10.0.0.0', '10.0.0.0/', '10.0.0/16', '10/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/1e1', '010.0.0.0/8', '10.0.0.256/32', '0xa.0.0.0/8', '10.0.0.0/16/8', '::/0', '::ffff:10.0.0.0/104'])(
  "'%s' is no IPv4 CIDR", (text) => expect(parseIpv4(text)).toBeUndefined());
test.each([['::/0', true], ['2001:db8::/32', true], ['::/129', false], ['::1/128', true], ['10.0.0.0/8', false], ['::', false]])('%s is an IPv6 CIDR: %s', (text, expected) => expect(isIpv6Cidr(text)).toBe(expected));
