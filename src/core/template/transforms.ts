import { Finding, TemplateView } from './view';

/** They expand what is written, and bring nothing. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html */
const PLAIN: readonly string[] = ['AWS::LanguageExtensions'];

/** A macro writes the template anew, after every check. */
export function checkTransforms({ transforms, cluster }: TemplateView): Finding[] {
  return transforms.filter(({ name }) => !PLAIN.includes(name)).map(({ stack, name }) => ({
    code: 'templateTransformed', severity: 'warning', acknowledgeable: true, path: cluster, property: 'Transform', subject: stack,
    message: `the macro '${name}' rewrites the template at deployment, after all that is checked here`, fix: 'keep macros in stacks of their own, or read what it does and acknowledge it',
  }));
}
