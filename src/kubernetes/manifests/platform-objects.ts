import { KubernetesObject } from './objects';

interface Named {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
}

/** Namespaces that are not somebody else's, and the service accounts of all. */
export function platformObjects(
  namespaces: readonly (Named & { readonly existing: boolean })[],
  serviceAccounts: readonly (Named & { readonly namespace: string })[],
): KubernetesObject[] {
  return [
    ...sorted(namespaces.filter(({ existing }) => !existing)).map((each) => object('Namespace', each)),
    ...sorted(serviceAccounts).map((each) => object('ServiceAccount', each)),
  ];
}

function object(kind: string, { name, namespace, labels, annotations }: Named & { namespace?: string }): KubernetesObject {
  const some = (map: { readonly [key: string]: string }) => Object.keys(map).length > 0 ? map : undefined;
  const metadata = { name, namespace, labels: some(labels), annotations: some(annotations) };
  return { apiVersion: 'v1', kind, metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)) as KubernetesObject['metadata'] };
}

/** By name, so that the order of calls changes no byte. */
function sorted<T extends { name: string; namespace?: string }>(items: readonly T[]): T[] {
  const key = ({ namespace = '', name }: T) => `${namespace}/${name}`;
  return [...items].sort((a, b) => key(a) < key(b) ? -1 : 1);
}
