import { canonical } from './resource';
import { Finding, finding, TemplateView } from './view';

/** Where each type names the function that it opens. */
const OPENS: Readonly<Record<string, string>> = { 'AWS::Lambda::Permission': 'FunctionName', 'AWS::Lambda::Url': 'TargetFunctionArn' };

/** The functions that deploy objects administer the cluster: whoever calls them does too. */
export function checkFunctions({ final, decided }: TemplateView): Finding[] {
  return final.ofType(...Object.keys(OPENS)).filter(({ path }) => !decided.get(path)).flatMap((resource) => {
    const target = final.target(resource.properties[OPENS[resource.type]]);
    if (target?.type !== 'AWS::Lambda::Function' || !decided.get(target.path)) return [];
    return [finding(resource, OPENS[resource.type], target.path, {
      code: 'functionOpened', acknowledgeable: true, rule: `it lets ${canonical(resource.properties.Principal ?? resource.properties.AuthType)} call a function that administers the cluster`, fix: 'remove it',
    })];
  });
}
