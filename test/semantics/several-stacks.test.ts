import { deployments, FLOWS, Said, TEAMS, threeStacks, TOPOLOGY, WrittenStack, writtenStacks } from './stacks';
import { PolicyEnforcement } from '../../src';
import { compile, evaluateFlow, Flow } from '../../src/core/connectivity';
import { parsePolicyObjects } from '../../src/core/policy';
import { TIERS } from '../../src/core/policy/facts';
import { Policy } from '../../src/core/policy/policy';
import { errorsOf } from '../fixture';

const { STAGED, ALLOWS_ENFORCED, ENFORCED } = PolicyEnforcement;
const THEIRS = parsePolicyObjects(TEAMS);
const written = new Map<string, WrittenStack[]>();

function stacksOf(said: Said): WrittenStack[] {
  const key = JSON.stringify(said);
  if (!written.has(key)) written.set(key, writtenStacks(said));
  return written.get(key)!;
}

function verdicts(policies: readonly Policy[]): (flow: Flow) => string {
  const set = compile({ tiers: Object.values(TIERS), policies: [...policies, ...THEIRS.policies] }, TOPOLOGY);
  return (flow) => evaluateFlow(set, flow).verdict;
}

/** Flows that have one verdict before and after all stacks are deployed, and another one in between, each with the write that flipped it. */
function flips(from: Said, to: Said): string[] {
  const [before, after] = [from, to].map(stacksOf);
  const [first, last] = [before, after].map((stacks) => verdicts(stacks.flatMap(({ releases }) => releases.flatMap(({ policies }) => policies))));
  const lasting = FLOWS.map((flow) => [flow, first(flow), last(flow)] as const).filter(([, then, finally_]) => then === finally_);
  return [...deployments(before, after, 7)].filter(({ write }) => !write.includes(' Staged')).flatMap(({ write, policies }) => {
    const now = verdicts(policies);
    return lasting.filter(([flow, then]) => now(flow) !== then).map(([{ from: source, to: destination, port }, then]) => `${write}: ${source} to ${destination} ${port} is no longer ${then}`);
  });
}

test('no verdict is undetermined, the app is sound, and its stacks are deployed one after the other', () => {
  expect(stacksOf({ cluster: ENFORCED }).map(({ name }) => name)).toEqual(['Platform', 'Shop', 'Billing']);
  expect(errorsOf(threeStacks({ cluster: ENFORCED }))).toEqual([]);
  const verdict = verdicts(stacksOf({ cluster: ENFORCED }).flatMap(({ releases }) => releases.flatMap(({ policies }) => policies)));
  const counted = FLOWS.reduce((all, flow) => all.set(verdict(flow), (all.get(verdict(flow)) ?? 0) + 1), new Map<string, number>());
  expect([...counted.keys()].sort()).toEqual(['allow', 'deny']);
}, 60_000);

describe('by way of ALLOWS_ENFORCED no write of any stack flips a flow', () => {
  test.each([[STAGED, ALLOWS_ENFORCED], [ALLOWS_ENFORCED, ENFORCED], [ENFORCED, ALLOWS_ENFORCED], [ALLOWS_ENFORCED, STAGED]])('from %s to %s', (from, to) => {
    expect(flips({ cluster: from }, { cluster: to })).toEqual([]);
  }, 60_000);

  test('also around a namespace that stays staged, and when that one follows', () => {
    expect(flips({ cluster: STAGED }, { cluster: ALLOWS_ENFORCED, shop: STAGED })).toEqual([]);
    expect(flips({ cluster: ALLOWS_ENFORCED, shop: STAGED }, { cluster: ENFORCED, shop: STAGED })).toEqual([]);
    expect(flips({ cluster: ENFORCED, shop: STAGED }, { cluster: ALLOWS_ENFORCED })).toEqual([]);
  }, 120_000);
});

describe('in one step', () => {
  test('enforcing closes what the rules of later stacks allow, until these are deployed', () => {
    const found = flips({ cluster: STAGED }, { cluster: ENFORCED });
    expect(found).toContainEqual(expect.stringMatching(/^Platform, eks-default-deny: .*: shop\/web to billing\/api 8080 is no longer allow$/));
    expect(found.filter((flip) => flip.startsWith('Platform') && flip.endsWith('no longer deny'))).toEqual([]);
  }, 60_000);

  test('staging opens what a guardrail denies now and a policy of the team denies afterwards, until these are deployed', () => {
    expect(flips({ cluster: ENFORCED }, { cluster: STAGED })).toContainEqual(expect.stringMatching(/^Platform, eks-guardrail-denials: .*: billing\/api to ip:10.0.66.7 10250 is no longer deny$/));
  }, 60_000);

  test('a namespace by itself, with its rules in the stack of the cluster, is switched without a flip', () => {
    expect(flips({ cluster: ENFORCED }, { cluster: ENFORCED, home: STAGED })).toEqual([]);
    expect(flips({ cluster: ENFORCED, home: STAGED }, { cluster: ENFORCED })).toEqual([]);
    expect(flips({ cluster: ENFORCED, home: STAGED, shop: STAGED }, { cluster: ENFORCED, shop: STAGED })).toEqual([]);
  }, 120_000);

  test('a namespace by itself, with rules in other stacks, is not', () => {
    expect(flips({ cluster: ENFORCED, shop: STAGED }, { cluster: ENFORCED })).not.toEqual([]);
  }, 60_000);
});
