import { list, text } from './guard';
import { CLASSES, CLOSED_TO_GATEWAYS, ExposureTable, Field, SchemeField, SERVICE_ANNOTATIONS, SERVICE_TYPES, VoidingField } from '../../../core/load-balancer/dialects';
import { SMALLEST_PREFIX } from '../../../core/load-balancer/judgement';
import { FALSE_WORDS, TRUE_WORDS } from '../../../core/load-balancer/reading';

/** CEL for what src/core/load-balancer/reading.ts and judgement.ts compute, made from the same tables. */

/** An optional value. */
function optional(field: Field, object = 'object'): string {
  if (field.at === 'annotation') return `${object}.metadata.?annotations[?${text(field.name)}]`;
  return `${object}${field.name.split('.').map((key) => `.?${key}`).join('')}`;
}

/** Parameters of classes are another object, which a guard does not see. */
const visible = <F extends Field>(fields: readonly F[]): F[] => fields.filter(({ at }) => at !== 'params');

export const isPresent = (field: Field, object?: string): string => `${optional(field, object)}.orValue(null) != null`;
const valueOf = (field: Field, object?: string): string => `string(${optional(field, object)}.value())`;

/** Its items; an annotation has commas between them. */
function items(field: Field): string {
  return field.at === 'annotation' ? `${optional(field)}.orValue('').split(',').map(i, i.trim()).filter(i, i != '')`
    : `(${isPresent(field)} ? ${optional(field)}.value() : [])`;
}

/** The first that is not empty. */
export function firstItems(fields: readonly Field[]): string {
  return visible(fields).reduceRight((rest, field) => rest === '[]' ? items(field) : `(size(${items(field)}) > 0 ? ${items(field)} : ${rest})`, '[]');
}

/** Of `object`, which is an expression too. */
export function schemeOf(table: ExposureTable, otherwise: string = text(table.schemeOtherwise ?? 'unsaid'), object?: string): string {
  return visible(table.scheme).reduceRight((rest, field) => `(${isPresent(field, object)} ? ${spelled(field, object)} : ${rest})`, otherwise);
}

/** Who makes the load balancer of a Service: its class says it, or its type. */
export function dialectOf(object: string): string {
  return `${object}.spec.?loadBalancerClass.orValue('') != '' ? ${map(CLASSES.service)}[?${object}.spec.?loadBalancerClass.orValue('')].orValue('unknown')`
    + ` : ${map({ '': 'inTree', ...SERVICE_TYPES })}[?${object}.metadata.?annotations[?${text(SERVICE_ANNOTATIONS.type)}].orValue('')].orValue('unknown')`;
}

const map = (entries: Readonly<Record<string, string>>): string => `{${Object.entries(entries).map(([key, value]) => `${text(key)}: ${text(value)}`).join(', ')}}`;

function spelled(field: SchemeField, object?: string): string {
  const value = valueOf(field, object);
  switch (field.spelled) {
    case 'anyButFalse': return `(${value} in ['', 'false'] ? 'internet-facing' : 'internal')`;
    case 'boolean': return `(${value} in ${list(TRUE_WORDS)} ? 'internal' : ${value} in ${list(FALSE_WORDS)} ? 'internet-facing' : 'unknown')`;
    default: return `(${value} in ['internal', 'internet-facing'] ? ${value} : 'unknown')`;
  }
}

/** Names of the fields that make source ranges decide nothing. */
export function voidsOf(table: ExposureTable): string {
  const named = visible(table.voids).map((field) => `(${holds(field)} ? [${text(field.name)}] : [])`);
  return named.length > 0 ? named.join(' + ') : '[]';
}

function holds(field: VoidingField): string {
  const { key, value } = CLOSED_TO_GATEWAYS;
  switch (field.spelled) {
    case 'switch': return `${isPresent(field)} && ${isOn(field)}`;
    case 'attributes': return field.at === 'annotation'
      ? `${optional(field)}.orValue('').contains('\\\\') || ${optional(field)}.orValue('').split(',').exists(i, i.contains(${text(key)}) && i.trim() != ${text(`${key}=${value}`)})`
      : `${isPresent(field)} && ${optional(field)}.value().exists(i, i.?key.orValue('').contains(${text(key)}) && i.?value.orValue('') != ${text(value)})`;
    default: return `size(${items(field)}) > 0`;
  }
}

const isOn = (field: Field): string => `${valueOf(field)} in ${list(TRUE_WORDS)}`;

/** Whether none of these fields changes. */
export function unchanged(fields: readonly Field[]): string {
  const names = new Map(visible(fields).map((field) => [`${field.at} ${field.name}`, field]));
  return `oldObject != null && ${[...names.values()].map((field) => `${optional(field)} == ${optional(field, 'oldObject')}`).join(' && ')}`;
}

/**
 * Variables about `sources`, a list of ranges: whether each can be used, and whether all of them together name somebody. What
 * another range holds is not counted again; ranges that are not nested have nothing in common.
 */
export const SOURCE_VARIABLES = {
  usable: 'variables.sources.all(s, isCIDR(s) && cidr(s) == cidr(s).masked())',
  ranges: 'variables.usable ? variables.sources.map(s, string(cidr(s))) : []',
  outer: 'variables.ranges.filter(r, !variables.ranges.exists(o, o != r && cidr(o).containsCIDR(r)))',
  narrow: `variables.usable && variables.ranges.all(r, cidr(r).prefixLength() >= (cidr(r).ip().family() == 4 ? ${SMALLEST_PREFIX[4]} : ${SMALLEST_PREFIX[6]})) && `
    + `(${together('variables.ranges', '')} || ${together('variables.outer', ' / double(variables.outer.filter(o, o == r).size())')})`,
} as const;

/** Whether ranges hold, by family, no more than one of the smallest prefix, each counted `once`: dearer, and seldom needed. */
function together(ranges: string, once: string): string {
  return ([4, 6] as const).map((family) => {
    const smallest = SMALLEST_PREFIX[family];
    const shares = Array.from({ length: (family === 4 ? 32 : 128) - smallest + 1 }, (_, bits) => double(2 ** -bits));
    return `${ranges}.filter(r, cidr(r).ip().family() == ${family}).map(r, [${shares.join(', ')}][cidr(r).prefixLength() - ${smallest}]${once}).sum() <= 1.0`;
  }).join(' && ');
}

function double(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
