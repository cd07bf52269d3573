import { canonical } from './resource';
import { authored, Finding, TemplateView } from './view';

/** AWS' own, which expand what is written for them and leave the rest alone. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html */
const PLAIN = /^AWS::(LanguageExtensions|Serverless-2016-10-31|SecretsManager-\d{4}-\d{2}-\d{2}|CodeDeployBlueGreen)$/;

/** A macro writes anew after every check: the template of the cluster, of stacks that deploy something for it, or a resource. */
export function checkTransforms({ transforms, cluster, final, decided }: TemplateView): Finding[] {
  const scope = cluster.split('/').slice(0, -2).join('/');
  const concerned = transforms.filter(({ name }) => !PLAIN.test(name)).filter(({ stack }) => isBelow(cluster, stack)
    || final.all.some(({ path, properties }) => isBelow(path, stack) && (decided.get(path) || canonical(properties).includes(`"${scope}/`))));
  const inside = decided.all.flatMap(({ path }) => final.get(path) ?? []).filter(({ properties }) => hasTransform(properties));
  return [
    ...concerned.map(({ stack, name }) => rewritten(cluster, stack, `the macro '${name}' rewrites the template`)),
    ...inside.map(({ path }) => rewritten(path, authored(path), 'a macro inside it writes properties')),
  ];
}

function rewritten(path: string, subject: string, what: string): Finding {
  return {
    code: 'templateTransformed', severity: 'warning', acknowledgeable: true, path, property: 'Transform', subject,
    message: `${what} at deployment, after all that is checked here`, fix: 'keep macros in stacks of their own, or read what it does and acknowledge it',
  };
}

function isBelow(path: string, stack: string): boolean {
  return stack === '' || path.startsWith(`${stack}/`);
}

function hasTransform(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.entries(value).some(([key, item]) => key === 'Fn::Transform' || hasTransform(item));
}
