import * as fc from 'fast-check';
import { JSON_SCHEMA, loadAll } from 'js-yaml';
import { yamlDocuments } from '../../../src/kubernetes/manifests/yaml';

const text = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[-+0-9eE_.:xo~#&*!|>'"%@`{}[\], \n\t=a-fA-F]{0,10}$/),
  fc.constantFrom('y', 'No', 'ON', 'null', '~', '', '1e3', '0x1F', '.inf', '.NaN', '12:30:45', '2001-01-01', '---', '...', '- a', 'a: b', '=', '<<', 'a\u2028b', 'e\u0085', '\ufeff'),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.double({ noDefaultInfinity: true, noNaN: true }), fc.boolean(), fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }), fc.dictionary(text, tie('any'), { maxKeys: 3 })),
})).any;
const object = fc.dictionary(text.filter((key) => key !== '__proto__'), value, { minKeys: 1, maxKeys: 4 });

test('what is read again is what was written', () => {
  fc.assert(fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), (objects) => {
    const plain = JSON.parse(JSON.stringify(objects)) as object[];
    expect(loadAll(yamlDocuments(plain))).toEqual(plain);
    expect(loadAll(yamlDocuments(plain), undefined, { schema: JSON_SCHEMA })).toEqual(plain);
  }), { seed: 4, numRuns: 500 });
});

test('insertion order changes no byte', () => {
  expect(yamlDocuments([{ b: { d: 1, c: [{ f: 1, e: 2 }] }, a: 1 }])).toBe(yamlDocuments([{ a: 1, b: { c: [{ e: 2, f: 1 }], d: 1 } }]));
});

test('reads like what people write', () => {
  expect(yamlDocuments([{ kind: 'Tier', metadata: { name: 'eks-allow', labels: {} }, spec: { order: 2000, nets: ['10.0.0.0/8'], rules: [{ a: 1, b: ['x'] }, []] } }, { on: 'off' }])).toBe(
    `---
kind: Tier
metadata:
  labels: {}
  name: eks-allow
spec:
  nets:
  - "10.0.0.0/8"
  order: 2000
  rules:
  - a: 1
    b:
    - x
  - []
---
"on": "off"
`);
});
