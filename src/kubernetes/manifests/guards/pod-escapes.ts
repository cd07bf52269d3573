import { Guard, IS_ADMINISTRATOR, isAccountOf, list, text } from './guard';
import { ASKED_BY_KUBELET, ESCAPING_CAPABILITIES, FETCHED_VOLUMES, GUARDS, POD_SECURITY_LABEL } from '../../../core/guard/guard-facts';

/**
 * Pods that no network policy binds: they share the network, the processes or the files of their node, or have it connect to where they say. The
 * same conditions as src/core/guard/escapes.ts. Pods alone are guarded, as everything else makes pods; what decides here never changes afterwards, but for containers that are added for debugging.
 */
export function podEscapesGuard(systemNamespaces: readonly string[]): Guard {
  return {
    name: GUARDS.pods.name,
    resources: [
      { groups: [''], versions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
      { groups: [''], versions: ['v1'], resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ],
    variables: {
      containers: 'object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])',
      escapes: namesWhere([
        ['object.spec.?hostNetwork.orValue(false)', 'hostNetwork'],
        ['object.spec.?hostPID.orValue(false)', 'hostPID'],
        ['variables.containers.exists(c, c.?securityContext.?privileged.orValue(false))', 'privileged'],
        ['object.spec.?volumes.orValue([]).exists(v, has(v.hostPath))', 'hostPath'],
        ['object.spec.?securityContext.?windowsOptions.?hostProcess.orValue(false) || variables.containers.exists(c, c.?securityContext.?windowsOptions.?hostProcess.orValue(false))', 'windowsOptions.hostProcess'],
        [`variables.containers.exists(c, c.?securityContext.?capabilities.?add.orValue([]).exists(a, a.upperAscii().replace('CAP_', '') in ${list(ESCAPING_CAPABILITIES)}))`, 'capabilities'],
        ["variables.containers.exists(c, c.?securityContext.?procMount.orValue('Default') == 'Unmasked')", 'procMount'],
        ...FETCHED_VOLUMES.map((source) => [`object.spec.?volumes.orValue([]).exists(v, has(v.${source}))`, source] as const),
        [`variables.containers.exists(c, ${ASKED_BY_KUBELET.map((path) => `c.?${path.replace(/\./g, '.?')}.orValue('') != ''`).join(' || ')})`, 'another host in a probe or hook'],
      ]),
    },
    validations: [{
      admits: 'size(variables.escapes) == 0',
      message: `'it asks for ' + variables.escapes.join(', ') + ', past which no network policy binds it; remove that, or have the platform set label ${POD_SECURITY_LABEL}=privileged on its namespace'`,
    }],
    except: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...systemNamespaces].sort() },
        { key: POD_SECURITY_LABEL, operator: 'NotIn', values: ['privileged'] },
      ],
    },
  };
}

/**
 * Volumes that are files of a node: with one of them a pod has what the guard of pods refuses. What provisions volumes for the cluster runs
 * in a namespace of the system. Where a volume lies never changes.
 */
export function volumeEscapesGuard(systemNamespaces: readonly string[]): Guard {
  return {
    name: GUARDS.volumes.name,
    mode: 'ofCluster',
    resources: [{ groups: [''], versions: ['v1'], resources: ['persistentvolumes'], operations: ['CREATE'] }],
    validations: [{
      admits: `!(has(object.spec.hostPath) || has(object.spec.local)) || ${isAccountOf([...systemNamespaces].sort())} || ${IS_ADMINISTRATOR}`,
      message: text('spec.hostPath and spec.local are files of a node, past which no network policy binds a pod; only who may change the guards may make such a volume, and what runs in a namespace of the system'),
    }],
  };
}

/** CEL for the names whose condition holds. */
function namesWhere(conditions: readonly (readonly [string, string])[]): string {
  return conditions.map(([condition, name]) => `(${condition} ? [${text(name)}] : [])`).join(' + ');
}
