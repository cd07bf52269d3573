import { Diagnostic } from '../diagnostic';
import { Place } from './places';
import { isUnknown, Properties, same, show, Template, TemplateResource } from './resource';

export interface Templates {
  /** Everything in the app, as it is deployed. */
  readonly final: Template;
  /** What the library made, as it made it. What is still so is one and the same value in both. */
  readonly decided: Template;
}

/** A cluster in the resources that CloudFormation gets, beside what the library decided for it. */
export interface TemplateView extends Templates {
  /** Path of the cluster. */
  readonly cluster: string;
  /** Number of its account, where it is known. */
  readonly account?: string;
  /** Key of the security group of nodes and pods. */
  readonly nodeGroup: string;
  /** What others put onto the cluster and the network was made to wait for: paths of resources. */
  readonly ordered: ReadonlySet<string>;
  /** Macros, by the path of the stack that has them. */
  readonly transforms: readonly { readonly stack: string; readonly name: string }[];
  /** Subnets of pods, which are those of nodes where they have none of their own; as the template refers to them. */
  readonly pods: readonly unknown[];
  /** Subnets of a given VPC. */
  readonly places: readonly Place[];
  /** By what they are for; each as the template refers to it. */
  readonly subnets: Readonly<Record<SubnetUse, readonly unknown[]>>;
}

export type SubnetUse = 'controlPlane' | 'nodes' | 'loadBalancers' | 'endpoints';

/** A diagnostic that says which property it is about. */
export interface Finding extends Diagnostic {
  readonly path: string;
  readonly property: string;
}

interface FindingOptions {
  readonly code: string;
  readonly rule: string;
  readonly fix: string;
  readonly severity?: Diagnostic['severity'];
  readonly acknowledgeable?: boolean;
}

/** What is wrong with one property of a resource. */
export function finding({ path }: Pick<TemplateResource, 'path'>, property: string, value: unknown, { rule, severity = 'error', ...rest }: FindingOptions): Finding {
  return { ...rest, severity, path, property, subject: authored(path), message: `${property} is ${show(value)}: ${rule}` };
}

/** `Key/Resource` is the library's to fold: its author wrote the parent. */
export function authored(path: string): string {
  return path.replace(/(\/(Resource|Default))+$/, '');
}

/** One rule about one property. What the library itself decided always holds. */
export interface Setting extends Omit<FindingOptions, 'severity'> {
  readonly property: string;
  readonly holds: (value: any, decided: any) => boolean;
  readonly severity?: Diagnostic['severity'];
}

/** Judges a resource by a table. A value that only the deployment knows is said, never passed. */
export function checkSettings({ decided }: Pick<TemplateView, 'decided'>, resource: TemplateResource, settings: readonly Setting[]): Finding[] {
  const before = decided.get(resource.path)?.properties;
  return settings.flatMap(({ property, holds, ...rest }): Finding[] => {
    const value = at(resource.properties, property);
    const intended = before && at(before, property);
    if (before && same(value, intended)) return [];
    if (isUnknown(value)) return [unknown(resource, property, value, rest.rule)];
    return holds(value, intended) ? [] : [finding(resource, property, value, rest)];
  });
}

export function unknown(resource: Pick<TemplateResource, 'path'>, property: string, value: unknown, rule: string): Finding {
  return finding(resource, property, value, {
    code: 'templateValueUnknown', severity: 'warning', acknowledgeable: true,
    rule: `only the deployment knows this value, and it was not checked: ${rule}`, fix: 'write the value itself, or check it where it is set and acknowledge it',
  });
}

/** The value at `A.B.0.C`. */
export function at(properties: Properties, property: string): any {
  return property.split('.').reduce<any>((value, key) => value?.[key], properties);
}
