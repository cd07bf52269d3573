import { canonical, isUnknown, possibleIn, same, TemplateResource } from './resource';
import { finding, Finding, TemplateView, unknown } from './view';

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const CLUSTER_ADMIN = 'AmazonEKSClusterAdminPolicy';
/** Reads, but no secrets. */
const VIEW = 'AmazonEKSViewPolicy';
/** Whoever starts pods here is everybody: roles of controllers, and no default deny. */
const SYSTEM: readonly string[] = ['kube-system', 'calico-system', 'tigera-operator'];

/** Who may do what in the cluster, by every access entry of the app. */
export function checkAccess(view: TemplateView, cluster: TemplateResource): Finding[] {
  const providers = view.final.ofType('AWS::EKS::IdentityProviderConfig').filter(({ properties }) => isOn(cluster, properties.ClusterName)).map((each) => finding(each, 'Oidc', each.properties.Oidc, {
    code: 'identityProvider', severity: 'warning', acknowledgeable: true, rule: 'its users are beside every access entry: what they may do is in the cluster alone', fix: 'give access by entries, or acknowledge it',
  }));
  return [...providers, ...view.final.ofType('AWS::EKS::AccessEntry').filter(({ properties }) => isOn(cluster, properties.ClusterName)).flatMap((entry) => {
    const before = view.decided.get(entry.path)?.properties;
    const kept = before && ['PrincipalArn', 'AccessPolicies', 'KubernetesGroups', 'Type'].every((name) => same(before[name], entry.properties[name]));
    return kept ? [] : checkEntry(entry);
  })];
}

function checkEntry(entry: TemplateResource): Finding[] {
  const { AccessPolicies, KubernetesGroups, PrincipalArn, Type } = entry.properties;
  const principal = `principal ${canonical(PrincipalArn)}`;
  const found = possibleIn(AccessPolicies).flatMap(({ PolicyArn, AccessScope }): Finding[] => {
    const name = policyName(PolicyArn);
    if (name === undefined) return [unknown(entry, 'AccessPolicies', PolicyArn, 'it says what its principal may do')];
    if (AccessScope?.Type === 'namespace' && !reachesSystem(AccessScope.Namespaces) || name === VIEW) return [];
    if (name === CLUSTER_ADMIN) {
      return [finding(entry, 'AccessPolicies', name, {
        code: 'adminWidened', acknowledgeable: true, rule: `${principal} would administer the cluster, and admins does not name it`, fix: 'name the role in admins, or scope the entry to namespaces',
      })];
    }
    return [finding(entry, 'AccessPolicies', name, {
      code: 'accessWide', severity: 'warning', acknowledgeable: true, rule: `${principal} gets it in every namespace, or in those of the system`, fix: 'scope the entry to namespaces, or acknowledge it',
    })];
  });
  if (isUnknown(AccessPolicies) && !('Fn::If' in AccessPolicies)) found.push(unknown(entry, 'AccessPolicies', AccessPolicies, 'it says what its principal may do'));
  const groups = possibleIn(KubernetesGroups);
  for (const group of groups.filter(isUnknown)) found.push(unknown(entry, 'KubernetesGroups', group, 'it says to whom roles of the cluster are bound'));
  const reserved = groups.filter((group) => typeof group === 'string' && group.startsWith('system:'));
  if (reserved.length > 0) {
    found.push(finding(entry, 'KubernetesGroups', reserved, { code: 'systemGroup', rule: 'groups that begin with system: are Kubernetes\' own; system:masters is beyond every rule of access', fix: 'use an access policy, or a group of your own' }));
  }
  if (typeof Type === 'string' && Type !== 'STANDARD') {
    found.push(finding(entry, 'Type', Type, { code: 'nodeEntry', severity: 'warning', acknowledgeable: true, rule: `whoever has ${principal} joins the cluster as a node`, fix: 'use nodeRequirements.admitRole()' }));
  }
  return found;
}

/** By name, or by a pattern. https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html */
function reachesSystem(namespaces: unknown): boolean {
  return possibleIn(namespaces).some((name) => typeof name !== 'string' || SYSTEM.includes(name) || name.includes('*') && SYSTEM.some((each) => patternOf(name).test(each)));
}

function patternOf(name: string): RegExp {
  return new RegExp(`^${name.split('*').map((part) => part.replace(/[^a-z0-9-]/g, '')).join('.*')}$`);
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
