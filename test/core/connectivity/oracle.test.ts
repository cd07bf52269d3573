import fc from 'fast-check';
import { judge, Judgement, number, Packet } from './oracle';
import { randomCluster } from './worlds';
import { cellOf, compile, Compiled, Endpoint, isClosed, Outside, Peer, Piece, reachability } from '../../../src/core/connectivity';
import { Connection, ConnectionSet, parseCidr } from '../../../src/core/sets';

const SEED = 20_260_801;
/** Clusters a test. `ORACLE_RUNS=2000` for a deep run; few where each mutant of the source is tried. */
const RUNS = Number(process.env.ORACLE_RUNS ?? (process.env.FEW_RUNS ? 6 : 60));
const INTERNET: Outside = { name: 'internet', addresses: ['0.0.0.0/0'] };

/** An address of a peer in a piece; of an outside peer one at an edge of the piece that no pod has. */
function addressesOf(peer: Peer, cidrs: Piece['source'], taken: ReadonlySet<string>): string[] {
  if (peer !== INTERNET) return [(peer as Endpoint).addresses![0]];
  return ((cidrs ?? INTERNET.addresses) as string[]).slice(0, 4).flatMap((cidr) => {
    const [base] = number(cidr.split('/')[0]);
    const last = base + (1n << BigInt(32 - parseCidr(cidr)!.prefix)) - 1n;
    return [write(base), write(last)].filter((address) => !taken.has(address));
  });
}

const write = (address: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');

/** The judgement for each edge of each piece. */
function* samples(compiled: Compiled, from: Peer, to: Peer): Generator<{ piece: Piece; packet: Packet }> {
  const taken = new Set(compiled.topology.endpoints.map(({ addresses }) => addresses![0]));
  for (const piece of compiled.between(from, to)) {
    const inside = piece.connections.boundaries().filter((connection) => piece.connections.contains(connection)).slice(0, 14);
    for (const source of addressesOf(from, piece.source, taken).slice(0, 3)) {
      for (const destination of addressesOf(to, piece.destination, taken).slice(0, 3)) {
        for (const connection of inside) yield { piece, packet: { from: source, to: destination, ...full(connection) } };
      }
    }
  }
}

/** A packet has every field of its protocol. */
function full({ protocol, sourcePort, port, icmpType, icmpCode }: Connection): Connection {
  return protocol === 1 || protocol === 58 ? { protocol, icmpType, icmpCode } : { protocol, sourcePort, port };
}

test('pieces are a partition of all connections, and agree with the packet evaluator at their edges', () => {
  let flows = 0;
  const deciders = new Set<string>();
  fc.assert(fc.property(randomCluster, ({ topology, policies }) => {
    const compiled = compile(policies, topology);
    const peers: Peer[] = [...topology.endpoints, INTERNET];
    for (const from of peers) {
      for (const to of peers) {
        for (const { piece, packet } of samples(compiled, from, to)) {
          const { verdict, egress, ingress } = piece;
          const actual: unknown = { verdict, egress, ingress };
          const expected: Judgement = judge(policies, topology, packet);
          if (JSON.stringify(sorted(actual)) !== JSON.stringify(sorted(expected))) expect({ packet, ...actual as object }).toEqual({ packet, ...expected });
          flows++;
          deciders.add(typeof egress === 'string' ? egress : egress.action + (egress.rule === -1));
          deciders.add(typeof ingress === 'string' ? ingress : ingress.action + (ingress.rule === -1));
        }
        if (to !== INTERNET && from !== INTERNET) expectPartition(compiled.between(from, to));
      }
    }
  }), { seed: SEED, numRuns: RUNS });
  expect(flows).toBeGreaterThan(Math.min(20_000, 350 * RUNS));
  // The generator reaches each kind of decision.
  expect([...deciders].sort()).toEqual(['Allowfalse', 'Denyfalse', 'Denytrue', 'not-an-endpoint', 'self']);
});

function expectPartition(pieces: readonly Piece[]): void {
  let all = ConnectionSet.NONE;
  for (const { connections } of pieces) {
    expect(all.intersect(connections).isEmpty()).toBe(true);
    all = all.union(connections);
  }
  expect(all.equals(ConnectionSet.ALL)).toBe(true);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

test('random connections have the verdict of the packet evaluator', () => {
  const connection = fc.oneof(
    fc.record({ protocol: fc.constantFrom(6, 17, 132), port: fc.constantFrom(0, 53, 79, 80, 85, 90, 91, 443, 8080, 65_535), sourcePort: fc.constantFrom(1, 80, 90, 443, 40_000) }),
    fc.record({ protocol: fc.constant(1), icmpType: fc.constantFrom(0, 3, 8), icmpCode: fc.constantFrom(0, 4) }),
    fc.record({ protocol: fc.constantFrom(47, 136) }),
  );
  fc.assert(fc.property(randomCluster, fc.array(connection, { minLength: 5, maxLength: 5 }), ({ topology, policies }, connections) => {
    const compiled = compile(policies, topology);
    for (const from of topology.endpoints) {
      for (const to of topology.endpoints) {
        const pieces = compiled.between(from, to);
        for (const one of connections) {
          const found = pieces.filter((piece) => piece.connections.contains(one));
          expect(found.map(({ verdict }) => verdict)).toEqual([judge(policies, topology, { from: from.addresses![0], to: to.addresses![0], ...one }).verdict]);
        }
      }
    }
  }), { seed: SEED + 1, numRuns: RUNS });
});

test('the matrix says of each pair what the pair itself says', () => {
  fc.assert(fc.property(randomCluster, ({ topology, policies }) => {
    const matrix = reachability({ ...topology, outside: [INTERNET] }, policies);
    for (const from of matrix.peers) {
      for (const to of matrix.peers) {
        const [cell, pair] = [matrix.between(from, to), cellOf(matrix.compiled.between(from, to))];
        expect(`${cell.allowed}|${cell.partial}|${cell.undetermined}`).toBe(`${pair.allowed}|${pair.partial}|${pair.undetermined}`);
      }
    }
    const blocks = matrix.blocks();
    const open = matrix.peers.flatMap((from) => matrix.peers.filter((to) => !isClosed(matrix.between(from, to))));
    expect(blocks.reduce((sum, { from, to }) => sum + from.length * to.length, 0)).toBe(open.length);
    for (const { from, to, cell } of blocks) for (const a of from) for (const b of to) expect(matrix.between(a, b)).toEqual(cell);
  }), { seed: SEED + 2, numRuns: Math.min(60, RUNS) });
});

test('the order of tiers and policies in the input makes no difference', () => {
  fc.assert(fc.property(randomCluster, ({ topology, policies }) => {
    const turned = { tiers: [...policies.tiers].reverse(), policies: [...policies.policies].reverse() };
    const [one, other] = [compile(policies, topology), compile(turned, topology)];
    for (const from of topology.endpoints) for (const to of topology.endpoints) expect(other.between(from, to)).toEqual(one.between(from, to));
  }), { seed: SEED + 3, numRuns: Math.min(40, RUNS) });
});
