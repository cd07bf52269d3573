import { isOn, policyName } from './access';
import { openStatements } from './cluster-settings';
import { canonical, listOf, Template, TemplateResource } from './resource';
import { finding, Finding, TemplateView } from './view';

/** AWS' policies that are, or lead to, everything in an account. */
const BROAD: readonly string[] = [
  'AdministratorAccess', 'PowerUserAccess', 'IAMFullAccess', 'AmazonEC2FullAccess', 'AmazonVPCFullAccess', 'AmazonS3FullAccess', 'AmazonSSMFullAccess', 'SecretsManagerReadWrite', 'AWSLambda_FullAccess',
  'AWSCloudFormationFullAccess', 'AWSKeyManagementServicePowerUser', 'AmazonEKSClusterPolicy',
];
/** Whose every action is more than a node or a controller may do. */
const SENSITIVE = /^(\*|(iam|sts|eks|ec2|kms|s3|secretsmanager|ssm|lambda|cloudformation|organizations):\*)$/i;

/** What the cluster, its nodes, its functions and its pods may do in AWS. */
export function checkRoles(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided } = view;
  const nodes = final.ofType('AWS::EKS::Nodegroup').filter(({ properties }) => isOn(cluster, properties.ClusterName)).map(({ properties }) => properties.NodeRole);
  const pods = final.ofType('AWS::EKS::PodIdentityAssociation').filter(({ properties }) => isOn(cluster, properties.ClusterName)).map(({ properties }) => properties.RoleArn);
  const own = [...decided.ofType('AWS::IAM::Role').map(({ path }) => path), ...nodes.flatMap((role) => final.target(role)?.path ?? [])];
  const roles = new Map([
    ...pods.flatMap((role) => final.target(role)?.path ?? []).map((path): [string, boolean] => [path, true]),
    ...own.map((path): [string, boolean] => [path, false]),
  ]);
  return [...roles].flatMap(([path, acknowledgeable]) => {
    const role = final.get(path);
    return role?.type === 'AWS::IAM::Role' ? [...checkTrust(view, role), ...checkPermissions(view, role, acknowledgeable)] : [];
  });
}

function checkTrust({ decided }: TemplateView, role: TemplateResource): Finding[] {
  const { AssumeRolePolicyDocument: trust } = role.properties;
  const before = decided.get(role.path);
  if (before ? canonical(trust) === canonical(before.properties.AssumeRolePolicyDocument) : openStatements(trust).length === 0) return [];
  return [finding(role, 'AssumeRolePolicyDocument', trust, { code: 'roleTrustWidened', rule: 'others than the service it was made for could take this role', fix: 'remove what changes it; give others a role of their own' })];
}

function checkPermissions({ final, decided }: TemplateView, role: TemplateResource, acknowledgeable: boolean): Finding[] {
  const broad = (resource: TemplateResource, property: string, value: unknown): Finding => finding(resource, property, value, {
    code: 'roleBroad', acknowledgeable, rule: `with it, ${role.path} may do far more than its purpose takes, and so may whoever gets hold of it`, fix: 'grant the actions and resources that are needed',
  });
  const before = decided.get(role.path)?.properties;
  const intended = new Set(listOf(before?.ManagedPolicyArns).map(canonical));
  const added = listOf(role.properties.ManagedPolicyArns).filter((arn) => !intended.has(canonical(arn)));
  return [
    ...added.flatMap((arn): Finding[] => {
      if (final.target(arn)?.type === 'AWS::IAM::ManagedPolicy') return broadStatements(final.target(arn)!.properties.PolicyDocument).map((each) => broad(final.target(arn)!, 'PolicyDocument', each));
      const name = policyName(arn);
      if (name !== undefined && BROAD.includes(name)) return [broad(role, 'ManagedPolicyArns', name)];
      return name !== undefined && canonical(arn).includes(':iam::aws:policy/') ? [] : [finding(role, 'ManagedPolicyArns', arn, {
        code: 'rolePolicyUnseen', severity: 'warning', acknowledgeable: true, rule: 'what this policy allows is not in view', fix: 'read it and acknowledge it, or make it in this app',
      })];
    }),
    ...listOf(role.properties.Policies).filter((policy) => !listOf(before?.Policies).some((each) => canonical(each) === canonical(policy)))
      .flatMap(({ PolicyDocument }) => broadStatements(PolicyDocument).map((each) => broad(role, 'Policies', each))),
    ...attached(final, role).filter(({ path, properties }) => canonical(decided.get(path)?.properties.PolicyDocument) !== canonical(properties.PolicyDocument))
      .flatMap((policy) => broadStatements(policy.properties.PolicyDocument).map((each) => broad(policy, 'PolicyDocument', each))),
  ];
}

/** Policies that name the role themselves, from any stack. */
function attached(final: Template, role: TemplateResource): TemplateResource[] {
  return final.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy').filter(({ properties: { Roles, RoleName } }) =>
    [...listOf(Roles), RoleName].some((each) => final.target(each)?.path === role.path || each !== undefined && each === role.properties.RoleName));
}

function broadStatements(policy: any): any[] {
  return listOf(policy?.Statement).filter(({ Effect, Action, NotAction, Resource, Condition }) =>
    Effect === 'Allow' && Condition === undefined && listOf(Resource).includes('*') && (NotAction !== undefined || listOf(Action).some((action) => SENSITIVE.test(action))));
}
