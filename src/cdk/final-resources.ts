import { isDeepStrictEqual } from 'util';
import {
  CfnElement, CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, Stage, Tokenization,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { FOREIGN_TYPES } from '../core/template/foreign-types';
import { Template, TemplateResource } from '../core/template/resource';

/** A value as resources have it. */
export function valueByPath(value: unknown, scope: IConstruct): unknown {
  return Tokenization.resolve(value, { scope, resolver: RESOLVER, preparing: false });
}

/** What an element would write into its template now. */
export interface Written {
  readonly element: CfnElement;
  readonly content: Content;
}

export function writtenBy(constructs: readonly IConstruct[]): Written[] {
  return constructs.filter((construct): construct is CfnElement => CfnElement.isCfnElement(construct)).map((element) => ({ element, content: contentOf(element) }));
}

/**
 * Every resource of the stage that `scope` is in, another stage being another assembly, beside those that were written as `made` before.
 * What is still written so is one and the same value in both.
 */
export function readStage(scope: IConstruct, made: readonly Written[]): { readonly final: Template; readonly decided: Template } {
  const stage = Stage.of(scope);
  const before = new Map(made.map((each) => [each.element, each]));
  const now = writtenBy((stage ?? scope.node.root).node.findAll().filter((construct) => Stage.of(construct) === stage)).map((each) => {
    const earlier = before.get(each.element);
    return earlier && isDeepStrictEqual(earlier.content, each.content) ? earlier : each;
  });
  const names = namesIn([...new Set([...made, ...now])]);
  const read = new Map<Written, TemplateResource[]>();
  const resources = (written: readonly Written[]) => new Template(written.flatMap((each) => {
    const known = read.get(each) ?? resourcesOf(each, names);
    read.set(each, known);
    return known;
  }));
  return { final: resources(now), decided: resources(made) };
}

/** These alone, as they would be written now. */
export function readAlone(constructs: readonly IConstruct[]): Template {
  const written = writtenBy(constructs);
  const names = namesIn(written);
  return new Template(written.flatMap((each) => resourcesOf(each, names)));
}

/** What logical ids and names of exports mean. */
interface Names {
  readonly paths: ReadonlyMap<Stack, ReadonlyMap<string, string>>;
  readonly exports: ReadonlyMap<string, unknown>;
}

function namesIn(written: readonly Written[]): Names {
  const paths = new Map<Stack, Map<string, string>>();
  for (const { element, content } of written) {
    const ids = Object.keys(content.Resources ?? {});
    const own = paths.get(Stack.of(element)) ?? new Map<string, string>();
    paths.set(Stack.of(element), own);
    for (const id of ids) own.set(id, ids.length === 1 ? element.node.path : `${element.node.path}/${id}`);
  }
  const exports = written.flatMap(({ element, content }) => Object.values(content.Outputs ?? {})
    .filter(({ Export }) => typeof Export?.Name === 'string').map(({ Value, Export }) => [Export.Name, byPath(Value, paths.get(Stack.of(element))!)] as const));
  return { paths, exports: new Map(exports) };
}

function resourcesOf({ element, content }: Written, { paths, exports }: Names): TemplateResource[] {
  const stack = Stack.of(element);
  const own = paths.get(stack)!;
  return Object.entries(content.Resources ?? {}).map(([id, resource]): TemplateResource => {
    const { Type, Properties, DependsOn, Condition, DeletionPolicy, UpdateReplacePolicy } = resource;
    return {
      path: own.get(id)!,
      type: Type,
      logicalId: id,
      properties: byPath(Properties ?? {}, own, exports),
      dependsOn: [DependsOn ?? []].flat().map((each: string) => own.get(each) ?? each),
      conditional: Condition !== undefined,
      ...DeletionPolicy && { deletionPolicy: DeletionPolicy },
      ...UpdateReplacePolicy && { updateReplacePolicy: UpdateReplacePolicy },
      ...ORDERED.has(Type) && { waitsFor: waitsOf(element, stack) },
    };
  });
}

/** What is deployed in an order that matters. */
const ORDERED: ReadonlySet<string> = new Set([...Object.keys(FOREIGN_TYPES), 'AWS::EKS::Nodegroup', 'AWS::SSM::Parameter']);

/** Other stacks come before as a whole. */
function waitsOf(element: CfnElement, stack: Stack): string[] {
  const before = new Set(element.node.scopes.flatMap(({ node }) => node.dependencies)).values();
  return [...before].flatMap(({ node }) => node.findAll()).filter((each) => CfnResource.isCfnResource(each) && Stack.of(each) === stack && each !== element).map(({ node }) => node.path);
}

interface Content {
  readonly Resources?: { readonly [id: string]: any };
  readonly Outputs?: { readonly [id: string]: any };
}

function contentOf(element: CfnElement): Content {
  const definition = (element as unknown as { _toCloudFormation(): unknown })._toCloudFormation();
  return Tokenization.resolve(definition, { scope: element, resolver: RESOLVER, preparing: false }) ?? {};
}

/** Resolves as a template does, but for references, which keep saying what they mean also from one stack to another. */
class PathResolver extends DefaultTokenResolver {
  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token) || !CfnElement.isCfnElement(token.target)) return super.resolveToken(token, context, postProcessor);
    const { path } = token.target.node;
    return token.displayName === 'Ref' ? { Ref: path } : { 'Fn::GetAtt': [path, token.displayName] };
  }
}

