/** What is mutated together, and the tests that concern it: nearest first, as the first that fails ends a mutant. */
export interface Room {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

const SEMANTICS = ['truth-tables', 'quarantine', 'unused-rules', 'errors'].map((name) => `test/semantics/${name}.test.ts`);
const CONFORMANCE = 'test/conformance/recorded.test.ts';

export const ROOMS: Readonly<Record<string, Room>> = {
  'core/sets': { sources: ['src/core/sets'], tests: ['test/core/sets', 'test/core/connectivity/verdicts.test.ts', 'test/core/connectivity/oracle.test.ts'] },
  'core/policy': { sources: ['src/core/policy'], tests: ['test/core/policy', 'test/core/network', 'test/core/connectivity/verdicts.test.ts', CONFORMANCE, ...SEMANTICS] },
  'core/connectivity': { sources: ['src/core/connectivity'], tests: ['test/core/connectivity', 'test/core/network', CONFORMANCE] },
  'core/network': { sources: ['src/core/network'], tests: ['test/core/network', ...SEMANTICS] },
  'core/plan': { sources: ['src/core/plan'], tests: ['test/core/plan', 'test/core/network'] },
  'core/load-balancer': { sources: ['src/core/load-balancer'], tests: ['test/core/load-balancer', 'test/core/network'] },
  'core/diagnostic': { sources: ['src/core/diagnostic.ts'], tests: ['test/core/network', 'test/core/policy', 'test/core/plan'] },
};
