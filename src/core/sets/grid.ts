import { IntervalSet } from './interval-set';

type Numbers = IntervalSet<number>;

interface Row {
  readonly first: Numbers;
  readonly second: Numbers;
}

/**
 * A set of pairs of numbers: source and destination port, ICMP type and code. Rows have no `first` in common and all
 * differ in `second`, in the order of their smallest `first`: one form for each set.
 */
export class Grid {
  static readonly EMPTY = new Grid([]);

  static of(first: Numbers, second: Numbers): Grid {
    return first.isEmpty() || second.isEmpty() ? Grid.EMPTY : new Grid([{ first, second }]);
  }

  private constructor(readonly rows: readonly Row[]) {}

  isEmpty(): boolean {
    return this.rows.length === 0;
  }

  contains(first: number, second: number): boolean {
    return this.rows.some((row) => row.first.contains(first) && row.second.contains(second));
  }

  overlaps(other: Grid): boolean {
    return this.rows.some((a) => other.rows.some((b) => a.first.overlaps(b.first) && a.second.overlaps(b.second)));
  }

  union(other: Grid): Grid {
    if (this.isEmpty() || this === other) return other;
    if (other.isEmpty()) return this;
    return this.combine(other, (mine, theirs) => mine.union(theirs), true);
  }

  intersect(other: Grid): Grid {
    if (this.isEmpty() || this === other) return this;
    if (other.isEmpty()) return other;
    if (other.isAround(this)) return this;
    if (this.isAround(other)) return other;
    const rows: Row[] = [];
    for (const a of this.rows) for (const b of other.rows) rows.push({ first: a.first.intersect(b.first), second: a.second.intersect(b.second) });
    return normalize(rows);
  }

  subtract(other: Grid): Grid {
    if (this.isEmpty() || other.isEmpty()) return this;
    if (this === other || other.isAround(this)) return Grid.EMPTY;
    if (!this.overlaps(other)) return this;
    return this.combine(other, (mine, theirs) => mine.subtract(theirs), false);
  }

  /** Whether its one row holds every row of the other; most grids are one row. */
  private isAround({ rows }: Grid): boolean {
    const [own] = this.rows;
    return this.rows.length === 1 && rows.every((row) => own.first.covers(row.first) && own.second.covers(row.second));
  }

  equals(other: Grid): boolean {
    return this === other || (this.rows.length === other.rows.length
      && this.rows.every((row, i) => row.first.equals(other.rows[i].first) && row.second.equals(other.rows[i].second)));
  }

  private combine(other: Grid, both: (mine: Numbers, theirs: Numbers) => Numbers, keepTheirs: boolean): Grid {
    const rows: Row[] = [];
    for (const mine of this.rows) {
      let alone = mine.first;
      for (const theirs of other.rows) {
        const shared = mine.first.intersect(theirs.first);
        if (shared.isEmpty()) continue;
        rows.push({ first: shared, second: both(mine.second, theirs.second) });
        alone = alone.subtract(shared);
      }
      rows.push({ first: alone, second: mine.second });
    }
    if (keepTheirs) {
      for (const theirs of other.rows) rows.push({ first: this.rows.reduce((rest, mine) => rest.subtract(mine.first), theirs.first), second: theirs.second });
    }
    return normalize(rows);
  }

  /** @internal Rows whose `first` are already apart. */
  static fromDisjoint(rows: Row[]): Grid {
    return rows.length === 0 ? Grid.EMPTY : new Grid(rows);
  }
}

function normalize(rows: readonly Row[]): Grid {
  const merged: Row[] = [];
  for (const row of rows) {
    if (row.first.isEmpty() || row.second.isEmpty()) continue;
    const same = merged.findIndex((other) => other.second.equals(row.second));
    if (same < 0) merged.push(row);
    else merged[same] = { first: merged[same].first.union(row.first), second: row.second };
  }
  return Grid.fromDisjoint(merged.sort((a, b) => a.first.intervals[0][0] - b.first.intervals[0][0]));
}
