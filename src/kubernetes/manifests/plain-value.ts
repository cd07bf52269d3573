/** Data that JSON can say. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** Neither JSON text from Helm nor a YAML reader carries these: control characters of the second block, non-characters, half a pair. */
const UNTRANSPORTABLE = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * A deep copy of plain data. Absent values of a map are left out, as JSON does; everything else that JSON would turn into
 * something different is a problem, told by its path.
 */
export function copyPlain(input: unknown, isToken: (value: unknown) => boolean = () => false): { value: PlainValue; problems: string[] } {
  const problems: string[] = [];
  const open = new Set<unknown>();
  const copy = (value: unknown, path: string): PlainValue => {
    // A token that stands for text or a number is plain already; one that is an object stays what it is.
    if (isToken(value)) return value as PlainValue;
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return text(value, path);
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) problems.push(`${path} is ${value}, which is no JSON`);
      return value;
    }
    if (typeof value !== 'object') return refuse(value, path);
    if (open.has(value)) return refuse('a reference to itself', path);
    open.add(value);
    const result = Array.isArray(value) ? value.map((item, index) => copy(item, `${path}[${index}]`)) : copyMap(value, path);
    open.delete(value);
    return result;
  };
  const copyMap = (value: object, path: string): PlainValue => {
    const prototype = Object.getPrototypeOf(value);
    // A plain map may come from another realm, where it has another Object.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return refuse(`a ${value.constructor?.name ?? 'class instance'}`, path);
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [text(key, path), copy(item, path === '' ? key : `${path}.${key}`)]));
  };
  const text = (value: string, path: string): string => {
    if (UNTRANSPORTABLE.test(value)) problems.push(`${path} holds a character that YAML does not allow`);
    return value;
  };
  const refuse = (what: unknown, path: string): PlainValue => {
    problems.push(`${path === '' ? 'it' : path} is ${typeof what === 'string' ? what : typeof what}, not plain data`);
    return null;
  };
  return { value: copy(input, ''), problems };
}

/** The same data with the keys of every map sorted by code unit, so that equal data has equal bytes. */
export function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortKeys) as T;
  if (typeof value !== 'object' || value === null || !isPlainMap(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sortKeys((value as Record<string, unknown>)[key])])) as T;
}

function isPlainMap(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
