import { createHash } from 'crypto';
import { Names, Stack, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** One access entry with cluster administration for each role; the order in which they are named changes nothing. */
export function grantAdmins(scope: Construct, cluster: eks.Cluster, admins: readonly iam.IRole[]): void {
  const entries = new Construct(scope, 'Admins');
  for (const [identity, role] of new Map(admins.map((admin) => [identityOf(admin, scope), admin]))) {
    new eks.AccessEntry(entries, createHash('sha256').update(identity).digest('hex').slice(0, 8), {
      cluster,
      principal: role.roleArn,
      accessPolicies: [eks.AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', { accessScopeType: eks.AccessScopeType.CLUSTER })],
    });
  }
}

/** The ARN where it is known, else where the role is made: by its place in its stack, which a new stage around it leaves as it is. */
function identityOf(role: iam.IRole, scope: Construct): string {
  if (!Token.isUnresolved(role.roleArn)) return role.roleArn;
  const stack = Stack.of(role);
  return stack === Stack.of(scope) ? Names.stackRelativeConstructPath(role) : `${stack.stackName}/${Names.stackRelativeConstructPath(role)}`;
}
