import { NetworkIntent } from './network-intent';
import { subjectOf } from './object-checks';
import { KubernetesObject } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { PolicyPlan } from '../policy/baseline';
import { policyKey } from '../policy/policy';
import { quarantineName } from '../policy/quarantine';

/** A chart of someone else's, whose objects are in view but are not ours to deploy. */
export interface RenderedChart {
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly objects: readonly KubernetesObject[];
}

/** The same with the objects of charts, and with the namespaces that Helm makes for them. */
export function withRendered<T extends Pick<NetworkIntent, 'objects' | 'namespaces'>>(intent: T, charts: readonly RenderedChart[]): T {
  const objects = [...intent.objects, ...charts.flatMap((chart) => chart.objects)];
  const known = [...intent.namespaces.map(({ name }) => name), ...objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata?.name)];
  const made = new Set(charts.filter(({ createNamespace, namespace }) => createNamespace && !known.includes(namespace)).map(({ namespace }) => namespace));
  return { ...intent, objects, namespaces: [...intent.namespaces, ...[...made].map((name) => ({ name, labels: {}, existing: true }))] };
}

/** Who added each policy, by its key: the construct that said it, and for a user's object where it stands. */
export function policyOrigins(plan: PolicyPlan, { rules, exemptions, quarantines, origins }: Pick<NetworkIntent, 'rules' | 'exemptions' | 'quarantines' | 'origins'>): ReadonlyMap<string, string> {
  const said = new Map([...rules, ...exemptions].map(({ name, origin }) => [name, origin]));
  const ours = [...plan.allows, ...plan.exemptions].flatMap(([name, policies]) => policies.map((policy) => [policyKey(policy), said.get(name)!] as const));
  const cutOff = quarantines.map((each) => [policyKey({ kind: 'GlobalNetworkPolicy', name: quarantineName(each) }), each.origin] as const);
  return new Map([...ours, ...cutOff, ...[...origins ?? []].map(([object, origin]) => [policyKeyOf(object), origin] as const)]);
}

/** The same findings, each saying in which file its object stands. */
export function withOrigins(diagnostics: readonly Diagnostic[], origins: ReadonlyMap<KubernetesObject, string>): Diagnostic[] {
  const bySubject = new Map([...origins].flatMap(([object, origin]) => [[subjectOf(object), origin], [policyKeyOf(object), origin]]));
  return diagnostics.map((diagnostic) => {
    const origin = bySubject.get(diagnostic.subject);
    return origin === undefined ? diagnostic : { ...diagnostic, message: `${diagnostic.message} (${origin})` };
  });
}

function policyKeyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const known = kind === 'NetworkPolicy' && apiVersion?.startsWith('networking.k8s.io/') ? 'KubernetesNetworkPolicy' : kind;
  return [known, metadata?.namespace ?? (CLUSTER_WIDE.test(kind ?? '') ? undefined : 'default'), metadata?.name].filter((part) => part !== undefined).join('/');
}

const CLUSTER_WIDE = /Global|^Tier$/;
