import { AspectPriority, Aspects, IAspect, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** What is open until just before synthesis, and is then decided once. */
export interface Freezable {
  freeze(): void;
}

const NETWORKS = Symbol.for('cdk-secure-eks.freezables');

/** Before every aspect that users and CDK add, so that theirs reach what the freeze creates. */
const PRIORITY = AspectPriority.MUTATING - 100;

/** Freezes once, at the root of the stage and so before any construct below it is visited. */
class FreezeAspect implements IAspect {
  public constructor(private readonly stage: IConstruct, private readonly members: readonly Freezable[]) {}

  public visit(node: IConstruct): void {
    if (node === this.stage) this.members.forEach((member) => member.freeze());
  }
}

/** Registers with the stage of `scope`: one aspect a stage, however many clusters it has. */
export function freezeBeforeSynthesis(scope: IConstruct, member: Freezable): void {
  const stage = Stage.of(scope) as (IConstruct & { [NETWORKS]?: Freezable[] }) | undefined;
  if (!stage) throw new Error(`${scope.node.path} is in no App or Stage, and its network is decided when one is synthesized; create it inside an App`);
  if (!stage[NETWORKS]) {
    const members: Freezable[] = [];
    Object.defineProperty(stage, NETWORKS, { value: members });
    Aspects.of(stage).add(new FreezeAspect(stage, members), { priority: PRIORITY });
  }
  stage[NETWORKS]!.push(member);
}
