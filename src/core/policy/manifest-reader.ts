import { Diagnostic } from '../diagnostic';

/** Reads plain data that somebody else wrote: what does not fit becomes a diagnostic, and reading goes on. */
export class ManifestReader {
  readonly diagnostics: Diagnostic[] = [];

  constructor(readonly subject: string) {}

  problem(path: string, message: string, fix: string, code = 'policyInvalid'): void {
    this.diagnostics.push({ code, severity: 'error', subject: this.subject, message: `${shorten(path, LONGEST_PATH)} ${message}`, fix: shorten(fix, LONGEST_PATH) });
  }

  /** Taken by Calico's API server, refused by the schemas of its kinds, which judge where they alone serve the API. */
  beyondSchema(path: string, message: string, fix: string): void {
    this.diagnostics.push({ code: 'policyBeyondSchema', severity: 'warning', acknowledgeable: true, subject: this.subject, message: `${shorten(path, LONGEST_PATH)} ${message}: Calico's schemas refuse that`, fix });
  }

  /** A list that the schema calls a set. */
  set(list: readonly unknown[] | undefined, path: string): void {
    const twice = list?.find((item, i) => list.indexOf(item) < i);
    if (twice !== undefined) this.beyondSchema(path, `names ${show(twice)} twice`, 'name each once');
  }

  /** An object of which every field is in `known`; JSON null is absent, as for the Kubernetes API. */
  fields(value: unknown, path: string, known: readonly string[]): Fields {
    if (value === undefined || value === null) return NO_FIELDS;
    if (!isObject(value)) {
      this.problem(path, `is ${show(value)}: it must be an object`, 'write its fields');
      return NO_FIELDS;
    }
    for (const name of Object.keys(value)) {
      if (!known.includes(name)) this.problem(`${path}.${name}`, 'is no field that this kind has', `use one of ${known.join(', ')}`, 'policyFieldUnknown');
    }
    return { get: (name) => (Object.prototype.hasOwnProperty.call(value, name) ? value[name] ?? undefined : undefined) };
  }

  list(value: unknown, path: string): readonly unknown[] | undefined {
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value;
    this.problem(path, `is ${show(value)}: it must be a list`, 'write a list');
    return undefined;
  }

  text(value: unknown, path: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    this.problem(path, `is ${show(value)}: it must be text`, 'quote it');
    return undefined;
  }

  texts(value: unknown, path: string): string[] | undefined {
    return this.list(value, path)?.map((item, i) => this.text(item, `${path}[${i}]`)).filter((item) => item !== undefined);
  }

  flag(value: unknown, path: string): boolean | undefined {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    this.problem(path, `is ${show(value)}: it must be true or false`, 'write true or false');
    return undefined;
  }

  integer(value: unknown, path: string, low: number, high: number): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && low <= value && value <= high) return value;
    this.problem(path, `is ${show(value)}: it must be a whole number from ${low} to ${high}`, 'write such a number');
    return undefined;
  }

  number(value: unknown, path: string): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    this.problem(path, `is ${show(value)}: it must be a number`, 'write a number');
    return undefined;
  }

  oneOf<T extends string>(value: unknown, path: string, allowed: readonly T[]): T | undefined {
    if (value === undefined || value === null) return undefined;
    if (allowed.includes(value as T)) return value as T;
    this.problem(path, `is ${show(value)}: it must be one of ${allowed.join(', ')}`, 'use one of them');
    return undefined;
  }

  /** Labels or annotations. */
  texted(value: unknown, path: string): Record<string, string> | undefined {
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) {
      this.problem(path, `is ${show(value)}: it must map names to texts`, 'write name: "text"');
      return undefined;
    }
    // fromEntries makes `__proto__` a label like any other.
    return Object.fromEntries(Object.keys(value).flatMap((key) => {
      const text = this.text(value[key] ?? '', `${path}['${key}']`);
      return text === undefined ? [] : [[key, text]];
    }));
  }
}

export interface Fields {
  get(name: string): unknown;
}

const NO_FIELDS: Fields = { get: () => undefined };
const LONGEST_VALUE = 80;
const LONGEST_PATH = 300;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: short, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value, LONGEST_VALUE)}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isObject(value) ? 'an object' : String(value);
}

/** The beginning of a text that nobody reads to its end. */
export function shorten(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
