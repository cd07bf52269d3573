import { Field } from './dialects';
import { isUnknown } from '../policy/syntax';

/** As much of an object as this room reads. */
export interface ExposingObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: any;
}

/** `Service shop/web`: what diagnostics and acknowledgements call an object. */
export function subjectOf({ kind, metadata }: ExposingObject): string {
  return `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name ?? '(no name)'}`;
}

export const groupOf = ({ apiVersion = '' }: ExposingObject): string => apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
export const annotation = (object: ExposingObject, key: string): string => object.metadata?.annotations?.[key] ?? '';

/** What stands at a field; undefined where it is not present. */
export function valueAt(field: Field, object: ExposingObject, params?: ExposingObject): unknown {
  if (field.at === 'annotation') return object.metadata?.annotations?.[field.name];
  const owner: any = field.at === 'params' ? params : object;
  return field.name.split('.').reduce((at, key) => isUnknown(at) ? at : at?.[key], owner) ?? undefined;
}

/** `annotation x`, `spec.y`, `spec.z of IngressClassParams shop`. */
export function describeField(field: Field, params?: ExposingObject): string {
  if (field.at === 'annotation') return `annotation ${field.name}`;
  return field.at === 'params' && params ? `${field.name} of ${subjectOf(params)}` : field.name;
}

/** The items of a list, which an annotation writes with commas between. */
export function itemsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(String);
  return isUnknown(value) && typeof value !== 'string' ? [String(value)] : String(value).split(',').map((item) => item.trim()).filter((item) => item !== '');
}

/** What of the fields that decide is known only at deployment: the first, in words. */
export function hiddenAmong(fields: readonly Field[], object: ExposingObject, params?: ExposingObject): string | undefined {
  const { metadata } = object;
  const whole: [string, unknown][] = [['metadata', metadata], ['metadata.annotations', metadata?.annotations], ['spec', object.spec]];
  const keys = Object.keys(isUnknown(metadata?.annotations) ? {} : metadata?.annotations ?? {}).filter(isUnknown).map((key): [string, unknown] => ['the key of an annotation', key]);
  return [...whole, ...keys, ...fields.map((field): [string, unknown] => [describeField(field, params), valueAt(field, object, params)])]
    .find(([, value]) => isUnknown(value) || (Array.isArray(value) && value.some(isUnknown)))?.[0];
}
