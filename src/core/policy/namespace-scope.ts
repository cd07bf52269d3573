import { Policy } from './policy';
import { parseSelector, Selector } from './selector';

/** Labels that every namespace has, with its name: Calico's, and the API server's. */
const CALICO_NAME = 'projectcalico.org/name';
const NAME = 'kubernetes.io/metadata.name';

/** The policy for these namespaces only; undefined where it binds none of them. */
export function bindingOnly(policy: Policy, names: readonly string[]): Policy | undefined {
  const bound = names.filter((name) => mayBind(policy, name));
  if (bound.length === 0) return undefined;
  if (oneNamespace(policy)) return policy;
  const condition = `${CALICO_NAME} in ${set(bound)}`;
  const selector = scopeOf(policy);
  return { ...policy, namespaceSelector: selector.op === 'all' || excludedBy(selector) ? condition : `${policy.namespaceSelector} && ${condition}` };
}

/** The policy for all namespaces but these; undefined where nobody is left. */
export function bindingAllBut(policy: Policy, names: readonly string[]): Policy | undefined {
  const bound = names.filter((name) => mayBind(policy, name));
  if (bound.length === 0) return policy;
  if (oneNamespace(policy)) return undefined;
  const selector = scopeOf(policy);
  const excluded = excludedBy(selector);
  if (excluded) return { ...policy, namespaceSelector: `${NAME} not in ${set([...excluded, ...bound])}` };
  // `not in` alone would also select host endpoints, which have no namespace.
  const others = selector.op === 'all' ? `has(${CALICO_NAME})` : policy.namespaceSelector;
  return { ...policy, namespaceSelector: `${others} && ${NAME} not in ${set(bound)}` };
}

/** Whether it may select pods of this namespace, as far as a name alone tells. */
function mayBind(policy: Policy, name: string): boolean {
  return holds(scopeOf(policy), name) !== false;
}

function oneNamespace(policy: Policy): boolean {
  const selector = scopeOf(policy);
  return selector.op === '==' && isName(selector.key);
}

function scopeOf({ namespaceSelector = '' }: Policy): Selector {
  return parseSelector(namespaceSelector).selector!;
}

/** The names of a `not in`. */
function excludedBy(selector: Selector): readonly string[] | undefined {
  return selector.op === 'not' && selector.of.op === 'in' && isName(selector.of.key) ? selector.of.values : undefined;
}

function holds(selector: Selector, name: string): boolean | undefined {
  switch (selector.op) {
    case 'all': return true;
    case '==': return isName(selector.key) ? selector.value === name : undefined;
    case 'in': return isName(selector.key) ? selector.values.includes(name) : undefined;
    case 'not': {
      const inner = holds(selector.of, name);
      return inner === undefined ? undefined : !inner;
    }
    default: return undefined;
  }
}

const isName = (key: string): boolean => key === CALICO_NAME || key === NAME;
const set = (names: readonly string[]): string => `{${[...new Set(names)].sort().map((name) => `'${name}'`).join(', ')}}`;
