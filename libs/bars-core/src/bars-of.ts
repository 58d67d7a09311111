import { openBarState } from './aggregate/bar-state.ts';
import { buildSnapshots } from './aggregate/build-snapshots.ts';
import { createSnapshotColumns, type SnapshotColumns } from './aggregate/snapshot-columns.ts';
import { ONE_DAY_MS, parseCivilDay, type CivilDay } from './civil-day.ts';
import { createDailySeries, type DailySeries } from './daily-series.ts';
import { BarsError } from './errors.ts';
import { TIMEFRAME_CATALOGUE } from './timeframe-catalog.ts';
import { toTimeframe, type Timeframe, type TimeframeRow } from './timeframe.ts';
import { civilDayOfInstant, openingOfCivilDay } from './zone-day.ts';

/**
 * Days of any market, as columns of one length, ascending: missing days (weekends, holidays, gaps) are simply not there.
 * Give `date`, the civil day as `YYYY-MM-DD`, or `ts`, an instant of the day (its close, epoch ms UTC). NaN is "not known".
 */
export interface DayColumns {
  readonly date?: readonly string[];
  readonly ts?: ArrayLike<number>;
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
  readonly volume?: ArrayLike<number>;
}

/** Choices of {@link barsOf}. */
export interface BarsOfOptions {
  /** Zone whose days `ts` falls on; default `UTC`. */
  readonly zone?: string;
  /** `bars` (default): one row per bar, as of its last day there is. `snapshots`: the state of the bar after every day. */
  readonly rows?: 'bars' | 'snapshots';
}

/** Bars as columns, ascending. Instants are epoch ms UTC, flags 0 or 1, NaN is "not known". */
export interface BarColumns {
  readonly length: number;
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly barSeq: Int32Array;
  /** Days in the bar that have a row, to date. */
  readonly countDays: Int32Array;
  readonly countMissingDays: Int32Array;
  /** The history begins inside the bar (anchored timeframes only). */
  readonly isPartialStart: Uint8Array;
  /** The bar's last calendar day is not among the rows to date: it is open, or that day is missing (a weekend, say). */
  readonly isPartialEnd: Uint8Array;
  /**
   * Nothing that follows can change the row: the bar has closed, or a later bar has begun. This is known only with
   * hindsight on the last day of a bar whose closing day is missing: a study that must not look ahead knows it a day later.
   */
  readonly isFinal: Uint8Array;
}

/**
 * Weekly, monthly, yearly, anchored or n-day bars of days of any market.
 *
 * @param tf name of a timeframe of the catalogue, such as `7D`, `1W_CAL_ISO`, `1W_CAL_US`, `1M_CAL` or `1M_CAL_ANCHOR`
 * @throws BarsError `BARS_BAD_TIMEFRAME`, `BARS_BAD_RANGE` for columns of different lengths, `BARS_BAD_DATE`,
 * `BARS_BAD_ZONE`, `BARS_UNSORTED`, `BARS_DUPLICATE_DAY`
 * @example
 * ```ts
 * barsOf({ date: ['2024-01-01', '2024-01-02'], open: [1, 2], high: [3, 4], low: [1, 2], close: [2, 3] }, '1M_CAL');
 * ```
 * @see bars.md 2
 */
export function barsOf(days: DayColumns, tf: string, options: BarsOfOptions = {}): BarColumns {
  const timeframe = timeframeNamed(tf);
  const series = seriesOf(days, options.zone ?? 'UTC');
  const out = createSnapshotColumns(series.length);
  buildSnapshots(series, timeframe, { state: openBarState(timeframe), from: 0, until: series.length, out });
  const isLast = (i: number): boolean => i === out.length - 1 || out.barSeq[i + 1] !== out.barSeq[i];
  const chosen: number[] = [];
  for (let i = 0; i < out.length; i++) if (options.rows === 'snapshots' || isLast(i)) chosen.push(i);
  return pick(out, chosen, (i) => out.isPartialEnd[i] === 0 || (isLast(i) && i < out.length - 1));
}

function timeframeNamed(tf: string): Timeframe {
  const row = TIMEFRAME_CATALOGUE.find((known: TimeframeRow) => known.tf === tf);
  if (row !== undefined && tf !== '1D') return toTimeframe(row);
  throw new BarsError('BARS_BAD_TIMEFRAME', `tf is "${tf}"; expected a name of TIMEFRAME_CATALOGUE other than 1D`, {
    hint: 'Examples: 7D, 1W_CAL_ISO, 1W_CAL_US, 1M_CAL, 1M_CAL_ANCHOR.',
    context: { tf },
  });
}

function seriesOf(days: DayColumns, zone: string): DailySeries {
  const { date, ts, open, high, low, close, volume } = days;
  const { length } = close;
  if (date === undefined && ts === undefined) {
    throw new BarsError('BARS_BAD_DATE', 'Neither date nor ts is given; the days must have one of them.');
  }
  for (const [name, column] of Object.entries({ date, ts, open, high, low, volume })) {
    if (column !== undefined && column.length !== length) {
      throw new BarsError('BARS_BAD_RANGE', `${name} has ${column.length} entries, close has ${length}`);
    }
  }
  const series = createDailySeries(length);
  const dayOf = civilDayOfInstant(zone);
  const openingOf = openingOfCivilDay(zone);
  for (let i = 0; i < length; i++) {
    series.day[i] = date === undefined ? dayOf((ts as ArrayLike<number>)[i]) : parseCivilDay(date[i]);
    series.timeOpen[i] = openingOf(series.day[i] as CivilDay);
    series.ts[i] = ts === undefined ? (series.day[i] + 1) * ONE_DAY_MS - 1 : ts[i];
  }
  for (const [to, from] of [
    [series.open, open],
    [series.high, high],
    [series.low, low],
    [series.close, close],
  ] as const) {
    to.set(from);
  }
  if (volume === undefined) series.volume.fill(NaN);
  else series.volume.set(volume);
  for (const unknown of [series.marketCap, series.timeHigh, series.timeLow]) unknown.fill(NaN);
  return series;
}

function pick(from: SnapshotColumns, rows: readonly number[], isFinal: (row: number) => boolean): BarColumns {
  const doubles = (column: Float64Array): Float64Array => Float64Array.from(rows, (i) => column[i]);
  const integers = (column: Int32Array): Int32Array => Int32Array.from(rows, (i) => column[i]);
  const flags = (column: Uint8Array): Uint8Array => Uint8Array.from(rows, (i) => column[i]);
  return {
    length: rows.length,
    timeOpen: doubles(from.timeOpen),
    timeClose: doubles(from.timeClose),
    open: doubles(from.open),
    high: doubles(from.high),
    low: doubles(from.low),
    close: doubles(from.close),
    volume: doubles(from.volume),
    barSeq: integers(from.barSeq),
    countDays: integers(from.countDays),
    countMissingDays: integers(from.countMissingDays),
    isPartialStart: flags(from.isPartialStart),
    isPartialEnd: flags(from.isPartialEnd),
    isFinal: Uint8Array.from(rows, (i) => Number(isFinal(i))),
  };
}
