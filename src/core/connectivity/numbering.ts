import { ConnectionSet } from '../sets';

/** Sets of connections by number, equal ones under one number. */
export class Numbering {
  private readonly byText = new Map<string, number>();
  private readonly bySet = new Map<ConnectionSet, number>();
  private readonly sets: ConnectionSet[] = [];

  constructor() {
    // ASK has no set of its own, but a number.
    this.sets.push(ConnectionSet.NONE);
    this.of(ConnectionSet.NONE);
  }

  get size(): number {
    return this.sets.length;
  }

  of(set: ConnectionSet): number {
    const known = this.bySet.get(set);
    if (known !== undefined) return known;
    const text = set.toString();
    let number = this.byText.get(text);
    if (number === undefined) {
      this.byText.set(text, number = this.sets.length);
      this.sets.push(set);
    }
    this.bySet.set(set, number);
    return number;
  }

  set(number: number): ConnectionSet {
    return this.sets[number];
  }
}
