import { createHash } from 'crypto';
import { Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** One access entry with cluster administration for each role; the order in which they are named changes nothing. */
export function grantAdmins(scope: Construct, cluster: eks.Cluster, admins: readonly iam.IRole[]): void {
  const entries = new Construct(scope, 'Admins');
  for (const [identity, role] of new Map(admins.map((admin) => [identityOf(admin), admin]))) {
    new eks.AccessEntry(entries, createHash('sha256').update(identity).digest('hex').slice(0, 8), {
      cluster,
      principal: role.roleArn,
      accessPolicies: [eks.AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', { accessScopeType: eks.AccessScopeType.CLUSTER })],
    });
  }
}

/** The ARN where it is known, else where the role is made. */
function identityOf(role: iam.IRole): string {
  return Token.isUnresolved(role.roleArn) ? role.node.path : role.roleArn;
}
