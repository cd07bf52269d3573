import { join } from 'node:path';
import { BROAD } from './broad-request';
import { planPolicies, policiesOf } from '../../src/core/policy/baseline';
import { Enforcement, EnforcementModes, withEnforcement } from '../../src/core/policy/enforcement';
import { PolicyRequest } from '../../src/core/policy/intent';
import { policySetObjects } from '../../src/kubernetes/manifests/policy-objects';
import { read } from '../conformance/run';
import { check, Scenario } from '../conformance/scenario';

const scenarios = ['semantics', 'random'].flatMap((name) => read(join(__dirname, '..', 'conformance', `${name}.jsonl.gz`)));

const objects = (request: PolicyRequest, cluster: Enforcement, namespaces: EnforcementModes['namespaces'] = new Map()) => {
  const plan = withEnforcement(planPolicies(request).plan, { cluster, namespaces });
  return policySetObjects({ tiers: plan.tiers, policies: policiesOf(plan) });
};
const beside = (scenario: Scenario, ours: readonly unknown[]): Scenario => ({ ...scenario, policies: [...scenario.policies, ...ours] });
const some = scenarios.filter((_, index) => index % 12 === 0);
const changed = (ours: readonly unknown[], among = some) => among.flatMap((scenario) => check(beside(scenario, ours)).disagreements.map((each) => ({ scenario: scenario.name, ...each })));

test('the request is carried out, and would change a lot', () => {
  expect(planPolicies(BROAD).diagnostics).toEqual([]);
  expect(changed(objects(BROAD, 'enforced')).length).toBeGreaterThan(300);
}, 60_000);

test('staged, it changes no verdict, tier, policy, rule or step of any recorded flow, and no refusal', () => {
  const ours = objects(BROAD, 'staged');
  expect(new Set(ours.map(({ kind }) => kind))).toEqual(new Set(['Tier', 'StagedGlobalNetworkPolicy']));
  expect(changed(ours, scenarios)).toEqual([]);
}, 60_000);

test('with its allows in force nothing that was allowed is denied', () => {
  const ours = objects(BROAD, 'allowsEnforced');
  const closed = changed(ours).filter(({ expected, actual }) => expected.startsWith('["allow"') && actual.startsWith('["deny"'));
  expect(closed).toEqual([]);
}, 60_000);
