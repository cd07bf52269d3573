import { IConstruct } from 'constructs';
import { ObjectsEntry } from './network-model';
import { Diagnostic } from '../core/diagnostic';

/** How every copy of cdk8s marks its charts. */
const CDK8S_CHART = Symbol.for('cdk8s.Chart');

export function isChart(construct: IConstruct): boolean {
  return CDK8S_CHART in construct;
}

/** What charts wait for, as cdk8s means it: the dependencies of a chart and of everything in it, from chart to chart. */
export function chartDependencies(entries: Iterable<ObjectsEntry>): { after: ReadonlyMap<ObjectsEntry, readonly IConstruct[]>; diagnostics: Diagnostic[] } {
  const all = [...entries];
  const diagnostics: Diagnostic[] = [];
  const after = new Map(all.map((entry) => [entry, chartsBefore(entry.chart).flatMap((chart) => {
    const found = all.filter((other) => other.chart === chart).map(({ construct }) => construct);
    if (found.length === 0) diagnostics.push(missing(entry, chart));
    return found;
  })]));
  return { after, diagnostics };
}

function chartsBefore(chart: IConstruct | undefined): IConstruct[] {
  const targets = chart?.node.findAll().flatMap(({ node }) => node.dependencies) ?? [];
  const charts = targets.map(({ node }) => node.scopes.filter(isChart).at(-1)).filter((target) => target !== undefined && target !== chart);
  return [...new Set(charts as IConstruct[])].sort((a, b) => a.node.path < b.node.path ? -1 : 1);
}

function missing({ construct }: ObjectsEntry, chart: IConstruct): Diagnostic {
  return {
    code: 'chartDependencyMissing', severity: 'error', subject: construct.node.path,
    message: `its chart depends on chart ${chart.node.path}, which is not on this cluster`, fix: 'add that chart too, or remove the dependency',
  };
}
