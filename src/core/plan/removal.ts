import { Diagnostic } from '../diagnostic';

/** As the CDK names them. */
export type Removal = 'destroy' | 'retain' | 'snapshot' | 'retain-on-update-or-delete';

/** Kept when the stack goes, but not when its first deployment fails: the next would find the names taken. */
const DEFAULT: Removal = 'retain-on-update-or-delete';

/** What becomes of logs and keys when the stack is deleted. */
export function planRemoval(requested: Removal | undefined): { plan: Removal; diagnostics: Diagnostic[] } {
  if (requested !== 'snapshot') return { plan: requested ?? DEFAULT, diagnostics: [] };
  return {
    plan: DEFAULT,
    diagnostics: [{
      code: 'removalPolicySnapshot', severity: 'error', subject: 'removalPolicy',
      message: 'it is SNAPSHOT, and neither log groups nor keys have snapshots', fix: 'use RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY',
    }],
  };
}
