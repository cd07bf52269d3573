import { readFileSync } from 'fs';
import { join } from 'path';

export interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: unknown };
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly Condition?: string;
}

export interface Template {
  readonly Resources: { readonly [id: string]: Resource };
  readonly Parameters?: { readonly [name: string]: { readonly Default?: unknown } };
  readonly Conditions?: { readonly [name: string]: unknown };
  readonly Outputs?: { readonly [name: string]: { readonly Value: unknown; readonly Export?: { readonly Name: unknown } } };
}

/** A stack of a finished assembly. */
export interface StackTemplate {
  readonly name: string;
  readonly template: Template;
}

interface Artifact {
  readonly type: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
  readonly dependencies?: readonly string[];
}

/** Stacks of an assembly's folder, each after those that it depends on, as the CDK command deploys them. */
export function readStacks(folder: string): StackTemplate[] {
  const { artifacts } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { artifacts: { [id: string]: Artifact } };
  const found = new Map<string, StackTemplate>();
  const visit = (id: string) => {
    const { type, properties, dependencies = [] } = artifacts[id];
    if (type !== 'aws:cloudformation:stack' || found.has(id)) return;
    dependencies.forEach(visit);
    found.set(id, { name: properties?.stackName ?? id, template: JSON.parse(readFileSync(join(folder, properties!.templateFile!), 'utf8')) });
  };
  Object.keys(artifacts).sort().forEach(visit);
  return [...found.values()];
}
