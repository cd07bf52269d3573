import { formatDiagnostic } from '../../../src/core/diagnostic';
import { planRemoval } from '../../../src/core/plan/removal';

test.each([[undefined, 'retain-on-update-or-delete'], ['destroy', 'destroy'], ['retain', 'retain'], ['retain-on-update-or-delete', 'retain-on-update-or-delete']] as const)(
  '%s becomes %s', (requested, plan) => expect(planRemoval(requested)).toEqual({ plan, diagnostics: [] }));

test('there are no snapshots of logs and keys', () => {
  const { plan, diagnostics } = planRemoval('snapshot');
  expect(plan).toBe('retain-on-update-or-delete');
  expect(diagnostics.map(formatDiagnostic)).toEqual([
    'removalPolicy: it is SNAPSHOT, and neither log groups nor keys have snapshots; use RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY [cdk-secure-eks:removalPolicySnapshot]',
  ]);
  expect(diagnostics).toMatchObject([{ severity: 'error' }]);
});
