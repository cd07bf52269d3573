import { ahead, differing, isEnforced } from '../../../src/core/policy/enforcement';
import { bindingAllBut, bindingOnly } from '../../../src/core/policy/namespace-scope';
import { Policy } from '../../../src/core/policy/policy';

const policy = (namespaceSelector: string): Policy => ({ kind: 'GlobalNetworkPolicy', name: 'x.x', tier: 'x', namespaceSelector, selector: "app == 'a'", types: ['Egress'] });
const scope = (some?: Policy) => some?.namespaceSelector;

describe('a policy for some namespaces, and for all others', () => {
  const CASES: readonly (readonly [string, string, readonly string[], string | undefined, string | undefined])[] = [
    ['one namespace, named', "projectcalico.org/name == 'shop'", ['shop', 'web'], "projectcalico.org/name == 'shop'", undefined],
    ['one namespace, others named', "projectcalico.org/name == 'shop'", ['web'], undefined, "projectcalico.org/name == 'shop'"],
    ['every namespace', 'all()', ['web', 'shop'], "projectcalico.org/name in {'shop', 'web'}", "has(projectcalico.org/name) && kubernetes.io/metadata.name not in {'shop', 'web'}"],
    ['all but the system', "kubernetes.io/metadata.name not in {'kube-system'}", ['shop'], "projectcalico.org/name in {'shop'}", "kubernetes.io/metadata.name not in {'kube-system', 'shop'}"],
    ['all but the system, which is named too', "kubernetes.io/metadata.name not in {'kube-system'}", ['kube-system', 'shop'], "projectcalico.org/name in {'shop'}", "kubernetes.io/metadata.name not in {'kube-system', 'shop'}"],
    ['all but the system, which alone is named', "kubernetes.io/metadata.name not in {'kube-system'}", ['kube-system'], undefined, "kubernetes.io/metadata.name not in {'kube-system'}"],
    ['namespaces by labels', "tier == 'x' && team == 'a'", ['shop'], "tier == 'x' && team == 'a' && projectcalico.org/name in {'shop'}", "tier == 'x' && team == 'a' && kubernetes.io/metadata.name not in {'shop'}"],
    ['nobody named', 'all()', [], undefined, 'all()'],
  ];
  test.each(CASES)('%s', (_, selector, names, only, allBut) => {
    expect([scope(bindingOnly(policy(selector), names)), scope(bindingAllBut(policy(selector), names))]).toEqual([only, allBut]);
    // Whom else a policy selects is not touched.
    for (const part of [bindingOnly(policy(selector), names), bindingAllBut(policy(selector), names)]) {
      if (part) expect(part).toEqual({ ...policy(selector), namespaceSelector: part.namespaceSelector });
    }
  });
});

test('modes that are the cluster\'s own are no difference', () => {
  const modes = (cluster: 'enforced' | 'staged') => ({ cluster, namespaces: new Map([['web', 'staged' as const], ['shop', 'enforced' as const], ['a', 'staged' as const]]) });
  expect([differing(modes('enforced')), differing(modes('staged'))]).toEqual([['a', 'web'], ['shop']]);
  expect([isEnforced(modes('enforced')), isEnforced({ cluster: 'enforced', namespaces: new Map([['shop', 'enforced']]) }), isEnforced({ cluster: 'staged', namespaces: new Map() })]).toEqual([false, true, false]);
});

test('what is staged is not written ahead', () => {
  expect(ahead([policy('all()'), { ...policy('all()'), staged: true }])).toEqual([{ ...policy('all()'), name: 'x.x--ahead' }]);
});
