import { readFileSync } from 'fs';
import { join } from 'path';
import { EXPLAINED, unexplained } from './explained';
import { Finding } from './judges';

const explained = (each: typeof EXPLAINED[number]): [string, Finding[]] =>
  [each.examples?.[0] ?? 'private-cluster', [{ judge: each.judge, rule: each.rule, subject: `Cluster${each.subjects?.source ?? 'Whatever'}93C0312D`, message: '' }]];
const merged = () => {
  const found = new Map<string, Finding[]>();
  for (const [example, findings] of EXPLAINED.map(explained)) found.set(example, [...found.get(example) ?? [], ...findings]);
  return found;
};

test('docs/quality.md lists every explained finding with its reason', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'quality.md'), 'utf8');
  for (const { judge, rule, why } of EXPLAINED) expect(text).toContain(`| ${judge} | \`${rule}\` | ${why} |\n`);
});

test('what is explained is accepted', () => expect(unexplained(merged())).toEqual([]));

test('another rule, another resource, another example is not', () => {
  const findings = merged();
  findings.set('private-cluster', [...findings.get('private-cluster')!,
    { judge: 'checkov', rule: 'CKV_AWS_58', subject: 'Cluster', message: 'no key' },
    { judge: 'checkov', rule: 'CKV_AWS_115', subject: 'UsersFunction', message: 'no limit' },
    { judge: 'Control Tower', rule: 'CT.EKS.PR.1', subject: 'Cluster', message: 'public' }]);
  expect(unexplained(findings)).toEqual([
    'private-cluster: checkov CKV_AWS_58 Cluster: no key',
    'private-cluster: checkov CKV_AWS_115 UsersFunction: no limit',
    'private-cluster: Control Tower CT.EKS.PR.1 Cluster: public',
  ]);
});

test('an explanation of what nobody finds any more is to be removed', () =>
  expect(unexplained(new Map())).toContain('Control Tower CT.EKS.PR.1 is explained, but no example shows it any more'));
