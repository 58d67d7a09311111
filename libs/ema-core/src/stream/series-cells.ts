/* oxlint-disable max-params -- the inner loops run once a row and timeframe: an object for their parameters would be an allocation each */
/** Columns of one series: value, d1, d2, d1Roll, d2Roll. */
export const COLUMNS_PER_SERIES = 5;

/** Factors of one step of a recurrence, one entry per period. */
export interface Step {
  readonly alpha: Float64Array;
  /** `1−α`. */
  readonly beta: Float64Array;
}

/**
 * The arrays of the inner loops. The columns value, d1, d2, d1Roll and d2Roll of a series are in `cells`, at distances of `size`.
 * The past that a series needs is in `numbers`, as four runs of `k` doubles: value and d1Roll of the latest row, value and d1 of
 * the latest canonical row.
 */
export interface SeriesGrid {
  readonly cells: Float64Array;
  readonly size: number;
  readonly numbers: Float64Array;
  readonly k: number;
}

/** The recurrence for the first `count` periods: `out = α·x + (1−α)·past`. */
export function blend(
  out: Float64Array,
  outAt: number,
  past: Float64Array,
  pastAt: number,
  count: number,
  x: number,
  { alpha, beta }: Step,
): void {
  for (let p = 0; p < count; p++) out[outAt + p] = alpha[p] * x + beta[p] * past[pastAt + p];
}

/** Copies a run of doubles. */
export function copyRun(out: Float64Array, outAt: number, from: Float64Array, fromAt: number, count: number): void {
  for (let p = 0; p < count; p++) out[outAt + p] = from[fromAt + p];
}

/**
 * A preview row in one pass: {@link blend} from the run `past` of `numbers`, and {@link deriveCells} of a row that is not
 * canonical.
 * @param cell first value of the row
 * @param at first run of the series in `numbers`
 * @returns whether all values are finite and within `[lo, hi]`
 */
export function previewCells(
  { cells, size, numbers, k }: SeriesGrid,
  cell: number,
  at: number,
  past: number,
  count: number,
  x: number,
  { alpha, beta }: Step,
  lo: number,
  hi: number,
): boolean {
  const atD1Roll = at + k;
  const d1 = cell + size;
  const d2 = d1 + size;
  const d1Roll = d2 + size;
  const d2Roll = d1Roll + size;
  let isSound = true;
  for (let p = 0; p < count; p++) {
    const v = alpha[p] * x + beta[p] * numbers[past + p];
    const step = v - numbers[at + p];
    if (!(v >= lo && v <= hi)) isSound = false;
    cells[cell + p] = v;
    cells[d1 + p] = NaN;
    cells[d2 + p] = NaN;
    cells[d1Roll + p] = step;
    cells[d2Roll + p] = step - numbers[atD1Roll + p];
    numbers[at + p] = v;
    numbers[atD1Roll + p] = step;
  }
  return isSound;
}

/**
 * Computes the derivatives of a row whose values are already in `cells`, and stores this row in `numbers` as the latest one, and
 * as the latest canonical one if it is canonical.
 * @param cell first value of the row
 * @param at first run of the series in `numbers`
 * @returns whether all values are finite and within `[lo, hi]`
 */
export function deriveCells(
  { cells, size, numbers, k }: SeriesGrid,
  cell: number,
  at: number,
  count: number,
  isCanonical: boolean,
  lo: number,
  hi: number,
): boolean {
  const atD1Roll = at + k;
  const atCanon = atD1Roll + k;
  const atCanonD1 = atCanon + k;
  const d1 = cell + size;
  const d2 = d1 + size;
  const d1Roll = d2 + size;
  const d2Roll = d1Roll + size;
  let isSound = true;
  for (let p = 0; p < count; p++) {
    const v = cells[cell + p];
    const step = v - numbers[at + p];
    if (!(v >= lo && v <= hi)) isSound = false;
    cells[d1Roll + p] = step;
    cells[d2Roll + p] = step - numbers[atD1Roll + p];
    numbers[at + p] = v;
    numbers[atD1Roll + p] = step;
  }
  if (isCanonical) {
    for (let p = 0; p < count; p++) {
      const v = cells[cell + p];
      const step = v - numbers[atCanon + p];
      cells[d1 + p] = step;
      cells[d2 + p] = step - numbers[atCanonD1 + p];
      numbers[atCanon + p] = v;
      numbers[atCanonD1 + p] = step;
    }
  } else {
    for (let p = 0; p < count; p++) {
      cells[d1 + p] = NaN;
      cells[d2 + p] = NaN;
    }
  }
  return isSound;
}

/** Sets `count` cells of all five columns of a series to NaN. */
export function blankCells({ cells, size }: SeriesGrid, cell: number, count: number): void {
  for (let column = 0; column < COLUMNS_PER_SERIES; column++) {
    const at = cell + column * size;
    for (let i = at; i < at + count; i++) cells[i] = NaN;
  }
}
