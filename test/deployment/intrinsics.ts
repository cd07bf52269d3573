/** What a template's functions may look up. */
export interface Lookup {
  /** A parameter, a pseudo parameter or a resource. Undefined: there is none. */
  readonly ref: (name: string) => unknown;
  readonly attribute: (resource: string, attribute: string) => unknown;
  readonly imported: (name: string) => unknown;
  readonly conditions: { readonly [name: string]: unknown };
}

/** As CloudFormation resolves it. What is not known here is an error, never a guess. */
export function resolve(value: unknown, lookup: Lookup): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, lookup)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && (entries[0][0] === 'Ref' || entries[0][0].startsWith('Fn::'))) return evaluate(entries[0][0], entries[0][1], lookup);
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, lookup)]).filter(([, item]) => item !== NO_VALUE));
}

/** Whether a condition of the template holds. */
export function holds(condition: unknown, lookup: Lookup): boolean {
  const [[name, argument]] = Object.entries(condition as object) as [string, any][];
  switch (name) {
    case 'Condition': return holds(known(lookup.conditions[argument], `condition ${argument}`), lookup);
    case 'Fn::Not': return !holds(argument[0], lookup);
    case 'Fn::And': return argument.every((each: unknown) => holds(each, lookup));
    case 'Fn::Or': return argument.some((each: unknown) => holds(each, lookup));
    case 'Fn::Equals': return JSON.stringify(resolve(argument[0], lookup)) === JSON.stringify(resolve(argument[1], lookup));
    default: throw new Error(`no condition function ${name}`);
  }
}

/** Names of what a value refers to: resources, parameters, pseudo parameters. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]): string[] => {
    if (key === 'Ref') return [item];
    if (key === 'Fn::GetAtt') return [attributeOf(item)[0]];
    if (key === 'Fn::Sub') {
      const [template, own = {}] = Array.isArray(item) ? item : [item];
      return [...placeholders(template).filter((name) => !(name in own)).map((name) => name.split('.')[0]), ...references(own)];
    }
    return references(item);
  });
}

const NO_VALUE = Symbol('AWS::NoValue');

function evaluate(name: string, argument: any, lookup: Lookup): unknown {
  switch (name) {
    case 'Ref': return argument === 'AWS::NoValue' ? NO_VALUE : known(lookup.ref(argument), argument);
    case 'Fn::GetAtt': return attribute(argument, lookup);
    case 'Fn::ImportValue': return known(lookup.imported(String(resolve(argument, lookup))), `import ${JSON.stringify(argument)}`);
    case 'Fn::Join': return (resolve(argument[1], lookup) as unknown[]).map(text).join(argument[0]);
    case 'Fn::Split': return text(resolve(argument[1], lookup)).split(argument[0]);
    case 'Fn::Select': return known((resolve(argument[1], lookup) as unknown[])[Number(resolve(argument[0], lookup))], `item ${argument[0]}`);
    case 'Fn::If': return resolve(argument[holds({ Condition: argument[0] }, lookup) ? 1 : 2], lookup);
    case 'Fn::Base64': return Buffer.from(text(resolve(argument, lookup))).toString('base64');
    case 'Fn::GetAZs': return ['a', 'b', 'c'].map((zone) => `${text(lookup.ref('AWS::Region'))}${zone}`);
    case 'Fn::Sub': {
      const [format, own = {}] = Array.isArray(argument) ? argument : [argument];
      return format.replace(PLACEHOLDER, (_: string, literal: string, placeholder: string) => {
        if (literal) return `\${${placeholder}}`;
        if (placeholder in own) return text(resolve(own[placeholder], lookup));
        return text(placeholder.includes('.') ? attribute(placeholder, lookup) : known(lookup.ref(placeholder), placeholder));
      });
    }
    default: throw new Error(`no function ${name}`);
  }
}

const PLACEHOLDER = /\$\{(!?)([^}]+)\}/g;

function placeholders(format: string): string[] {
  return [...format.matchAll(PLACEHOLDER)].filter(([, literal]) => !literal).map(([, , name]) => name);
}

function attribute(argument: unknown, lookup: Lookup): unknown {
  const [resource, name] = attributeOf(argument);
  return known(lookup.attribute(resource, name), `${resource}.${name}`);
}

function attributeOf(argument: unknown): string[] {
  if (Array.isArray(argument)) return argument;
  const dot = String(argument).indexOf('.');
  return [String(argument).slice(0, dot), String(argument).slice(dot + 1)];
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

/** Joins take text and numbers only; an object here is a mistake of the template. */
function text(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw new Error(`not a text: ${JSON.stringify(value)}`);
  return String(value);
}
