import { formatCivilDay, type CivilDay } from './civil-day.ts';
import { BarsError } from './errors.ts';

/**
 * Daily rows of one asset as columns of equal length, ascending by close instant.
 *
 * NaN is "not known" (NULL). The same shape serves the raw source and the 1D bars.
 */
export interface DailySeries {
  readonly length: number;
  /** Close instant, epoch ms UTC, strictly ascending. */
  readonly ts: Float64Array;
  /** Civil day of the close instant in the run's zone, strictly ascending. */
  readonly day: Int32Array;
  /** Opening instant of that day, epoch ms UTC; see {@link dayOpenings}. */
  readonly timeOpen: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly marketCap: Float64Array;
  /** Instants of the day's high and low, epoch ms UTC; a NaN counts as the row's `ts`. */
  readonly timeHigh: Float64Array;
  readonly timeLow: Float64Array;
}

/** A series of a given length with all columns zeroed, for a reader to fill. */
export function createDailySeries(length: number): DailySeries {
  return {
    length,
    ts: new Float64Array(length),
    day: new Int32Array(length),
    timeOpen: new Float64Array(length),
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
    volume: new Float64Array(length),
    marketCap: new Float64Array(length),
    timeHigh: new Float64Array(length),
    timeLow: new Float64Array(length),
  };
}

/**
 * Makes sure that a range of rows ascends, follows an earlier row, and has at most one row per civil day.
 *
 * @param dayBefore civil day of the earlier row, or -Infinity
 * @param tsBefore close instant of the earlier row, or -Infinity
 * @throws BarsError `BARS_DUPLICATE_DAY` naming the day; `BARS_UNSORTED` naming the row.
 */
export function assertAscendingDays(
  series: DailySeries,
  from: number,
  until: number,
  dayBefore: number,
  tsBefore: number,
): void {
  const { day, ts } = series;
  let previousDay = dayBefore;
  let previousTs = tsBefore;
  for (let row = from; row < until; row++) {
    const rowDay = day[row];
    const rowTs = ts[row];
    if (!(rowTs > previousTs) || rowDay < previousDay) {
      throw new BarsError(
        'BARS_UNSORTED',
        `row ${row} (ts ${rowTs}) does not follow the row before it (ts ${previousTs})`,
        {
          hint: 'Give the rows in ascending order of their close instant.',
          context: { row, ts: rowTs, previousTs },
        },
      );
    }
    if (rowDay === previousDay) throw duplicateDay(rowDay as CivilDay, row);
    previousDay = rowDay;
    previousTs = rowTs;
  }
}

/** The error when a row is on the same civil day as the row before it. */
export function duplicateDay(day: CivilDay, row: number): BarsError {
  const dayText = formatCivilDay(day);
  return new BarsError('BARS_DUPLICATE_DAY', `day ${dayText} has more than one row (row ${row})`, {
    hint: 'Keep one row of each day: the 1D bars keep the latest.',
    context: { day: dayText, row },
  });
}

/** @throws BarsError `BARS_BAD_RANGE` unless `0 ≤ from ≤ until ≤ length` in whole numbers. */
export function assertRowRange(length: number, from: number, until: number): void {
  if (Number.isInteger(from) && Number.isInteger(until) && from >= 0 && from <= until && until <= length) return;
  throw new BarsError('BARS_BAD_RANGE', `rows from ${from} until ${until} are not a range of ${length} rows`, {
    context: { from, until, length },
  });
}
