import { EntityRule, Policy } from './policy';
import { ALL, parseSelector, Selector } from './selector';

/**
 * How Calico turns the several selectors of a policy or a rule into one over all endpoints and network sets: labels of
 * namespaces and service accounts are inherited under a prefix, `all()` about them means "is in one".
 */
export const LABEL = {
  namespace: 'projectcalico.org/namespace',
  orchestrator: 'projectcalico.org/orchestrator',
  serviceAccount: 'projectcalico.org/serviceaccount',
  name: 'projectcalico.org/name',
  namespacePrefix: 'pcns.',
  serviceAccountPrefix: 'pcsa.',
} as const;

/** Whom a policy selects. A selector that does not parse selects nobody: parsing has refused it already. */
export function policySelector(policy: Pick<Policy, 'kind' | 'namespace' | 'selector' | 'namespaceSelector' | 'serviceAccountSelector'>): Selector {
  const { selector = '', namespaceSelector = '', serviceAccountSelector = '' } = policy;
  if (policy.namespace !== undefined) {
    return and(parsed(selector), inNamespace(policy.namespace), serviceAccountSelector && prefixed(serviceAccountSelector, LABEL.serviceAccountPrefix));
  }
  const own = selector === '' ? undefined : parsed(selector);
  const withNamespace = namespaceSelector === ''
    ? own
    : replaceAll(and(own, prefixed(namespaceSelector, LABEL.namespacePrefix)), { op: 'has', key: LABEL.namespace });
  // Calico replaces in the text composed so far, so `all()` of the pod selector changes too.
  return serviceAccountSelector === ''
    ? withNamespace ?? ALL
    : replaceAll(and(withNamespace, prefixed(serviceAccountSelector, LABEL.serviceAccountPrefix)), { op: 'has', key: LABEL.serviceAccount });
}

/** What one end of a rule asks of whoever stands there: a selector to match, or one that must not. */
export interface EntitySelectors {
  readonly positive?: Selector;
  readonly negative?: Selector;
}

export function entitySelectors(entity: EntityRule, policyNamespace: string | undefined): EntitySelectors {
  const { selector = '', notSelector = '', namespaceSelector = '' } = entity;
  const accounts = serviceAccounts(entity.serviceAccounts);
  const namespaces = namespaceSelector !== '' ? namespaceScope(namespaceSelector) : policyNamespace !== undefined ? inNamespace(policyNamespace) : undefined;
  const own = accounts || selector !== '' ? and(accounts, selector === '' ? undefined : parsed(selector)) : undefined;
  const scoped = namespaces && (own || notSelector !== '' || namespaceSelector !== '') ? and(namespaces, own) : own;
  const negative = notSelector === '' ? undefined : parsed(notSelector);
  // Beside a positive selector the negative one narrows it; alone it holds for any other address as well.
  if (scoped) return { positive: negative ? and(scoped, { op: 'not', of: negative }) : scoped };
  return { negative };
}

function namespaceScope(text: string): Selector {
  const inSome: Selector = { op: 'has', key: LABEL.namespace };
  return replaceAll(prefixed(text, LABEL.namespacePrefix), inSome, { op: 'not', of: inSome });
}

function serviceAccounts(match: EntityRule['serviceAccounts']): Selector | undefined {
  if (!match) return undefined;
  const byLabel = match.selector ? prefixed(match.selector, LABEL.serviceAccountPrefix) : undefined;
  const byName: Selector | undefined = match.names?.length ? { op: 'in', key: LABEL.serviceAccount, values: match.names } : undefined;
  return byLabel || byName ? and(byLabel, byName) : undefined;
}

const NOBODY: Selector = { op: 'not', of: ALL };
const inNamespace = (namespace: string): Selector => ({ op: '==', key: LABEL.namespace, value: namespace });
const parsed = (text: string): Selector => parseSelector(text).selector ?? NOBODY;
const prefixed = (text: string, prefix: string): Selector => mapLeaves(parsed(text), (leaf) => ('key' in leaf ? { ...leaf, key: prefix + leaf.key } : leaf));
const replaceAll = (selector: Selector, all: Selector, global?: Selector): Selector =>
  mapLeaves(selector, (leaf) => (leaf.op === 'all' ? all : leaf.op === 'global' && global ? global : leaf));

function and(...parts: (Selector | undefined | '')[]): Selector {
  const given = parts.filter((part): part is Selector => Boolean(part));
  return given.length === 0 ? ALL : given.length === 1 ? given[0] : { op: 'and', of: given };
}

function mapLeaves(selector: Selector, change: (leaf: Selector) => Selector): Selector {
  switch (selector.op) {
    case 'not': return { op: 'not', of: mapLeaves(selector.of, change) };
    case 'and': case 'or': return { op: selector.op, of: selector.of.map((part) => mapLeaves(part, change)) };
    default: return change(selector);
  }
}
