import { isOn, policyName } from './access';
import { binds, openStatements } from './cluster-settings';
import { canonical, listOf, possibleIn, same, Template, TemplateResource } from './resource';
import { finding, Finding, TemplateView } from './view';

/** AWS' policies that are, or lead to, everything in an account; and those that are everything in one of its services. */
const BROAD = /^(Administrator|PowerUser|SystemAdministrator|NetworkAdministrator|IAMFullAccess|Amazon(EC2|VPC|S3|SSM)FullAccess|AWS(Lambda_|CloudFormation)FullAccess|AmazonEKSClusterPolicy$|SecretsManagerReadWrite$|AWSKeyManagementServicePowerUser$)/;
const BROAD_IN_ONE = /Full_?Access|PowerUser|Administrator/;
/** Services whose every action is more than a node or a controller may do. */
const SENSITIVE = ['iam', 'sts', 'eks', 'ec2', 'kms', 's3', 'secretsmanager', 'ssm', 'lambda', 'cloudformation', 'organizations'];
/** One action of these, on everything, leads to all others. https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege */
const ESCALATES = ['iam:passrole', 'iam:createrole', 'iam:putrolepolicy', 'iam:attachrolepolicy', 'iam:createaccesskey', 'iam:updateassumerolepolicy', 'sts:assumerole', 'eks:createaccessentry', 'eks:associateaccesspolicy', 'eks:updateclusterconfig'];

/** What the cluster, its nodes, its functions and its pods may do in AWS. */
export function checkRoles(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided } = view;
  const nodes = final.ofType('AWS::EKS::Nodegroup').filter(({ properties }) => isOn(cluster, properties.ClusterName)).map(({ properties }) => properties.NodeRole);
  const pods = [
    ...final.ofType('AWS::EKS::PodIdentityAssociation').filter(({ properties }) => isOn(cluster, properties.ClusterName)).flatMap(({ properties }) => [properties.RoleArn, properties.TargetRoleArn]),
    ...final.ofType('AWS::EKS::Addon').filter(({ properties }) => isOn(cluster, properties.ClusterName))
      .flatMap(({ properties }) => [properties.ServiceAccountRoleArn, ...possibleIn(properties.PodIdentityAssociations).map(({ RoleArn }) => RoleArn)]),
    ...final.ofType('AWS::IAM::Role').filter((role) => issuersOf(role).some((provider) => canonical(final.target(provider)?.properties).includes(`"${cluster.path}"`))).map(({ path }) => ({ Ref: path })),
  ];
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
  if (before ? same(trust, before.properties.AssumeRolePolicyDocument) : openStatements(trust).length === 0) return [];
  return [finding(role, 'AssumeRolePolicyDocument', trust, { code: 'roleTrustWidened', rule: 'others than the service it was made for could take this role', fix: 'remove what changes it; give others a role of their own' })];
}

function checkPermissions({ final, decided }: TemplateView, role: TemplateResource, acknowledgeable: boolean): Finding[] {
  const broad = (resource: TemplateResource, property: string, value: unknown, isSafe = acknowledgeable): Finding => finding(resource, property, value, {
    code: 'roleBroad', acknowledgeable: isSafe, rule: `with it, ${role.path} may do far more than its purpose takes, and so may whoever gets hold of it`, fix: 'grant the actions and resources that are needed',
  });
  const before = decided.get(role.path)?.properties;
  const intended = new Set(listOf(before?.ManagedPolicyArns).map(canonical));
  const added = possibleIn(role.properties.ManagedPolicyArns).filter((arn) => !intended.has(canonical(arn)));
  return [
    ...added.flatMap((arn): Finding[] => {
      if (final.target(arn)?.type === 'AWS::IAM::ManagedPolicy') return broadStatements(final.target(arn)!.properties.PolicyDocument).map((each) => broad(final.target(arn)!, 'PolicyDocument', each));
      const name = policyName(arn);
      if (name !== undefined && BROAD.test(name)) return [broad(role, 'ManagedPolicyArns', name)];
      if (name !== undefined && BROAD_IN_ONE.test(name)) return [broad(role, 'ManagedPolicyArns', name, true)];
      return name !== undefined && canonical(arn).includes(':iam::aws:policy/') ? [] : [finding(role, 'ManagedPolicyArns', arn, {
        code: 'rolePolicyUnseen', severity: 'warning', acknowledgeable: true, rule: 'what this policy allows is not in view', fix: 'read it and acknowledge it, or make it in this app',
      })];
    }),
    ...possibleIn(role.properties.Policies).filter((policy) => !listOf(before?.Policies).some((each) => same(each, policy)))
      .flatMap(({ PolicyDocument }) => broadStatements(PolicyDocument).map((each) => broad(role, 'Policies', each))),
    ...attached(final, role).filter(({ path, properties }) => !same(decided.get(path)?.properties.PolicyDocument, properties.PolicyDocument))
      .flatMap((policy) => broadStatements(policy.properties.PolicyDocument).map((each) => broad(policy, 'PolicyDocument', each))),
  ];
}

/** Whose tokens take the role. */
function issuersOf({ properties }: TemplateResource): unknown[] {
  return possibleIn(properties.AssumeRolePolicyDocument?.Statement).flatMap(({ Principal }) => possibleIn(Principal?.Federated));
}

/** Policies that name the role themselves, from any stack. */
function attached(final: Template, role: TemplateResource): TemplateResource[] {
  return final.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy').filter(({ properties: { Roles, RoleName } }) =>
    [...listOf(Roles), RoleName].some((each) => final.target(each)?.path === role.path || each !== undefined && each === role.properties.RoleName));
}

function broadStatements(policy: any): any[] {
  return possibleIn(policy?.Statement).filter(({ Effect, Action, NotAction, Resource, NotResource, Condition }) =>
    Effect === 'Allow' && !binds(Condition) && (NotResource !== undefined || possibleIn(Resource).some(isEverything)) && (NotAction !== undefined || possibleIn(Action).some(isBroad)));
}

/** `*`, and an ARN that says no more; every role is as much. */
function isEverything(resource: unknown): boolean {
  return typeof resource === 'string' && /^(\*|arn:[^:]*:\*.*|.*:role\/\*)$/.test(resource);
}

function isBroad(action: unknown): boolean {
  if (typeof action !== 'string') return false;
  const [service, name = ''] = action.toLowerCase().split(':');
  const pattern = new RegExp(`^${action.toLowerCase().split('*').map((part) => part.replace(/[^a-z0-9:-]/g, '.')).join('.*')}$`);
  return ESCALATES.some((each) => pattern.test(each)) || name === '*' && SENSITIVE.includes(service);
}
