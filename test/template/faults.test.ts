import { AspectPriority } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ENDPOINT_FAULTS } from './faults/endpoint';
import { Fault, Healthy, healthy, lately } from './fixture';
import { errorsOf } from '../fixture';

const FAULTS: Fault[] = [...ENDPOINT_FAULTS];

/** What synthesis says, by code: errors, or where there are none warnings. */
function codesOf(made: Healthy): string[] {
  const errors = errorsOf(made);
  const lines = errors.length > 0 ? errors : Annotations.fromStack(made.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  return lines.map((line) => /\[cdk-secure-eks:(\w+)\]/.exec(line)?.[1] ?? line);
}

test('a healthy app has no error and no warning', () => {
  expect(codesOf(healthy())).toEqual([]);
});

describe.each(FAULTS)('$name', ({ apply, code, options }) => {
  test(`is ${code}`, () => {
    const made = healthy(options);
    apply(made);
    expect(codesOf(made)).toContain(code);
  });

  test.each([['first', -1000], ['by CDK', AspectPriority.MUTATING], ['last', 1_000_000]])('also as an aspect that runs %s', (_, priority) => {
    const made = healthy(options);
    lately(made, apply, priority);
    expect(codesOf(made)).toContain(code);
  });
});
