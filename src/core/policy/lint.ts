import { emitPolicy, emitTier } from './emit';
import { parsePolicyObjects } from './parse';
import { BUILT_IN_TIERS, Cidr, Opaque, Policy, PolicySet, policyKey, Rule } from './policy';
import { Selector, writeSelector } from './selector';
import { LABEL, policySelector } from './selector-scope';
import { Diagnostic } from '../diagnostic';
import { CidrSet } from '../sets';

export interface LintOptions {
  /** The range of Services: policies never see these addresses. */
  readonly serviceCidr?: string;
}

type Check = (policy: Policy, context: Context) => Diagnostic[];

interface Context extends LintOptions {
  readonly policies: readonly Policy[];
  readonly defaultAction: (tier: string) => 'Deny' | 'Pass';
}

/** Policies that Calico takes and that do something else than they seem to. */
export function lintPolicies({ tiers, policies }: PolicySet, options: LintOptions = {}): Diagnostic[] {
  const actions = new Map([...BUILT_IN_TIERS, ...tiers].map((tier) => [tier.name, tier.defaultAction ?? 'Deny']));
  const context: Context = { ...options, policies, defaultAction: (tier) => actions.get(tier) ?? 'Deny' };
  const effective = policies.filter((policy) => !policy.doNotTrack && !policy.preDNAT);
  return [...acceptance({ tiers, policies }), ...effective.flatMap((policy) => CHECKS.flatMap((check) => check(policy, context)))];
}

/** What is emitted must be what the API accepts, whoever made it. */
function acceptance({ tiers, policies }: PolicySet): Diagnostic[] {
  const own = policies.filter((policy): policy is Policy & { kind: 'GlobalNetworkPolicy' | 'NetworkPolicy' } => policy.kind !== 'KubernetesNetworkPolicy');
  const tokens = new Map(own.flatMap(opaques).map((opaque) => [opaque.token, opaque]));
  return [...parsePolicyObjects([...tiers.map(emitTier), ...own.map(emitPolicy)], { tiers, tokens: (text) => tokens.get(text) }).diagnostics];
}

/** Rules that only deny: the rest of the traffic falls to the end of the tier, which denies it too. */
const denyOnly: Check = (policy, { defaultAction }) => {
  if (policy.kind !== 'GlobalNetworkPolicy' || defaultAction(policy.tier) !== 'Deny') return [];
  return policy.types.flatMap((type) => {
    const rules = rulesOf(policy, type);
    if (rules.length === 0 || rules.some(({ action }) => action === 'Allow' || action === 'Pass')) return [];
    return [problem(policy, 'denyOnlyPolicyIsolates', 'error', `has ${type} rules of which none allows: tier ${policy.tier} denies everything else of what it selects`,
      'put it in a tier with defaultAction Pass')];
  });
};

/** A host endpoint has labels of its node, but no namespace, account or orchestrator. */
const selectsHosts: Check = (policy) => {
  if (policy.kind !== 'GlobalNetworkPolicy') return [];
  const hosts = couldSelectHost(policySelector(policy));
  if (hosts === 'no') return [];
  return [problem(policy, 'policySelectsHosts', hosts === 'yes' ? 'error' : 'warning',
    `selects ${hosts === 'yes' ? 'every host endpoint' : 'host endpoints that have its labels'}: nodes would lose what pods are denied`,
    'add selector: has(projectcalico.org/namespace), or a namespaceSelector that names namespaces')];
};

/** An allow without conditions makes every policy behind it meaningless. */
const allowsEverything: Check = (policy, { defaultAction }) => {
  if (policy.kind !== 'GlobalNetworkPolicy' || policy.tier !== 'default' || defaultAction(policy.tier) !== 'Deny') return [];
  return policy.types.flatMap((type) => rulesOf(policy, type).flatMap((rule, i) => (rule.action === 'Allow' && isUnconditional(rule)
    ? [problem(policy, 'allowWithoutCondition', 'error', `allows everything by ${type} rule ${rule.index ?? i}: no later policy of tier default has a say`, 'name peers or ports')] : [])));
};

/** An allow isolates what it selects; beyond the default deny it closes what nobody meant to close. */
const allowBeyondDefaultDeny: Check = (policy, { policies, defaultAction }) => {
  if (policy.kind !== 'GlobalNetworkPolicy' || policy.staged || defaultAction(policy.tier) !== 'Deny') return [];
  return policy.types.flatMap((type) => {
    if (!rulesOf(policy, type).some(({ action }) => action === 'Allow')) return [];
    const denials = policies.filter((other) => other.kind === 'GlobalNetworkPolicy' && !other.staged && other.tier === policy.tier
      && other.types.includes(type) && rulesOf(other, type).length === 0);
    const conditions = conjuncts(policySelector(policy));
    if (denials.length === 0 || denials.some((denial) => [...conjuncts(policySelector(denial))].every((condition) => conditions.has(condition)))) return [];
    return [problem(policy, 'allowBeyondDefaultDeny', 'warning', `allows ${type} for pods beyond ${denials.map(policyKey).join(', ')}, and so denies them everything else`,
      'select no more than the default deny does')];
  });
};

