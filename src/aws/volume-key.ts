import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { Diagnostic } from '../core/diagnostic';
import { checkVolumeKey } from '../core/plan/volume-key';

/**
 * Lets EC2 Auto Scaling start nodes whose volumes this key encrypts. Its service-linked role has no right on keys of customers.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
export function grantToAutoScaling(scope: Construct, key: kms.IKey, subject: string): Diagnostic[] {
  const principals = [new iam.ArnPrincipal(Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  }))];
  const statements = [
    new iam.PolicyStatement({
      principals, resources: ['*'],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    }),
    // What a volume keeps of the key while it is attached, and nothing for anybody but AWS' own services.
    new iam.PolicyStatement({ principals, resources: ['*'], actions: ['kms:CreateGrant'], conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } }),
  ];
  const granted = statements.every((statement) => key.addToResourcePolicy(statement).statementAdded);
  return checkVolumeKey(subject, { name: key.node.path, granted });
}
