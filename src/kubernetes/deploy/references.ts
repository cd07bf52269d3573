import {
  CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, StringConcat, Tokenization,
} from 'aws-cdk-lib';
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
  const { Resources } = Stack.of(resource).resolve(definitionOf(resource)) as { Resources: { [id: string]: { Properties?: object } } };
  return { ...Object.values(Resources)[0]?.Properties };
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
  const declared = new DeclaredDependencies();
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
    const targets = directlyUpstream(resource, declared);
    reach(targets.filter((target) => Stack.of(target) === home));
    targets.map((target) => Stack.of(target)).filter((stack) => stack !== home).forEach(reachStack);
  }
  return found;
}

/** Dependencies of a construct, which count for every resource below it, found once for each construct. */
class DeclaredDependencies {
  private readonly found = new Map<IConstruct, CfnResource[]>();

  public of(resource: CfnResource): CfnResource[] {
    return resource.node.scopes.flatMap((scope) => {
      const known = this.found.get(scope);
      if (known) return known;
      const resources = resourcesOf(new Set(scope.node.dependencies));
      this.found.set(scope, resources);
      return resources;
    });
  }
}

function directlyUpstream(resource: CfnResource, declared: DeclaredDependencies): CfnResource[] {
  const referenced = [...referencesIn(definitionOf(resource), resource)].filter((target) => CfnResource.isCfnResource(target)) as CfnResource[];
  const explicit = resource.obtainDependencies().filter((dependency) => !Stack.isStack(dependency)) as CfnResource[];
  return [...new Set([...referenced, ...declared.of(resource), ...explicit])].filter((target) => target !== resource);
}
