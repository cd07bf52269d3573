/** Numbers from a seed: the same run for the same seed. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to and without `below`. */
  public below(below: number): number {
    // Mulberry32.
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296 * below);
  }

  public pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** An order in which each item comes after what it waits for; any such order may come out. */
  public order(items: readonly string[], waitsFor: (item: string) => readonly string[]): string[] {
    const left = new Set(items);
    const done: string[] = [];
    while (left.size > 0) {
      const ready = [...left].filter((item) => !waitsFor(item).some((other) => left.has(other)));
      if (ready.length === 0) throw new Error(`a circle: ${[...left].join(', ')}`);
      const next = this.pick(ready);
      left.delete(next);
      done.push(next);
    }
    return done;
  }
}
