import { listOf, Template, TemplateResource } from './resource';

/** Policies that name the role themselves, from any stack. */
export function attached(final: Template, role: TemplateResource): TemplateResource[] {
  return final.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy').filter(({ properties: { Roles, RoleName } }) =>
    [...listOf(Roles), RoleName].some((each) => final.target(each)?.path === role.path || each !== undefined && each === role.properties.RoleName));
}
