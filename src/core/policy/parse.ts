import { readCalicoPolicy, readNetworkSet, readTier } from './calico-policies';
import { TokenReader } from './calico-rules';
import { readKubernetesPolicy } from './kubernetes-policies';
import { isObject, ManifestReader, shorten, show } from './manifest-reader';
import { BUILT_IN_TIERS, NetworkSet, Policy, policyKey, Tier } from './policy';
import { Diagnostic } from '../diagnostic';

export interface ParsedPolicies {
  readonly tiers: readonly Tier[];
  readonly policies: readonly Policy[];
  readonly networkSets: readonly NetworkSet[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParseOptions {
  /** Tiers that exist without being among the objects, beside Calico's own. */
  readonly tiers?: readonly Tier[];
  /** Where a namespaced object goes that names no namespace. Default: `default`, as for kubectl. */
  readonly namespace?: string;
  /** What the text of a token stands for. Default: no text is a token. */
  readonly tokens?: TokenReader;
}

const POLICY_KINDS = ['GlobalNetworkPolicy', 'NetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedNetworkPolicy'];
/** Groups in which everything is policy: what is not understood there must not pass in silence. */
const POLICY_GROUPS = ['projectcalico.org', 'crd.projectcalico.org', 'policy.networking.k8s.io', 'networking.k8s.aws'];

type Found = { readonly tier: Tier } | { readonly policy: Policy } | { readonly networkSet: NetworkSet };

/**
 * Tiers, policies and network sets among Kubernetes objects, judged as the Kubernetes API and Calico's validator judge
 * them. What is refused is left out and reported; objects of other kinds are none of its business.
 */
export function parsePolicyObjects(objects: readonly unknown[], options: ParseOptions = {}): ParsedPolicies {
  const seen = new Map<string, { text: string; found: Found }>();
  const diagnostics: Diagnostic[] = [];
  for (const object of objects.flatMap(items)) {
    const read = readObject(object, options);
    if (!read) continue;
    diagnostics.push(...read.reader.diagnostics);
    if (!read.found || read.reader.diagnostics.some(({ severity }) => severity === 'error')) continue;
    const { subject } = read.reader;
    const text = JSON.stringify(read.found);
    const earlier = seen.get(subject);
    if (earlier && earlier.text !== text) {
      diagnostics.push({ code: 'policyDuplicate', severity: 'error', subject, message: 'is defined twice with different content', fix: 'keep one of them' });
    }
    seen.set(subject, { text, found: read.found });
  }
  const found = [...seen.values()].map((entry) => entry.found);
  const tiers = found.flatMap((entry) => ('tier' in entry ? [entry.tier] : []));
  const known = new Set([...BUILT_IN_TIERS, ...options.tiers ?? [], ...tiers].map((tier) => tier.name));
  const policies = found.flatMap((entry) => ('policy' in entry ? [entry.policy] : [])).filter((policy) => {
    if (known.has(policy.tier)) return true;
    diagnostics.push({ code: 'policyTierMissing', severity: 'error', subject: policyKey(policy), message: `spec.tier is ${show(policy.tier)}, which does not exist`, fix: 'add a Tier of that name' });
    return false;
  });
  return { tiers, policies, networkSets: found.flatMap((entry) => ('networkSet' in entry ? [entry.networkSet] : [])), diagnostics };
}

/** The objects of a List, however often nested; one that contains itself is read once. */
function items(object: unknown): unknown[] {
  const flat: unknown[] = [];
  const lists = new Set<unknown>();
  const open = [object];
  while (open.length > 0) {
    const next = open.pop();
    if (isObject(next) && typeof next.kind === 'string' && next.kind.endsWith('List') && Array.isArray(next.items)) {
      if (lists.has(next)) continue;
      lists.add(next);
      for (let i = next.items.length - 1; i >= 0; i--) open.push(next.items[i]);
    } else {
      flat.push(next);
    }
  }
  return flat;
}

function readObject(object: unknown, { namespace = 'default', tokens = () => undefined }: ParseOptions): { reader: ManifestReader; found?: Found } | undefined {
  if (!isObject(object) || typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') return undefined;
  const { apiVersion, kind } = object;
  const [group] = apiVersion.split('/');
  if (apiVersion === 'networking.k8s.io/v1' && kind === 'NetworkPolicy') {
    const reader = new ManifestReader(subjectOf(object, 'KubernetesNetworkPolicy', namespace));
    return { reader, found: { policy: readKubernetesPolicy(reader, object, false, namespace) } };
  }
  const reader = new ManifestReader(subjectOf(object, kind, namespace));
  if (apiVersion === 'projectcalico.org/v3') {
    if (kind === 'Tier') return { reader, found: { tier: readTier(reader, object) } };
    if (kind === 'StagedKubernetesNetworkPolicy') return { reader, found: { policy: readKubernetesPolicy(reader, object, true, namespace) } };
    if (POLICY_KINDS.includes(kind)) return { reader, found: { policy: readCalicoPolicy(reader, object, kind, namespace, tokens) } };
    if (kind === 'NetworkSet' || kind === 'GlobalNetworkSet') return { reader, found: { networkSet: readNetworkSet(reader, object, kind, namespace, tokens) } };
    reader.diagnostics.push({ code: 'calicoObjectNotModelled', severity: 'error', subject: reader.subject, acknowledgeable: true, message: 'is no policy: verdicts do not know it, and it may change what Calico enforces', fix: 'remove it, or acknowledge that it changes no traffic of pods' });
    return { reader };
  }
  if (!POLICY_GROUPS.includes(group) && !(group === 'networking.k8s.io' && kind === 'NetworkPolicy')) return undefined;
  reader.problem('apiVersion', `is ${show(apiVersion)} with kind ${show(kind)}, which is not understood`, 'write it as networking.k8s.io/v1 or projectcalico.org/v3', 'policyKindUnknown');
  return { reader };
}

/** No name of Kubernetes is longer. */
const LONGEST_NAME = 253;
const GLOBAL_KINDS = ['Tier', 'GlobalNetworkPolicy', 'StagedGlobalNetworkPolicy', 'GlobalNetworkSet'];

function subjectOf(object: Record<string, unknown>, kind: string, namespace: string): string {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  const name = typeof metadata.name === 'string' ? metadata.name : '';
  const where = typeof metadata.namespace === 'string' && metadata.namespace !== '' ? metadata.namespace : namespace;
  return [kind, ...GLOBAL_KINDS.includes(kind) ? [] : [where], name].map((part) => shorten(part, LONGEST_NAME)).join('/');
}
