import { canonical, isUnknown, possibleIn, Template, TemplateResource } from './resource';
import { accountOf, allowedIn, binds, isForeign, openStatements } from './statements';
import { finding, Finding, TemplateView, unknown } from './view';

const PROPERTY = 'AssumeRolePolicyDocument';
const FIX = 'remove what changes it; give others a role of their own';

/** Who takes a role: of the library's own nobody but whom it was made for, of a role of pods nobody but pods and whom its author names. */
export function checkTrust(view: TemplateView, cluster: TemplateResource, role: TemplateResource, isOfPods: boolean): Finding[] {
  const { [PROPERTY]: trust } = role.properties;
  const before = view.decided.get(role.path);
  if (before && canonical(trust) === canonical(before.properties[PROPERTY])) return [];
  const widened = (value: unknown, rule: string, fix = FIX) => finding(role, PROPERTY, value, { code: 'roleTrustWidened', acknowledgeable: isOfPods, rule, fix });
  if (before) return [widened(trust, 'others than the service it was made for could take this role')];
  if (isUnknown(trust)) return [unknown(role, PROPERTY, trust, 'it says who takes the role of pods')];
  if (openStatements(trust).length > 0) return [widened(trust, 'everybody could take this role')];
  return isOfPods ? allowedIn(trust).flatMap((statement) => checkStatement(view, cluster, statement, widened)) : [];
}

type Widened = (value: unknown, rule: string, fix?: string) => Finding;

function checkStatement({ final, account: own }: TemplateView, cluster: TemplateResource, { Principal, Condition }: any, widened: Widened): Finding[] {
  const strangers = possibleIn(Principal?.AWS).filter((principal) => {
    const of = accountOf(principal, final);
    return of !== undefined && !binds(Condition) && (of.isRoot || isForeign(of, own) === true);
  });
  return [
    ...strangers.map((principal) => widened(principal, 'beside pods, another account could take this role, or everybody in this one whom IAM lets')),
    ...possibleIn(Principal?.Federated).flatMap((provider): Finding[] => {
      if (!isIssuedBy(final, cluster, provider)) return binds(Condition) ? [] : [widened(provider, 'every token of this provider could take this role')];
      return namesSubject(final, Condition) ? [] : [widened(Condition, 'every service account of the cluster could take this role, or those of every namespace', 'ask for the subject of the token: StringEquals <issuer>:sub system:serviceaccount:<namespace>:<name>')];
    }),
  ];
}

/** Whether a role is taken by tokens of the cluster's service accounts. */
export function trustsTokens(final: Template, cluster: TemplateResource, { properties }: TemplateResource): boolean {
  return allowedIn(properties[PROPERTY]).some(({ Principal }) => possibleIn(Principal?.Federated).some((provider) => isIssuedBy(final, cluster, provider)));
}

function isIssuedBy(final: Template, cluster: TemplateResource, provider: unknown): boolean {
  return [provider, final.target(provider)?.properties].some((each) => canonical(each).includes(`"${cluster.path}"`));
}

/** A subject in a namespace that is named. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
function namesSubject(final: Template, condition: any): boolean {
  return possibleIn(condition).some((each) => ['StringEquals', 'StringLike'].some((operator) => {
    const asked = each[operator];
    // CDK writes a map whose keys are known at deployment alone as the text of a resource.
    const text = final.target(asked)?.properties.Value;
    if (text !== undefined) return /:sub\W+system:serviceaccount:[^:]*[^:*?][^:]*:/.test(canonical(text));
    return Object.entries(asked ?? {}).some(([key, values]) => key.endsWith(':sub') && possibleIn(values).every((value) => typeof value !== 'string' || /^system:serviceaccount:[^:]*[^:*?][^:]*:/.test(value)));
  }));
}
