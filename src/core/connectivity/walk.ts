import { BoundTier, CompiledPolicy, CompiledTier } from './bindings';
import { CompiledRule, peersMatch, ruleConnections } from './rule';
import { Subject } from './subject';
import { Decision, Direction, profileOf, Step } from './verdict';
import { Answer, Fork, World } from './world';
import { ConnectionSet } from '../sets';

/** One direction's share of an answer. */
export interface Decided {
  readonly connections: ConnectionSet;
  readonly decision: Decision;
}

/** How the tiers that bind one end decide about some connections between two peers. */
export function walkTiers(tiers: readonly BoundTier[], direction: Direction, from: Subject, to: Subject, world: World, asked: ConnectionSet): readonly Decided[] | Fork {
  const [subject, side] = direction === 'Egress' ? [from, 'from' as const] : [to, 'to' as const];
  if (!subject.bound) return [{ connections: asked, decision: 'not-an-endpoint' }];
  const decided: Decided[] = [];
  let open: readonly Open[] = [{ connections: asked, via: [] }];
  for (const { tier, bindings } of tiers) {
    const walk = new TierWalk(tier, open);
    for (const { policy, certain } of bindings) {
      const binds: Answer = certain || subject.matches(policy.selector, side, world);
      if (binds instanceof Fork) return binds;
      if (!binds) continue;
      walk.enter(policy);
      for (const rule of policy.rules[direction]!) {
        if (rule.action === 'Log') continue;
        const fork = walk.apply(rule, from, to, world);
        if (fork) return fork;
      }
      if (walk.isDone) break;
    }
    decided.push(...walk.decided);
    open = walk.leave();
    decided.push(...walk.denied);
    if (open.length === 0) return decided;
  }
  // Every tier passed, or none applies: the namespace's profile allows.
  const profile = { tier: null, policy: profileOf(subject.bound.namespace), rule: null, action: 'Allow' } as const;
  return [...decided, ...open.map(({ connections, via }) => ({ connections, decision: withVia(profile, via) }))];
}

/** Connections that nothing has decided yet, with the steps that passed them on. */
interface Open {
  readonly connections: ConnectionSet;
  readonly via: readonly Step[];
}

/** One tier for one endpoint: what rules decide, pass on, and leave for its end. */
class TierWalk {
  readonly decided: Decided[] = [];
  readonly denied: Decided[] = [];
  private passed: Open[] = [];
  private first?: CompiledPolicy;
  private policy?: CompiledPolicy;

  constructor(private readonly tier: CompiledTier, private left: readonly Open[]) {}

  get isDone(): boolean {
    return this.left.length === 0;
  }

  enter(policy: CompiledPolicy): void {
    this.policy = policy;
    this.first ??= policy;
  }

  apply(rule: CompiledRule, from: Subject, to: Subject, world: World): Fork | undefined {
    if (this.left.length === 0 || rule.connections[world.family].isEmpty()) return undefined;
    const named = rule.named.length > 0 || rule.destination.service?.withPorts === true;
    // Ports first: doubt about peers whose connections are decided already makes no difference.
    if (!this.left.some(({ connections }) => connections.overlaps(rule.connections[world.family]))) return undefined;
    const match = peersMatch(rule, from, to, world);
    if (match === false) return undefined;
    const connections = named ? ruleConnections(rule, from, to, world) : rule.connections[world.family];
    if (connections instanceof Fork) return connections;
    const hits = this.left.map((open) => ({ via: open.via, connections: open.connections.intersect(connections) })).filter((hit) => !hit.connections.isEmpty());
    if (hits.length === 0) return undefined;
    if (match !== true) return match;
    const { action } = rule;
    const step: Step = { tier: this.tier.name, policy: this.policy!.key, rule: rule.index, action: action as Step['action'] };
    for (const { connections: hit, via } of hits) {
      if (action === 'Pass') this.passed.push({ connections: hit, via: [...via, step] });
      else this.decided.push({ connections: hit, decision: withVia(step, via) });
    }
    this.left = this.left.map((open) => ({ via: open.via, connections: open.connections.subtract(connections) })).filter((open) => !open.connections.isEmpty());
    return undefined;
  }

  /** The end of the tier; it has none where no enforced policy applies. */
  leave(): readonly Open[] {
    if (!this.first) return this.left;
    const action = this.tier.defaultAction;
    const step: Step = { tier: this.tier.name, policy: this.first.key, rule: -1, action };
    if (action === 'Pass') return [...this.passed, ...this.left.map(({ connections, via }) => ({ connections, via: [...via, step] }))];
    for (const { connections, via } of this.left) this.denied.push({ connections, decision: withVia(step, via) });
    return this.passed;
  }
}

function withVia(step: Step, via: readonly Step[]): Decision {
  return via.length > 0 ? { ...step, via } : step;
}
