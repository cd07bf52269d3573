import { Stack } from 'aws-cdk-lib';
import { Dependable, IConstruct } from 'constructs';
import { NetworkModel } from './network-model';

/** To depend on `construct` is to wait until what was said in `stack` is in force: its releases are known once the network is decided. */
export function readyWhenInForce(construct: IConstruct, { releases }: NetworkModel, stack: Stack = Stack.of(construct)): void {
  Dependable.implement(construct, {
    get dependencyRoots() {
      return [construct, ...(releases.get(stack) ?? []).flatMap((each) => Dependable.of(each).dependencyRoots)];
    },
  });
}
