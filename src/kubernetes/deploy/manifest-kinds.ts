/** Groups whose objects decide who may talk to whom. */
const POLICY_GROUPS = ['projectcalico.org', 'crd.projectcalico.org', 'policy.networking.k8s.io', 'networking.k8s.aws', 'cilium.io'];
const POLICY_KIND = /(NetworkPolicy|Tier)$/;

export interface ManifestContent {
  readonly policies: readonly string[];
  readonly namespaces: readonly string[];
  /** The text is known only at deployment. */
  readonly unreadable: boolean;
}

/** What a resolved Manifest property holds: JSON text, with intrinsic functions between its parts where tokens stood. */
export function policiesAndNamespacesIn(manifest: unknown): ManifestContent {
  const objects = parse(manifest);
  if (objects === undefined) return { policies: [], namespaces: [], unreadable: true };
  const named = objects.map(({ apiVersion, kind, metadata }) => ({
    group: String(apiVersion).split('/')[0],
    kind: String(kind),
    name: `${kind} ${[metadata?.namespace, metadata?.name].filter((part) => part !== undefined).join('/')}`,
  }));
  return {
    policies: named.filter(({ group, kind }) => POLICY_KIND.test(kind) && (group === 'networking.k8s.io' || POLICY_GROUPS.includes(group))).map(({ name }) => name),
    namespaces: named.filter(({ group, kind }) => kind === 'Namespace' && group === 'v1').map(({ name }) => name),
    unreadable: false,
  };
}

interface SomeObject {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
}

function parse(manifest: unknown): SomeObject[] | undefined {
  const text = typeof manifest === 'string' ? manifest : joined(manifest);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const objects = Array.isArray(value) ? value : [value];
    return objects.flatMap((object: SomeObject & { items?: SomeObject[] }) => (Array.isArray(object?.items) ? object.items : [object ?? {}]));
  } catch {
    return undefined;
  }
}

/** Tokens stand inside text, so any word in their place leaves the JSON whole; where one is a number, a digit does too. */
function joined(manifest: unknown): string | undefined {
  const parts = (manifest as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'];
  return parts?.[0] === '' ? parts[1].map((part) => (typeof part === 'string' ? part : '0')).join('') : undefined;
}
