/** A resource as CloudFormation gets it: overrides and aspects applied, intrinsic functions as data. */
export interface TemplateResource {
  /** Construct path. References inside the app name it: `{ Ref: path }`, `{ 'Fn::GetAtt': [path, attribute] }`. */
  readonly path: string;
  readonly type: string;
  /** What CloudFormation knows it by. */
  readonly logicalId: string;
  readonly properties: Properties;
  /** Construct paths; what is not in view by its logical id. */
  readonly dependsOn: readonly string[];
  /** Whether a condition decides at deployment if it exists at all. */
  readonly conditional: boolean;
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
  /** Construct paths that its construct waits for, whatever the template says. */
  readonly waitsFor?: readonly string[];
}

export interface Properties {
  readonly [name: string]: any;
}

/** The resources of an app, by path. */
export class Template {
  private readonly byPath: ReadonlyMap<string, TemplateResource>;
  private readonly byType = new Map<string, TemplateResource[]>();

  public constructor(resources: Iterable<TemplateResource>) {
    this.byPath = new Map([...resources].map((each) => [each.path, each]));
    for (const each of this.byPath.values()) this.byType.set(each.type, [...this.byType.get(each.type) ?? [], each]);
  }

  public get all(): TemplateResource[] {
    return [...this.byPath.values()];
  }

  public get(path: string | undefined): TemplateResource | undefined {
    return path === undefined ? undefined : this.byPath.get(path);
  }

  public ofType(...types: readonly string[]): readonly TemplateResource[] {
    return types.flatMap((type) => this.byType.get(type) ?? []);
  }

  /** The resource that a reference names. */
  public target(value: unknown): TemplateResource | undefined {
    return this.get(targetOf(value));
  }
}

/** The path that a reference names; undefined for a literal, and for any other function. */
export function targetOf(value: any): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof value.Ref === 'string') return value.Ref;
  const attribute = value['Fn::GetAtt'];
  return Array.isArray(attribute) && typeof attribute[0] === 'string' ? attribute[0] : undefined;
}

/** Whether only the deployment knows the value. */
export function isUnknown(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && (Object.keys(value)[0] ?? '').match(/^(Ref|Fn::.*)$/) !== null;
}

/** CloudFormation reads the text `true` as the value; undefined where nobody knows, or nothing is said. */
export function booleanOf(value: unknown): boolean | undefined {
  return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
}

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' ? number : undefined;
}

/** A list as such; one element may be written without its list, and a function instead of a list is no list. */
export function listOf(value: any): readonly any[] {
  return Array.isArray(value) ? value : value === undefined || value === null || isUnknown(value) ? [] : [value];
}

/** What a list may hold, whatever conditions decide: of `Fn::If` both branches. */
export function possibleIn(value: any): readonly any[] {
  const branches = value?.['Fn::If'];
  if (Array.isArray(branches)) return branches.slice(1).flatMap(possibleIn);
  if (value?.Ref === 'AWS::NoValue') return [];
  return Array.isArray(value) ? value.flatMap(possibleIn) : value === undefined || value === null ? [] : [value];
}

/** Equal values have equal texts: keys are sorted, and a text that means a boolean or number is one. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item) => typeof item === 'object' && item !== null && !Array.isArray(item)
    ? Object.fromEntries(Object.entries(item).filter(([, each]) => each !== undefined).sort(([a], [b]) => a < b ? -1 : 1))
    : item === 'true' ? true : item === 'false' ? false : typeof item === 'number' ? String(item) : item) ?? 'nothing';
}

/** What nobody touched is one and the same value, which saves writing it. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}

/** A value as messages say it. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? `'${value}'` : canonical(value);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
