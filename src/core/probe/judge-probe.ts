import { JUDGE, NotProbed, ProbeFlow, ProbeIdentity, ProbePlan } from './probe';
import { PROBE_NAMESPACES } from './probe-facts';
import { compile, Compiled } from '../connectivity/compile';
import { isEndpoint } from '../connectivity/topology';
import { KubernetesObject, RUNTIME_LABELS, workloadOf } from '../connectivity/workload';
import { connectionsOf } from '../network/connections';
import { NetworkIntent } from '../network/network-intent';
import { decidedBy } from '../network/reasons';
import { NetworkView } from '../network/topology';
import { planPolicies } from '../policy/baseline';
import { TIERS } from '../policy/facts';
import { ClusterAddresses } from '../policy/intent';
import { parsePolicyObjects } from '../policy/parse';
import { Policy, PolicySet } from '../policy/policy';

/** What the probe may do while it runs: allows and Passes, and none of them outside its namespaces but where its targets are. */
export function probePolicies(plan: Pick<ProbePlan, 'rules' | 'exemptions'>, addresses: ClusterAddresses, namespaces: readonly string[]): Policy[] {
  const { plan: { allows, exemptions } } = planPolicies({
    addresses, systemNamespaces: [], namespaces: [...namespaces, ...PROBE_NAMESPACES], rules: plan.rules, exemptions: plan.exemptions,
  });
  return [...[...allows.values()].flat(), ...[...exemptions.values()].flat()];
}

export interface JudgedProbe {
  readonly flows: readonly ProbeFlow[];
  readonly notProbed: readonly NotProbed[];
}

/**
 * Keeps what the model says the probe will find, over the policies of the network, those of the probe and the very pods that it
 * runs: a probe never contradicts the plan. What the model denies to a twin, or does not know, is left out and told.
 */
export function judgeProbe(plan: ProbePlan, intent: NetworkIntent, network: PolicySet, origins: ReadonlyMap<string, string>, pods: readonly KubernetesObject[]): JudgedProbe {
  const { compiled, view } = withProbe(plan, intent, network, origins, pods);
  const identities = new Map(plan.identities.map((identity) => [identity.name, identity]));
  const judged = plan.flows.map((flow) => ({ flow, found: judgeFlow(flow, identities, compiled, view) }));
  return {
    flows: judged.flatMap(({ flow, found }) => typeof found === 'string' ? [] : [{ ...flow, needs: [...new Set([...flow.needs, ...found])].sort() }]),
    notProbed: [...plan.notProbed, ...judged.flatMap(({ flow, found }) => typeof found === 'string' ? [{ flow: flow.name, origin: flow.origin, reason: found }] : [])],
  };
}

function withProbe(plan: ProbePlan, intent: NetworkIntent, network: PolicySet, origins: ReadonlyMap<string, string>, pods: readonly KubernetesObject[]): { compiled: Compiled; view: NetworkView } {
  const policies = { tiers: network.tiers, policies: [...network.policies, ...probePolicies(plan, intent.addresses, namesOf(intent))] };
  const objects = [...intent.objects, ...pods];
  const users = parsePolicyObjects(intent.objects, { tiers: Object.values(TIERS), tokens: intent.tokens });
  const selectors = JSON.stringify(policies.policies);
  const view = new NetworkView({
    ...intent, objects,
    namespaces: [...intent.namespaces, ...PROBE_NAMESPACES.map((name) => ({ name, labels: {} }))],
    serviceAccounts: [...intent.serviceAccounts, ...plan.identities.filter(({ borrowed }) => !borrowed).map(({ namespace, serviceAccount: name }) => ({ namespace, name, labels: {} }))],
    rules: [...intent.rules, ...plan.rules], exemptions: [...intent.exemptions, ...plan.exemptions],
  }, objects.flatMap((object) => workloadOf(object) ?? []), users.networkSets, RUNTIME_LABELS.some((label) => selectors.includes(label)), origins);
  return { compiled: compile(policies, view.topology), view };
}

/** Namespaces that a twin's rule may name: whatever expectations are about exists. */
export function namesOf({ namespaces, systemNamespaces, objects, expectations }: NetworkIntent): string[] {
  const ends = expectations.flatMap(({ source, destination }) => [source, destination]);
  return [...new Set([
    ...namespaces.map(({ name }) => name), ...systemNamespaces.map(({ name }) => name),
    ...objects.flatMap(({ kind, metadata }) => kind === 'Namespace' ? metadata?.name ?? [] : metadata?.namespace ?? []),
    ...ends.flatMap((peer) => peer.kind === 'pods' ? peer.namespace ?? [] : []),
  ])];
}

/** Who added the policies that decide as expected; or, in words, what the model says instead. */
function judgeFlow({ checks }: ProbeFlow, identities: ReadonlyMap<string, ProbeIdentity>, compiled: Compiled, view: NetworkView): string[] | string {
  const deciding: string[] = [];
  for (const { by, expected, destination, ports } of checks) {
    const { namespace, serviceAccount, labels } = identities.get(by)!;
    for (const from of view.find({ kind: 'pods', namespace, serviceAccount, labels })) {
      for (const to of view.find(destination)) {
        if (isEndpoint(to) && to.hostNetwork) return 'its destination is on the network of its node';
        const asked = connectionsOf(ports, to);
        if (typeof asked === 'string') return asked;
        const pieces = compiled.between(from, to, asked);
        if (pieces.length === 0) return 'the two have no common kind of address in view';
        const other = pieces.find(({ verdict }) => verdict !== expected);
        if (other) return `of ${by === JUDGE ? 'its positive twin' : 'it'} the model says: ${other.verdict === 'undetermined' ? `it depends on ${(other.because ?? []).join(' and ')}` : decidedBy(other)}`;
        deciding.push(...pieces.flatMap(({ egress, ingress }) => [egress, ingress].flatMap((decision) => typeof decision === 'string' ? [] : view.origins.get(decision.policy) ?? [])));
      }
    }
  }
  return deciding;
}
