import { GroupRule } from './group-rules';
import { PortIntent } from '../policy/intent';

/** Ports of one protocol, as security groups say them. */
export interface GroupPorts {
  /** `tcp`, `udp`, `icmp` ...; undefined: every one. */
  readonly protocol?: string;
  readonly from: number;
  readonly to: number;
  /** All of it, or a port by a name that only pods know: a rule for some of it is an answer. */
  readonly whole: boolean;
}

const LAST_PORT = 65535;

export function groupPorts(ports: readonly PortIntent[]): GroupPorts[] {
  return ports.flatMap(({ protocol, ports: numbers, icmp }): GroupPorts[] => {
    const whole = { ...protocol !== undefined && { protocol: String(protocol).toLowerCase() }, from: 0, to: LAST_PORT, whole: true };
    if (!numbers || icmp) return [whole];
    return numbers.map((port) => {
      const [from, to = from] = String(port).split(':').map(Number);
      return Number.isInteger(from) && Number.isInteger(to) ? { ...whole, from, to, whole: false } : whole;
    });
  });
}

/** Which of the ports these rules leave closed; they may open the others together. */
export function closedPorts(ports: GroupPorts, rules: readonly GroupRule[]): string | undefined {
  const open = rules.filter(({ protocol }) => protocol === '-1' || ports.protocol === undefined || protocol === ports.protocol).sort((a, b) => a.from - b.from);
  if (ports.whole) return open.length > 0 ? undefined : '';
  const gaps: string[] = [];
  let next = ports.from;
  const gap = (to: number) => { if (next <= to) gaps.push(next === to ? `${next}` : `${next}-${to}`); };
  for (const { from, to } of open.filter((rule) => rule.from <= ports.to && rule.to >= ports.from)) {
    gap(Math.min(from - 1, ports.to));
    next = Math.max(next, to + 1);
  }
  gap(ports.to);
  return gaps.length === 0 ? undefined : ` on ${gaps.join(', ')}`;
}
