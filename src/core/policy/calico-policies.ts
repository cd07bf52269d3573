import { readRule, readSelector, RuleContext, TokenReader } from './calico-rules';
import { Fields, ManifestReader, show } from './manifest-reader';
import { DNS_LABEL, DNS_SUBDOMAIN, GLOBAL_POLICY_NAME, POLICY_NAME, readMetadata } from './names';
import { BUILT_IN_TIERS, Cidr, DEFAULT_TIER_ORDER, NetworkSet, Policy, Tier } from './policy';
import { parseSelector } from './selector';
import { parseCidr } from '../sets';

const OBJECT_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
const POLICY_FIELDS = ['tier', 'order', 'ingress', 'egress', 'selector', 'types', 'serviceAccountSelector', 'performanceHints'];
const GLOBAL_FIELDS = ['doNotTrack', 'preDNAT', 'applyOnForward', 'namespaceSelector'];
const STAGED_ACTIONS = ['Set', 'Delete', 'Learn', 'Ignore'] as const;
const LONGEST_TIER = 63;

export function readTier(reader: ManifestReader, object: unknown): Tier {
  const fields = reader.fields(object, 'object', OBJECT_FIELDS);
  const { name } = readMetadata(reader, fields.get('metadata'), undefined, DNS_LABEL, LONGEST_TIER);
  const spec = readSpec(reader, fields, ['order', 'defaultAction']);
  const order = reader.number(spec.get('order'), 'spec.order');
  const defaultAction = reader.oneOf(spec.get('defaultAction'), 'spec.defaultAction', ['Deny', 'Pass']);
  const builtIn = BUILT_IN_TIERS.find((tier) => tier.name === name);
  if (builtIn && (order ?? DEFAULT_TIER_ORDER) !== builtIn.order) {
    reader.problem('spec.order', `is ${order ?? 'missing'}: Calico's own tier ${name} has ${builtIn.order}`, `write ${builtIn.order}`);
  }
  // An absent action is Deny, for Calico's own tiers too.
  if (builtIn && (defaultAction ?? 'Deny') !== builtIn.defaultAction) {
    reader.problem('spec.defaultAction', `is ${defaultAction ?? 'absent, which means Deny'}: Calico's own tier ${name} has ${builtIn.defaultAction}`, `write ${builtIn.defaultAction}`);
  }
  return { name, ...order !== undefined && { order }, ...defaultAction && { defaultAction } };
}

export function readSpec(reader: ManifestReader, object: Fields, known: readonly string[]): Fields {
  if (object.get('spec') === undefined) reader.beyondSchema('spec', 'is missing', 'write spec: {}');
  return reader.fields(object.get('spec'), 'spec', known);
}

/** A (Staged)(Global)NetworkPolicy of Calico. `namespace`: where a namespaced one goes that names none. */
export function readCalicoPolicy(reader: ManifestReader, object: unknown, kind: string, namespace: string, tokens: TokenReader): Policy {
  const staged = kind.startsWith('Staged');
  const global = kind.endsWith('GlobalNetworkPolicy');
  const fields = reader.fields(object, 'object', OBJECT_FIELDS);
  const metadata = readMetadata(reader, fields.get('metadata'), global ? undefined : namespace, global ? GLOBAL_POLICY_NAME : POLICY_NAME);
  const spec = readSpec(reader, fields, [...POLICY_FIELDS, ...global ? GLOBAL_FIELDS : [], ...staged ? ['stagedAction'] : []]);
  const tier = reader.text(spec.get('tier'), 'spec.tier') || 'default';
  if (!DNS_SUBDOMAIN.test(tier)) reader.problem('spec.tier', `is ${show(tier)}, which is no name of a tier`, 'name the tier');
  const rules = (direction: 'Ingress' | 'Egress') => {
    const path = direction === 'Ingress' ? 'ingress' : 'egress';
    const context: RuleContext = { direction, namespaced: !global, tokens };
    const list = reader.list(spec.get(path), `spec.${path}`)?.map((rule, i) => readRule(reader, rule, `spec.${path}[${i}]`, context));
    return list?.length ? list : undefined;
  };
  const ingress = rules('Ingress');
  const egress = rules('Egress');
  const order = reader.number(spec.get('order'), 'spec.order');
  const stagedAction = reader.oneOf(spec.get('stagedAction'), 'spec.stagedAction', STAGED_ACTIONS);
  const performanceHints = readHints(reader, spec);
  const policy: Policy = {
    kind: global ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
    ...staged && { staged },
    ...!global && { namespace: metadata.namespace },
    name: metadata.name,
    tier,
    ...order !== undefined && { order },
    ...readSelectors(reader, spec),
    types: readTypes(reader, spec) ?? defaultTypes(ingress !== undefined, egress !== undefined),
    ...ingress && { ingress },
    ...egress && { egress },
    ...readHostFlags(reader, spec),
    ...performanceHints && { performanceHints },
    ...stagedAction && { stagedAction },
  };
  if (stagedAction === 'Delete') checkDeletion(reader, spec);
  else checkHostFlags(reader, policy);
  return policy;
}

/** Without rules or with ingress rules it is of type Ingress, with egress rules of type Egress. */
export function defaultTypes(ingress: boolean, egress: boolean): Policy['types'] {
  return ingress || !egress ? ['Ingress', ...egress ? ['Egress' as const] : []] : ['Egress'];
}

