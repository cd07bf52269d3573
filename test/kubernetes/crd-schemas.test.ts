import { MISSING_CRDS, crdValidator } from './crds';
import { ENFORCED, PLAN_DIAGNOSTICS, STAGED, UNUSUAL } from './policies';
import { policySetObjects } from '../../src/kubernetes/manifests/policy-objects';
import { describeUnless } from '../kube-apiserver/available';

describeUnless(MISSING_CRDS, "Calico's schemas", () => {
  test('the request behind the policies is sound', () => expect(PLAN_DIAGNOSTICS).toEqual([]));

  test.each([['enforced', ENFORCED], ['staged', STAGED], ['with every field', UNUSUAL]])('accept every object, %s, and know every field', (_mode, set) => {
    const problems = policySetObjects(set).flatMap((object) => {
      const validate = crdValidator(object.kind);
      const valid: boolean = validate(object);
      return valid ? [] : [`${object.kind} ${object.metadata.name}: ${JSON.stringify(validate.errors)}`];
    });
    expect(problems).toEqual([]);
  });

  test('refuse what they should: the check checks', () => {
    const validate = crdValidator('GlobalNetworkPolicy');
    const policy = (spec: object) => ({ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name: 'x' }, spec });
    expect(validate(policy({ types: ['Egress'] }))).toBe(true);
    expect(validate(policy({ types: ['Sideways'] }))).toBe(false);
    expect(validate(policy({ selektor: 'all()' }))).toBe(false);
    expect(validate(policy({ egress: [{ action: 'Maybe' }] }))).toBe(false);
  });
});
