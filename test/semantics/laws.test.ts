import fc from 'fast-check';
import { baselineOf, compiled, failures, reread } from './baseline-set';
import { TEAM_POLICIES, TOPOLOGY } from './fixtures/cluster';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf } from './fixtures/said';
import { linesOf } from './fixtures/table';
import { Decision, evaluateFlow, Flow } from '../../src/core/connectivity';
import { decideNetwork } from '../../src/core/network/decide';
import { parsePolicyObjects, PolicySet } from '../../src/core/policy';
import { planPolicies, policiesOf } from '../../src/core/policy/baseline';
import { EnforcementModes, withEnforcement } from '../../src/core/policy/enforcement';
import { Peer, PolicyRequest, PortIntent, TrafficIntent } from '../../src/core/policy/intent';
import { PROTOCOL } from '../../src/core/sets';
import { policySetObjects } from '../../src/kubernetes/manifests/policy-objects';
import { judge } from '../core/connectivity/oracle';

const RUNS = Math.max(6, Number(process.env.FUZZ_RUNS ?? 0));
const options = { numRuns: RUNS, seed: 20260 };

/** Ends that users' rules may have; those granted places outside are called `granted`, which nobody in the tables is. */
const pods: fc.Arbitrary<Peer> = fc.oneof(
  fc.record({ kind: fc.constant('pods' as const), namespace: fc.constantFrom('shop', 'tools', 'rogue', 'batch', 'elsewhere'), labels: fc.option(fc.constantFrom({ app: 'web' }, { app: 'api' }, { app: 'scraper' }), { nil: undefined }) }),
  fc.constant<Peer>({ kind: 'pods', namespaceLabels: { team: 'a' } }),
);
const place: fc.Arbitrary<Peer> = fc.constantFrom<Peer>({ kind: 'nodes' }, { kind: 'vpc' }, { kind: 'endpoints' }, { kind: 'clusterDns' }, { kind: 'addresses', name: 'some', cidrs: ['10.0.3.0/24', '10.0.0.0/27'] });
const ports: fc.Arbitrary<PortIntent[]> = fc.constantFrom([{}], [{ protocol: 'TCP' }], [{ protocol: 'TCP', ports: ['1:65535'] }], [{ protocol: 'UDP', ports: [53, 8125] }], [{ protocol: 'TCP', ports: [80, 443, 10250] }]);
const granted: Peer = { kind: 'pods', namespace: 'shop', serviceAccount: 'granted' };
const rules: fc.Arbitrary<TrafficIntent[]> = fc.array(fc.oneof(
  fc.record({ source: pods, destination: fc.oneof(pods, place), ports }),
  fc.record({ source: fc.constantFrom<Peer>({ kind: 'nodes' }, { kind: 'vpc' }, { kind: 'loadBalancers' }), destination: pods, ports }),
  fc.record({ source: fc.constant(granted), destination: fc.constant<Peer>({ kind: 'internet' }), ports }),
), { minLength: 1, maxLength: 6 }).map((some) => some.map((rule, index) => ({ ...rule, name: `random-${index}`, origin: `random/${index}` })));

const lines = (hardened: boolean) => [egressTable({ hardened }), ingressTable({ hardened })].flatMap(linesOf);
const some = <T>(items: readonly T[], every: number) => items.filter((_, index) => index % every === 0);
const request = (overrides: Partial<PolicyRequest> = {}): PolicyRequest => {
  const intent = intentOf({});
  return { ...intent, systemNamespaces: intent.systemNamespaces.map(({ name }) => name), namespaces: intent.namespaces.map(({ name }) => name), ...overrides };
};
const setOf = (overrides: Partial<PolicyRequest>) => {
  const { plan, diagnostics } = planPolicies(request(overrides));
  if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return { tiers: plan.tiers, policies: policiesOf(plan) };
};

describe.each([false, true])('with random rules of users, kube-system hardened: %s', (hardened) => {
  const guarded = /^ip:(10\.0\.0\.(5|6|20)|169\.254\.169\.254|fd00:ec2::254|203\.0\.113|2001:|192\.0\.2|10\.1\.|10\.0\.(64|128)\.10)/;
  /** The API server on 443, kubelet ports, metadata, the internet; and all that the system itself does. */
  const held = lines(hardened).filter(({ flow: { from, to, port, protocol }, verdict }) => (verdict === 'deny' && guarded.test(to) && (!/^ip:10\.0\.(64|128)/.test(to) || (protocol === 'TCP' && [10250, 10255].includes(port!)))
    && (!/^ip:10\.0\.0\./.test(to) || (protocol === 'TCP' && port === 443))) || /suspect/.test(from) || (from.startsWith('kube-system/') && to.startsWith('ip:')));

  test('what guardrails deny stays denied, and the system keeps what it needs', () => {
    fc.assert(fc.property(rules, (more) => {
      const intent = intentOf({ hardened });
      const set = compiled(baselineOf({ ...intent, rules: [...intent.rules, ...more] }));
      expect(failures(set, held.map((line) => ({ ...line, halves: undefined })))).toEqual([]);
    }), options);
  }, 60_000);
});

