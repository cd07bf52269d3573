import { builtInFlows, ProbeFlowKind } from './built-in-flows';
import { expectedFlow, ProbedExpectation, ProbeSurroundings } from './expected-flows';
import { JUDGE, ProbeCheck, ProbeFlow, ProbeIdentity, ProbePlan, ProbeTarget, STRANGER, TARGET } from './probe';
import { PROBE_NAMESPACE, PROBE_NAMESPACES, PROBE_TARGET_NAMESPACE } from './probe-facts';
import { Peer, TrafficIntent } from '../policy/intent';

export interface ProbeRequest extends ProbeSurroundings {
  /** Construct path. */
  readonly origin: string;
  /** Tells apart what several stacks have on one cluster. */
  readonly suffix: string;
  readonly flows: readonly ProbeFlowKind[];
  readonly expectations: readonly ProbedExpectation[];
}

/** Decides what is tried, as whom, and what that needs. Whether the model agrees is asked afterwards. */
export function planProbe(request: ProbeRequest): ProbePlan {
  const { origin, suffix } = request;
  const name = (what: string) => `eks-probe${suffix}-${what}`;
  const own = (identity: string, namespace = PROBE_NAMESPACE): ProbeIdentity => ({ name: identity, namespace, serviceAccount: identity, labels: {} });
  const judge: Peer = { kind: 'pods', namespace: PROBE_NAMESPACE, serviceAccount: JUDGE };
  const identities = new Map<string, ProbeIdentity>([JUDGE, STRANGER].map((each) => [each, own(each)]));
  identities.set(TARGET, own(TARGET, PROBE_TARGET_NAMESPACE));
  const builtIn = builtInFlows(request.flows, request.internet);
  const rules: TrafficIntent[] = builtIn.rules.map((rule) => ({ ...rule, name: name(rule.name), origin, source: judge, description: 'positive twins of a probe' }));
  const flows: ProbeFlow[] = builtIn.flows.map((flow) => ({ ...flow, rules: flow.rules.map(name) }));
  const notProbed = [...builtIn.notProbed];
  const borrowed = new Map<string, string>();
  for (const expectation of request.expectations) {
    const found = expectedFlow(expectation, request);
    if ('reason' in found) {
      notProbed.push({ ...found, origin: expectation.origin });
      continue;
    }
    const key = JSON.stringify([found.source.namespace, found.source.serviceAccount, Object.entries(found.source.labels).sort()]);
    const by = borrowed.get(key) ?? `as-${borrowed.size + 1}`;
    borrowed.set(key, by);
    identities.set(by, { name: by, ...found.source, borrowed: true });
    const twins = found.twin ? found.checks.map((check): ProbeCheck => ({ ...check, by: JUDGE, expected: 'allow' })) : [];
    // The judge reaches what is guarded by its exemptions already.
    const twin = found.twin?.destination && { name: name(`twin-${rules.length + 1}`), origin, source: judge, ...found.twin, description: 'positive twins of a probe' };
    if (twin) rules.push(twin);
    flows.push({ name: found.flow, origin: expectation.origin, needs: found.needs, rules: twin ? [twin.name] : [], checks: [...found.checks.map((check) => ({ ...check, by })), ...twins] });
  }
  // The API server's in any case: it reads there what became of the other pods.
  const guarded = new Set<string>(['apiServer', ...flows.flatMap(({ checks }) => checks.map(({ destination }) => destination.kind))]);
  return {
    identities: [...identities.values()],
    flows,
    rules,
    exemptions: (['kubelet', 'apiServer', 'instanceMetadata'] as const).filter((guardrail) => guarded.has(guardrail)).map((guardrail) => ({
      name: name(`judge-${GUARDRAIL_WORDS[guardrail]}`), origin, guardrail, namespace: PROBE_NAMESPACE, serviceAccounts: [JUDGE], reason: 'positive twins of a probe',
    })),
    notProbed,
  };
}

const GUARDRAIL_WORDS = { kubelet: 'kubelet', apiServer: 'apiserver', instanceMetadata: 'imds' } as const;

/** The plan with some of its flows, and no more than they need. */
export function withFlows(plan: ProbePlan, flows: readonly ProbeFlow[]): ProbePlan {
  const by = new Set([JUDGE, TARGET, ...flows.flatMap(({ checks }) => checks.map((check) => check.by))]);
  const guarded = new Set<string>(['apiServer', ...flows.flatMap(({ checks }) => checks.map(({ destination }) => destination.kind))]);
  return {
    ...plan,
    flows,
    identities: plan.identities.filter(({ name }) => by.has(name)),
    rules: plan.rules.filter(({ name }) => flows.some(({ rules }) => rules.includes(name))),
    exemptions: plan.exemptions.filter(({ guardrail }) => guarded.has(guardrail)),
  };
}

/** The same under names of one run: what an older one left behind gives its pods nothing. */
export function tagged(plan: ProbePlan, tag: string): ProbePlan {
  const name = (word: string) => `${word}-${tag}`;
  const peer = (each: Peer): Peer => each.kind === 'pods' && each.serviceAccount && PROBE_NAMESPACES.includes(each.namespace ?? '') ? { ...each, serviceAccount: name(each.serviceAccount) } : each;
  const host = ({ host: given, ...target }: ProbeTarget) => ({ ...target, host: given.replace(`${TARGET}.${PROBE_TARGET_NAMESPACE}.`, `${name(TARGET)}.${PROBE_TARGET_NAMESPACE}.`) });
  return {
    ...plan,
    identities: plan.identities.map((each) => each.borrowed ? each : { ...each, serviceAccount: name(each.serviceAccount) }),
    flows: plan.flows.map((flow) => ({ ...flow, checks: flow.checks.map((check) => ({ ...check, target: host(check.target), destination: peer(check.destination) })) })),
    rules: plan.rules.map((rule) => ({ ...rule, source: peer(rule.source), destination: peer(rule.destination) })),
    exemptions: plan.exemptions.map((each) => ({ ...each, serviceAccounts: each.serviceAccounts.map(name) })),
  };
}
