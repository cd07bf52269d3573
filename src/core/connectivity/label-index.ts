import { Subject } from './subject';
import { LABEL, Selector } from '../policy';

interface LabelValue {
  readonly key: string;
  readonly value: string;
}

/** Label values of which whoever satisfies a selector has at least one; undefined: it demands none. */
export function demands(selector: Selector): readonly LabelValue[] | undefined {
  switch (selector.op) {
    case '==': return [{ key: selector.key, value: selector.value }];
    case 'in': return selector.values.map((value) => ({ key: selector.key, value }));
    case 'and': {
      const lists = selector.of.map(demands).filter((list) => list !== undefined);
      return lists.sort((a, b) => breadth(a) - breadth(b))[0];
    }
    case 'or': {
      const lists = selector.of.map(demands);
      return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
    }
    default: return undefined;
  }
}

/** How many endpoints a demand is likely to leave: one of an own label is narrower than one of the namespace, which is narrower than "any pod". */
function breadth(list: readonly LabelValue[]): number {
  const widest = Math.max(0, ...list.map(({ key }) => (key === LABEL.orchestrator ? 1e6 : key === LABEL.namespace || key.startsWith(LABEL.namespacePrefix) ? 1e3 : 1)));
  return widest * Math.max(1, list.length);
}

/** Numbers under label values. */
class ByLabel {
  private readonly lists = new Map<string, Map<string, number[]>>();

  add({ key, value }: LabelValue, number: number): void {
    let values = this.lists.get(key);
    if (!values) this.lists.set(key, values = new Map());
    const list = values.get(value);
    if (!list) values.set(value, [number]); else if (list[list.length - 1] !== number) list.push(number);
  }

  get keys(): Iterable<string> {
    return this.lists.keys();
  }

  find(key: string, value: string): readonly number[] {
    return this.lists.get(key)?.get(value) ?? [];
  }

  /** Whatever the value. */
  all(key: string): number[] {
    return [...this.lists.get(key)?.values() ?? []].flat();
  }
}

/** Finds the policies that may select a subject without asking each. */
export class PolicyIndex<T extends { readonly selector: Selector }> {
  private readonly byLabel = new ByLabel();
  private readonly always: number[] = [];

  constructor(private readonly policies: readonly T[]) {
    policies.forEach(({ selector }, i) => {
      const demanded = demands(selector);
      if (demanded) demanded.forEach((demand) => this.byLabel.add(demand, i)); else this.always.push(i);
    });
  }

  /** In the order of the policies. */
  candidates(subject: Subject): readonly T[] {
    if (this.policies.length === 0) return [];
    const found = new Set(this.always);
    for (const [key, value] of subject.labels) for (const i of this.byLabel.find(key, value)) found.add(i);
    for (const key of this.byLabel.keys) if (subject.isOpen(key)) this.byLabel.all(key).forEach((i) => found.add(i));
    return [...found].sort((a, b) => a - b).map((i) => this.policies[i]);
  }
}

/** Finds the subjects that a selector may select without asking each. */
export class SubjectIndex {
  private readonly byLabel = new ByLabel();
  private readonly open = new Map<string, readonly number[]>();

  constructor(private readonly subjects: readonly Subject[]) {
    subjects.forEach(({ labels }, i) => labels.forEach((value, key) => this.byLabel.add({ key, value }, i)));
  }

  /** Indices of the only subjects that can satisfy it; undefined: any can. */
  candidates(selector: Selector): readonly number[] | undefined {
    const demanded = demands(selector);
    if (!demanded) return undefined;
    const found = new Set<number>();
    for (const { key, value } of demanded) {
      this.byLabel.find(key, value).forEach((i) => found.add(i));
      this.openFor(key).forEach((i) => found.add(i));
    }
    return [...found];
  }

  private openFor(key: string): readonly number[] {
    let list = this.open.get(key);
    if (!list) this.open.set(key, list = [...this.subjects.keys()].filter((i) => this.subjects[i].isOpen(key)));
    return list;
  }
}
