import { EntityRule, Policy, policyKey, PolicySet, Rule, Tier } from '../../src/core/policy';

/** A set in which one thing is missing or says more than it should. */
export interface Mutant {
  readonly name: string;
  /** Whose effect changes; absent: everybody's. */
  readonly policy?: string;
  readonly set: PolicySet;
}

type Changed<T> = readonly (readonly [string, T])[];

export function mutantsOf({ tiers, policies }: PolicySet): Mutant[] {
  return [
    ...policies.flatMap((policy, at): Mutant[] => [
      { name: `${policy.name}: deleted`, policy: policyKey(policy), set: { tiers, policies: policies.filter((_, i) => i !== at) } },
      ...changesOf(policy).map(([change, changed]) => ({ name: `${policy.name}: ${change}`, policy: policyKey(policy), set: { tiers, policies: policies.map((each, i) => i === at ? changed : each) } })),
    ]),
    ...tiers.flatMap((tier, at) => tierChanges(tier).map(([change, changed]) => ({ name: `tier ${tier.name}: ${change}`, set: { tiers: tiers.map((each, i) => i === at ? changed : each), policies } }))),
  ];
}

function tierChanges(tier: Tier): Changed<Tier> {
  return [
    [`ends with ${tier.defaultAction === 'Pass' ? 'Deny' : 'Pass'}`, { ...tier, defaultAction: tier.defaultAction === 'Pass' ? 'Deny' : 'Pass' }],
    [tier.order! > 1_000_000 ? 'before the teams' : 'after the teams', { ...tier, order: tier.order! > 1_000_000 ? 3000 : 2_000_000 }],
  ];
}

function changesOf(policy: Policy): Changed<Policy> {
  return [
    ...without(policy, ['selector', 'namespaceSelector', 'serviceAccountSelector']),
    ...shortened(policy.namespaceSelector).map(([name, namespaceSelector]): [string, Policy] => [`namespaceSelector without ${name}`, { ...policy, namespaceSelector }]),
    ...shortened(policy.serviceAccountSelector).map(([name, serviceAccountSelector]): [string, Policy] => [`serviceAccountSelector without ${name}`, { ...policy, serviceAccountSelector }]),
    ...policy.types.length > 1 ? policy.types.map((type): [string, Policy] => [`not for ${type}`, { ...policy, types: policy.types.filter((each) => each !== type), [type.toLowerCase()]: undefined }]) : [],
    ...(['ingress', 'egress'] as const).flatMap((direction) => (policy[direction] ?? []).flatMap((rule, at, rules): [string, Policy][] => [
      [`${direction} rule ${at} deleted`, { ...policy, [direction]: rules.filter((_, i) => i !== at) }],
      ...ruleChanges(rule).map(([change, changed]): [string, Policy] => [`${direction} rule ${at} ${change}`, { ...policy, [direction]: rules.map((each, i) => i === at ? changed : each) }]),
    ])),
  ];
}

function ruleChanges(rule: Rule): Changed<Rule> {
  const actions = (['Allow', 'Deny', 'Pass'] as const).filter((action) => action !== rule.action);
  const portless = (entity?: EntityRule) => entity && without1(entity, 'ports');
  return [
    ...actions.map((action): [string, Rule] => [`${rule.action} -> ${action}`, { ...rule, action }]),
    ...without(rule, ['icmp', 'ipVersion']),
    // Ports need a protocol.
    ...rule.protocol !== undefined ? [['without protocol', { ...without1(rule, 'protocol'), icmp: undefined, destination: portless(rule.destination) }] as const] : [],
    ...(['source', 'destination'] as const).flatMap((end) => rule[end]
      ? entityChanges(rule[end]).map(([change, entity]): [string, Rule] => [`${end} ${change}`, { ...rule, [end]: Object.keys(entity).length > 0 ? entity : undefined }]) : []),
  ];
}

function entityChanges(entity: EntityRule): Changed<EntityRule> {
  const lists = (['nets', 'notNets', 'ports'] as const).flatMap((field) => (entity[field] && entity[field].length > 1
    ? entity[field].map((item): [string, EntityRule] => [`${field} without ${String(item)}`, { ...entity, [field]: (entity[field] as unknown[]).filter((each) => each !== item) }]) : []));
  return [...without(entity, ['nets', 'notNets', 'selector', 'notSelector', 'namespaceSelector', 'ports', 'serviceAccounts', 'services']), ...lists];
}

function without<T extends object>(value: T, fields: readonly (keyof T)[]): Changed<T> {
  return fields.filter((field) => value[field] !== undefined).map((field) => [`without ${String(field)}`, without1(value, field)]);
}

function without1<T extends object>(value: T, field: keyof T): T {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== field)) as T;
}

/** Each set of a selector with one name less. */
function shortened(selector = ''): [string, string][] {
  const names = /\{(.*)\}/.exec(selector)?.[1].split(', ') ?? [];
  return names.length < 2 ? [] : names.map((name) => [name, selector.replace(/\{.*\}/, `{${names.filter((each) => each !== name).join(', ')}}`)]);
}
