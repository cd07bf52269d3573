import { CfnElement, CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, StringConcat, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The constructs that a value refers to, seen through every token in it. */
export function referencesIn(value: unknown, scope: IConstruct): Set<IConstruct> {
  const targets = new Set<IConstruct>();
  class Recorder extends DefaultTokenResolver {
    public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
      if (Reference.isReference(token)) targets.add(token.target);
      return super.resolveToken(token, context, postProcessor);
    }
  }
  Tokenization.resolve(value, { scope, resolver: new Recorder(new StringConcat()), preparing: true });
  return targets;
}

/** The definition of a resource before its tokens are resolved. */
export function definitionOf(resource: CfnResource): unknown {
  return (resource as unknown as { _toCloudFormation(): unknown })._toCloudFormation();
}

/** The properties of a resource as the template will have them; references stay intrinsic functions. */
export function propertiesOf(resource: CfnResource): { readonly [name: string]: unknown } {
  const { Resources } = Stack.of(resource).resolve(definitionOf(resource)) as { Resources: { [id: string]: { Properties?: { [name: string]: unknown } } } };
  return Object.values(Resources)[0]?.Properties ?? {};
}

/** Resources below the given constructs, themselves included. */
export function resourcesOf(roots: Iterable<IConstruct>): CfnResource[] {
  return [...roots].flatMap((root) => root.node.findAll().filter((construct) => CfnResource.isCfnResource(construct)) as CfnResource[]);
}

/**
 * Everything that must exist before `start`: by DependsOn, by a reference, by a dependency between constructs that is not yet in a
 * template, and, across stacks, everything in a stack that another one waits for.
 */
export function upstreamOf(start: readonly IConstruct[]): Set<CfnResource> {
  const found = new Set<CfnResource>();
  const wholeStacks = new Set<Stack>();
  const queue: CfnResource[] = [];
  const reach = (resources: Iterable<CfnResource>) => {
    for (const resource of resources) {
      if (found.has(resource)) continue;
      found.add(resource);
      queue.push(resource);
    }
  };
  const reachStack = (stack: Stack) => {
    if (wholeStacks.has(stack)) return;
    wholeStacks.add(stack);
    reach(resourcesOf([stack]));
  };
  reach(resourcesOf(start));
  for (let resource = queue.pop(); resource !== undefined; resource = queue.pop()) {
    const home = Stack.of(resource);
    home.dependencies.forEach(reachStack);
    const targets = directlyUpstream(resource);
    reach(targets.filter((target) => Stack.of(target) === home));
    targets.map((target) => Stack.of(target)).filter((stack) => stack !== home).forEach(reachStack);
  }
  return found;
}

function directlyUpstream(resource: CfnResource): CfnResource[] {
  const referenced = [...referencesIn(definitionOf(resource), resource)].filter((target) => CfnElement.isCfnElement(target) && CfnResource.isCfnResource(target)) as CfnResource[];
  // A dependency of a construct counts for all resources below it.
  const declared = resource.node.scopes.flatMap((scope) => resourcesOf(scope.node.dependencies));
  const explicit = resource.obtainDependencies().flatMap((dependency) => (Stack.isStack(dependency) ? [] : [dependency as CfnResource]));
  return [...new Set([...referenced, ...declared, ...explicit])].filter((target) => target !== resource);
}
