import { ExpectationResult } from './decision';
import { diagnoseExpectation } from './expectations';
import { ExpectationIntent } from './network-intent';
import { KubernetesObject } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { Peer } from '../policy/intent';
import { EngineLoss, PodSelection } from '../template/engine';

/** Expectations where Calico does not enforce everything: what policies say of pods that they may not bind is not known. */
export function underLosses(
  results: readonly ExpectationResult[], intents: readonly ExpectationIntent[], objects: readonly KubernetesObject[], losses: readonly EngineLoss[],
): { results: ExpectationResult[]; diagnostics: Diagnostic[] } {
  const ends = new Map(intents.map((intent) => [intent.origin, [intent.source, intent.destination]] as const));
  const groups = podsWithGroups(objects);
  const judged = results.map((result): { result: ExpectationResult; diagnostics: Diagnostic[] } => {
    const loss = result.result === 'met' ? losses.find((each) => (ends.get(result.origin) ?? []).some((peer) => isAmong(peer, each, groups))) : undefined;
    if (!loss) return { result, diagnostics: [] };
    const unknown = { result: 'undetermined' as const, because: `${loss.subject}: ${loss.because}` };
    const changed: ExpectationResult = { ...result, ...unknown, ...result.now && { now: unknown } };
    return { result: changed, diagnostics: [diagnoseExpectation(changed)] };
  });
  return { results: judged.map(({ result }) => result), diagnostics: judged.flatMap(({ diagnostics }) => diagnostics) };
}

function isAmong(peer: Peer, { pods }: EngineLoss, groups: readonly PodSelection[]): boolean {
  if (peer.kind !== 'pods') return false;
  const selections = pods === 'withGroups' ? groups : pods;
  // Where none is in view, nobody knows which pods have groups.
  if (selections === 'any' || pods === 'withGroups' && groups.length === 0) return true;
  return selections.some(({ namespace, labels }) => (peer.namespace === undefined || matches(namespace, peer.namespace))
    && Object.entries(labels).every(([key, value]) => (peer.labels?.[key] ?? value) === value));
}

/** With `*` and `?`, as in the selectors of a Fargate profile. */
function matches(pattern: string, name: string): boolean {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${text}$`).test(name);
}

/** https://docs.aws.amazon.com/eks/latest/userguide/sg-pods-example-deployment.html */
function podsWithGroups(objects: readonly KubernetesObject[]): PodSelection[] {
  return objects.filter(({ apiVersion, kind }) => apiVersion?.startsWith('vpcresources.k8s.aws/') && kind === 'SecurityGroupPolicy').map(({ metadata, spec }) => ({
    namespace: metadata?.namespace ?? 'default',
    labels: (spec as { podSelector?: { matchLabels?: Record<string, string> } } | undefined)?.podSelector?.matchLabels ?? {},
  }));
}
