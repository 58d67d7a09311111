import type { ArrayCells } from '@ta/state-store';

/** Differences of stored values, each at the position of its value; NaN where there is none. */
export interface EmaDifferences {
  readonly d1: Float64Array;
  readonly d2: Float64Array;
  readonly d1Roll: Float64Array;
  readonly d2Roll: Float64Array;
}

/** What the next row of a series is compared with: the two rows before it, and the two rows of closed bars before it. */
export class RowsBefore {
  private rows: readonly [Float64Array, Float64Array];
  private closes: readonly [Float64Array, Float64Array];

  /** @param width number of periods of the series */
  constructor(private readonly width: number) {
    const none = new Float64Array(width).fill(NaN);
    this.rows = [none, none];
    this.closes = [none, none];
  }

  /**
   * Computes the differences of one row, then keeps the row.
   * @param out receives them at the row's place; null if they are not needed
   */
  next({ values, starts }: ArrayCells, row: number, isClose: boolean, out: EmaDifferences | null): void {
    const own = new Float64Array(this.width).fill(NaN);
    own.set(values.subarray(starts[row], Math.min(starts[row + 1], starts[row] + this.width)));
    if (out !== null) {
      const place = (differences: Float64Array) => differences.subarray(starts[row], starts[row + 1]);
      subtract(own, this.rows, place(out.d1Roll), place(out.d2Roll));
      if (isClose) subtract(own, this.closes, place(out.d1), place(out.d2));
    }
    this.rows = [own, this.rows[0]];
    if (isClose) this.closes = [own, this.closes[0]];
  }
}

/** Empty differences (NaN) for a column. */
export function differencesOf({ values }: ArrayCells): EmaDifferences {
  const none = () => new Float64Array(values.length).fill(NaN);
  return { d1: none(), d2: none(), d1Roll: none(), d2Roll: none() };
}

/** Uses the same order of operations as the views, so that the results are the same to the bit. */
function subtract(
  own: Float64Array,
  [before, earlier]: readonly [Float64Array, Float64Array],
  first: Float64Array,
  second: Float64Array,
): void {
  for (let p = 0; p < first.length; p++) {
    const step = own[p] - before[p];
    first[p] = step;
    second[p] = step - (before[p] - earlier[p]);
  }
}
