import { canonical, isUnknown, listOf, TemplateResource } from './resource';
import { finding, Finding, TemplateView, unknown } from './view';

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const CLUSTER_ADMIN = 'AmazonEKSClusterAdminPolicy';
const WIDE: readonly string[] = ['AmazonEKSAdminPolicy', 'AmazonEKSEditPolicy', 'AmazonEKSAdminViewPolicy'];

/** Who may do what in the cluster, by every access entry of the app. */
export function checkAccess(view: TemplateView, cluster: TemplateResource): Finding[] {
  return view.final.ofType('AWS::EKS::AccessEntry').filter(({ properties }) => isOn(cluster, properties.ClusterName)).flatMap((entry) => {
    const before = view.decided.get(entry.path)?.properties;
    const same = before && ['PrincipalArn', 'AccessPolicies', 'KubernetesGroups'].every((name) => canonical(before[name]) === canonical(entry.properties[name]));
    return same ? [] : checkEntry(entry);
  });
}

function checkEntry(entry: TemplateResource): Finding[] {
  const { AccessPolicies, KubernetesGroups, PrincipalArn } = entry.properties;
  const principal = `principal ${canonical(PrincipalArn)}`;
  const found = listOf(AccessPolicies).flatMap(({ PolicyArn, AccessScope }): Finding[] => {
    const name = policyName(PolicyArn);
    if (name === undefined) return [unknown(entry, 'AccessPolicies', PolicyArn, 'it says what its principal may do')];
    if (AccessScope?.Type === 'namespace') return [];
    if (name === CLUSTER_ADMIN) {
      return [finding(entry, 'AccessPolicies', name, {
        code: 'adminWidened', acknowledgeable: true, rule: `${principal} would administer the cluster, and admins does not name it`, fix: 'name the role in admins, or scope the entry to namespaces',
      })];
    }
    return WIDE.includes(name) ? [finding(entry, 'AccessPolicies', name, {
      code: 'accessWide', severity: 'warning', acknowledgeable: true, rule: `${principal} gets it in every namespace`, fix: 'scope the entry to namespaces, or acknowledge it',
    })] : [];
  });
  if (isUnknown(AccessPolicies)) found.push(unknown(entry, 'AccessPolicies', AccessPolicies, 'it says what its principal may do'));
  const reserved = listOf(KubernetesGroups).filter((group) => typeof group === 'string' && group.startsWith('system:'));
  if (reserved.length > 0) {
    found.push(finding(entry, 'KubernetesGroups', reserved, { code: 'systemGroup', rule: 'groups that begin with system: are Kubernetes\' own; system:masters is beyond every rule of access', fix: 'use an access policy, or a group of your own' }));
  }
  return found;
}

/** Whether a property names the cluster, by reference or by its literal name. */
export function isOn(cluster: TemplateResource, name: unknown): boolean {
  return canonical(name) === canonical({ Ref: cluster.path }) || name !== undefined && canonical(name) === canonical(cluster.properties.Name);
}

/** The last words of an ARN, which a partition that only the deployment knows may begin. */
export function policyName(arn: any): string | undefined {
  const text = typeof arn === 'string' ? arn : arn?.['Fn::Join']?.[1]?.at(-1) ?? arn?.['Fn::Sub'];
  return typeof text === 'string' ? /policy\/(?:[^/]*\/)*([^/]+)$/.exec(text)?.[1] : undefined;
}
