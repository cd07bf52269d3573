import { canonical, listOf, possibleIn, TemplateResource } from './resource';
import { attached } from './role-policies';
import { binds, grantsIn } from './statements';
import { finding, Finding, TemplateView } from './view';

/** What a role of the library's needs and no longer has: nodes would not join, and nothing would be deployed or deleted. */
export function checkNarrowed({ final, decided }: TemplateView, role: TemplateResource): Finding[] {
  const before = decided.get(role.path);
  if (!before) return [];
  const narrowed = (resource: TemplateResource, property: string, value: unknown, rule: string) => finding(resource, property, value, {
    code: 'roleNarrowed', acknowledgeable: true, rule, fix: 'remove what changes it, or acknowledge how the role gets what it needs',
  });
  const now = new Set(listOf(role.properties.ManagedPolicyArns).map(canonical));
  const policies = attached(final, role);
  const denied = [
    ...policies.map((policy) => [policy, 'PolicyDocument', policy.properties.PolicyDocument] as const),
    ...possibleIn(role.properties.Policies).map(({ PolicyDocument }) => [role, 'Policies', PolicyDocument] as const),
  ].filter(([, , document]) => possibleIn(document?.Statement).some(deniesEverything));
  return [
    ...listOf(before.properties.ManagedPolicyArns).filter((arn) => !now.has(canonical(arn))).map((arn) => narrowed(role, 'ManagedPolicyArns', [...now], `it leaves out ${canonical(arn)}, which the role needs`)),
    ...attached(decided, before).filter(({ path }) => final.get(path)).flatMap(({ path, properties }) => {
      const policy = final.get(path)!;
      const grants = policies.includes(policy) ? grantsIn(listOf(policy.properties.PolicyDocument?.Statement)) : new Set<string>();
      const lost = [...grantsIn(listOf(properties.PolicyDocument?.Statement))].filter((grant) => !grants.has(grant));
      return lost.length === 0 ? [] : [narrowed(policy, 'PolicyDocument', policy.properties.PolicyDocument?.Statement, `it leaves out ${lost[0]}${lost.length > 1 ? ` and ${lost.length - 1} more` : ''}, which ${role.path} needs`)];
    }),
    ...denied.map(([resource, property, document]) => narrowed(resource, property, possibleIn(document.Statement).find(deniesEverything), 'it denies what the role needs, with all else')),
  ];
}

function deniesEverything({ Effect, Action, Resource, Condition }: any): boolean {
  return Effect === 'Deny' && !binds(Condition) && listOf(Action).includes('*') && listOf(Resource).includes('*');
}
