import { join } from 'node:path';
import fc from 'fast-check';
import { BROAD } from './broad-request';
import { compile, evaluateFlow, Flow, Topology } from '../../src/core/connectivity';
import { decideNetwork } from '../../src/core/network/decide';
import { parsePolicyObjects } from '../../src/core/policy';
import { planPolicies, policiesOf, PolicyPlan } from '../../src/core/policy/baseline';
import { Enforcement, withEnforcement } from '../../src/core/policy/enforcement';
import { Policy } from '../../src/core/policy/policy';
import { read } from '../conformance/run';
import { topologyOf } from '../conformance/scenario';
import { TEAM_POLICIES, TOPOLOGY } from './fixtures/cluster';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf } from './fixtures/said';
import { linesOf } from './fixtures/table';
import { partsInOrder, states } from './replay';

/** A cluster with policies of its users, the plan for it, and flows to watch. */
interface Watched {
  readonly name: string;
  readonly plan: PolicyPlan;
  readonly topology: Topology;
  readonly users: readonly unknown[];
  readonly flows: readonly Flow[];
}

const RUNS = Number(process.env.FUZZ_RUNS ?? 1);
const MODES: readonly (readonly [Enforcement, Enforcement])[] = [
  ['staged', 'enforced'], ['enforced', 'staged'], ['staged', 'allowsEnforced'], ['allowsEnforced', 'enforced'], ['enforced', 'allowsEnforced'], ['allowsEnforced', 'staged'],
];
const some = <T>(items: readonly T[], every: number) => items.filter((_, index) => index % every === 0);

const own: Watched = {
  name: 'the cluster of the tables',
  plan: decideNetwork(intentOf({ hardened: true })).plan,
  topology: TOPOLOGY,
  users: TEAM_POLICIES,
  flows: some([egressTable({ hardened: true }), ingressTable({ hardened: true })].flatMap(linesOf).map(({ flow }) => flow), RUNS > 1 ? 1 : 97),
};
const recorded: Watched[] = some(read(join(__dirname, '..', 'conformance', 'random.jsonl.gz')), RUNS > 1 ? 5 : 67).map(({ name, resources, policies, flows }) => {
  // Whoever is in the scenario is exempted, isolated and quarantined somewhere.
  const namespaces = resources.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const first = namespaces[0];
  const { plan } = planPolicies({
    ...BROAD, systemNamespaces: namespaces.slice(1, 2), namespaces,
    rules: BROAD.rules.map((rule) => rule.name === 'internet' ? { ...rule, source: { kind: 'pods', namespace: first } } : rule),
    exemptions: BROAD.exemptions.map((each) => ({ ...each, namespace: first })),
    quarantines: BROAD.quarantines!.map((each) => ({ ...each, namespace: namespaces.at(-1)! })),
  });
  return { name, plan, topology: topologyOf(resources), users: policies, flows };
});

interface Flip { readonly flow: Flow; readonly write: string }

/** Flows with one verdict before and after that have another one in between. */
function flips({ plan, topology, users, flows }: Watched, [from, to]: readonly [Enforcement, Enforcement], order: ReturnType<typeof partsInOrder>, seed: number): Flip[] {
  const theirs = parsePolicyObjects(users);
  const verdicts = (policies: readonly Policy[]) => {
    const set = compile({ tiers: [...plan.tiers, ...theirs.tiers], policies: [...policies, ...theirs.policies] }, { ...topology, networkSets: theirs.networkSets });
    return (flow: Flow) => evaluateFlow(set, flow);
  };
  const [before, after] = [withEnforcement(plan, from), withEnforcement(plan, to)];
  const [first, last] = [verdicts(policiesOf(before)), verdicts(policiesOf(after))];
  const lasting = flows.map((flow) => [flow, first(flow), last(flow)] as const).filter(([, then, finally_]) => then.verdict === finally_.verdict);
  return [...states({ from: before, to: after, order, shuffle: shuffled(seed) })].flatMap(({ write, policies }) => {
    const now = verdicts(policies);
    return lasting.filter(([flow, { verdict }]) => now(flow).verdict !== verdict).map(([flow]) => ({ flow, write }));
  });
}

function shuffled(seed: number): <T>(items: readonly T[]) => T[] {
  let call = 0;
  return (items) => items.length < 2 ? [...items] : fc.sample(fc.shuffledSubarray([...items], { minLength: items.length }), { numRuns: 1, seed: seed + (call += 1) })[0];
}

/** Of every watched cluster, in several random orders within releases. */
const found = (modes: readonly [Enforcement, Enforcement], order: ReturnType<typeof partsInOrder>): (Flip & { name: string })[] => [own, ...recorded].flatMap((watched, index) =>
  Array.from({ length: RUNS }, (_, run) => run).flatMap((run) => flips(watched, modes, order, 1000 * run + index).map((flip) => ({ name: watched.name, ...flip }))));

const towards = (to: Enforcement) => to === 'enforced' ? 'enforcing' as const : 'staging' as const;

test('the order in which releases are written', () => {
  expect(partsInOrder('enforcing')).toEqual(['exemptions', 'denials', 'allows', 'defaultDeny']);
  expect(partsInOrder('staging')).toEqual(['defaultDeny', 'allows', 'denials', 'exemptions']);
});

test.each(MODES)('from %s to %s no write flips a flow that has one verdict before and after', (from, to) => {
  expect(found([from, to], partsInOrder(towards(to)))).toEqual([]);
}, 120_000 * RUNS);

test('with the allows before the denials, an allow would open for a time what a guardrail and a policy of a team deny', () => {
  expect(found(['staged', 'enforced'], ['allows', 'exemptions', 'denials', 'defaultDeny'])).not.toEqual([]);
}, 120_000 * RUNS);
