import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Cidr, Opaque } from '../core/policy/policy';

/** A range as the core sees it: known text, or a name for what only the deployment knows. */
export function cidrOf(value: string, name: string): Cidr {
  return Token.isUnresolved(value) || isListToken(value) ? { opaque: name, token: value } : value;
}

/** The text itself; undefined where only the deployment knows it. */
export function known(value: string): string | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}

/** One element stands for a list of unknown length. */
export function isListToken(value: string): boolean {
  return !Token.isUnresolved(value) && Token.isUnresolved([value]);
}

/** For what names or selects Kubernetes objects: a verdict depends on it, so it must be known at synthesis. */
export function requireKnown(value: unknown, what: string): void {
  if (Token.isUnresolved(value)) {
    throw new Error(`${what} is a token, and what a policy allows can only be proved for values known at synthesis; write the value itself`);
  }
}

/** Labels are what selectors ask for. */
export function requireKnownLabels(labels: { readonly [key: string]: string } = {}): void {
  for (const [key, value] of Object.entries(labels)) {
    requireKnown(key, 'the label key');
    requireKnown(value, `the value of label '${key}'`);
  }
}

/** The value that a text in a user's object stands for, when only the deployment knows it. */
export function readToken(text: string): Opaque | undefined {
  return Token.isUnresolved(text) ? { opaque: 'a value known at deployment', token: text } : undefined;
}

/** A text in which `${AWS::Region}` and its like stand for what only the deployment knows; what cannot be said so is left out. */
export function templateText(text: string, scope: IConstruct): string {
  const read = (value: any): string => {
    if (typeof value === 'string') return value;
    if (typeof value?.['Fn::Sub'] === 'string') return value['Fn::Sub'];
    if (typeof value?.Ref === 'string') return `\${${value.Ref}}`;
    if (Array.isArray(value?.['Fn::GetAtt'])) return `\${${value['Fn::GetAtt'].join('.')}}`;
    return value?.['Fn::Join']?.[0] === '' ? value['Fn::Join'][1].map(read).join('') : '';
  };
  return read(Stack.of(scope).resolve(text));
}
