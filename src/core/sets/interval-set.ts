/** Both ends belong to it. */
export type Interval<T> = readonly [T, T];

/**
 * A set of whole numbers as sorted intervals that neither overlap nor touch: one form for each set, so equality is
 * structural. `number` carries ports and IPv4 addresses, `bigint` IPv6 addresses.
 */
export class IntervalSet<T extends number | bigint> {
  /** Any intervals: overlapping, touching, unsorted; one with its ends swapped is empty. */
  static of<T extends number | bigint>(...intervals: Interval<T>[]): IntervalSet<T> {
    return new IntervalSet(normalize(intervals));
  }

  #text?: string;

  private constructor(readonly intervals: readonly Interval<T>[]) {}

  isEmpty(): boolean {
    return this.intervals.length === 0;
  }

  contains(value: T): boolean {
    const found = this.intervals[firstEndingAtOrAfter(this.intervals, value)];
    return found !== undefined && found[0] <= value;
  }

  /** Whether every element of `other` is in it. */
  covers(other: IntervalSet<T>): boolean {
    return other.intervals.every(([low, high]) => {
      const found = this.intervals[firstEndingAtOrAfter(this.intervals, low)];
      return found !== undefined && found[0] <= low && high <= found[1];
    });
  }

  /** Whether they have an element in common. */
  overlaps(other: IntervalSet<T>): boolean {
    for (let i = 0, j = 0; i < this.intervals.length && j < other.intervals.length;) {
      const [a, b] = [this.intervals[i], other.intervals[j]];
      if (a[1] < b[0]) i++; else if (b[1] < a[0]) j++; else return true;
    }
    return false;
  }

  union(other: IntervalSet<T>): IntervalSet<T> {
    if (this.isEmpty()) return other;
    if (other.isEmpty() || this === other) return this;
    return new IntervalSet(normalize([...this.intervals, ...other.intervals]));
  }

  intersect(other: IntervalSet<T>): IntervalSet<T> {
    if (this === other) return this;
    const shared: Interval<T>[] = [];
    for (let i = 0, j = 0; i < this.intervals.length && j < other.intervals.length;) {
      const [a, b] = [this.intervals[i], other.intervals[j]];
      const low = a[0] > b[0] ? a[0] : b[0];
      const high = a[1] < b[1] ? a[1] : b[1];
      if (low <= high) shared.push([low, high]);
      if (a[1] < b[1]) i++; else j++;
    }
    return new IntervalSet(shared);
  }

  subtract(other: IntervalSet<T>): IntervalSet<T> {
    const rest: Interval<T>[] = [];
    for (const [low, high] of this.intervals) {
      let start = low;
      for (let j = firstEndingAtOrAfter(other.intervals, low); j < other.intervals.length && other.intervals[j][0] <= high; j++) {
        const cut = other.intervals[j];
        if (cut[0] > start) rest.push([start, previous(cut[0])]);
        start = next(cut[1]);
      }
      if (start <= high) rest.push([start, high]);
    }
    return new IntervalSet(rest);
  }

  equals(other: IntervalSet<T>): boolean {
    return this === other || (this.intervals.length === other.intervals.length
      && this.intervals.every(([low, high], i) => low === other.intervals[i][0] && high === other.intervals[i][1]));
  }

  /** `80,443,8000-8100`; empty text for the empty set. */
  toString(): string {
    return this.#text ??= this.intervals.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(',');
  }
}

function normalize<T extends number | bigint>(intervals: readonly Interval<T>[]): Interval<T>[] {
  const sorted = intervals.filter(([low, high]) => low <= high).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const merged: Interval<T>[] = [];
  for (const interval of sorted) {
    const last = merged[merged.length - 1];
    if (last === undefined || interval[0] > next(last[1])) merged.push(interval);
    else if (interval[1] > last[1]) merged[merged.length - 1] = [last[0], interval[1]];
  }
  return merged;
}

/** Index of the only interval that can hold `value`. */
function firstEndingAtOrAfter<T extends number | bigint>(intervals: readonly Interval<T>[], value: T): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (intervals[middle][1] < value) low = middle + 1; else high = middle;
  }
  return low;
}

// TypeScript knows no arithmetic on `number | bigint`, although each value is one or the other throughout.
function next<T extends number | bigint>(value: T): T {
  return (typeof value === 'bigint' ? value + 1n : (value as number) + 1) as T;
}

function previous<T extends number | bigint>(value: T): T {
  return (typeof value === 'bigint' ? value - 1n : (value as number) - 1) as T;
}
