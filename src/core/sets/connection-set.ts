import { Grid } from './grid';
import { IntervalSet } from './interval-set';
import { ALL_PORTS, PortSet } from './port-set';

export const PROTOCOL = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132, UDPLite: 136 } as const;
const LAST_PROTOCOL = 255;
const BYTE = IntervalSet.of<number>([0, 255]);

/** Protocols whose connections differ in two numbers, in the order in which text names them. */
const REFINED: readonly { readonly protocol: number; readonly name: string; readonly full: Grid; readonly ports: boolean }[] = [
  { protocol: PROTOCOL.TCP, name: 'TCP', full: Grid.of(ALL_PORTS, ALL_PORTS), ports: true },
  { protocol: PROTOCOL.UDP, name: 'UDP', full: Grid.of(ALL_PORTS, ALL_PORTS), ports: true },
  { protocol: PROTOCOL.SCTP, name: 'SCTP', full: Grid.of(ALL_PORTS, ALL_PORTS), ports: true },
  { protocol: PROTOCOL.ICMP, name: 'ICMP', full: Grid.of(BYTE, BYTE), ports: false },
  { protocol: PROTOCOL.ICMPv6, name: 'ICMPv6', full: Grid.of(BYTE, BYTE), ports: false },
];
const SLOT: ReadonlyMap<number, number> = new Map(REFINED.map(({ protocol }, slot) => [protocol, slot]));
/** Protocols of which policies see nothing but the number. */
const PLAIN = REFINED.reduce((rest, { protocol }) => rest.subtract(IntervalSet.of<number>([protocol, protocol])), IntervalSet.of<number>([0, LAST_PROTOCOL]));

/** One connection. Ports and ICMP fields count for the protocols that have them. */
export interface Connection {
  readonly protocol: number;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

/** A set of connections between two addresses. Immutable, in one form, with one text. */
export class ConnectionSet {
  static readonly ALL = new ConnectionSet(REFINED.map(({ full }) => full), PLAIN);
  static readonly NONE = new ConnectionSet(REFINED.map(() => Grid.EMPTY), IntervalSet.of<number>());

  /** Every connection of these protocol numbers. */
  static protocols(...protocols: number[]): ConnectionSet {
    const named = IntervalSet.of<number>(...protocols.map((p) => [p, p] as const));
    return new ConnectionSet(REFINED.map(({ protocol, full }) => (named.contains(protocol) ? full : Grid.EMPTY)), named.intersect(PLAIN));
  }

  /** TCP, UDP or SCTP to some ports, from some ports. Of another protocol: nothing, as it has no ports. */
  static ports(protocol: number, to: PortSet, from: PortSet = ALL_PORTS): ConnectionSet {
    return ConnectionSet.refined(protocol, true, Grid.of(from, to));
  }

  /** ICMP or ICMPv6 of one type, or of one type and code. */
  static icmp(protocol: number, type?: number, code?: number): ConnectionSet {
    const one = (value?: number) => (value === undefined ? BYTE : IntervalSet.of<number>([value, value]).intersect(BYTE));
    return ConnectionSet.refined(protocol, false, Grid.of(one(type), one(code)));
  }

  private static refined(protocol: number, ports: boolean, grid: Grid): ConnectionSet {
    const slot = SLOT.get(protocol);
    if (slot === undefined || REFINED[slot].ports !== ports) return ConnectionSet.NONE;
    return new ConnectionSet(REFINED.map((_, i) => (i === slot ? grid : Grid.EMPTY)), ConnectionSet.NONE.plain);
  }

  #text?: string;

  private constructor(private readonly grids: readonly Grid[], private readonly plain: IntervalSet<number>) {}

  isEmpty(): boolean {
    return this === ConnectionSet.NONE || (this.plain.isEmpty() && this.grids.every((grid) => grid.isEmpty()));
  }

  contains({ protocol, sourcePort = 0, port = 0, icmpType = 0, icmpCode = 0 }: Connection): boolean {
    const slot = SLOT.get(protocol);
    if (slot === undefined) return this.plain.contains(protocol);
    return REFINED[slot].ports ? this.grids[slot].contains(sourcePort, port) : this.grids[slot].contains(icmpType, icmpCode);
  }

