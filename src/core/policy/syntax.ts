/** Kubernetes' syntax of names and labels. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/;

/** Each returns the rule that the value breaks, or nothing. */
export function checkNamespaceName(name: string): string | undefined {
  return DNS_LABEL.test(name) ? undefined
    : `namespace '${name}' is no DNS label: at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit`;
}

export function checkObjectName(kind: string, name: string): string | undefined {
  return name.length <= 253 && SUBDOMAIN.test(name) ? undefined
    : `${kind} '${name}' is no DNS subdomain: at most 253 lower-case letters, digits, hyphens and dots, each part starting and ending with a letter or digit`;
}

export function checkLabel(key: string, value: unknown): string | undefined {
  const [name, prefix, ...rest] = key.split('/').reverse();
  if (rest.length > 0 || !LABEL_NAME.test(name) || (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix)))) {
    return `label key '${key}' breaks Kubernetes' syntax: an optional DNS subdomain and '/', then at most 63 letters, digits, '-', '_' or '.'`;
  }
  if (typeof value !== 'string' || (value !== '' && !LABEL_NAME.test(value))) {
    return `label ${key}=${JSON.stringify(value)} breaks Kubernetes' syntax: at most 63 letters, digits, '-', '_' or '.', starting and ending with a letter or digit`;
  }
  return undefined;
}

export function checkPortName(name: string): string | undefined {
  return PORT_NAME.test(name) ? undefined
    : `port name '${name}' breaks Kubernetes' syntax: at most 15 lower-case letters, digits and single hyphens, with a letter among them`;
}

/** Text that stands for a value of the deployment's, or an object that does. */
export function isUnknown(value: any): boolean {
  return typeof value === 'string' ? /[$#]\{Token\[/.test(value) : typeof value?.resolve === 'function';
}
