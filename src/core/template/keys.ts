import { booleanOf, canonical, isUnknown, listOf, possibleIn, TemplateResource } from './resource';
import { accountOf, allowedIn, binds, isForeign, openStatements } from './statements';
import { at, checkSettings, finding, Finding, Setting, TemplateView, unknown } from './view';

const KEY: readonly Setting[] = [
  { property: 'EnableKeyRotation', holds: (value) => booleanOf(value) === true, code: 'keyRotationOff', acknowledgeable: true, rule: 'a key that never changes protects everything that was ever written', fix: 'set enableKeyRotation of the key' },
  { property: 'Enabled', holds: (value) => value === undefined || booleanOf(value) === true, code: 'keyDisabled', rule: 'the cluster could not read its secrets', fix: 'remove what sets it' },
];
/** Who may do these decides what the policy says next. */
const ADMINISTERS: readonly string[] = ['*', 'kms:*', 'kms:Put*', 'kms:PutKeyPolicy'];

/** The key of secrets: that it turns, who uses it, and who may still change that. */
export function checkKeys(view: TemplateView, cluster: TemplateResource): Finding[] {
  const keys = listOf(cluster.properties.EncryptionConfig).flatMap((config) => view.final.target(at(config, 'Provider.KeyArn')) ?? []);
  return keys.filter(({ type }) => type === 'AWS::KMS::Key').flatMap((key) => [
    ...theirs(view, key, [...checkSettings(view, key, KEY), ...checkForeign(view, key), ...checkLock(view, key)]),
    ...openStatements(key.properties.KeyPolicy).map(() => finding(key, 'KeyPolicy', '*', {
      code: 'keyPolicyOpen', rule: 'a statement allows every principal without a condition', fix: 'name the principals that use the key',
    })),
  ]);
}

/** Of a key that somebody else made it is told, and theirs to decide. */
function theirs({ decided }: TemplateView, key: TemplateResource, found: readonly Finding[]): readonly Finding[] {
  return decided.get(key.path) ? found : found.map((each) => ({ ...each, severity: 'warning' }));
}

function checkForeign({ final, decided, account: own }: TemplateView, key: TemplateResource): Finding[] {
  const before = new Set(allowedIn(decided.get(key.path)?.properties.KeyPolicy).map(canonical));
  const principals = allowedIn(key.properties.KeyPolicy).filter((statement) => !before.has(canonical(statement))).flatMap(({ Principal }) => possibleIn(Principal?.AWS));
  return principals.filter((principal) => principal !== '*').flatMap((principal): Finding[] => {
    const of = accountOf(principal, final);
    if (!of) return isUnknown(principal) ? [unknown(key, 'KeyPolicy', principal, 'it says who uses the key of secrets')] : [];
    const foreign = isForeign(of, own);
    if (foreign === false) return [];
    return [finding(key, 'KeyPolicy', principal, {
      code: 'keyPolicyForeign', acknowledgeable: true, fix: 'leave the principal out, or acknowledge why it decrypts secrets of this cluster',
      ...foreign ? { rule: 'it is of another account, which would use the key of secrets' }
        : { severity: 'warning' as const, rule: `it may be of another account, which would use the key of secrets: the account of the stack is not known, and this is ${of.account}` },
    })];
  });
}

/** Without the account itself, nobody can mend the policy, and no IAM policy counts for the key. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function checkLock({ final, account: own }: TemplateView, key: TemplateResource): Finding[] {
  const { KeyPolicy } = key.properties;
  if (KeyPolicy === undefined) return [];
  if (isUnknown(KeyPolicy)) return [unknown(key, 'KeyPolicy', KeyPolicy, 'it says who uses the key of secrets')];
  const administered = listOf(KeyPolicy.Statement).some(({ Effect, Principal, Action, Condition }) => Effect === 'Allow' && !binds(Condition)
    && possibleIn(Action).some((action) => ADMINISTERS.includes(action))
    && possibleIn(Principal?.AWS).some((principal) => {
      const of = accountOf(principal, final);
      return of?.isRoot && isForeign(of, own) !== true;
    }));
  return administered ? [] : [finding(key, 'KeyPolicy', listOf(KeyPolicy.Statement).map(({ Sid, Principal }) => Sid ?? Principal?.AWS ?? Principal), {
    code: 'keyPolicyLocked', acknowledgeable: true, rule: 'no statement lets the account itself administer the key: no IAM policy counts for it, that of the cluster\'s role included', fix: 'leave kms:* to the root of the account in the policy',
  })];
}