describe('a rule', () => {
  const asked = some(lines(false), 11);

  test('opens when added and closes when removed, never the other way round', () => {
    fc.assert(fc.property(rules, (more) => {
      const [less, all] = [setOf({}), setOf({ rules: [...request().rules, ...more] })].map((set) => compiled(set));
      expect(asked.filter(({ flow }) => evaluateFlow(less, flow).verdict === 'allow' && evaluateFlow(all, flow).verdict !== 'allow')).toEqual([]);
    }), options);
  }, 60_000);

  test('means the same in whatever order rules, exemptions, quarantines and policies are given', () => {
    fc.assert(fc.property(rules, (more) => {
      const all = [...request().rules, ...more];
      const forwards = setOf({ rules: all });
      const { exemptions, quarantines } = request();
      const backwards = setOf({ rules: [...all].reverse(), exemptions: [...exemptions].reverse(), quarantines: [...quarantines!].reverse() });
      const byName = (set: typeof forwards) => [...policySetObjects(set)].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      expect(byName(backwards)).toEqual(byName(forwards));
      const [one, other] = [compiled(forwards), compiled({ tiers: [...forwards.tiers].reverse(), policies: [...forwards.policies].reverse() }, [...TEAM_POLICIES].reverse())];
      expect(some(asked, 5).filter(({ flow }) => JSON.stringify(evaluateFlow(one, flow)) !== JSON.stringify(evaluateFlow(other, flow)))).toEqual([]);
    }), options);
  }, 60_000);
});

const MODES: readonly (readonly [string, EnforcementModes])[] = [
  ...(['enforced', 'allowsEnforced', 'staged'] as const).map((cluster) => [cluster, { cluster, namespaces: new Map() }] as const),
  ['enforced but shop', { cluster: 'enforced', namespaces: new Map([['shop', 'staged'], ['tools', 'enforced']]) }],
  ['staged but shop', { cluster: 'staged', namespaces: new Map([['shop', 'enforced']]) }],
  ['allows enforced but in shop, tools enforced', { cluster: 'allowsEnforced', namespaces: new Map([['shop', 'staged'], ['tools', 'enforced']]) }],
];

test.each(MODES)('what is emitted is read back as the same policies: %s', (_, modes) => {
  fc.assert(fc.property(rules, fc.boolean(), fc.boolean(), (more, hardened, nodeLocalDns) => {
    const intent = intentOf({ hardened, nodeLocalDns });
    const { plan } = decideNetwork({ ...intent, rules: [...intent.rules, ...more] });
    const emitted = withEnforcement(plan, modes);
    const set = { tiers: emitted.tiers, policies: policiesOf(emitted) };
    expect(reread(set)).toEqual(JSON.parse(JSON.stringify(set)));
  }), { ...options, numRuns: 4 * RUNS });
}, 60_000);

const THEIRS = parsePolicyObjects(TEAM_POLICIES);
/** By the packet evaluator, where both ends have an address. */
function secondOpinion({ tiers, policies }: PolicySet, { from, to, protocol, port }: Flow): string | undefined {
  const [source, destination] = [from, to].map((end) => end.startsWith('ip:') ? end.slice(3) : TOPOLOGY.endpoints.find(({ namespace, name }) => `${namespace}/${name}` === end)?.addresses?.[0]);
  if (source === undefined || destination === undefined || port === undefined || source.includes(':') !== destination.includes(':')) return undefined;
  const set = { tiers: [...tiers, ...THEIRS.tiers], policies: [...policies, ...THEIRS.policies] };
  return judge(set, { ...TOPOLOGY, networkSets: THEIRS.networkSets }, { from: source, to: destination, protocol: PROTOCOL[protocol as keyof typeof PROTOCOL], sourcePort: 40_000, port }).verdict;
}

/** Each half of a flow is decided by the mode of the pod's namespace, as if the whole cluster were in it. */
test.each(MODES)('a pod is bound as its namespace says, and by nothing else: %s', (_, modes) => {
  fc.assert(fc.property(rules, fc.boolean(), (more, hardened) => {
    const intent = intentOf({ hardened });
    const { plan } = decideNetwork({ ...intent, rules: [...intent.rules, ...more] });
    const emittedIn = (each: EnforcementModes) => {
      const emitted = withEnforcement(plan, each);
      return reread({ tiers: emitted.tiers, policies: policiesOf(emitted) });
    };
    const under = (each: EnforcementModes) => compiled(emittedIn(each));
    const set = emittedIn(modes);
    const whole = new Map((['enforced', 'allowsEnforced', 'staged'] as const).map((cluster) => [cluster, under({ cluster, namespaces: new Map() })]));
    const actual = compiled(set);
    const modeOf = (end: string) => modes.namespaces.get(end.split('/')[0]) ?? modes.cluster;
    const decided = (decision: Decision) => typeof decision === 'string' ? decision : [decision.tier, decision.policy, decision.rule, decision.action];
    const wrong = some(lines(hardened), 23).flatMap(({ name, flow }): object[] => {
      const { verdict, egress, ingress } = evaluateFlow(actual, flow);
      const second = secondOpinion(set, flow);
      if (second !== undefined && second !== verdict) return [{ name, verdict, second }];
      const wanted = [evaluateFlow(whole.get(modeOf(flow.from))!, flow).egress, evaluateFlow(whole.get(modeOf(flow.to))!, flow).ingress].map(decided);
      return JSON.stringify([egress, ingress].map(decided)) === JSON.stringify(wanted) ? [] : [{ name, actual: [egress, ingress], wanted }];
    });
    expect(wrong).toEqual([]);
  }), { ...options, numRuns: Math.ceil(RUNS / 2) });
}, 120_000);
