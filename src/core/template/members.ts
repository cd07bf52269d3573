import { groupKey } from './group-rules';
import { guardedGroups } from './groups';
import { TemplateResource, possibleIn } from './resource';
import { finding, Finding, TemplateView } from './view';

/** Where types of resources name the groups that their interfaces have. */
const MEMBERSHIP = /^(SecurityGroups?|SecurityGroupIds|GroupSet|Groups|V[Pp][Cc]SecurityGroup(Id)?s)$/;
/** Their own checks tell of these. */
const JUDGED: readonly string[] = ['AWS::EKS::Cluster', 'AWS::EC2::LaunchTemplate', 'AWS::EC2::VPCEndpoint'];

/** Whatever has a group of the cluster is admitted as the cluster's own are. */
export function checkMembers(view: TemplateView, cluster: TemplateResource): Finding[] {
  const groups = guardedGroups(view, cluster);
  return view.final.all.filter(({ path, type }) => !JUDGED.includes(type) && !view.decided.get(path)).flatMap((resource) => {
    const found = groupsIn(resource.properties).find((id) => ['api', 'nodes'].includes(groups.get(groupKey(id)) ?? ''));
    return found === undefined ? [] : [finding(resource, 'security groups', found, {
      code: 'clusterGroupShared', severity: 'warning', acknowledgeable: true, rule: 'what admits the cluster admits it too, and what is open to the cluster is open to it, past every policy', fix: 'give it a group of its own',
    })];
  });
}

/** The groups that a resource gives its interfaces. */
export function groupsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => MEMBERSHIP.test(name) ? possibleIn(item) : groupsIn(item));
}
