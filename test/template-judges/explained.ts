import { Finding } from './judges';

/** A finding that stays, and why. docs/quality.md lists them. */
export interface Explained extends Pick<Finding, 'judge' | 'rule'> {
  /** Logical ids of the resources that it is said of. Default: every one. */
  readonly subjects?: RegExp;
  /** Names of the examples in which it is found. Default: every one. */
  readonly examples?: readonly string[];
  readonly why: string;
}

const KUBECTL_FUNCTIONS = /KubectlProvider/;
const BASTION = /Bastions/;

export const EXPLAINED: readonly Explained[] = [
  { judge: 'cfn-lint', rule: 'W3005', why: 'A dependency that a reference implies already: aws-cdk-lib writes it for its own constructs, and it changes nothing.' },
  { judge: 'cfn-lint', rule: 'I1022', why: '`Fn::Join` where `Fn::Sub` would do: aws-cdk-lib writes references so.' },
  { judge: 'checkov', rule: 'CKV_AWS_115', subjects: KUBECTL_FUNCTIONS, why: 'No reserved concurrency: CloudFormation calls the kubectl functions a few times in a deployment, and a reservation takes it from the account\'s other functions.' },
  { judge: 'checkov', rule: 'CKV_AWS_116', subjects: KUBECTL_FUNCTIONS, why: 'No dead-letter queue: CloudFormation waits for the answer of each call, and a call that fails fails the deployment.' },
  { judge: 'checkov', rule: 'CKV_AWS_173', subjects: KUBECTL_FUNCTIONS, why: 'No own key for environment variables: they hold the ARN of a function and a setting of the SDK. Lambda encrypts them with its own key.' },
  { judge: 'checkov', rule: 'CKV_AWS_158', why: 'No own key for log groups: CloudWatch Logs encrypts them with its own. An Aspect that sets `kmsKeyId` of `logs.CfnLogGroup` gives them one where a rule of yours demands it.' },
  { judge: 'Control Tower', rule: 'CT.CLOUDWATCH.PR.3', why: 'The same as CKV_AWS_158.' },
  { judge: 'Control Tower', rule: 'CT.LAMBDA.PR.3', subjects: KUBECTL_FUNCTIONS, why: 'Not so: both functions are in the VPC. The rule knows groups of type `AWS::EC2::SecurityGroup` only, and theirs is the cluster security group, which EKS makes.' },
  { judge: 'Control Tower', rule: 'CT.EC2.PR.10', why: 'No detailed monitoring of nodes: it costs by instance and says nothing about the network.' },
  { judge: 'Control Tower', rule: 'CT.EC2.PR.13', subjects: BASTION, why: 'No detailed monitoring of the bastion: it forwards bytes.' },
  { judge: 'Control Tower', rule: 'CT.EC2.PR.19', subjects: BASTION, why: 'No instance type of the bastion that encrypts between instances: what it forwards to the API endpoint is TLS from end to end. `instanceType` names another.' },
  { judge: 'Control Tower', rule: 'CT.KMS.PR.3', why: 'No statement that limits grants of the Secrets key to AWS services: grants take a principal of the account with `kms:CreateGrant`. Give a `secretsEncryptionKey` with that statement where the control is in force.' },
  { judge: 'checkov', rule: 'CKV_AWS_18', subjects: /Events/, examples: ['isolated-cluster'], why: 'No access logs of the bucket: they need a bucket of their own, which is for the account to have once.' },
  { judge: 'Control Tower', rule: 'CT.S3.PR.2', subjects: /Events/, examples: ['isolated-cluster'], why: 'The same as CKV_AWS_18.' },
  { judge: 'Control Tower', rule: 'CT.S3.PR.4', subjects: /Events/, examples: ['isolated-cluster'], why: 'No event notifications of the bucket: nobody waits for them.' },
  { judge: 'Control Tower', rule: 'CT.S3.PR.9', subjects: /Events/, examples: ['isolated-cluster'], why: 'No Object Lock: how long events must not be deleted is for their owner to say.' },
  { judge: 'Control Tower', rule: 'CT.S3.PR.10', subjects: /Events/, examples: ['isolated-cluster'], why: 'No own key of the bucket: S3 encrypts it with its own.' },
  { judge: 'Control Tower', rule: 'CT.SQS.PR.1', subjects: /FailedJobs/, examples: ['three-tier-app'], why: 'No dead-letter queue of the dead-letter queue.' },
  { judge: 'Control Tower', rule: 'CT.SQS.PR.1', subjects: /FailedAnnouncements/, examples: ['isolated-cluster'], why: 'No dead-letter queue of the dead-letter queue.' },
  { judge: 'Control Tower', rule: 'CT.EKS.PR.1', examples: ['restricted-public-endpoint'], why: 'The example is about a public endpoint for named ranges; the control forbids any.' },
];

/** Findings that nothing explains, and explanations that explain nothing of what these examples show. */
export function unexplained(found: ReadonlyMap<string, readonly Finding[]>): string[] {
  const used = new Set<Explained>();
  const open = [...found].flatMap(([example, findings]) => findings.flatMap((finding) => {
    const reasons = EXPLAINED.filter(({ judge, rule, subjects, examples }) => judge === finding.judge && rule === finding.rule
      && (subjects?.test(finding.subject) ?? true) && (examples?.includes(example) ?? true));
    for (const reason of reasons) used.add(reason);
    return reasons.length > 0 ? [] : [`${example}: ${finding.judge} ${finding.rule} ${finding.subject}: ${finding.message}`];
  }));
  return [...open, ...EXPLAINED.filter((each) => !used.has(each)).map(({ judge, rule }) => `${judge} ${rule} is explained, but no example shows it any more`)];
}
