import { IntervalSet } from './interval-set';

/** Ports of TCP, UDP or SCTP. Zero belongs to them: no policy can name it, but a packet can carry it. */
export type PortSet = IntervalSet<number>;

export const LAST_PORT = 65_535;

export const ALL_PORTS: PortSet = IntervalSet.of<number>([0, LAST_PORT]);
export const NO_PORTS: PortSet = IntervalSet.of<number>();

/** From single ports and ranges. */
export function portSet(...ports: (number | readonly [number, number])[]): PortSet {
  return IntervalSet.of<number>(...ports.map((port) => (typeof port === 'number' ? [port, port] as const : port))).intersect(ALL_PORTS);
}