function readTypes(reader: ManifestReader, spec: Fields): Policy['types'] | undefined {
  const listed = reader.list(spec.get('types'), 'spec.types');
  const types = listed?.flatMap((type, i) => reader.oneOf(type ?? '', `spec.types[${i}]`, ['Ingress', 'Egress'] as const) ?? []);
  if (listed?.length === 0 && spec.get('stagedAction') !== 'Delete') reader.beyondSchema('spec.types', 'is empty', 'remove it, or name Ingress or Egress');
  if (types && new Set(types).size < types.length) reader.problem('spec.types', 'names a type twice', 'name each once');
  return types?.length ? types : undefined;
}

function readSelectors(reader: ManifestReader, spec: Fields): Pick<Policy, 'selector' | 'namespaceSelector' | 'serviceAccountSelector'> {
  const read = (field: string) => {
    const text = readSelector(reader, spec.get(field), `spec.${field}`);
    // Calico finds the text wherever it stands; parsed, it cannot hide behind blanks either.
    if (text !== undefined && (text.includes('global()') || usesGlobal(text))) {
      reader.problem(`spec.${field}`, 'uses global(), which only the namespaceSelector of a rule may', 'remove global()', 'selectorInvalid');
    }
    return text;
  };
  const [selector, namespaceSelector, serviceAccountSelector] = [read('selector'), read('namespaceSelector'), read('serviceAccountSelector')];
  return { ...selector && { selector }, ...namespaceSelector && { namespaceSelector }, ...serviceAccountSelector && { serviceAccountSelector } };
}

function usesGlobal(text: string): boolean {
  const { selector } = parseSelector(text);
  const visit = (part: typeof selector): boolean => part !== undefined && (part.op === 'global'
    || (part.op === 'not' && visit(part.of)) || ((part.op === 'and' || part.op === 'or') && part.of.some(visit)));
  return visit(selector);
}

function readHints(reader: ManifestReader, spec: Fields): string[] | undefined {
  const hints = reader.list(spec.get('performanceHints'), 'spec.performanceHints')
    ?.map((hint, i) => reader.oneOf(hint ?? '', `spec.performanceHints[${i}]`, ['AssumeNeededOnEveryNode'])).filter((hint) => hint !== undefined);
  if (hints && new Set(hints).size < hints.length) reader.problem('spec.performanceHints', 'names a hint twice', 'name it once');
  return hints?.length ? hints : undefined;
}

function readHostFlags(reader: ManifestReader, spec: Fields): Pick<Policy, 'doNotTrack' | 'preDNAT' | 'applyOnForward'> {
  const [doNotTrack, preDNAT, applyOnForward] = (['doNotTrack', 'preDNAT', 'applyOnForward'] as const).map((name) => reader.flag(spec.get(name), `spec.${name}`));
  return { ...doNotTrack && { doNotTrack }, ...preDNAT && { preDNAT }, ...applyOnForward && { applyOnForward } };
}

function checkHostFlags(reader: ManifestReader, { doNotTrack, preDNAT, applyOnForward, types, egress }: Policy): void {
  if (doNotTrack && preDNAT) reader.problem('spec.preDNAT', 'is true beside doNotTrack', 'set one of them');
  if ((doNotTrack || preDNAT) && !applyOnForward) reader.problem('spec.applyOnForward', 'is not true beside doNotTrack or preDNAT', 'set it to true');
  if (preDNAT && (egress || types.includes('Egress'))) reader.problem('spec.preDNAT', 'is true in a policy with egress', 'remove the egress part');
}

/** Zero values are absent for Calico, empty lists are not. */
function checkDeletion(reader: ManifestReader, spec: Fields): void {
  const beside = [...POLICY_FIELDS, ...GLOBAL_FIELDS].filter((field) => field !== 'tier' && ![undefined, '', false].includes(spec.get(field) as undefined));
  if (beside.length > 0) reader.problem('spec.stagedAction', `is Delete beside ${beside.join(', ')}`, 'leave only the tier');
}

/** A (Global)NetworkSet. Unlike rules it takes addresses without a prefix and host bits. */
export function readNetworkSet(reader: ManifestReader, object: unknown, kind: string, namespace: string, tokens: TokenReader): NetworkSet {
  const global = kind === 'GlobalNetworkSet';
  const fields = reader.fields(object, 'object', OBJECT_FIELDS);
  const metadata = readMetadata(reader, fields.get('metadata'), global ? undefined : namespace, DNS_SUBDOMAIN);
  if (Object.keys(metadata.labels).includes('projectcalico.org/namespace')) {
    reader.problem('metadata.labels', 'has projectcalico.org/namespace, which Calico sets itself', 'remove the label');
  }
  const spec = readSpec(reader, fields, ['nets']);
  const nets = (reader.texts(spec.get('nets'), 'spec.nets') ?? []).map((text, i): Cidr => {
    const opaque = tokens(text);
    if (!opaque && !parseCidr(text)) reader.problem(`spec.nets[${i}]`, `is ${show(text)}, which is no CIDR`, 'write address/prefix');
    return opaque ?? text;
  });
  reader.set(reader.list(spec.get('nets'), 'spec.nets'), 'spec.nets');
  return { kind: global ? 'GlobalNetworkSet' : 'NetworkSet', ...!global && { namespace: metadata.namespace }, name: metadata.name, labels: metadata.labels, nets };
}
