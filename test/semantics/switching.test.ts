import { join } from 'node:path';
import { BROAD } from './broad-request';
import { compile, evaluateFlow, Flow, Topology } from '../../src/core/connectivity';
import { decideNetwork } from '../../src/core/network/decide';
import { parsePolicyObjects } from '../../src/core/policy';
import { planPolicies, PolicyPlan } from '../../src/core/policy/baseline';
import { Enforcement, EnforcementModes, NamespaceEnforcement, withEnforcement } from '../../src/core/policy/enforcement';
import { Policy } from '../../src/core/policy/policy';
import { read } from '../conformance/run';
import { topologyOf } from '../conformance/scenario';
import { TEAM_POLICIES, TOPOLOGY } from './fixtures/cluster';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf } from './fixtures/said';
import { linesOf } from './fixtures/table';
import { releasesOf, shuffledBy, states, WrittenRelease } from './replay';

/** A cluster with policies of its users, the plan for it, and flows to watch. */
interface Watched {
  readonly name: string;
  /** Those that get modes of their own. */
  readonly namespaces: readonly [string, string];
  readonly plan: PolicyPlan;
  readonly topology: Topology;
  readonly users: readonly unknown[];
  readonly flows: readonly Flow[];
}

const RUNS = Number(process.env.FUZZ_RUNS ?? 1);
const CLUSTER_MODES: readonly (readonly [Enforcement, Enforcement])[] = [
  ['staged', 'enforced'], ['enforced', 'staged'], ['staged', 'allowsEnforced'], ['allowsEnforced', 'enforced'], ['enforced', 'allowsEnforced'], ['allowsEnforced', 'staged'],
];
/** The cluster's mode, and the modes of the first and the last namespace of each cluster, where they have one. */
type Modes = readonly [Enforcement, (NamespaceEnforcement | undefined)?, (NamespaceEnforcement | undefined)?];
const NAMESPACE_MODES: readonly (readonly [string, Modes, Modes])[] = [
  ['one namespace of an enforced cluster', ['enforced'], ['enforced', 'staged']],
  ['one of two staged ones', ['enforced', 'staged'], ['enforced', 'staged', 'staged']],
  ['two at once', ['enforced'], ['enforced', 'staged', 'staged']],
  ['one namespace of a staged cluster', ['staged', 'enforced'], ['staged']],
  ['one of two enforced ones', ['staged', 'enforced', 'enforced'], ['staged', 'enforced']],
  ['the cluster around a staged namespace', ['enforced', 'staged'], ['staged']],
  ['the cluster around an enforced namespace', ['enforced'], ['staged', 'enforced']],
  ['the cluster but for its denials, around a staged namespace', ['enforced', 'staged'], ['allowsEnforced', 'staged']],
  ['a namespace where only allows are in force', ['allowsEnforced'], ['allowsEnforced', 'staged']],
];
const some = <T>(items: readonly T[], every: number) => items.filter((_, index) => index % every === 0);

const own: Watched = {
  name: 'the cluster of the tables',
  namespaces: ['shop', 'tools'],
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
  return { name, namespaces: [first, namespaces.at(-1)!], plan, topology: topologyOf(resources), users: policies, flows };
});

interface Flip { readonly flow: Flow; readonly write: string }

const modesOf = ({ namespaces }: Watched, [cluster, ...theirs]: Modes): EnforcementModes =>
  ({ cluster, namespaces: new Map(theirs.flatMap((mode, index) => mode ? [[namespaces[index], mode] as const] : [])) });

