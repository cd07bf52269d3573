import { RUNTIME_LABELS, workloadOf } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { checkBuiltIn } from './built-in';
import { checkControlPlaneCalls } from './control-plane-calls';
import { Exemption, NetworkDecision } from './decision';
import { checkExpectations } from './expectations';
import { describeFlows } from './flows';
import { checkModes, modesOf } from './modes';
import { NetworkIntent } from './network-intent';
import { checkObjects } from './object-checks';
import { wellShaped } from './object-shapes';
import { policyOrigins } from './origins';
import { NetworkView } from './topology';
import { checkUnusedRules } from './unused-rules';
import { compile } from '../connectivity/compile';
import { Reachability } from '../connectivity/reachability';
import { policiesOfOtherEngines } from '../engine/other-engines';
import { IN_TREE } from '../load-balancer/context';
import { exposuresOf } from '../load-balancer/exposure';
import { planPolicies, policiesOf } from '../policy/baseline';
import { isEnforced, withEnforcement } from '../policy/enforcement';
import { TIERS } from '../policy/facts';
import { hardenedSystem } from '../policy/hardened-system';
import { lintPolicies } from '../policy/lint';
import { parsePolicyObjects } from '../policy/parse';

/** Decides everything that follows from an intent. Pure and total: what is wrong is reported, the rest stands. */
export function decideNetwork(said: NetworkIntent): NetworkDecision {
  const shaped = wellShaped(said.objects);
  const intent = { ...said, objects: shaped.objects };
  const created = intent.objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata?.name ?? '');
  const systemNamespaces = intent.systemNamespaces.map(({ name }) => name);
  const needs = systemNamespaces.includes('kube-system') ? { rules: [], exemptions: [] } : hardenedSystem(intent.addresses);
  const rules = [...needs.rules, ...intent.rules];
  const exemptions = [...needs.exemptions.map((each) => ({ ...each, reason: 'it runs the cluster' })), ...intent.exemptions];
  const { plan, diagnostics } = planPolicies({
    ...intent, systemNamespaces, rules, exemptions, namespaces: [...intent.namespaces.map(({ name }) => name), ...created],
  });
  const users = parsePolicyObjects(intent.objects, { tiers: Object.values(TIERS), tokens: intent.tokens });
  // What is staged is judged as if it were enforced: that is what staging is for.
  const policies = { tiers: [...plan.tiers, ...users.tiers], policies: [...policiesOf(plan), ...users.policies] };

  const workloads = intent.objects.flatMap((object) => workloadOf(object) ?? []);
  const selectors = JSON.stringify(policies.policies);
  const runtimeLabels = RUNTIME_LABELS.some((label) => selectors.includes(label));
  const origins = policyOrigins(plan, { ...intent, rules, exemptions });
  const view = new NetworkView({ ...intent, rules, exemptions }, workloads, users.networkSets, runtimeLabels, origins);
  const compiled = compile(policies, view.topology);
  const matrix = new Reachability(compiled);
  const modes = modesOf(intent);
  const emitted = withEnforcement(plan, modes);
  const now = isEnforced(modes) ? undefined : compile({ ...policies, policies: [...policiesOf(emitted), ...users.policies] }, view.topology);
  const expectations = checkExpectations(intent.expectations, compiled, view, now);
  const exposed = exposuresOf(intent.objects, { ...intent.loadBalancers ?? IN_TREE, objects: intent.objects });
  return {
    plan: emitted,
    modes,
    policies,
    origins,
    workloads: describeFlows(workloads, matrix, view, systemNamespaces, modes, now),
    exposures: exposed.exposures,
    exemptions: exemptions.map(({ guardrail, namespace, serviceAccounts, reason }) => ({ guardrail, namespace, serviceAccounts, reason, identity: identityIn(namespace, intent) })),
    expectations: expectations.results,
    diagnostics: [
      ...diagnostics, ...checkModes(intent), ...shaped.diagnostics, ...users.diagnostics, ...policiesOfOtherEngines(intent.objects),
      ...users.policies.length > 0 ? lintPolicies({ tiers: policies.tiers, policies: users.policies }) : [], ...checkObjects(intent), ...checkMetadata(intent),
      ...exposed.diagnostics, ...expectations.diagnostics,
      ...checkBuiltIn(matrix, view, { exemptions, rules, systemNamespaces }),
      ...checkControlPlaneCalls(intent.objects, compiled, view, openToControlPlane(intent)), ...checkIdentities(intent),
      ...checkUnusedRules(intent.rules, workloads, matrix, view),
    ],
  };
}

/** Ports that the security group of nodes and pods admits from the control plane. */
function openToControlPlane({ rules, controlPlanePorts }: NetworkIntent): number[] {
  const said = rules.filter(({ source }) => source.kind === 'controlPlane').flatMap(({ ports }) => ports.flatMap((each) => each.ports ?? []));
  return [...controlPlanePorts, ...said.flatMap((port) => {
    const [from, to = from] = String(port).split(':').map(Number);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  })];
}

/** A service account is an identity only where nobody else can run pods as it. */
function identityIn(namespace: string, { namespaces, systemNamespaces }: NetworkIntent): Exemption['identity'] {
  if (namespace === 'kube-system' || systemNamespaces.some(({ name }) => name === namespace)) return 'system';
  return namespaces.some(({ name, platformOnly }) => name === namespace && platformOnly) ? 'claimed' : 'open';
}

function checkIdentities(intent: NetworkIntent): Diagnostic[] {
  return intent.exemptions.filter(({ namespace }) => identityIn(namespace, intent) === 'open').map(({ origin, namespace, serviceAccounts }) => ({
    code: 'exemptionInOpenNamespace', severity: 'warning', subject: origin, acknowledgeable: true,
    message: `whoever may create pods in '${namespace}' may run them as ${serviceAccounts.join(', ')}, and so uses the exemption`,
    fix: `declare addNamespace('${namespace}', { podCreators: PodCreators.PLATFORM_ONLY }) when RBAC lets only the platform create pods there`,
  }));
}

/** A policy alone does not open metadata: at one hop no answer reaches a pod. */
function checkMetadata({ exemptions, metadataReachesPods }: NetworkIntent): Diagnostic[] {
  return metadataReachesPods ? [] : exemptions.filter(({ guardrail }) => guardrail === 'instanceMetadata').map(({ origin }) => ({
    code: 'metadataHopLimit', severity: 'error', subject: origin,
    message: 'no node group has metadataHopLimit 2, and at 1 no answer of the instance metadata service reaches a pod, whatever policy allows',
    fix: 'give the node group that runs these pods metadataHopLimit: 2, or use EKS Pod Identity instead of the node\'s role',
  }));
}
