import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

export interface ControllerPolicyOptions {
  readonly clusterName: string;
  readonly vpcId: string;
  /** The group of nodes and pods, which the controller opens to its load balancers. */
  readonly nodeGroupId: string;
  /** Web ACLs and Shield for application load balancers. */
  readonly firewall: boolean;
}

/** The controller puts it on everything that it makes. */
const OWNER_TAG = 'elbv2.k8s.aws/cluster';

/**
 * What the AWS Load Balancer Controller does, by need, and as narrow as IAM can say it: what AWS publishes, with this account and
 * region, this VPC, this group of nodes, and this cluster's name in the tag of what it owns.
 * https://docs.aws.amazon.com/eks/latest/userguide/lbc-manifest.html,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_elasticloadbalancingv2.html
 */
export function controllerStatements(scope: IConstruct, { clusterName, vpcId, nodeGroupId, firewall }: ControllerPolicyOptions): iam.PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  const ec2 = (resource: string) => `arn:${partition}:ec2:${region}:${account}:${resource}`;
  const elb = (...resources: string[]) => resources.map((resource) => `arn:${partition}:elasticloadbalancing:${region}:${account}:${resource}`);
  const balancers = elb('loadbalancer/net/*', 'loadbalancer/app/*', 'targetgroup/*/*');
  const asks = { StringEquals: { [`aws:RequestTag/${OWNER_TAG}`]: clusterName } };
  const owns = { StringEquals: { [`aws:ResourceTag/${OWNER_TAG}`]: clusterName } };
  const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) => new iam.PolicyStatement({ actions, resources, conditions });
  const named = (service: string, actions: string[]) => actions.map((action) => `${service}:${action}`);
  return [
    // Lists and descriptions know no resources.
    allow([
      ...named('ec2', [
        'DescribeAccountAttributes', 'DescribeAddresses', 'DescribeAvailabilityZones', 'DescribeInstances', 'DescribeInternetGateways', 'DescribeNetworkInterfaces',
        'DescribeRouteTables', 'DescribeSecurityGroups', 'DescribeSubnets', 'DescribeTags', 'DescribeVpcPeeringConnections', 'DescribeVpcs', 'GetSecurityGroupsForVpc',
      ]),
      ...named('elasticloadbalancing', [
        'DescribeCapacityReservation', 'DescribeListenerAttributes', 'DescribeListenerCertificates', 'DescribeListeners', 'DescribeLoadBalancerAttributes', 'DescribeLoadBalancers',
        'DescribeRules', 'DescribeSSLPolicies', 'DescribeTags', 'DescribeTargetGroupAttributes', 'DescribeTargetGroups', 'DescribeTargetHealth', 'DescribeTrustStores',
      ]),
      ...named('acm', ['DescribeCertificate', 'ListCertificates']),
      ...named('iam', ['GetServerCertificate', 'ListServerCertificates']),
      'cognito-idp:DescribeUserPoolClient',
    ], ['*']),
    allow(['iam:CreateServiceLinkedRole'], [`arn:${partition}:iam::${account}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*`], { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } }),
    allow(['ec2:CreateSecurityGroup'], [ec2(`vpc/${vpcId}`)]),
    allow(['ec2:CreateSecurityGroup'], [ec2('security-group/*')], asks),
    allow(['ec2:CreateTags'], [ec2('security-group/*')], { StringEquals: { ...asks.StringEquals, 'ec2:CreateAction': 'CreateSecurityGroup' } }),
    allow(['ec2:CreateTags', 'ec2:DeleteTags'], [ec2('security-group/*')], { ...owns, Null: { [`aws:RequestTag/${OWNER_TAG}`]: 'true' } }),
    allow(['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress', 'ec2:DeleteSecurityGroup'], [ec2('security-group/*')], owns),
    allow(['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'], [ec2(`security-group/${nodeGroupId}`)]),
    allow(named('elasticloadbalancing', ['CreateLoadBalancer', 'CreateTargetGroup']), balancers, asks),
    allow(['elasticloadbalancing:AddTags'], balancers, { StringEquals: { ...asks.StringEquals, 'elasticloadbalancing:CreateAction': ['CreateTargetGroup', 'CreateLoadBalancer'] } }),
    allow(named('elasticloadbalancing', ['AddTags', 'RemoveTags']), balancers, { ...owns, Null: { [`aws:RequestTag/${OWNER_TAG}`]: 'true' } }),
    allow(named('elasticloadbalancing', [
      'DeleteLoadBalancer', 'DeleteTargetGroup', 'ModifyCapacityReservation', 'ModifyLoadBalancerAttributes', 'ModifyTargetGroup', 'ModifyTargetGroupAttributes',
      'SetIpAddressType', 'SetSecurityGroups', 'SetSubnets',
    ]), balancers, owns),
    // AWS names no tag for these: listeners are made on load balancers of any owner, and target groups of others may be bound.
    allow(named('elasticloadbalancing', ['DeregisterTargets', 'RegisterTargets']), elb('targetgroup/*/*')),
    allow(['elasticloadbalancing:CreateListener'], elb('loadbalancer/net/*', 'loadbalancer/app/*')),
    allow(named('elasticloadbalancing', [
      'AddListenerCertificates', 'AddTags', 'CreateRule', 'DeleteListener', 'DeleteRule', 'ModifyListener', 'ModifyListenerAttributes', 'ModifyRule', 'RemoveListenerCertificates', 'RemoveTags',
      'SetRulePriorities',
    ]), elb('listener/net/*', 'listener/app/*', 'listener-rule/net/*', 'listener-rule/app/*')),
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html, and list_awsshield.html
    ...firewall ? [
      allow(named('wafv2', ['AssociateWebACL', 'DisassociateWebACL', 'GetWebACL', 'GetWebACLForResource']), [
        `arn:${partition}:wafv2:${region}:${account}:regional/webacl/*/*`, `arn:${partition}:wafv2:${region}:${account}:regional/managedruleset/*/*`, ...elb('loadbalancer/app/*'),
      ]),
      allow(named('shield', ['CreateProtection', 'DeleteProtection', 'DescribeProtection']), [`arn:${partition}:shield::${account}:protection/*`]),
      allow(['shield:GetSubscriptionState'], ['*']),
      allow(['elasticloadbalancing:SetWebAcl'], elb('loadbalancer/app/*')),
    ] : [],
  ];
}