/** Flows with one verdict before and after that have another one in between. */
function flips(watched: Watched, [from, to]: readonly [Modes, Modes], reorder: (releases: readonly WrittenRelease[]) => readonly WrittenRelease[], seed: number): Flip[] {
  const { plan, topology, users, flows } = watched;
  const theirs = parsePolicyObjects(users);
  const verdicts = (policies: readonly Policy[]) => {
    const set = compile({ tiers: [...plan.tiers, ...theirs.tiers], policies: [...policies, ...theirs.policies] }, { ...topology, networkSets: theirs.networkSets });
    return (flow: Flow) => evaluateFlow(set, flow);
  };
  const [before, after] = [from, to].map((modes) => releasesOf(withEnforcement(plan, modesOf(watched, modes))));
  const [first, last] = [before, after].map((releases) => verdicts(releases.flatMap(({ policies }) => policies)));
  const lasting = flows.map((flow) => [flow, first(flow), last(flow)] as const).filter(([, then, finally_]) => then.verdict === finally_.verdict);
  // A write of a staged one changes nothing: staged.test.ts.
  return [...states(reorder(before), reorder(after), shuffledBy(seed))].filter(({ write }) => !write.includes(' Staged')).flatMap(({ write, policies }) => {
    const now = verdicts(policies);
    return lasting.filter(([flow, { verdict }]) => now(flow).verdict !== verdict).map(([flow]) => ({ flow, write }));
  });
}

/** Of every watched cluster, in several random orders within releases. */
const found = (
  modes: readonly [Modes, Modes], reorder = (releases: readonly WrittenRelease[]): readonly WrittenRelease[] => releases, among: readonly Watched[] = [own, ...recorded],
): (Flip & { name: string })[] =>
  among.flatMap((watched, index) => Array.from({ length: RUNS }, (_, run) => run)
    .flatMap((run) => flips(watched, modes, reorder, 1000 * run + index).map((flip) => ({ name: watched.name, ...flip }))));

test('the order in which releases are written', () => {
  const names = (...modes: Modes) => releasesOf(withEnforcement(own.plan, modesOf(own, modes))).map(({ name }) => name.replace(/^eks-(guardrail-)?/, ''));
  expect(names('enforced')).toEqual(['tiers', 'exemptions', 'denials', 'allows', 'default-deny']);
  expect(names('staged')).toEqual(['tiers', 'default-deny', 'allows', 'denials', 'exemptions']);
  expect(names('allowsEnforced')).toEqual(names('staged'));
  const both = ['tiers', 'exemptions-ahead', 'denials-ahead', 'allows-ahead', 'default-deny', 'allows', 'denials', 'exemptions'];
  expect(names('enforced', 'staged')).toEqual(both);
  expect(names('staged', 'enforced')).toEqual(both);
  expect(names('enforced', 'enforced')).toEqual(names('enforced'));
});

test.each(CLUSTER_MODES)('from %s to %s no write flips a flow that has one verdict before and after', (from, to) => {
  expect(found([[from], [to]])).toEqual([]);
}, 120_000 * RUNS);

test.each(NAMESPACE_MODES)('%s: switched either way, no write flips a flow that has one verdict before and after', (_, one, other) => {
  // Of the recorded clusters each time other ones, unless there is time.
  const among = RUNS > 1 ? [own, ...recorded] : [own, recorded[NAMESPACE_MODES.findIndex(([, each]) => each === one) % recorded.length]];
  expect(found([one, other], undefined, among)).toEqual([]);
  expect(found([other, one], undefined, among)).toEqual([]);
}, 240_000 * RUNS);

describe('other orders flip flows', () => {
  const inOrder = (...names: string[]) => (releases: readonly WrittenRelease[]) => names.map((name) => releases.find((release) => release.name === name)!);
  const FIRST = ['eks-tiers'];

  test('with the allows before the denials, an allow would open for a time what a guardrail and a policy of a team deny', () => {
    expect(found([['staged'], ['enforced']], inOrder(...FIRST, 'eks-allows', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-default-deny'))).not.toEqual([]);
  }, 120_000 * RUNS);

  test.each([
    ['staged', ['enforced', 'staged'], ['enforced', 'staged', 'staged'], ['eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-allows', 'eks-default-deny']],
    ['enforced', ['enforced', 'staged', 'staged'], ['enforced', 'staged'], ['eks-default-deny', 'eks-allows', 'eks-guardrail-denials', 'eks-guardrail-exemptions']],
  ] as const)('without what is written ahead, one namespace being %s needs another order than its opposite', (_, from, to, order) => {
    expect(found([from, to], inOrder(...FIRST, ...order))).not.toEqual([]);
  }, 120_000 * RUNS);
});
