import { IsReplacing } from './resource-facts';
import { Resource } from '../fixture';

/** Logical id -> resource. */
export type Resources = Readonly<Record<string, Resource>>;

export interface Comparison {
  /** Types of resources that CloudFormation makes anew under the same logical id. */
  readonly replaces: string[];
  /** Types of resources that are gone. */
  readonly removes: string[];
}

export function compare(template: Resources, next: Resources, isReplacing: IsReplacing): Comparison {
  const [before, after] = [template, next].map((each) => inDeployment(each) as Resources);
  const replaced = new Set<string>();
  // What refers to a replaced resource by a property that replaces gets a new value there, and is replaced too.
  for (let size = -1; size !== replaced.size;) {
    size = replaced.size;
    for (const [id, old] of Object.entries(before)) {
      const now = after[id];
      if (now && !replaced.has(id) && (now.Type !== old.Type || differs(old.Type, [], old.Properties, now.Properties, isReplacing, replaced))) replaced.add(id);
    }
  }
  return {
    replaces: typesOf([...replaced].map((id) => before[id])),
    removes: typesOf(Object.entries(before).filter(([id]) => !(id in after)).map(([, resource]) => resource)),
  };
}

/** Whether a property that replaces has another value, or one that refers to something replaced. */
function differs(type: string, path: readonly string[], old: any, now: any, isReplacing: IsReplacing, replaced: ReadonlySet<string>): boolean {
  if (path.length > 0 && isReplacing(type, path)) return JSON.stringify(old) !== JSON.stringify(now) || refersTo(now, replaced);
  if (!isPlain(old) && !isPlain(now)) return false;
  const names = [...new Set([...Object.keys(isPlain(old) ? old : {}), ...Object.keys(isPlain(now) ? now : {})])];
  return names.some((name) => differs(type, [...path, name], isPlain(old) ? old[name] : undefined, isPlain(now) ? now[name] : undefined, isReplacing, replaced));
}

/** Where the templates are deployed, as far as they ask: two texts are the same property where they mean the same there. */
export const DEPLOYMENT = { account: '111122223333', region: 'eu-west-1', zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] };
const PSEUDO: Readonly<Record<string, string>> = { 'AWS::AccountId': DEPLOYMENT.account, 'AWS::Region': DEPLOYMENT.region, 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com' };

function inDeployment(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inDeployment);
  if (!isPlain(value)) return value;
  const { Ref: reference, 'Fn::Sub': text, 'Fn::Select': selected } = value;
  if (typeof reference === 'string' && reference in PSEUDO) return PSEUDO[reference];
  if (typeof text === 'string') return text.replace(/\$\{(AWS::\w+)\}/g, (all, name: string) => PSEUDO[name] ?? all);
  if (Array.isArray(selected) && isPlain(selected[1]) && 'Fn::GetAZs' in selected[1]) return DEPLOYMENT.zones[Number(selected[0])];
  const resolved = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inDeployment(each)]));
  const [separator, parts] = Array.isArray(resolved['Fn::Join']) ? resolved['Fn::Join'] as [string, unknown[]] : [];
  return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts.join(separator) : resolved;
}

function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  return [...JSON.stringify(value ?? null).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].some(([, id]) => ids.has(id));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typesOf(resources: readonly Resource[]): string[] {
  return [...new Set(resources.map(({ Type }) => Type))].sort();
}
