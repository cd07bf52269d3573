import { CLOSED_TO_GATEWAYS, ExposureTable, Field, Scheme, SchemeField, VoidingField } from './dialects';
import { describeField, ExposingObject, hiddenAmong, itemsOf, valueAt } from './objects';

/** What a controller's table makes of one object. */
export interface Reading {
  /** Undefined where the object does not decide it, or says a word that the controller refuses. */
  readonly scheme?: Scheme;
  /** What decided the scheme, in words: `annotation x is 'internal'`. Undefined where nothing is said. */
  readonly schemeSaid?: string;
  /** Source ranges, which may be tokens. */
  readonly sources: readonly string[];
  /** What they stand in, or the first place where they could stand. */
  readonly sourcesField: string;
  readonly prefixLists: readonly string[];
  /** What makes the sources decide nothing, in words, with what follows from it. */
  readonly voids: readonly { readonly said: string; readonly effect: string }[];
  /** Where it stands, as it is said. */
  readonly subnets: readonly string[];
  readonly subnetsField: string;
  /** Two fields that contradict each other, in words: the first wins, and whoever wrote the second does not know. */
  readonly conflicts: readonly string[];
  /** A field that decides and is known only at deployment. Then nothing else is decided. */
  readonly hidden?: string;
}

export function readExposure(table: ExposureTable, object: ExposingObject, params?: ExposingObject): Reading {
  const at = (field: Field) => valueAt(field, object, params);
  const words = (field: Field) => describeField(field, params);
  const place = (fields: readonly Field[]) => fields.find((field) => field.at !== 'params' || params) ?? fields[0];
  const first = (fields: readonly Field[]) => fields.find((field) => itemsOf(at(field)).length > 0);
  const hidden = hiddenAmong([...table.scheme, ...table.voids], object, params);
  const none: Reading = { sources: [], sourcesField: '', prefixLists: [], voids: [], subnets: [], subnetsField: '', conflicts: [] };
  if (hidden) return { ...none, hidden };

  const decisive = table.scheme.find((field) => at(field) !== undefined);
  const sources = first(table.sources);
  const prefixLists = first(table.prefixLists);
  const subnets = first(table.subnets);
  return {
    scheme: decisive ? spelledScheme(decisive, at(decisive)) : table.schemeOtherwise,
    schemeSaid: decisive && `${words(decisive)} is '${String(at(decisive))}'`,
    sources: sources ? itemsOf(at(sources)) : [],
    sourcesField: words(sources ?? place(table.sources)),
    prefixLists: prefixLists ? itemsOf(at(prefixLists)) : [],
    voids: table.voids.filter((field) => HOLDS[field.spelled](at(field)))
      .map((field) => ({ said: `${words(field)} is '${field.spelled === 'attributes' ? describeAttributes(at(field)) : itemsOf(at(field)).join(', ')}'`, effect: field.effect })),
    subnets: subnets ? itemsOf(at(subnets)) : [],
    subnetsField: words(subnets ?? place(table.subnets)),
    conflicts: [
      ...overruled(table.scheme.filter((field) => at(field) !== undefined), (field) => String(spelledScheme(field, at(field)))),
      ...overruled(table.sources.filter((field) => itemsOf(at(field)).length > 0), (field) => [...itemsOf(at(field))].sort().join()),
    ].map(([winner, loser]) => `${words(winner)} is '${itemsOf(at(winner)).join(', ')}', and ${words(loser)} is '${itemsOf(at(loser)).join(', ')}', which nobody reads beside it`),
  };
}

/** Whether what is said switches ranges off. */
const HOLDS: Readonly<Record<VoidingField['spelled'], (value: unknown) => boolean>> = {
  list: (value) => itemsOf(value).length > 0,
  switch: (value) => isOn(value),
  // A backslash makes any character of an annotation stand for itself, so that nobody sees what is said.
  attributes: (value) => Array.isArray(value) ? value.some((each) => String(each?.key ?? '').includes(CLOSED_TO_GATEWAYS.key) && each?.value !== CLOSED_TO_GATEWAYS.value)
    : String(value ?? '').includes('\\') || String(value ?? '').split(',').some((each) => each.includes(CLOSED_TO_GATEWAYS.key) && each.trim() !== `${CLOSED_TO_GATEWAYS.key}=${CLOSED_TO_GATEWAYS.value}`),
};

const describeAttributes = (value: unknown): string => Array.isArray(value) ? value.map((each) => `${String(each?.key)}=${String(each?.value)}`).join(', ') : String(value);

/** Fields that say something else than the first of them. */
function overruled<T extends Field>([winner, ...rest]: readonly T[], meaning: (field: T) => string): [T, T][] {
  return rest.filter((field) => meaning(field) !== meaning(winner)).map((field) => [winner, field]);
}

/** Go's strconv.ParseBool, which annotations of the AWS Load Balancer Controller are read with. */
export const TRUE_WORDS = ['1', 't', 'T', 'TRUE', 'true', 'True'];
export const FALSE_WORDS = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

export const isOn = (value: unknown): boolean => TRUE_WORDS.includes(String(value));
export const isOff = (value: unknown): boolean => FALSE_WORDS.includes(String(value));

export function spelledScheme({ spelled }: SchemeField, value: unknown): Scheme | undefined {
  const text = String(value);
  switch (spelled) {
    case 'anyButFalse': return ['', 'false'].includes(text) ? 'internet-facing' : 'internal';
    case 'boolean': return TRUE_WORDS.includes(text) ? 'internal' : FALSE_WORDS.includes(text) ? 'internet-facing' : undefined;
    default: return text === 'internal' || text === 'internet-facing' ? text : undefined;
  }
}