  /** Whether every connection of `other` is in it. */
  covers(other: ConnectionSet): boolean {
    return this === ConnectionSet.ALL || other.subtract(this).isEmpty();
  }

  /** Whether they have a connection in common. */
  overlaps(other: ConnectionSet): boolean {
    return this.plain.overlaps(other.plain) || this.grids.some((grid, i) => grid.overlaps(other.grids[i]));
  }

  union(other: ConnectionSet): ConnectionSet {
    if (this === other || other === ConnectionSet.NONE || this === ConnectionSet.ALL) return this;
    if (this === ConnectionSet.NONE || other === ConnectionSet.ALL) return other;
    return this.combine(other, (a, b) => a.union(b), this.plain.union(other.plain));
  }

  intersect(other: ConnectionSet): ConnectionSet {
    if (this === other || other === ConnectionSet.ALL || this === ConnectionSet.NONE) return this;
    if (this === ConnectionSet.ALL || other === ConnectionSet.NONE) return other;
    return this.combine(other, (a, b) => a.intersect(b), this.plain.intersect(other.plain));
  }

  subtract(other: ConnectionSet): ConnectionSet {
    if (other === ConnectionSet.NONE || this === ConnectionSet.NONE) return this;
    if (this === other || other === ConnectionSet.ALL) return ConnectionSet.NONE;
    return this.combine(other, (a, b) => a.subtract(b), this.plain.subtract(other.plain));
  }

  equals(other: ConnectionSet): boolean {
    return this === other || (this.plain.equals(other.plain) && this.grids.every((grid, i) => grid.equals(other.grids[i])));
  }

  /** `TCP 80,443; UDP 53`, `TCP 80 from 1024-65535`, `ICMP 3/4`, `all connections`, `no connections`. */
  toString(): string {
    return this.#text ??= this.write();
  }

  /** Connections at the edges of what it distinguishes: where a sampled check finds a mistake soonest. */
  boundaries(): Connection[] {
    const ends = (set: IntervalSet<number>) => [...new Set(set.intervals.flatMap(([low, high]) => [low - 1, low, high, high + 1]))].filter((n) => n >= 0);
    const refined = this.grids.flatMap((grid, slot) => grid.rows.flatMap((row) => ends(row.first).flatMap((first) => ends(row.second)
      .map((second): Connection => {
        const { protocol, ports, full } = REFINED[slot];
        const last = full.rows[0].second.intervals[0][1];
        const [a, b] = [Math.min(first, last), Math.min(second, last)];
        return ports ? { protocol, sourcePort: a, port: b } : { protocol, icmpType: a, icmpCode: b };
      }))));
    return [...refined, ...ends(this.plain).filter((p) => p <= LAST_PROTOCOL).map((protocol): Connection => ({ protocol }))];
  }

  private combine(other: ConnectionSet, grids: (a: Grid, b: Grid) => Grid, plain: IntervalSet<number>): ConnectionSet {
    const results = this.grids.map((grid, i) => grids(grid, other.grids[i]));
    if (plain.equals(this.plain) && results.every((grid, i) => grid === this.grids[i])) return this;
    const combined = new ConnectionSet(results, plain);
    // The two ends are met often and recognised by identity.
    return combined.isEmpty() ? ConnectionSet.NONE : combined.equals(ConnectionSet.ALL) ? ConnectionSet.ALL : combined;
  }

  private write(): string {
    if (this.isEmpty()) return 'no connections';
    if (this.equals(ConnectionSet.ALL)) return 'all connections';
    const refined = REFINED.flatMap(({ name, full, ports }, slot) => {
      const grid = this.grids[slot];
      if (grid.equals(full)) return [name];
      const everything = full.rows[0].first;
      return grid.rows.map(({ first, second }) => {
        const [a, b] = [first.equals(everything) ? '' : first.toString(), second.equals(everything) ? '' : second.toString()];
        return ports ? `${name}${b && ` ${b}`}${a && ` from ${a}`}` : `${name} ${a || '0-255'}${b && `/${b}`}`;
      });
    });
    const plain = this.plain.intervals.flatMap(([low, high]) => {
      if (low <= PROTOCOL.UDPLite && PROTOCOL.UDPLite <= high && low === high) return ['UDPLite'];
      return [low === high ? `protocol ${low}` : `protocols ${low}-${high}`];
    });
    return [...refined, ...plain].join('; ');
  }
}
