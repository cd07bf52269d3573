import fc from 'fast-check';
import { entitySelectors, parseSelector, policySelector, Selector, selects, writeSelector } from '../../../src/core/policy';

const holds = (text: string, labels: Record<string, string>): boolean => {
  const { selector, error } = parseSelector(text);
  if (!selector) throw new Error(error);
  const map = new Map(Object.entries(labels));
  return selects(selector, (key) => map.get(key));
};

describe('what selectors hold for', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ["a == 'x'", { a: 'x' }, true], ["a == 'x'", { a: 'y' }, false], ["a == 'x'", {}, false], ['a == "x"', { a: 'x' }, true],
    ["a != 'x'", {}, true], ["a != 'x'", { a: 'x' }, false], ["a in {'x', 'y'}", { a: 'y' }, true], ['a in {}', { a: '' }, false],
    ["a not in {'x'}", {}, true], ["a notin {'x'}", { a: 'x' }, false], ['a not in {}', {}, true], ["a in {'x',}", { a: 'x' }, true],
    ["a contains 'b'", { a: 'abc' }, true], ["a contains ''", { a: '' }, true], ["a contains ''", {}, false],
    ["a starts with 'ab'", { a: 'abc' }, true], ["a startswith 'bc'", { a: 'abc' }, false], ["a ends with 'bc'", { a: 'abc' }, true], ["a ends with 'b'", {}, false],
    ['has(a)', { a: '' }, true], ['!has(a)', {}, true], ['has( a )', { a: '1' }, true], ['all()', {}, true], ['all( )', {}, true], ['!all()', {}, false],
    ['!!has(a)', { a: '' }, true], ['! ! !has(a)', { a: '' }, false], ['', {}, true], [' \t ', {}, true],
    ['has(a) || has(b) && has(c)', { a: '' }, true], ['(has(a) || has(b)) && has(c)', { a: '' }, false], ['!has(a) && has(b)', { b: '' }, true], ['!(has(a) && has(b))', { b: '' }, true],
    ["in == 'x'", { in: 'x' }, true], ["has == 'x' && all == 'y'", { has: 'x', all: 'y' }, true], ["a/b.c-d_e == 'x'", { 'a/b.c-d_e': 'x' }, true],
    ["A == 'x'", { a: 'x' }, false], ["constructor == 'x'", {}, false], ['has(__proto__)', {}, false], ["a=='x'&&b=='y'", { a: 'x', b: 'y' }, true],
  ])('%s of %j: %s', (text, labels, expected) => expect(holds(text, labels)).toBe(expected));
});

describe('what is no selector', () => {
  test.each(["app = 'web'", 'app == web', "(app == 'web'", "app == 'web')", 'has(app', 'has()', 'has (a)', 'app', "== 'x'", "a == 'x", 'a & b', "a == 'x' | b == 'y'", "a == 'x' &&", "|| a == 'x'",
    "a in 'x'", "a in {'x'", 'a in {,}', "a in {'x' 'y'}", "a == 'x' b == 'y'", '!', '()', "a\n== 'x'", "a\u00a0== 'x'", "a == 'x' && ()", 'a contains x', "a starts 'x'", "a not 'x'", "a inside {'x'}",
    "contains 'x'", "'x' == a", "é == 'x'", 'global(', 'all', `${'a'.repeat(513)} == 'x'`, `${'('.repeat(101)}has(a)${')'.repeat(101)}`])('%s', (text) => expect(parseSelector(text)).toEqual({ error: expect.stringMatching(/./) }));
});

describe('why it is none', () => {
  test.each<[string, string]>([
    ["app = 'web'", "an operator belongs after label 'app'"], ['app == web', "a quoted value belongs where 'web' stands"], ["(app == 'web'", "')' belongs where the end stands"],
    ["app == 'web')", "')' is too much"], ['has(app', 'has( is not closed'], ['has()', "')' is no label name"], ['has(', 'it ends where a label name belongs'], ['has (a)', "an operator belongs after label 'has'"],
    ["== 'x'", "'==' stands where a condition belongs"], ["a == 'x", "''x' is no label name"], ["a == 'x' | b == 'y' && c", "'| b == 'y' && c' is no label name"], ["a == 'x' &&", 'it ends where a condition belongs'],
    ["a in 'x'", "'{' belongs where 'x' stands"], ["a in {'x'", "'}' belongs where the end stands"], ["a in {'x' 'y'}", "'}' belongs where 'y' stands"], ["a == 'x' b == 'y'", "'b' is too much"],
    ['a == has(b)', "a quoted value belongs where 'has(b)' stands"], ['a == all()', "a quoted value belongs where 'all()' stands"], ['a == global()', "a quoted value belongs where 'global()' stands"],
    ['has(a) all()', "'all()' is too much"], ["global() 'x'", "'x' is too much"], ['a && b', "an operator belongs after label 'a'"], ['a contains', 'a quoted value belongs where the end stands'],
    [`${'a'.repeat(513)} == 'x'`, 'a label name has 513 characters, more than 512'], [`${'('.repeat(101)}has(a)${')'.repeat(101)}`, 'parentheses are nested deeper than 100'],
  ])('%s', (text, error) => expect(parseSelector(text)).toEqual({ error }));
});

