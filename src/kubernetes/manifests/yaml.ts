import { PlainValue, sortKeys } from './plain-value';

/** Plain scalars that no reader of YAML 1.1 or 1.2 takes for anything but text. */
const SAFE_TEXT = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;
const RESERVED = /^(y|n|yes|no|on|off|true|false|null|~)$/i;

/** Objects as one YAML stream, keys sorted: the same objects give the same bytes on any machine. */
export function yamlDocuments(objects: readonly object[]): string {
  return objects.map((object) => `---\n${block(sortKeys(object) as PlainValue, '')}\n`).join('');
}

function block(value: PlainValue, indent: string): string {
  if (isList(value)) return value.map((item) => `${indent}- ${nested(item, `${indent}  `)}`).join('\n');
  return Object.entries(value as object).map(([key, item]) => `${indent}${text(key)}:${entry(item, indent)}`).join('\n');
}

/** After `key:`: scalars on the same line, everything else below, lists at the key's own indent as kubectl writes them. */
function entry(value: PlainValue, indent: string): string {
  if (isScalar(value) || isEmpty(value)) return ` ${scalar(value)}`;
  return `\n${block(value, isList(value) ? indent : `${indent}  `)}`;
}

/** After `- `: the first line continues the dash. */
function nested(value: PlainValue, indent: string): string {
  return isScalar(value) || isEmpty(value) ? scalar(value) : block(value, indent).slice(indent.length);
}

function scalar(value: PlainValue): string {
  return typeof value === 'string' ? text(value) : JSON.stringify(value);
}

/** JSON text is YAML text, except for the line separators that JSON leaves as they are. */
function text(value: string): string {
  if (SAFE_TEXT.test(value) && !RESERVED.test(value)) return value;
  return JSON.stringify(value).replace(/[\u0085\u2028\u2029\ufeff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isScalar(value: PlainValue): boolean {
  return typeof value !== 'object' || value === null;
}

function isEmpty(value: PlainValue): boolean {
  return Object.keys(value as object).length === 0;
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
