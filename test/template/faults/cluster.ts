import { Fn } from 'aws-cdk-lib';
import { CfnAccessEntry, CfnAddon, CfnIdentityProviderConfig, CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Fault } from '../fixture';

const override = (property: string, value: unknown): Fault['apply'] => ({ eks: cluster }) => cluster.addPropertyOverride(property, value);

export const CLUSTER_FAULTS: Fault[] = [
  { name: 'access by a ConfigMap too', code: 'authenticationMode', apply: override('AccessConfig.AuthenticationMode', 'API_AND_CONFIG_MAP') },
  { name: 'the creator administers', code: 'creatorAdmin', apply: override('AccessConfig.BootstrapClusterCreatorAdminPermissions', true) },
  { name: 'the creator administers, by leaving it out', code: 'creatorAdmin', apply: ({ eks: cluster }) => cluster.addPropertyDeletionOverride('AccessConfig.BootstrapClusterCreatorAdminPermissions') },
  { name: 'the audit log gone', code: 'clusterLogMissing', apply: override('Logging.ClusterLogging.EnabledTypes', [{ Type: 'api' }]) },
  { name: 'all logs gone', code: 'clusterLogMissing', apply: ({ eks: cluster }) => cluster.addPropertyDeletionOverride('Logging') },
  { name: 'secrets not encrypted', code: 'secretsNotEncrypted', apply: ({ eks: cluster }) => cluster.addPropertyDeletionOverride('EncryptionConfig') },
  { name: 'another key', code: 'secretsKeyChanged', apply: override('EncryptionConfig', [{ Resources: ['secrets'], Provider: { KeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/other' } }]) },
  { name: 'no rotation of the key', code: 'keyRotationOff', apply: ({ at }) => at('SecretsKey').addPropertyOverride('EnableKeyRotation', false) },
  { name: 'a key that is off', code: 'keyDisabled', apply: ({ at }) => at('SecretsKey').addPropertyOverride('Enabled', false) },
  { name: 'the key open to everybody', code: 'keyPolicyOpen', apply: ({ cluster }) => {
    (cluster.node.findChild('SecretsKey') as kms.Key).addToResourcePolicy(new iam.PolicyStatement({ actions: ['kms:Decrypt'], principals: [new iam.AnyPrincipal()], resources: ['*'] }));
  } },
  { name: 'the key open to all but one', code: 'keyPolicyOpen', apply: ({ at }) => at('SecretsKey').addPropertyOverride('KeyPolicy.Statement.1', { Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' }) },
  { name: 'a key that a replacement deletes', code: 'resourceChanged', apply: ({ at }) => at('SecretsKey').addOverride('UpdateReplacePolicy', 'Delete') },
  { name: 'the protection against deletion off', code: 'resourceChanged', options: { cluster: { deletionProtection: true } }, apply: override('DeletionProtection', false) },
  { name: 'Auto Mode', code: 'autoMode', apply: override('ComputeConfig', { Enabled: true, NodePools: ['general-purpose'] }) },
  { name: 'another range of Services', code: 'serviceRangeChanged', apply: override('KubernetesNetworkConfig.ServiceIpv4Cidr', '10.100.0.0/16') },
  { name: 'another group of the endpoint', code: 'clusterGroupsChanged', apply: override('ResourcesVpcConfig.SecurityGroupIds', ['sg-12345678']) },
  { name: 'other subnets of the control plane', code: 'clusterSubnetsChanged', apply: override('ResourcesVpcConfig.SubnetIds', ['subnet-1', 'subnet-2']) },
  { name: 'a setting that no check knows', code: 'resourceChanged', apply: override('OutpostConfig', { OutpostArns: ['arn:aws:outposts:eu-west-1:111122223333:outpost/op-1'] }) },
  { name: 'logs by what only the deployment knows', code: 'templateValueUnknown', apply: override('Logging.ClusterLogging.EnabledTypes', Fn.importValue('logs')) },
];

const inline = (statement: object): Fault['apply'] => ({ at }) => at('Nodegroups/Workers/Role').addPropertyOverride('Policies', [{ PolicyName: 'p', PolicyDocument: { Statement: [statement] } }]);
const ADMIN = eks.AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', { accessScopeType: eks.AccessScopeType.CLUSTER });
const entry = (name: string, properties: object): Fault['apply'] => ({ other, cluster }) => {
  new CfnAccessEntry(other, name, { clusterName: cluster.clusterName, principalArn: 'arn:aws:iam::111122223333:role/other', ...properties });
};

export const ACCESS_FAULTS: Fault[] = [
  { name: 'one more administrator', code: 'adminWidened', apply: ({ cluster }) => { cluster.eksCluster.grantAccess('Other', 'arn:aws:iam::111122223333:role/other', [ADMIN]); } },
  { name: 'one more administrator from another stack, by the name of the cluster', code: 'adminWidened', apply: entry('Other', { accessPolicies: [{ accessScope: { type: 'cluster' }, policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy' }] }) },
  { name: 'another principal in the entry of an administrator', code: 'adminWidened', apply: ({ cluster }) => {
    const [admin] = cluster.node.findChild('Admins').node.children;
    (admin.node.defaultChild as CfnAccessEntry).principalArn = 'arn:aws:iam::111122223333:role/other';
  } },
  { name: 'system:masters', code: 'systemGroup', apply: entry('Other', { kubernetesGroups: ['system:masters'] }) },
  { name: 'editing everywhere', code: 'accessWide', apply: entry('Other', { accessPolicies: [{ accessScope: { type: 'cluster' }, policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy' }] }) },
  { name: 'a policy that only the deployment knows', code: 'templateValueUnknown', apply: entry('Other', { accessPolicies: [{ accessScope: { type: 'cluster' }, policyArn: Fn.importValue('policy') }] }) },
  { name: 'administration of kube-system', code: 'adminWidened', apply: entry('Other', { accessPolicies: [{ accessScope: { type: 'namespace', namespaces: ['kube-*'] }, policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy' }] }) },
  { name: 'one more administrator, if a condition holds', code: 'adminWidened', apply: (app) => {
    entry('Other', {})(app);
    (app.other.node.findChild('Other') as CfnAccessEntry).addPropertyOverride('AccessPolicies', { 'Fn::If': ['Open', [{ AccessScope: { Type: 'cluster' }, PolicyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy' }], []] });
  } },
  { name: 'a group that only the deployment knows', code: 'templateValueUnknown', apply: entry('Other', { kubernetesGroups: [Fn.importValue('group')] }) },
  { name: 'reading secrets everywhere', code: 'accessWide', apply: entry('Other', { accessPolicies: [{ accessScope: { type: 'cluster' }, policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSSecretReaderPolicy' }] }) },
  { name: 'a strange role that joins as a node', code: 'nodeEntry', apply: entry('Other', { type: 'EC2_LINUX' }) },
  { name: 'users of another provider', code: 'identityProvider', apply: ({ other, cluster }) => { new CfnIdentityProviderConfig(other, 'Users', { clusterName: cluster.clusterName, type: 'oidc' }); } },
  { name: 'nodes that pass any role', code: 'roleBroad', apply: inline({ Effect: 'Allow', Action: ['iam:Pass*'], Resource: 'arn:aws:iam::111122223333:role/*' }) },
  { name: 'nodes that may do all but one thing', code: 'roleBroad', apply: inline({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::one' }) },
  { name: 'nodes that may do everything on a condition that asks nothing', code: 'roleBroad', apply: inline({ Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringLike: { 'aws:RequestedRegion': '*' } } }) },
  { name: 'nodes that may do everything, if a condition holds', code: 'roleBroad', apply: inline({ 'Fn::If': ['Open', { Effect: 'Allow', Action: '*:*', Resource: '*' }, { Ref: 'AWS::NoValue' }] }) },
  { name: 'nodes with all of one service', code: 'roleBroad', apply: ({ at }) => at('Nodegroups/Workers/Role').addPropertyOverride('ManagedPolicyArns.3', 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess') },
  { name: 'an add-on that administers the account', code: 'roleBroad', apply: ({ other, cluster }) => {
    const role = new iam.Role(other, 'Role', { assumedBy: new iam.ServicePrincipal('pods.eks.amazonaws.com'), managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')] });
    new CfnAddon(other, 'Addon', { clusterName: cluster.clusterName, addonName: 'adot', podIdentityAssociations: [{ serviceAccount: 'adot', roleArn: role.roleArn }] });
  } },
  { name: 'an administrator gone', code: 'resourceRemoved', apply: ({ cluster }) => { cluster.node.tryRemoveChild('Admins'); } },
  { name: 'nodes that administer the account', code: 'roleBroad', apply: ({ cluster }) => {
    (cluster.node.findChild('Nodegroups').node.findChild('Workers').node.findChild('Role') as iam.Role).addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess'));
  } },
  { name: 'nodes with a policy of the control plane', code: 'roleBroad', apply: ({ at }) => at('Nodegroups/Workers/Role').addPropertyOverride('ManagedPolicyArns.3', 'arn:aws:iam::aws:policy/AmazonEKSClusterPolicy') },
  { name: 'nodes that may do everything, said in another stack', code: 'roleBroad', apply: ({ other, at }) => {
    new iam.CfnPolicy(other, 'All', { policyName: 'all', roles: [at('Nodegroups/Workers/Role').ref], policyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } });
  } },
  { name: 'a policy of somebody else on nodes', code: 'rolePolicyUnseen', apply: ({ at }) => at('Nodegroups/Workers/Role').addPropertyOverride('ManagedPolicyArns.3', 'arn:aws:iam::111122223333:policy/ours') },
  { name: 'functions whose role anybody takes', code: 'roleTrustWidened', apply: ({ at }) => at('Cluster/KubectlProvider/Handler/ServiceRole').addPropertyOverride('AssumeRolePolicyDocument.Statement.1', { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }) },
  { name: 'functions that administer the account', code: 'roleBroad', apply: ({ cluster }) => {
    cluster.eksCluster.kubectlProvider!.role!.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['iam:*'], resources: ['*'] }));
  } },
  { name: 'pods that administer the account', code: 'roleBroad', apply: ({ other, cluster }) => {
    const role = new iam.Role(other, 'Role', { assumedBy: new iam.ServicePrincipal('pods.eks.amazonaws.com'), managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')] });
    new CfnPodIdentityAssociation(other, 'Pods', { clusterName: cluster.clusterName, namespace: 'shop', serviceAccount: 'shop', roleArn: role.roleArn });
  } },
];