test('the longest label and the deepest nesting that are taken', () => {
  expect(parseSelector(`${'a'.repeat(512)} == 'x'`).error).toBeUndefined();
  expect(parseSelector(`${'('.repeat(100)}has(a)${')'.repeat(100)}`).error).toBeUndefined();
});

test('written and read again it is the same', () => {
  const leaf: fc.Arbitrary<Selector> = fc.oneof(
    fc.record({ op: fc.constant('has' as const), key: fc.constantFrom('a', 'in', 'x/y') }),
    fc.record({ op: fc.constantFrom('==' as const, 'contains' as const, 'starts with' as const, 'ends with' as const), key: fc.constantFrom('a', 'not'), value: fc.constantFrom('', "it's", '"', 'x') }),
    fc.record({ op: fc.constant('in' as const), key: fc.constant('b'), values: fc.uniqueArray(fc.constantFrom('1', '2'), { maxLength: 2 }) }),
    fc.constant({ op: 'all' as const }),
  );
  const { selector } = fc.letrec<{ selector: Selector }>((tie) => ({
    selector: fc.oneof({ maxDepth: 4 }, leaf, fc.record({ op: fc.constant('not' as const), of: leaf }),
      fc.record({ op: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('selector'), { minLength: 2, maxLength: 3 }) })),
  }));
  fc.assert(fc.property(selector, (one) => expect(parseSelector(writeSelector(one)).selector).toEqual(one)), { seed: 20_260_803, numRuns: 500 });
});

describe('how Calico rewrites selectors', () => {
  const of = (fields: object) => writeSelector(policySelector({ kind: 'GlobalNetworkPolicy', ...fields }));
  test.each([
    ['everybody, host endpoints too', {}, 'all()'],
    ['a namespaced policy stays in its namespace', { namespace: 'shop', selector: "a == '1' || has(b)" }, "((a == '1' || has(b)) && projectcalico.org/namespace == 'shop')"],
    ['all namespaces means being in one', { namespaceSelector: 'all()' }, 'has(projectcalico.org/namespace)'],
    ['all() of the pods is rewritten along', { namespaceSelector: 'has(x)', selector: 'all()' }, '(has(projectcalico.org/namespace) && has(pcns.x))'],
    ['labels of namespaces are inherited', { namespaceSelector: "env not in {'x'}" }, "!(pcns.env in {'x'})"],
    ['and those of service accounts', { serviceAccountSelector: 'all()' }, 'has(projectcalico.org/serviceaccount)'],
    ['which a namespaced policy does not rewrite', { namespace: 'shop', serviceAccountSelector: 'all()' }, "(all() && projectcalico.org/namespace == 'shop' && all())"],
  ])('%s', (_, fields, expected) => expect(of(fields)).toBe(expected));

  const entity = (fields: object, namespace?: string) => {
    const { positive, negative } = entitySelectors(fields, namespace);
    return [positive && writeSelector(positive), negative && writeSelector(negative)];
  };
  test.each<[string, object, string | undefined, (string | undefined)[]]>([
    ['nothing asked', {}, undefined, [undefined, undefined]],
    ['nothing asked in a namespaced policy', {}, 'shop', [undefined, undefined]],
    ['a selector of a namespaced policy', { selector: 'has(a)' }, 'shop', ["(projectcalico.org/namespace == 'shop' && has(a))", undefined]],
    ['global()', { namespaceSelector: 'global()' }, 'shop', ['!has(projectcalico.org/namespace)', undefined]],
    ['notSelector alone reaches outside', { notSelector: 'has(a)' }, undefined, [undefined, 'has(a)']],
    ['notSelector in a namespace narrows it', { notSelector: 'has(a)' }, 'shop', ["(projectcalico.org/namespace == 'shop' && !has(a))", undefined]],
    ['accounts by name and label', { serviceAccounts: { names: ['bot'], selector: 'has(x)' } }, undefined, ["(has(pcsa.x) && projectcalico.org/serviceaccount in {'bot'})", undefined]],
  ])('%s', (_, fields, namespace, expected) => expect(entity(fields, namespace)).toEqual(expected));
});
