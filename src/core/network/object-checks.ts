import { KubernetesObject, unreadableFieldOf, Workload, workloadOf } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { NetworkIntent } from './network-intent';
import { BUILT_IN_NAMESPACES, TIERS } from '../policy/facts';

/** What of users' objects would escape the network, or wait for something that never comes. */
export function checkObjects({ objects, namespaces, serviceAccounts, systemNamespaces, charts }: NetworkIntent): Diagnostic[] {
  const system = systemNamespaces.map(({ name }) => name);
  const created = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata?.name);
  const known = new Set([...namespaces.map(({ name }) => name), ...created, ...system, ...BUILT_IN_NAMESPACES]);
  return [
    ...objects.flatMap((object) => {
      const workload = workloadOf(object);
      return [...checkNamespace(object, known), ...checkReadable(object), ...workload ? checkWorkload(workload, system) : [], ...checkTier(object)];
    }),
    ...serviceAccounts.filter(({ namespace }) => !known.has(namespace)).map(({ namespace, name }) => namespaceUnknown(`service account ${namespace}/${name}`, namespace)),
    ...charts.filter(({ namespace }) => system.includes(namespace)).map(({ origin, namespace }) => outsideDefaultDeny(origin, namespace)),
  ];
}

function outsideDefaultDeny(subject: string, namespace: string): Diagnostic {
  return {
    code: 'workloadOutsideDefaultDeny', severity: 'error', subject, acknowledgeable: true,
    message: `namespace '${namespace}' is outside the default deny: whatever runs there may open and accept connections`,
    fix: 'move it to a namespace of its own, or acknowledge why it belongs to the system',
  };
}

/** What nobody can read is not taken for harmless. */
function checkReadable(object: KubernetesObject): Diagnostic[] {
  const field = unreadableFieldOf(object);
  return field === undefined ? [] : [{
    code: 'workloadUnreadable', severity: 'error', subject: subjectOf(object),
    message: `${field} is known only at deployment, and what its pods may do depends on it`, fix: 'write the value itself',
  }];
}

function checkNamespace(object: KubernetesObject, known: ReadonlySet<string | undefined>): Diagnostic[] {
  const namespace = object.metadata?.namespace;
  return namespace === undefined || known.has(namespace) ? [] : [namespaceUnknown(subjectOf(object), namespace)];
}

function namespaceUnknown(subject: string, namespace: string): Diagnostic {
  return {
    code: 'namespaceUnknown', severity: 'error', subject,
    message: `its namespace '${namespace}' was never declared, so that its release would fail`,
    fix: `declare it with addNamespace('${namespace}'), or with { existing: true } where someone else creates it`,
  };
}

function checkWorkload(workload: Workload, system: readonly string[]): Diagnostic[] {
  const subject = `${workload.kind} ${workload.namespace}/${workload.name}`;
  const found = system.includes(workload.namespace) ? [outsideDefaultDeny(subject, workload.namespace)] : [];
  if (workload.hostNetwork) {
    found.push({
      code: 'workloadOnHostNetwork', severity: 'error', subject, acknowledgeable: true,
      message: 'spec.hostNetwork is true: no network policy binds it, and it reaches instance metadata as its node does',
      fix: 'give it a pod network, or acknowledge why it needs the host\'s',
    });
  }
  return found;
}

/** Tiers of ours are filled from what is said in code alone: an object of a user's there could lift a guardrail. */
function checkTier(object: KubernetesObject): Diagnostic[] {
  if (!object.apiVersion?.startsWith('projectcalico.org/') && !object.apiVersion?.startsWith('crd.projectcalico.org/')) return [];
  const tier = object.kind === 'Tier' ? object.metadata?.name : object.spec?.tier;
  const ours: readonly string[] = Object.values(TIERS).map(({ name }) => name);
  if (!ours.includes(tier)) return [];
  return [{
    code: 'tierReserved', severity: 'error', subject: subjectOf(object),
    message: `tier '${tier}' holds the platform's own policies, and no other object may be or change it`,
    fix: 'use tier default, or allow it with allowTraffic()',
  }];
}

export function subjectOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name}`;
}
