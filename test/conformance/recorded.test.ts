import { join } from 'node:path';
import { read } from './run';
import { check, Scenario } from './scenario';

/** Scenarios in one test: few enough that a failure is soon there. */
const SOME = 20;

describe.each([['semantics', 394, 3157], ['random', 200, 10_973]])('every verdict of %s agrees with Calico', (name, scenarios, expected) => {
  const all = read(join(__dirname, `${name}.jsonl.gz`));

  test('all are here', () => {
    expect(all).toHaveLength(scenarios);
    expect(all.reduce((sum, { flows, rejected }) => sum + flows.length + (rejected ? 1 : 0), 0)).toBe(expected);
  });

  test.each(Array.from({ length: Math.ceil(scenarios / SOME) }, (_, i) => i * SOME))('from scenario %i', (from) => {
    for (const scenario of all.slice(from, from + SOME)) {
      const { disagreements, verdicts } = check(scenario);
      expect([scenario.name, disagreements]).toEqual([scenario.name, []]);
      expect(verdicts).toBe(scenario.flows.length + (scenario.rejected ? 1 : 0));
    }
  });
});

test('a rejection that is missing, and one too many, are disagreements', () => {
  const refused = read(join(__dirname, 'semantics.jsonl.gz')).find(({ rejected }) => rejected)!;
  expect(check(refused).disagreements).toEqual([]);
  expect(check({ ...refused, rejected: undefined } as Scenario).disagreements).toHaveLength(1);
  expect(check({ ...refused, rejected: [{ policy: 'GlobalNetworkPolicy/other', error: '' }] } as Scenario).disagreements).toHaveLength(1);
});
