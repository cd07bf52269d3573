import { ASKED_BY_KUBELET, ESCAPING_CAPABILITIES, FETCHED_VOLUMES } from './guard-facts';

/**
 * What gives a pod its node, or has the node connect for it: no network policy binds that. The same conditions as those of the guard in the
 * cluster: src/kubernetes/manifests/guards/pod-escapes.ts.
 */
export function escapesOf(spec: any): string[] {
  const containers = CONTAINERS.flatMap((list) => listOf(spec?.[list]));
  const some = (path: string, holds: (value: unknown) => boolean) => containers.some((container) => valuesAt(container, path).some(holds));
  const gives = (capability: unknown) => (ESCAPING_CAPABILITIES as readonly string[]).includes(String(capability).toUpperCase().replace('CAP_', ''));
  const on = (value: unknown) => value === true;
  const volumes = (source: string) => valuesAt(spec, `volumes[].${source}`).some((value) => value !== undefined && value !== null);
  const found: Record<string, boolean> = {
    'hostPID': spec?.hostPID === true,
    'privileged': some('securityContext.privileged', on),
    'hostPath': volumes('hostPath'),
    'windowsOptions.hostProcess': spec?.securityContext?.windowsOptions?.hostProcess === true || some('securityContext.windowsOptions.hostProcess', on),
    'capabilities': some('securityContext.capabilities.add[]', gives),
    'procMount': some('securityContext.procMount', (value) => value === 'Unmasked'),
    ...Object.fromEntries(FETCHED_VOLUMES.map((source) => [source, volumes(source)])),
    'another host in a probe or hook': ASKED_BY_KUBELET.some((path) => some(path, (value) => value !== undefined && value !== null && value !== '')),
  };
  return Object.keys(found).filter((name) => found[name]);
}

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];
const OF_CONTAINERS = ['privileged', 'procMount', 'capabilities.add[]', 'windowsOptions.hostProcess'].map((field) => `securityContext.${field}`);

/** Fields of a pod's spec that decide about that: a list is followed by `[]`. */
export const ESCAPE_FIELDS: readonly string[] = [
  'hostPID', 'securityContext.windowsOptions.hostProcess', ...['hostPath', ...FETCHED_VOLUMES].map((source) => `volumes[].${source}`),
  ...CONTAINERS.flatMap((list) => [...OF_CONTAINERS, ...ASKED_BY_KUBELET].map((field) => `${list}[].${field}`)),
];

/** What stands at a path; each item where it goes through a list. */
function valuesAt(object: any, path: string): unknown[] {
  return path.split('.').reduce<any[]>((values, step) => step.endsWith('[]') ? values.flatMap((value) => listOf(value?.[step.slice(0, -2)])) : values.map((value) => value?.[step]), [object]);
}

const listOf = (value: unknown): any[] => Array.isArray(value) ? value : [];
