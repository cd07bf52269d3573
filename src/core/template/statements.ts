import { canonical, listOf, possibleIn, Template } from './resource';

/** Whether a condition asks for anything. */
export function binds(condition: unknown): boolean {
  return canonical(condition ?? {}).replace(/"[^"]*":|"\*"|[{}[\],]/g, '') !== '';
}

/** What a document allows, whatever conditions of the template decide. */
export function allowedIn(document: any): any[] {
  return possibleIn(document?.Statement).filter(({ Effect }) => Effect === 'Allow');
}

/** Statements of a policy that allow everybody. */
export function openStatements(document: any): any[] {
  return allowedIn(document).filter(({ Principal, NotPrincipal, Condition }) =>
    !binds(Condition) && (NotPrincipal !== undefined || Principal === '*' || possibleIn(Principal?.AWS).includes('*')));
}

/** An account as a template says it. */
export interface PrincipalAccount {
  /** Its number; `own` where the template says the account of its stack. */
  readonly account: string;
  /** The account as a whole, and whoever it lets. */
  readonly isRoot: boolean;
}

const OWN = 'own';

/** Whose principal it is. Undefined: it is no IAM principal, or only the deployment knows. */
export function accountOf(principal: unknown, final: Template): PrincipalAccount | undefined {
  if (final.target(principal)) return { account: OWN, isRoot: false };
  const [, ofArn, resource, alone] = /^(?:arn:[^:]*:(?:iam|sts)::(\d{12}|own):(.*)|(\d{12}|own))$/.exec(textOf(principal)) ?? [];
  return ofArn ? { account: ofArn, isRoot: resource === 'root' } : alone ? { account: alone, isRoot: true } : undefined;
}

/** Whether the account of a principal is another than that of the stack; undefined where nobody can say. */
export function isForeign({ account }: PrincipalAccount, own: string | undefined): boolean | undefined {
  return account === OWN ? false : own === undefined ? undefined : account !== own;
}

/** Each action on each resource by itself: CDK merges statements as they come. */
export function grantsIn(statements: readonly any[]): Set<string> {
  return new Set(statements.flatMap(({ Sid, Action, Resource, ...rest }) => listOf(Action).concat(Action === undefined ? [undefined] : [])
    .flatMap((action) => eachOf(Resource).map((resource) => canonical({ ...rest, action, resource })))));
}

const eachOf = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [value];

const PSEUDO: Readonly<Record<string, string>> = { 'AWS::AccountId': OWN, 'AWS::Partition': 'aws' };

function textOf(value: any): string {
  const parts: unknown[] = value?.['Fn::Join']?.[0] === '' ? value['Fn::Join'][1] : [value];
  const said = parts.map((part: any) => typeof part === 'string' ? part : PSEUDO[part?.Ref] ?? part?.['Fn::Sub'] ?? '?').join('');
  return said.replace(/\$\{(AWS::\w+)\}/g, (_, name: string) => PSEUDO[name] ?? '?');
}
