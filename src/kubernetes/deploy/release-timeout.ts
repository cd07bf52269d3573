import { Duration } from 'aws-cdk-lib';
import { Diagnostic } from '../../core/diagnostic';

/** The function that runs helm ends after fifteen minutes, and a release that it was changing then stays locked. One is left for the rest. */
const FUNCTION_MINUTES = 14;

/** An atomic release that fails is rolled back, and helm waits for the rollback as long again. */
function waits(atomic: boolean): number {
  return atomic ? 2 : 1;
}

/** As long as helm may wait. */
export function releaseTimeout(atomic: boolean): Duration {
  return Duration.minutes(Math.floor(FUNCTION_MINUTES / waits(atomic)));
}

export function checkReleaseTimeout(releaseName: string, timeout: Duration, atomic: boolean): Diagnostic[] {
  const longest = releaseTimeout(atomic).toSeconds();
  return timeout.toSeconds() <= longest ? [] : [{
    code: 'releaseTimeoutTooLong',
    severity: 'error',
    subject: `release ${releaseName}`,
    message: `its timeout is ${timeout.toSeconds()} s${atomic ? ', and atomic lets helm wait twice' : ''}: the function that runs helm may end first and leave the release locked`,
    fix: `use at most ${longest} s`,
  }];
}
