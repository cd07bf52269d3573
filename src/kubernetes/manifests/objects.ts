import { PlainValue, copyPlain } from './plain-value';
import { Diagnostic } from '../../core/diagnostic';

/** Any object of the Kubernetes API as plain data. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly [field: string]: unknown;
}

export interface ReadObjectsOptions {
  /** True for values that only the deployment knows and that may stand where plain data is asked for. */
  readonly isToken?: (value: unknown) => boolean;
}

/** Helm's own words on objects: a user's object that carries them would change how its release is removed. */
const HELM_ANNOTATION = /^(meta\.)?helm\.sh\//;
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/**
 * Users' objects, read once: deep copies (the caller's stay as they are), lists flattened, everything that Helm or Kubernetes
 * would refuse or lose reported. Objects with an error are left out, so that what is returned can be deployed.
 */
export function readObjects(
  inputs: readonly unknown[], options: ReadObjectsOptions = {},
): { objects: KubernetesObject[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const objects: KubernetesObject[] = [];
  const seen = new Set<string>();
  inputs.forEach((input, index) => {
    const { value, problems } = copyPlain(input, options.isToken);
    const subject = subjectOf(value, index);
    diagnostics.push(...problems.map((problem) => error('objectNotPlain', subject, problem, 'write strings, finite numbers, booleans, null, lists and plain maps')));
    if (problems.length > 0) return;
    for (const object of flattenLists(value)) {
      const found = checkObject(object, index);
      diagnostics.push(...found);
      if (found.some(({ severity }) => severity === 'error')) continue;
      const key = objectKey(object as KubernetesObject);
      if (seen.has(key)) {
        diagnostics.push(error('duplicateObject', subjectOf(object, index), 'the same kind, namespace and name is given twice', 'give one of the two objects another name, or remove it'));
        continue;
      }
      seen.add(key);
      objects.push(object as KubernetesObject);
    }
  });
  return { objects, diagnostics };
}

/** Group, kind, namespace and name: what makes two objects the same one. The version does not. */
export function objectKey({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return [group, kind, metadata.namespace ?? '', metadata.name].join('/');
}

/** `Deployment shop/web`. */
export function describeObject({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** `kind: List` and typed lists hold objects; what they hold is what counts. */
export function flattenLists(value: PlainValue): PlainValue[] {
  if (!isMap(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List') || !Array.isArray(value.items)) return [value];
  const { apiVersion, kind, items } = value;
  // Items of a typed list may leave out what the list says for all of them.
  const inherited = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item) => flattenLists(isMap(item) ? { ...inherited, ...item } : item));
}

function checkObject(value: PlainValue, index: number): Diagnostic[] {
  const subject = subjectOf(value, index);
  const incomplete = incompleteness(value);
  if (!isMap(value)) return [error('objectIncomplete', subject, incomplete!, 'give a map with apiVersion, kind and metadata.name')];
  if (incomplete !== undefined) return [error('objectIncomplete', subject, `it ${incomplete}`, 'every object needs apiVersion, kind and metadata.name; generateName is not supported')];
  const { labels, annotations } = (value as unknown as KubernetesObject).metadata;
  const helm = isMap(annotations) ? Object.keys(annotations).filter((key) => HELM_ANNOTATION.test(key)).sort() : [];
  const managedBy = isMap(labels) ? labels[MANAGED_BY] : undefined;
  return [
    ...helm.map((key) => error('helmAnnotation', subject, `the annotation ${key} tells Helm to treat this object in a way of its own`,
      'remove it; namespaces and custom resource definitions are kept without it, and hooks belong into a chart of your own (addHelmChart)')),
    ...(managedBy === undefined || managedBy === 'Helm' ? [] : [{
      code: 'managedByLabelReplaced',
      severity: 'warning' as const,
      subject,
      message: `the label ${MANAGED_BY}=${String(managedBy)} will be Helm in the cluster, because the object travels in a Helm release`,
      fix: 'remove the label, or select by another one',
    }]),
  ];
}

/** What keeps a value from being an object of Kubernetes. */
export function incompleteness(value: PlainValue): string | undefined {
  if (!isMap(value)) return `${JSON.stringify(value)} is no object`;
  const { apiVersion, kind, metadata } = value;
  const missing = [
    ...(isText(apiVersion) ? [] : ['apiVersion']),
    ...(isText(kind) ? [] : ['kind']),
    ...(isMap(metadata) && isText(metadata.name) ? [] : ['metadata.name']),
  ];
  return missing.length === 0 ? undefined : `has no ${missing.join(', no ')}`;
}

function subjectOf(value: PlainValue | undefined, index: number): string {
  if (!isMap(value)) return `object ${index + 1}`;
  const metadata = isMap(value.metadata) ? value.metadata : {};
  const name = [metadata.namespace, metadata.name].filter(isText).join('/');
  return isText(value.kind) && name !== '' ? `${value.kind} ${name}` : `object ${index + 1}${isText(value.kind) ? ` (${value.kind})` : ''}`;
}

function error(code: string, subject: string, message: string, fix: string): Diagnostic {
  return { code, severity: 'error', subject, message, fix };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isMap(value: unknown): value is { readonly [key: string]: PlainValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
