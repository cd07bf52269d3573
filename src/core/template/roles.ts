import { isOn, policyName } from './access';
import { checkNarrowed } from './narrowed-roles';
import { canonical, listOf, possibleIn, same, TemplateResource } from './resource';
import { attached } from './role-policies';
import { allowedIn, binds } from './statements';
import { checkTrust, trustsTokens } from './trust';
import { finding, Finding, TemplateView } from './view';

/** AWS' policies that are, or lead to, everything in an account; and those that are everything in one of its services. */
const BROAD = /^(Administrator|PowerUser|SystemAdministrator|NetworkAdministrator|IAMFullAccess|Amazon(EC2|VPC|S3|SSM)FullAccess|AWS(Lambda_|CloudFormation)FullAccess|AmazonEKSClusterPolicy$|SecretsManagerReadWrite$|AWSKeyManagementServicePowerUser$)/;
const BROAD_IN_ONE = /Full_?Access|PowerUser|Administrator/;
/** Services whose every action is more than a node or a controller may do. */
const SENSITIVE = ['iam', 'sts', 'eks', 'ec2', 'kms', 's3', 'secretsmanager', 'ssm', 'lambda', 'cloudformation', 'organizations'];
/** https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html */
const OWN_ACCESS = ['eks:createaccessentry', 'eks:associateaccesspolicy', 'eks:updateclusterconfig'];
/** One action of these, on everything, leads to all others. https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege */
const ESCALATES = ['iam:passrole', 'iam:createrole', 'iam:putrolepolicy', 'iam:attachrolepolicy', 'iam:createaccesskey', 'iam:updateassumerolepolicy', 'sts:assumerole', ...OWN_ACCESS];

/** What the cluster, its nodes, its functions and its pods may do in AWS. */
export function checkRoles(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided } = view;
  const nodes = final.ofType('AWS::EKS::Nodegroup').filter(({ properties }) => isOn(cluster, properties.ClusterName)).map(({ properties }) => properties.NodeRole);
  const pods = [
    ...final.ofType('AWS::EKS::PodIdentityAssociation').filter(({ properties }) => isOn(cluster, properties.ClusterName)).flatMap(({ properties }) => [properties.RoleArn, properties.TargetRoleArn]),
    ...final.ofType('AWS::EKS::Addon').filter(({ properties }) => isOn(cluster, properties.ClusterName))
      .flatMap(({ properties }) => [properties.ServiceAccountRoleArn, ...possibleIn(properties.PodIdentityAssociations).map(({ RoleArn }) => RoleArn)]),
    ...final.ofType('AWS::IAM::Role').filter((role) => trustsTokens(final, cluster, role)).map(({ path }) => ({ Ref: path })),
  ].flatMap((role) => final.target(role)?.path ?? []);
  const hosts = nodes.flatMap((role) => final.target(role)?.path ?? []);
  const own = decided.ofType('AWS::IAM::Role').map(({ path }) => path);
  const roles = new Map([...own.map((path): [string, boolean] => [path, false]), ...pods.map((path): [string, boolean] => [path, true]), ...hosts.map((path): [string, boolean] => [path, false])]);
  return [...roles].flatMap(([path, isOfPods]) => {
    const role = final.get(path);
    if (role?.type !== 'AWS::IAM::Role') return [];
    return [...checkTrust(view, cluster, role, isOfPods), ...checkPermissions(view, cluster, role, isOfPods), ...checkNarrowed(view, role)];
  });
}

function checkPermissions({ final, decided }: TemplateView, cluster: TemplateResource, role: TemplateResource, acknowledgeable: boolean): Finding[] {
  const broad = (resource: TemplateResource, property: string, value: unknown, isSafe = acknowledgeable): Finding => finding(resource, property, value, {
    code: 'roleBroad', acknowledgeable: isSafe, rule: `with it, ${role.path} may do far more than its purpose takes, and so may whoever gets hold of it`, fix: 'grant the actions and resources that are needed',
  });
  const before = decided.get(role.path)?.properties;
  const broadIn = (document: unknown) => broadStatements(document, cluster);
  const intended = new Set(listOf(before?.ManagedPolicyArns).map(canonical));
  const added = possibleIn(role.properties.ManagedPolicyArns).filter((arn) => !intended.has(canonical(arn)));
  return [
    ...added.flatMap((arn): Finding[] => {
      if (final.target(arn)?.type === 'AWS::IAM::ManagedPolicy') return broadIn(final.target(arn)!.properties.PolicyDocument).map((each) => broad(final.target(arn)!, 'PolicyDocument', each));
      const name = policyName(arn);
      if (name !== undefined && BROAD.test(name)) return [broad(role, 'ManagedPolicyArns', name)];
      if (name !== undefined && BROAD_IN_ONE.test(name)) return [broad(role, 'ManagedPolicyArns', name, true)];
      return name !== undefined && canonical(arn).includes(':iam::aws:policy/') ? [] : [finding(role, 'ManagedPolicyArns', arn, {
        code: 'rolePolicyUnseen', severity: 'warning', acknowledgeable: true, rule: 'what this policy allows is not in view', fix: 'read it and acknowledge it, or make it in this app',
      })];
    }),
    ...possibleIn(role.properties.Policies).filter((policy) => !listOf(before?.Policies).some((each) => same(each, policy)))
      .flatMap(({ PolicyDocument }) => broadIn(PolicyDocument).map((each) => broad(role, 'Policies', each))),
    ...attached(final, role).filter(({ path, properties }) => !same(decided.get(path)?.properties.PolicyDocument, properties.PolicyDocument))
      .flatMap((policy) => broadIn(policy.properties.PolicyDocument).map((each) => broad(policy, 'PolicyDocument', each))),
  ];
}

function broadStatements(policy: unknown, cluster: TemplateResource): any[] {
  return allowedIn(policy).filter(({ Action, NotAction, Resource, NotResource, Condition }) => {
    if (binds(Condition)) return false;
    const [actions, resources] = [possibleIn(Action), possibleIn(Resource)];
    if (actions.some(isOwnAccess) && resources.some((each) => isEverything(each) || canonical(each).includes(`"${cluster.path}"`))) return true;
    return (NotResource !== undefined || resources.some(isEverything)) && (NotAction !== undefined || actions.some(isBroad));
  });
}

/** `*`, and an ARN that says no more; every role is as much. */
function isEverything(resource: unknown): boolean {
  return typeof resource === 'string' && /^(\*|arn:[^:]*:\*.*|.*:role\/\*)$/.test(resource);
}

/** What makes its holder an administrator of the cluster, on that cluster alone. */
function isOwnAccess(action: unknown): boolean {
  return typeof action === 'string' && OWN_ACCESS.some((each) => patternOf(action).test(each));
}

function isBroad(action: unknown): boolean {
  if (typeof action !== 'string') return false;
  const [service, name = ''] = action.toLowerCase().split(':');
  return ESCALATES.some((each) => patternOf(action).test(each)) || name === '*' && SENSITIVE.includes(service);
}

function patternOf(action: string): RegExp {
  return new RegExp(`^${action.toLowerCase().split('*').map((part) => part.replace(/[^a-z0-9:-]/g, '.')).join('.*')}$`);
}
