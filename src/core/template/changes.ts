import { canonical, isUnknown, same, TemplateResource } from './resource';
import { authored, Finding, finding, TemplateView } from './view';

/** What users add to by public methods, and other tables judge; or what means nothing to the network. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::SecurityGroup': ['SecurityGroupIngress', 'SecurityGroupEgress'],
  'AWS::IAM::Role': ['ManagedPolicyArns', 'Policies', 'Description', 'MaxSessionDuration', 'PermissionsBoundary'],
  'AWS::IAM::Policy': ['PolicyDocument', 'Roles'],
  'AWS::KMS::Key': ['KeyPolicy', 'Description'],
  'AWS::EKS::Cluster': ['UpgradePolicy', 'ZonalShiftConfig', 'ControlPlaneScalingConfig', 'Version'],
  'AWS::EKS::Nodegroup': ['Labels', 'Taints', 'ScalingConfig', 'UpdateConfig', 'NodeRepairConfig'],
  'AWS::EKS::Addon': ['AddonVersion', 'PreserveOnDelete'],
  'AWS::EC2::LaunchTemplate': ['LaunchTemplateData.TagSpecifications', 'LaunchTemplateName', 'VersionDescription'],
  'AWS::Logs::LogGroup': ['KmsKeyId', 'DataProtectionPolicy'],
};

/** Types of which nothing is decided. */
const IGNORED = /^AWS::(Lambda::LayerVersion|SSM::Parameter|EC2::EIP|CDK::Metadata)$/;

/** Whatever of the library's own is gone or is not what the library made, and no other check has said so already. */
export function checkChanges({ decided, final }: TemplateView, said: readonly Finding[]): Finding[] {
  return decided.all.filter(({ type }) => !IGNORED.test(type)).flatMap((before): Finding[] => {
    const now = final.get(before.path);
    if (now === before) return [];
    if (!now || now.type !== before.type) return said.some(({ path }) => path === before.path) ? [] : [removed(before)];
    return changesOf(before, now).filter(({ property }) => !said.some((each) => each.path === before.path && overlaps(each.property, property)));
  });
}

function removed(before: TemplateResource): Finding {
  return {
    code: 'resourceRemoved', severity: 'error', acknowledgeable: true, path: before.path, property: '', subject: authored(before.path),
    message: `this ${before.type} was made for the cluster and is no longer in the template`, fix: 'remove what takes it out, or acknowledge why the cluster is safe without it',
  };
}

/** Absent where the condition does not hold, which is as if it were gone. */
function conditional(now: TemplateResource): Finding {
  return finding(now, 'Condition', true, {
    code: 'resourceConditional', acknowledgeable: true, rule: `this ${now.type} was made for the cluster, and only the deployment knows whether it exists`, fix: 'remove the condition, or acknowledge why the cluster is safe without it',
  });
}

function changesOf(before: TemplateResource, now: TemplateResource): Finding[] {
  const free = ['Tags', 'TagSpecifications', ...FREE[before.type] ?? []];
  const changed = differences(before.properties, now.properties).filter(({ property }) => !free.some((each) => property === each || property.startsWith(`${each}.`)));
  const kept = [
    { property: 'DeletionPolicy', value: now.deletionPolicy as unknown, intended: before.deletionPolicy as unknown },
    { property: 'UpdateReplacePolicy', value: now.updateReplacePolicy as unknown, intended: before.updateReplacePolicy as unknown },
  ].filter(({ value, intended }) => value !== intended);
  const renamed = now.logicalId === before.logicalId ? [] : [finding(now, 'logical id', now.logicalId, {
    code: 'logicalIdChanged', severity: 'warning', acknowledgeable: true,
    rule: `CloudFormation deletes what it knows as ${before.logicalId} and makes this ${now.type} anew`, fix: 'remove what overrides it, or acknowledge that it is deployed under this id',
  })];
  const made = now.conditional && !before.conditional ? [conditional(now)] : [];
  return [...made, ...renamed, ...[...changed, ...kept].map(({ property, value, intended }) => finding(now, property, value, {
    code: 'resourceChanged', severity: 'warning', acknowledgeable: true,
    rule: `the library made it ${short(intended)}, and nothing checks what it means now`, fix: 'use the option of this library where there is one, or check it and acknowledge it',
  }))];
}

interface Difference {
  readonly property: string;
  readonly value: unknown;
  readonly intended: unknown;
}

/** Where two values part, as deep as both are objects. */
function differences(intended: any, value: any, path: readonly string[] = []): Difference[] {
  if (same(intended, value)) return [];
  const isMap = (each: unknown) => typeof each === 'object' && each !== null && !Array.isArray(each) && !isUnknown(each);
  if (!isMap(intended) || !isMap(value)) return [{ property: path.join('.'), value, intended }];
  return [...new Set([...Object.keys(intended), ...Object.keys(value)])].sort().flatMap((key) => differences(intended[key], value[key], [...path, key]));
}

function overlaps(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

function short(value: unknown): string {
  const text = value === undefined ? 'without it' : canonical(value);
  return text.length > 80 ? 'otherwise' : text;
}
