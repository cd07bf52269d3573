import { AspectPriority } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ACCESS_FAULTS, CLUSTER_FAULTS } from './faults/cluster';
import { ENDPOINT_FAULTS } from './faults/endpoint';
import { GROUP_FAULTS } from './faults/groups';
import { KEY_FAULTS, ROLE_FAULTS, TRUST_FAULTS } from './faults/keys';
import { FOREIGN_FAULTS, OTHER_FAULTS } from './faults/late';
import { NETWORK_FAULTS } from './faults/network';
import { NODE_FAULTS } from './faults/nodes';
import { RELEASE_FAULTS } from './faults/releases';
import { Fault, Healthy, healthy, lately } from './fixture';
import { errorsOf } from '../fixture';

const FAULTS: Fault[] = [
  ...ENDPOINT_FAULTS, ...CLUSTER_FAULTS, ...ACCESS_FAULTS, ...GROUP_FAULTS, ...NODE_FAULTS, ...NETWORK_FAULTS, ...RELEASE_FAULTS,
  ...KEY_FAULTS, ...TRUST_FAULTS, ...ROLE_FAULTS, ...FOREIGN_FAULTS, ...OTHER_FAULTS,
];

/** What synthesis says, by code: errors, or where there are none warnings. */
function codesOf(made: Healthy): string[] {
  const errors = errorsOf(made);
  const lines = errors.length > 0 ? errors : Annotations.fromStack(made.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  return [...new Set(lines.map((line) => /\[cdk-secure-eks:(\w+)\]/.exec(line)?.[1] ?? line))];
}

test('a healthy app has no error and no warning', () => {
  expect(codesOf(healthy())).toEqual([]);
});

describe('one change to a healthy app, in code', () => {
  test.each(FAULTS.filter(({ onlyLate }) => !onlyLate))('$name is $code', ({ apply, before, code, options }) => {
    const made = healthy(options);
    before?.(made);
    apply(made);
    expect(codesOf(made)).toContain(code);
  });
});

describe('the same by an aspect', () => {
  const PRIORITIES = [AspectPriority.MUTATING, AspectPriority.READONLY + 1000, -1000];

  test.each(FAULTS.map((fault, index) => ({ ...fault, priority: fault.onlyLate ? AspectPriority.READONLY + 1000 : PRIORITIES[index % PRIORITIES.length] })))(
    '$name is $code, at priority $priority', ({ apply, before, code, lateCode, options, priority }) => {
      const made = healthy(options);
      before?.(made);
      lately(made, apply, priority);
      expect(codesOf(made)).toContain(priority < 0 ? code : lateCode ?? code);
    });
});
