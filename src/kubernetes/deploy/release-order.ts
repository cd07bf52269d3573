import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { resourcesOf, upstreamOf } from './references';
import { Diagnostic } from '../../core/diagnostic';

/** One thing on a cluster that is to come after another. */
export interface Wait {
  readonly later: IConstruct;
  readonly earlier: IConstruct;
  /** What is wrong where `earlier` comes after `later` already. Default: nothing. */
  readonly circle?: Diagnostic;
}

/** Makes everything wait that can: across stacks the whole stack does. What would close a circle is left out and reported. */
export function makeWait(waits: readonly Wait[]): Diagnostic[] {
  if (waits.length === 0) return [];
  const free = !waits.some(closedBy(upstreamOf(waits.map(startOf))));
  return waits.flatMap((wait) => {
    if (!free && closedBy(upstreamOf([startOf(wait)]))(wait)) return wait.circle ?? [];
    wait.later.node.addDependency(wait.earlier);
    return [];
  });
}

function startOf({ later, earlier }: Wait): IConstruct {
  return Stack.of(later) === Stack.of(earlier) ? earlier : Stack.of(earlier);
}

function closedBy(upstream: ReadonlySet<IConstruct>): (wait: Wait) => boolean {
  return ({ later }) => resourcesOf([later]).some((resource) => upstream.has(resource));
}
