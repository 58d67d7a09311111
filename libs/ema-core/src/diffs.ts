import { EmaError } from './errors.ts';
import { toFloat64 } from './float-input.ts';

/** What the derivatives need to go on with the next chunk of rows; NaN where there is nothing yet. */
export interface DiffState {
  /** Value of the latest row. */
  readonly last: number;
  /** `d1Roll` of the latest row. */
  readonly lastD1Roll: number;
  /** Value of the latest canonical row. */
  readonly lastCanonical: number;
  /** `d1` of the latest canonical row. */
  readonly lastCanonicalD1: number;
}

/** The four derivatives of a series; NaN where they are undefined. */
export interface Diffs {
  /** Canonical rows: value minus that of the previous canonical row. */
  readonly d1: Float64Array;
  /** Canonical rows: `d1` minus that of the previous canonical row. */
  readonly d2: Float64Array;
  /** Value minus that of the previous row of any kind. */
  readonly d1Roll: Float64Array;
  /** `d1Roll` minus that of the previous row. */
  readonly d2Roll: Float64Array;
  readonly carry: DiffState;
}

const NOTHING_YET: DiffState = { last: NaN, lastD1Roll: NaN, lastCanonical: NaN, lastCanonicalD1: NaN };

/**
 * First and second differences of a series, once over all its rows and once over its canonical rows only. A NaN value is not a
 * row: it gets no derivatives and the next row looks past it. `d2` is the difference of two rounded `d1`, not
 * `v − 2v' + v''`.
 * @param v values, length `len`
 * @param canonical 1 where a row is canonical (its bar closes); every row if left out
 * @param carry where an earlier chunk stopped
 * @throws EmaError `EMA_BAD_INPUT`
 * @see emas.md 1.0 "Derivatives"
 */
export function diffs(v: ArrayLike<number>, canonical?: ArrayLike<number>, carry: DiffState = NOTHING_YET): Diffs {
  const values = toFloat64(v);
  const length = values.length;
  if (canonical !== undefined && canonical.length !== length) {
    throw new EmaError('EMA_BAD_INPUT', `canonical has ${canonical.length} entries; expected ${length}`);
  }
  const d1 = new Float64Array(length).fill(NaN);
  const d2 = new Float64Array(length).fill(NaN);
  const d1Roll = new Float64Array(length).fill(NaN);
  const d2Roll = new Float64Array(length).fill(NaN);
  let { last, lastD1Roll, lastCanonical, lastCanonicalD1 } = carry;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value !== value) continue;
    const roll = value - last;
    d1Roll[i] = roll;
    d2Roll[i] = roll - lastD1Roll;
    last = value;
    lastD1Roll = roll;
    if (canonical !== undefined && canonical[i] === 0) continue;
    const step = value - lastCanonical;
    d1[i] = step;
    d2[i] = step - lastCanonicalD1;
    lastCanonical = value;
    lastCanonicalD1 = step;
  }
  return { d1, d2, d1Roll, d2Roll, carry: { last, lastD1Roll, lastCanonical, lastCanonicalD1 } };
}