const JOIN = {
  join(left: any, right: any): any {
    if (left === undefined || right === undefined) return left ?? right;
    const parts = [left, right].flatMap((side) => side?.['Fn::Join']?.[0] === '' ? side['Fn::Join'][1] : [side]) as unknown[];
    const merged = parts.reduce<unknown[]>((all, part) => typeof part === 'string' && typeof all.at(-1) === 'string' ? [...all.slice(0, -1), `${String(all.at(-1))}${part}`] : [...all, part], []);
    return merged.length === 1 ? merged[0] : { 'Fn::Join': ['', merged] };
  },
};

const RESOLVER = new PathResolver(JOIN);

/** Intrinsic functions written by hand say logical ids and names of exports: they mean the same resources. */
function byPath(value: any, paths: ReadonlyMap<string, string>, exports: ReadonlyMap<string, unknown> = new Map()): any {
  if (Array.isArray(value)) return value.map((item) => byPath(item, paths, exports));
  if (typeof value !== 'object' || value === null) return value;
  const [key, ...more] = Object.keys(value);
  if (more.length === 0) {
    const content = value[key];
    if (key === 'Ref') return { Ref: paths.get(content) ?? content };
    if (key === 'Fn::GetAtt') {
      const [id, ...attribute] = Array.isArray(content) ? content : String(content).split('.');
      return { 'Fn::GetAtt': [paths.get(id) ?? id, attribute.join('.')] };
    }
    if (key === 'Fn::Sub' && typeof content === 'string') {
      const [, id, attribute] = /^\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}$/.exec(content) ?? [];
      if (paths.has(id)) return attribute ? { 'Fn::GetAtt': [paths.get(id), attribute] } : { Ref: paths.get(id) };
    }
    if (key === 'Fn::ImportValue' && exports.has(content)) return exports.get(content);
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, byPath(item, paths, exports)]));
}

/** Macros that rewrite templates of the stage. */
export function transformsIn(scope: IConstruct): { readonly stack: string; readonly name: string }[] {
  const stage = Stage.of(scope);
  const stacks = (stage ?? scope.node.root).node.findAll().filter((each): each is Stack => Stack.isStack(each) && Stage.of(each) === stage);
  return stacks.flatMap((stack) => [...new Set(stack.templateOptions.transforms)].map((name) => ({ stack: stack.node.path, name })));
}
