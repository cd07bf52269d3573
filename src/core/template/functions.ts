import { FOREIGN_TYPES, READS } from './foreign-types';
import { canonical, possibleIn, TemplateResource } from './resource';
import { allowedIn } from './statements';
import { Finding, finding, TemplateView } from './view';

/** Where each type names the function that it opens. */
const OPENS: Readonly<Record<string, string>> = { 'AWS::Lambda::Permission': 'FunctionName', 'AWS::Lambda::Url': 'TargetFunctionArn' };
const CALLS = /^(\*|lambda:(\*|Invoke.*|Inv\w*\*))$/i;

/** The functions that deploy objects administer the cluster: whoever calls them does too. */
export function checkFunctions(view: TemplateView): Finding[] {
  const { final, decided } = view;
  const opened = (resource: TemplateResource, property: string, value: unknown, rule: string) =>
    finding(resource, property, value, { code: 'functionOpened', acknowledgeable: true, rule, fix: 'remove it' });
  const isOurs = (value: unknown) => {
    const target = final.target(value);
    return target?.type === 'AWS::Lambda::Function' && decided.get(target.path) !== undefined;
  };
  return [
    ...final.ofType(...Object.keys(OPENS)).filter(({ path, type, properties }) => !decided.get(path) && isOurs(properties[OPENS[type]])).map((resource) =>
      opened(resource, OPENS[resource.type], final.target(resource.properties[OPENS[resource.type]])!.path, `it lets ${canonical(resource.properties.Principal ?? resource.properties.AuthType)} call a function that administers the cluster`)),
    ...final.all.filter((each) => /^Custom::|^AWS::CloudFormation::CustomResource$/.test(each.type) && !(each.type in FOREIGN_TYPES) && each.type !== READS && !decided.get(each.path) && callsFunctionsOf(view, each))
      .map((resource) => opened(resource, 'ServiceToken', resource.properties.ServiceToken, 'it calls a function that administers the cluster, and what it asks of it is not checked')),
    ...final.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy').filter(({ path }) => !decided.get(path)).flatMap((policy) => allowedIn(policy.properties.PolicyDocument)
      .filter(({ Action, Resource }) => possibleIn(Action).some((action) => CALLS.test(String(action))) && possibleIn(Resource).some(isOurs))
      .map((statement) => opened(policy, 'PolicyDocument', statement, 'who has it calls a function that administers the cluster'))),
  ];
}

/** Whether a custom resource is carried out by the functions of the cluster. */
export function callsFunctionsOf({ decided }: TemplateView, { path, properties: { ServiceToken } }: TemplateResource): boolean {
  if (ServiceToken === undefined || decided.get(path)) return false;
  const token = decided.ofType(...Object.keys(FOREIGN_TYPES)).find(({ properties }) => properties.ServiceToken !== undefined)?.properties.ServiceToken;
  return token !== undefined && canonical(ServiceToken) === canonical(token);
}
