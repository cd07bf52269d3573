import { coversPort, rulesOf } from './group-rules';
import { canonical, isUnknown, TemplateResource } from './resource';
import { finding, Finding, TemplateView, unknown } from './view';

const PROPERTY = 'SecurityGroupEgress';
const HTTPS = 443;

/** What nodes and pods are let out to is said by policies, for each pod: where their group says less, it says so too. */
export function checkNodeEgress({ final, decided, nodeGroup }: TemplateView): Finding[] {
  const now = final.get(nodeGroup);
  const value = now?.properties[PROPERTY];
  // EC2 lets everything out of a group that says nothing.
  if (!now || value === undefined || canonical(value) === canonical(decided.get(nodeGroup)?.properties[PROPERTY])) return [];
  if ([value].flat().some(isUnknown)) return [unknown(now, PROPERTY, value, 'it says what nodes and pods reach')];
  const rules = rulesOf(final, nodeGroup, 'Egress');
  return rules.some(({ cidr, protocol }) => cidr === '0.0.0.0/0' && protocol === '-1') ? [] : [narrowed(now, value, rules.some((rule) => coversPort(rule, HTTPS)))];
}

function narrowed(group: TemplateResource, value: unknown, reachesHttps: boolean): Finding {
  return finding(group, PROPERTY, value, {
    code: 'nodeEgressNarrowed', acknowledgeable: true, severity: reachesHttps ? 'warning' : 'error', fix: 'remove what changes it, and say by rules of the cluster whom pods reach; or acknowledge it',
    rule: reachesHttps ? 'nodes and pods reach nothing else, whatever a rule of the cluster allows' : 'nodes would reach neither the API endpoint nor images, and never join',
  });
}