const tierPrefix: Check = (policy) => (policy.kind === 'KubernetesNetworkPolicy' || policy.tier === 'default' || policy.name.startsWith(`${policy.tier}.`) ? []
  : [problem(policy, 'tierPrefixMissing', 'warning', `is in tier ${policy.tier}, which its name does not begin with: Calico before 3.32 refuses it`, `call it ${policy.tier}.${policy.name}`)]);

/** Service addresses are rewritten before policy sees them; only node-local DNS stays. */
const serviceAddress: Check = (policy, { serviceCidr }) => {
  if (serviceCidr === undefined || !policy.types.includes('Egress')) return [];
  const services = CidrSet.of(serviceCidr);
  return rulesOf(policy, 'Egress').flatMap((rule, i) => {
    const nets = (rule.destination?.nets ?? []).filter((net): net is string => typeof net === 'string' && services.covers(CidrSet.of(net)));
    if (nets.length === 0 || rule.destination?.ports?.every((port) => port === 53)) return [];
    return [problem(policy, 'serviceAddressInEgress', 'warning', `matches ${nets.join(', ')} in Egress rule ${rule.index ?? i}: addresses of Services are translated before policy`,
      'match the pods behind the Service, or use services')];
  });
};

/** Matches that hold for nobody. */
const matchesNobody: Check = (policy) => {
  const found: Diagnostic[] = [];
  if (policy.kind !== 'KubernetesNetworkPolicy' && policy.selector?.includes('kubernetes.io/metadata.name')) {
    found.push(problem(policy, 'namespaceLabelInPodSelector', 'warning', 'asks pods for kubernetes.io/metadata.name, a label of namespaces', 'ask in namespaceSelector'));
  }
  for (const type of policy.types) {
    rulesOf(policy, type).forEach(({ source, destination }, i) => {
      for (const service of [source?.services, destination?.services]) {
        if (service && service.namespace === undefined && policy.kind === 'NetworkPolicy') {
          found.push(problem(policy, 'serviceWithoutNamespace', 'warning', `matches Service ${service.name} without a namespace in ${type} rule ${i}, which matches nothing`, 'add services.namespace'));
        }
      }
    });
  }
  return found;
};

const CHECKS: readonly Check[] = [denyOnly, selectsHosts, allowsEverything, allowBeyondDefaultDeny, tierPrefix, serviceAddress, matchesNobody];

function rulesOf(policy: Policy, type: 'Ingress' | 'Egress'): readonly Rule[] {
  return (type === 'Ingress' ? policy.ingress : policy.egress) ?? [];
}

function isUnconditional({ action, index, annotations, ...conditions }: Rule): boolean {
  return Object.values(conditions).every((condition) => condition === undefined);
}

/** Whether a selector holds for an endpoint without namespace: whatever its labels, for some, for none. */
function couldSelectHost(selector: Selector): 'yes' | 'maybe' | 'no' {
  switch (selector.op) {
    case 'all': case 'global': return 'yes';
    case 'not': return ({ yes: 'no', maybe: 'maybe', no: 'yes' } as const)[couldSelectHost(selector.of)];
    case 'and': return weakest(selector.of.map(couldSelectHost), 'no', 'yes');
    case 'or': return weakest(selector.of.map(couldSelectHost), 'yes', 'no');
    default: return HOSTS_LACK.some((prefix) => selector.key.startsWith(prefix)) ? 'no' : 'maybe';
  }
}

const HOSTS_LACK = [LABEL.namespace, LABEL.orchestrator, LABEL.serviceAccount, LABEL.namespacePrefix, LABEL.serviceAccountPrefix];

function weakest<T extends string>(answers: readonly T[], settling: T, otherwise: T): T | 'maybe' {
  return answers.includes(settling) ? settling : answers.every((answer) => answer === otherwise) ? otherwise : 'maybe';
}

function conjuncts(selector: Selector): Set<string> {
  return selector.op === 'all' ? new Set() : selector.op === 'and' ? new Set(selector.of.flatMap((part) => [...conjuncts(part)])) : new Set([writeSelector(selector)]);
}

function opaques({ ingress = [], egress = [] }: Policy): Opaque[] {
  return [...ingress, ...egress].flatMap(({ source, destination }) => [source, destination])
    .flatMap((entity): Cidr[] => [...entity?.nets ?? [], ...entity?.notNets ?? []]).filter((cidr): cidr is Opaque => typeof cidr !== 'string');
}

function problem(policy: Policy, code: string, severity: Diagnostic['severity'], message: string, fix: string): Diagnostic {
  return { code, severity, subject: policyKey(policy), message, fix, acknowledgeable: true };
}
