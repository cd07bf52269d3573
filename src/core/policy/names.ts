import { ManifestReader, show } from './manifest-reader';

/** Kubernetes' name forms. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const LONGEST = { subdomain: 253, label: 63, portName: 15 };

export const DNS_LABEL = new RegExp(`^${LABEL}$`);
export const DNS_SUBDOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/** Calico: one label, or one behind the tier's name. */
export const GLOBAL_POLICY_NAME = new RegExp(`^(?:${LABEL}\\.)?${LABEL}$`);
export const POLICY_NAME = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})?|(?:knp|ossg)\\.default\\.${LABEL}(?:\\.${LABEL})*)$`);

const QUALIFIED = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const META_FIELDS = ['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp',
  'deletionGracePeriodSeconds', 'labels', 'annotations', 'ownerReferences', 'finalizers', 'managedFields'];
const ANNOTATIONS_LIMIT = 256 * 1024;

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Metadata of one object; `namespaced` says where it lives, `form` which names its kind takes. */
export function readMetadata(reader: ManifestReader, value: unknown, namespaced: string | undefined, form: RegExp, longest = LONGEST.subdomain): Metadata {
  const fields = reader.fields(value, 'metadata', META_FIELDS);
  const name = reader.text(fields.get('name'), 'metadata.name') ?? '';
  if (!form.test(name) || name.length > longest) {
    reader.problem('metadata.name', `is ${show(name)}: Calico and Kubernetes take lower-case letters, digits and '-', at most ${longest}`, 'rename it');
  }
  const given = reader.text(fields.get('namespace'), 'metadata.namespace');
  if (given !== undefined && given !== '' && namespaced === undefined) {
    reader.problem('metadata.namespace', `is ${show(given)}, but this kind belongs to the whole cluster`, 'remove it, or use the namespaced kind');
  }
  const namespace = given || namespaced;
  if (namespaced !== undefined && !(DNS_LABEL.test(namespace ?? '') && namespace!.length <= LONGEST.label)) {
    reader.problem('metadata.namespace', `is ${show(namespace)}, which is no name of a namespace`, 'name the namespace');
  }
  const labels = reader.texted(fields.get('labels'), 'metadata.labels') ?? {};
  checkLabels(reader, labels, 'metadata.labels');
  checkAnnotations(reader, reader.texted(fields.get('annotations'), 'metadata.annotations') ?? {}, 'metadata.annotations');
  return { name, ...namespaced !== undefined && { namespace }, labels };
}

export function checkLabels(reader: ManifestReader, labels: Readonly<Record<string, string>>, path: string): void {
  for (const key of Object.keys(labels)) {
    if (!isQualifiedName(key)) reader.problem(path, `has the key ${show(key)}, which is no label name`, 'rename the label');
    if (!isLabelValue(labels[key])) reader.problem(`${path}['${key}']`, `is ${show(labels[key])}, which is no label value`, 'use at most 63 letters, digits, \'-\', \'_\', \'.\'');
  }
}

export function checkAnnotations(reader: ManifestReader, annotations: Readonly<Record<string, string>>, path: string): void {
  let size = 0;
  for (const key of Object.keys(annotations)) {
    size += key.length + annotations[key].length;
    // The API compares annotation names in lower case; only ASCII letters can pass.
    if (!isQualifiedName(key.replace(/[A-Z]/g, 'a'))) reader.problem(path, `has the key ${show(key)}, which is no annotation name`, 'rename the annotation');
  }
  if (size > ANNOTATIONS_LIMIT) reader.problem(path, `has ${size} characters, more than ${ANNOTATIONS_LIMIT}`, 'shorten the annotations');
}

export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  return (prefix === undefined || (prefix.length <= LONGEST.subdomain && DNS_SUBDOMAIN.test(prefix))) && name.length <= LONGEST.label && QUALIFIED.test(name);
}

export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= LONGEST.label && QUALIFIED.test(text));
}

/** IANA service names: what Kubernetes calls a container port. */
export function isPortName(text: string): boolean {
  return text.length <= LONGEST.portName && DNS_LABEL.test(text) && /[a-z]/.test(text) && !text.includes('--');
}
