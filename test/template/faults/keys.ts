import { CfnResource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Fault, Healthy } from '../fixture';

const allow = (principal: iam.IPrincipal): Fault['apply'] => ({ cluster }) => {
  (cluster.node.findChild('SecretsKey') as kms.Key).addToResourcePolicy(new iam.PolicyStatement({ actions: ['kms:Decrypt'], principals: [principal], resources: ['*'] }));
};
const statements = (...list: object[]): Fault['apply'] => ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement', list);
const ELSEWHERE = 'arn:aws:iam::999988887777:role/other';
const HERE = { stack: { env: { account: '111122223333', region: 'eu-west-1' } } };
const VOID = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:Decrypt', Resource: '*', Condition: { StringLike: { 'aws:PrincipalArn': '*' } } };

/** The key of secrets: who uses it, and who may still change that. */
export const KEY_FAULTS: Fault[] = [
  { name: 'the key for another account', code: 'keyPolicyForeign', options: HERE, apply: allow(new iam.AccountPrincipal('999988887777')) },
  { name: 'the key for another account, by its number alone', code: 'keyPolicyForeign', options: HERE, apply: ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement.1', { Effect: 'Allow', Principal: { AWS: ['999988887777'] }, Action: 'kms:*', Resource: '*' }) },
  { name: 'the key for a role of another account, if a condition holds', code: 'keyPolicyForeign', options: HERE, apply: ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement.1', { 'Fn::If': ['Open', { Effect: 'Allow', Principal: { AWS: ELSEWHERE }, Action: 'kms:*', Resource: '*' }, { Ref: 'AWS::NoValue' }] }) },
  { name: 'the key for an account that may be another, where the own is not known', code: 'keyPolicyForeign', apply: allow(new iam.ArnPrincipal(ELSEWHERE)) },
  { name: 'the key for a principal that only the deployment knows', code: 'templateValueUnknown', apply: ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement.1', { Effect: 'Allow', Principal: { AWS: { 'Fn::ImportValue': 'role' } }, Action: 'kms:*', Resource: '*' }) },
  { name: 'the key open to everybody on a condition that asks nothing', code: 'keyPolicyOpen', apply: ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement.1', VOID) },
  { name: 'the account no longer administers the key', code: 'keyPolicyLocked', apply: statements({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:role/one' }, Action: 'kms:*', Resource: '*' }) },
  { name: 'a key without a statement', code: 'keyPolicyLocked', apply: statements() },
  { name: 'the account administers the key but for its policy', code: 'keyPolicyLocked', apply: ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement.0.Action', ['kms:Decrypt', 'kms:Encrypt']) },
];

/** The role of a service account, made in code, and trusting one more. */
const alsoTakenBy = (statement: iam.PolicyStatement): Pick<Fault, 'before' | 'apply'> => ({
  before: ({ cluster }) => void cluster.addNamespace('shop').addServiceAccount('Orders').role,
  apply: ({ at }) => (at<iam.CfnRole>('Namespaces/shop/Orders/Role').node.scope as iam.Role).assumeRolePolicy!.addStatements(statement),
});
const may = (principal: iam.IPrincipal, action = 'sts:AssumeRole') => new iam.PolicyStatement({ actions: [action], principals: [principal] });

/** A role that tokens of the cluster's service accounts take. */
const irsa = (condition: object | undefined): Fault['apply'] => ({ stack, cluster }) => {
  const provider = new CfnResource(stack, 'Provider', { type: 'AWS::IAM::OIDCProvider', properties: { Url: cluster.eksCluster.clusterOpenIdConnectIssuerUrl, ClientIdList: ['sts.amazonaws.com'] } });
  new CfnResource(stack, 'Irsa', {
    type: 'AWS::IAM::Role',
    properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: provider.ref }, ...condition && { Condition: condition } }] } },
  });
};
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/1';

/** Who takes the roles of pods. */
export const TRUST_FAULTS: Fault[] = [
  { name: 'a role of pods that anybody takes', code: 'roleTrustWidened', ...alsoTakenBy(may(new iam.AnyPrincipal())) },
  { name: 'a role of pods that another account takes', code: 'roleTrustWidened', options: HERE, ...alsoTakenBy(may(new iam.AccountPrincipal('999988887777'))) },
  { name: 'a role of pods that everybody of the account takes', code: 'roleTrustWidened', ...alsoTakenBy(may(new iam.AccountRootPrincipal())) },
  { name: 'a role of pods that tokens of any repository take', code: 'roleTrustWidened', ...alsoTakenBy(may(new iam.FederatedPrincipal('arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com', {}), 'sts:AssumeRoleWithWebIdentity')) },
  { name: 'a role for every service account', code: 'roleTrustWidened', apply: irsa(undefined) },
  { name: 'a role for every service account with the usual audience', code: 'roleTrustWidened', apply: irsa({ StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' } }) },
  { name: 'a role for every service account, by pattern', code: 'roleTrustWidened', apply: irsa({ StringLike: { [`${ISSUER}:sub`]: 'system:serviceaccount:*' } }) },
  { name: 'a role for all service accounts but one', code: 'roleTrustWidened', apply: irsa({ StringNotEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:web' } }) },
  { name: 'a role for service accounts where there is a subject', code: 'roleTrustWidened', apply: irsa({ StringEqualsIfExists: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:web' } }) },
];

const POLICY = 'Cluster/KubectlProvider/Handler/ServiceRole/DefaultPolicy';
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
const pods = (properties: object): Fault['apply'] => ({ other, cluster }) => {
  new CfnResource(other, 'Pods', { type: 'AWS::EKS::PodIdentityAssociation', properties: { ClusterName: cluster.clusterName, Namespace: 'shop', ServiceAccount: 'shop', ...properties } });
};
const broadRole = ({ other }: Healthy, properties: object) => new CfnResource(other, 'Broad', {
  type: 'AWS::IAM::Role', properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'pods.eks.amazonaws.com' } }] }, ...properties },
});
const ALL = { PolicyName: 'all', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } };

/** What the roles of the cluster and of its pods may do. */
export const ROLE_FAULTS: Fault[] = [
  { name: 'functions that may do nothing', code: 'roleNarrowed', apply: ({ at }) => at(POLICY).addPropertyOverride('PolicyDocument.Statement', []) },
  { name: 'functions that may do something else', code: 'roleNarrowed', apply: ({ at }) => at(POLICY).addPropertyOverride('PolicyDocument.Statement', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::charts/*' }]) },
  { name: 'functions that are denied everything', code: 'roleNarrowed', apply: ({ cluster }) => {
    cluster.eksCluster.kubectlProvider!.role!.addToPrincipalPolicy(new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['*'], resources: ['*'] }));
  } },
  { name: 'the policy of functions gone', code: 'resourceRemoved', apply: ({ cluster }) => {
    const role = cluster.eksCluster.node.findChild('KubectlProvider').node.findChild('Handler').node.findChild('ServiceRole');
    role.node.tryRemoveChild('DefaultPolicy');
  } },
  { name: 'functions that administer clusters', code: 'roleBroad', apply: ({ at }) => at(POLICY).addPropertyOverride('PolicyDocument.Statement.1', { Effect: 'Allow', Action: 'eks:*', Resource: '*' }) },
  { name: 'nodes that may not join', code: 'roleNarrowed', apply: ({ at }) => at('Nodegroups/Workers/Role').addPropertyOverride('ManagedPolicyArns', []) },
  { name: 'nodes that make themselves administrators of the cluster', code: 'roleBroad', apply: ({ at, eks }) => at('Nodegroups/Workers/Role').addPropertyOverride('Policies', [{
    PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'eks:CreateAccessEntry', Resource: eks.attrArn }] },
  }]) },
  { name: 'pods that take a role that administers the account', code: 'roleBroad', apply: (app) => pods({ RoleArn: 'arn:aws:iam::111122223333:role/one', TargetRoleArn: broadRole(app, { ManagedPolicyArns: [ADMINISTRATOR] }).getAtt('Arn') })(app) },
  { name: 'pods that administer the account, if a condition holds', code: 'roleBroad', apply: (app) => pods({ RoleArn: broadRole(app, { ManagedPolicyArns: { 'Fn::If': ['Open', [ADMINISTRATOR], { Ref: 'AWS::NoValue' }] } }).getAtt('Arn') })(app) },
  { name: 'pods that may do everything, if a condition holds', code: 'roleBroad', apply: (app) => pods({ RoleArn: broadRole(app, { Policies: { 'Fn::If': ['Open', [ALL], []] } }).getAtt('Arn') })(app) },
  { name: 'pods that may do everything, in one policy by condition', code: 'roleBroad', apply: (app) => pods({ RoleArn: broadRole(app, { Policies: [{ 'Fn::If': ['Open', ALL, { Ref: 'AWS::NoValue' }] }] }).getAtt('Arn') })(app) },
  { name: 'pods that may do everything, by their tokens', code: 'roleBroad', apply: (app) => {
    irsa({ StringEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:web' } })(app);
    (app.stack.node.findChild('Irsa') as CfnResource).addPropertyOverride('Policies', [ALL]);
  } },
  { name: 'pods whose role only the deployment knows', code: 'rolePolicyUnseen', apply: (app) => pods({ RoleArn: broadRole(app, { ManagedPolicyArns: [{ 'Fn::ImportValue': 'policy' }] }).getAtt('Arn') })(app) },
];
