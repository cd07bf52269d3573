import { KubernetesObject } from '../../core/connectivity/workload';

/** Groups whose objects decide who may talk to whom. */
const POLICY_GROUPS = ['projectcalico.org', 'crd.projectcalico.org', 'policy.networking.k8s.io', 'networking.k8s.aws', 'cilium.io'];
const POLICY_KIND = /(NetworkPolicy|Tier)$/;

export interface ManifestContent {
  readonly objects: readonly KubernetesObject[];
  readonly policies: readonly string[];
  readonly namespaces: readonly string[];
  /** The text is known only at deployment. */
  readonly unreadable: boolean;
}

/** What a resolved Manifest property holds: JSON text, with intrinsic functions between its parts where tokens stood. */
export function policiesAndNamespacesIn(manifest: unknown): ManifestContent {
  const objects = parse(manifest);
  if (objects === undefined) return { objects: [], policies: [], namespaces: [], unreadable: true };
  const named = objects.map(({ apiVersion, kind, metadata }) => ({
    group: String(apiVersion).split('/')[0],
    kind: String(kind),
    name: `${kind} ${[metadata?.namespace, metadata?.name].filter((part) => part !== undefined).join('/')}`,
  }));
  return {
    objects,
    policies: named.filter(({ group, kind }) => POLICY_KIND.test(kind) && (group === 'networking.k8s.io' || POLICY_GROUPS.includes(group))).map(({ name }) => name),
    namespaces: named.filter(({ group, kind }) => kind === 'Namespace' && group === 'v1').map(({ name }) => name),
    unreadable: false,
  };
}

function parse(manifest: unknown): KubernetesObject[] | undefined {
  const text = typeof manifest === 'string' ? manifest : joined(manifest);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const objects = Array.isArray(value) ? value : [value];
    return objects.flatMap((object: KubernetesObject & { items?: KubernetesObject[] }) => (Array.isArray(object?.items) ? object.items : [object ?? {}]));
  } catch {
    return undefined;
  }
}

/** Tokens stand inside text, where they stay recognizable, or are a number. */
function joined(manifest: unknown): string | undefined {
  const parts = (manifest as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'];
  if (parts?.[0] !== '') return undefined;
  let inText = false;
  return parts[1].map((part, index) => {
    if (typeof part !== 'string') return inText ? `\${Token[KNOWN.AT.DEPLOYMENT.${index}]}` : '0';
    for (const quote of part.matchAll(/\\.|"/gs)) inText = quote[0] === '"' ? !inText : inText;
    return part;
  }).join('');
}
