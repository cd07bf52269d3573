import { KubernetesObject, unreadableFieldOf, Workload, workloadOf } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { modeIn, modesOf } from './modes';
import { NetworkIntent } from './network-intent';
import { POD_SECURITY_LABEL } from '../guard/guard-facts';
import { isJudged } from '../load-balancer/exposure';
import { BUILT_IN_NAMESPACES, SYSTEM_NAMESPACES, TIERS } from '../policy/facts';

/** What of users' objects would escape the network, or wait for something that never comes. */
export function checkObjects(intent: NetworkIntent): Diagnostic[] {
  const { objects, namespaces, serviceAccounts, systemNamespaces, charts } = intent;
  const system = systemNamespaces.map(({ name }) => name);
  const created = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata?.name);
  const known = new Set([...namespaces.map(({ name }) => name), ...created, ...system, ...BUILT_IN_NAMESPACES]);
  return [
    ...objects.flatMap((object) => {
      const workload = workloadOf(object);
      const found = workload ? [...checkWorkload(workload, system), ...checkAdmission(workload, intent, system)] : [];
      return [...checkNamespace(object, known), ...checkReadable(object), ...found, ...checkVolume(object), ...checkTier(object)];
    }),
    ...checkCustomResources(objects),
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
  if (workload.escapes.length > 0) {
    found.push({
      code: 'workloadEscapesPolicy', severity: 'error', subject, acknowledgeable: true,
      message: `it asks for ${workload.escapes.join(', ')}, by which it acts as its node: no network policy binds that, and a node reaches instance metadata`,
      fix: 'remove it, or acknowledge why it needs the node',
    });
  }
  return found;
}

/** What admission refuses at deployment is refused here. Namespaces of the system are not guarded. */
function checkAdmission(workload: Workload, intent: Pick<NetworkIntent, 'namespaces' | 'objects' | 'enforcement'>, system: readonly string[]): Diagnostic[] {
  const { namespaces, objects } = intent;
  const { namespace, escapes, hostNetwork } = workload;
  const asked = [...hostNetwork ? ['hostNetwork'] : [], ...escapes];
  if (asked.length === 0 || [...system, ...SYSTEM_NAMESPACES].includes(namespace)) return [];
  const labels = namespaces.find(({ name }) => name === namespace)?.labels ?? objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata?.name === namespace)?.metadata?.labels ?? {};
  const refuses = modeIn(modesOf(intent), namespace) === 'enforced';
  return labels[POD_SECURITY_LABEL] === 'privileged' ? [] : [{
    code: 'workloadRefusedByGuard', severity: refuses ? 'error' : 'warning', subject: `${workload.kind} ${namespace}/${workload.name}`,
    message: `it asks for ${asked.join(', ')}, which the guard in the cluster ${refuses ? 'refuses' : 'will refuse once it is enforced'} in namespace '${namespace}'`,
    fix: `remove it, or say addNamespace('${namespace}', { podSecurity: PodSecurityLevel.PRIVILEGED })`,
  }];
}

/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/#types-of-persistent-volumes */
function checkVolume({ apiVersion, kind, metadata, spec }: KubernetesObject): Diagnostic[] {
  if (apiVersion !== 'v1' || kind !== 'PersistentVolume') return [];
  return ['hostPath', 'local'].filter((source) => spec?.[source] !== undefined).map((source) => ({
    code: 'workloadEscapesPolicy', severity: 'error', subject: `PersistentVolume ${metadata?.name}`, acknowledgeable: true,
    message: `spec.${source} is files of a node: whoever mounts them may have the node, and no network policy binds it`,
    fix: 'use a volume that is no part of a node, or acknowledge who may claim it',
  }));
}

/** Tiers of ours are filled from what is said in code alone: an object of a user's there could lift a guardrail. */
function checkTier(object: KubernetesObject): Diagnostic[] {
  if (!object.apiVersion?.startsWith('projectcalico.org/') && !object.apiVersion?.startsWith('crd.projectcalico.org/')) return [];
  const tier = object.kind === 'Tier' ? object.metadata?.name : object.spec?.tier;
  const reserved: readonly string[] = [...Object.values(TIERS).map(({ name }) => name), CALICO_TIER];
  if (reserved.includes(tier)) {
    return [{
      code: 'tierReserved', severity: 'error', subject: subjectOf(object),
      message: `tier '${tier}' holds the policies of ${tier === CALICO_TIER ? 'Calico' : 'the platform'}, and no other object may be or change it`,
      fix: 'use tier default, or allow it with allowTraffic()',
    }];
  }
  const { order } = object.kind === 'Tier' ? object.spec ?? {} : {};
  return typeof order === 'number' && order <= TIERS.guardrails.order ? [{
    code: 'tierBeforeGuardrails', severity: 'error', subject: subjectOf(object), acknowledgeable: true,
    message: `its order is ${order}, and the guardrails' is ${TIERS.guardrails.order}: whatever it allows no guardrail denies any more`,
    fix: `give it an order above ${TIERS.guardrails.order}, or acknowledge who may write policies there`,
  }] : [];
}

/** The operator's own, before every other. */
const CALICO_TIER = 'calico-system';

/** API groups whose objects are read here, or neither make pods nor carry traffic by themselves. */
const KNOWN_GROUPS = [
  'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'apps', 'authorization.k8s.io', 'autoscaling', 'batch', 'certificates.k8s.io',
  'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'flowcontrol.apiserver.k8s.io', 'networking.k8s.io', 'node.k8s.io',
  'policy', 'projectcalico.org', 'rbac.authorization.k8s.io', 'scheduling.k8s.io', 'snapshot.storage.k8s.io', 'storage.k8s.io',
];

/** Custom resources: what their controllers make of them is not in view. One finding for each kind. */
function checkCustomResources(objects: readonly KubernetesObject[]): Diagnostic[] {
  const byKind = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const [group, version] = (object.apiVersion ?? '').split('/');
    if (version === undefined || KNOWN_GROUPS.includes(group) || isJudged(object)) continue;
    const key = `${object.kind} (${group})`;
    byKind.set(key, [...byKind.get(key) ?? [], object]);
  }
  return [...byKind].sort(([a], [b]) => a < b ? -1 : 1).map(([subject, some]) => ENGINE_KINDS.includes(some[0].kind!) ? {
    code: 'engineChanged', severity: 'error', subject, acknowledgeable: true,
    message: `${some.map(subjectOf).join(', ')}: it changes which pods Calico binds, or how`,
    fix: 'remove it, or acknowledge that policies still bind what they must',
  } : {
    code: 'customResourceUnseen', severity: 'warning', subject, acknowledgeable: true,
    message: `what the controller of ${some.map(subjectOf).join(', ')} makes is not in view`,
    fix: 'acknowledge what it makes',
  });
}

/** https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html: Calico does not bind such pods. */
const ENGINE_KINDS = ['SecurityGroupPolicy', 'ENIConfig', 'CNINode', 'Installation', 'APIServer'];

export function subjectOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name}`;
}
