import { openBarState } from './aggregate/bar-state.ts';
import { buildSnapshots } from './aggregate/build-snapshots.ts';
import { createSnapshotColumns, type SnapshotColumns } from './aggregate/snapshot-columns.ts';
import { ONE_DAY_MS, parseCivilDay, type CivilDay } from './civil-day.ts';
import { createDailySeries, duplicateDay, type DailySeries } from './daily-series.ts';
import { BarsError } from './errors.ts';
import { assertMilliseconds, isBeyond } from './instant-unit.ts';
import { cellsOf, numbersOf, type NumberColumn } from './number-input.ts';
import { TIMEFRAME_CATALOGUE } from './timeframe-catalog.ts';
import { nearTimeframes, TIMEFRAMES, type BarTimeframe } from './timeframe-names.ts';
import { toTimeframe, type Timeframe } from './timeframe.ts';
import { ALL_WEEKDAYS, tradingDays, type CloseRule, type TradingDays } from './trading-days.ts';
import { civilDayOfInstant, openingOfCivilDay } from './zone-day.ts';

/**
 * Days of any market, as columns of equal length, ascending; days without data (weekends, holidays, gaps) have no row. Give
 * `date`, the civil day as `YYYY-MM-DD`, or `ts`, an instant of the day (its close, epoch ms UTC), both in the years 0001 to
 * 9999. In the other columns null, undefined and NaN are "not known"; an infinite number counts like any other.
 */
export interface DayColumns {
  readonly date?: ArrayLike<string> | Iterable<string>;
  readonly ts?: NumberColumn;
  readonly open: NumberColumn;
  readonly high: NumberColumn;
  readonly low: NumberColumn;
  readonly close: NumberColumn;
  readonly volume?: NumberColumn;
}

/** A day of the week. */
export type Weekday = 'sunday' | 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday';

/** Weeks that start on the weekday of the option `weekStart`. */
export type WeekTimeframe = `${1 | 2 | 3 | 4 | 6 | 8 | 10}W_CAL${'' | '_ANCHOR'}`;

/** When a market trades and when its bars close; by default it trades every day, and bars close on their last calendar day. */
export interface MarketOptions {
  /**
   * `calendar` (default): a bar closes with the row of its last calendar day, and never without that row. `market`: it closes
   * with its last row. That is known on the row's own day if `weekdays` and `holidays` leave no later trading day in the bar,
   * else when the next bar begins.
   */
  readonly closeRule?: CloseRule;
  /** Weekdays with trading: `Mon-Fri`, `Sun-Thu`, `Mon,Wed,Fri`; default all. */
  readonly weekdays?: string;
  /** Days without trading, `YYYY-MM-DD`. */
  readonly holidays?: Iterable<string>;
}

/** Choices of {@link barsOf}. */
export interface BarsOfOptions extends MarketOptions {
  /** Zone in which the civil day of `ts` is determined; default `UTC`. */
  readonly zone?: string;
  /**
   * `bars` (default): one row per bar, which is the closing row or, if there is none, the last row. `snapshots`: the state of the
   * bar after every day.
   */
  readonly rows?: 'bars' | 'snapshots';
  /** First day of the week, for `1W_CAL`, `2W_CAL_ANCHOR` and the like; ISO weeks start on Monday, US weeks on Sunday. */
  readonly weekStart?: Weekday;
}

/** Choices of {@link calendarDayBars}. */
export interface CalendarDayOptions extends Pick<BarsOfOptions, 'zone' | 'rows' | keyof MarketOptions> {
  /** A day on which a bar starts, `YYYY-MM-DD`; default the first day of the history. */
  readonly origin?: string;
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
  /** Trading days in the bar that have no row, to date. */
  readonly countMissingDays: Int32Array;
  /** The history begins inside the bar (anchored timeframes only). */
  readonly isPartialStart: Uint8Array;
  /**
   * 1 unless the row closed the bar on its own day; under the close rule `calendar`, unless it is the row of the bar's last day.
   */
  readonly isPartialEnd: Uint8Array;
  /**
   * The instant at which the bar was known to be closed: `timeClose`, or under the close rule `market` possibly the instant of
   * the next row. NaN if the bar is still open or another row closes it.
   */
  readonly closedAt: Float64Array;
  /**
   * 1 on the row with the final values of its bar: the row that closed it, or its last row if a later bar has begun. If the
   * closing day of a bar is missing, this is known only in hindsight, so a backtest without look-ahead may treat the row as final
   * only from the next row on.
   */
  readonly isFinal: Uint8Array;
}

/**
 * Builds weekly, monthly, yearly or anchored bars from the days of any market. `7D` and other n`D` count rows;
 * {@link calendarDayBars} counts days.
 *
 * @param tf one of {@link TIMEFRAMES}, such as `1W_CAL_ISO`, `1W_CAL_US`, `1M_CAL`, `1M_CAL_ANCHOR` or `7D`, or `1W_CAL` with
 * `weekStart`. `_CAL` begins with the first full unit and counts from there; `_CAL_ANCHOR` has one grid for all histories and a
 * partial first bar.
 * @throws BarsError `BARS_BAD_TIMEFRAME`, `BARS_BAD_RANGE` for columns of different lengths, `BARS_BAD_INPUT`, `BARS_BAD_OPTION`,
 * `BARS_BAD_DATE`, `BARS_BAD_INSTANT` (also for instants in another unit), `BARS_BAD_ZONE`, `BARS_UNSORTED`, `BARS_DUPLICATE_DAY`
 * @example
 * ```ts
 * barsOf({ date: ['2024-01-01', '2024-01-02'], open: [1, 2], high: [3, 4], low: [1, 2], close: [2, 3] }, '1M_CAL');
 * ```
 * @see docs/bars.md
 */
export function barsOf(days: DayColumns, tf: BarTimeframe | WeekTimeframe, options: BarsOfOptions = {}): BarColumns {
  assertRows(options.rows);
  const timeframe = timeframeNamed(tf, options.weekStart);
  return barsOfSeries(seriesOf(days, options.zone ?? 'UTC'), timeframe, options);
}

/**
 * Builds bars of `count` calendar days each, on a grid of days that starts with the history; a bar with missing days has fewer
 * rows.
 *
 * @param count whole number of days, at least 1
 * @throws BarsError as {@link barsOf}
 * @example
 * ```ts
 * calendarDayBars(days, 7); // as resample('7D') of pandas
 * calendarDayBars(days, 7, { origin: '2024-01-03' }); // weeks from Wednesday on
 * ```
 */
export function calendarDayBars(days: DayColumns, count: number, options: CalendarDayOptions = {}): BarColumns {
  assertRows(options.rows);
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new BarsError('BARS_BAD_TIMEFRAME', `count is ${count}; expected a whole number of days of at least 1`);
  }
  const series = seriesOf(days, options.zone ?? 'UTC');
  const origin = options.origin === undefined ? (series.length > 0 ? series.day[0] : 0) : parseCivilDay(options.origin);
  const timeframe = { ...CALENDAR_DAYS, tf: `${count} calendar days`, quantity: count, nominalDays: count, origin };
  return barsOfSeries(series, timeframe, options);
}

const CALENDAR_DAYS = {
  unit: 'D',
  minDays: null,
  maxDays: null,
  kind: 'anchored',
  scheme: null,
  sortOrder: 0,
} as const;
const WEEKDAYS: readonly Weekday[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function barsOfSeries(series: DailySeries, timeframe: Timeframe, options: BarsOfOptions): BarColumns {
  const out = createSnapshotColumns(series.length);
  const [state, trading] = [openBarState(timeframe), tradingOf(options)];
  buildSnapshots(series, timeframe, { state, from: 0, until: series.length, out, trading });
  const isLast = (i: number): boolean => i === out.length - 1 || out.barSeq[i + 1] !== out.barSeq[i];
  const closedSeqs = new Set<number>();
  const isClosed = (i: number): boolean => !Number.isNaN(out.closedAt[i]);
  for (let i = 0; i < out.length; i++) if (isClosed(i)) closedSeqs.add(out.barSeq[i]);
  const isBar = (i: number): boolean => (closedSeqs.has(out.barSeq[i]) ? isClosed(i) : isLast(i));
  const chosen: number[] = [];
  for (let i = 0; i < out.length; i++) if (options.rows === 'snapshots' || isBar(i)) chosen.push(i);
  return pick(out, chosen, (i) => isBar(i) && (isClosed(i) || i < out.length - 1));
}

function tradingOf({ closeRule = 'calendar', weekdays = ALL_WEEKDAYS, holidays = [] }: MarketOptions): TradingDays {
  if (typeof holidays !== 'object' || holidays === null) {
    throw new BarsError('BARS_BAD_OPTION', `holidays are ${JSON.stringify(holidays)}; expected a list of YYYY-MM-DD`);
  }
  return tradingDays({ closeRule, weekdays, holidays: Array.from(holidays, parseCivilDay) });
}

function assertRows(rows: unknown): void {
  if (rows === undefined || rows === 'bars' || rows === 'snapshots') return;
  throw new BarsError('BARS_BAD_OPTION', `rows is ${JSON.stringify(rows)}; expected "bars" or "snapshots"`);
}

function timeframeNamed(tf: string, weekStart: Weekday | undefined): Timeframe {
  const week = /^([1-9][0-9]*W)_CAL(_ANCHOR)?$/.exec(tf);
  if (week === null && weekStart !== undefined) {
    throw new BarsError(
      'BARS_BAD_OPTION',
      `weekStart goes with weeks such as 1W_CAL or 2W_CAL_ANCHOR, not with "${tf}"`,
      {
        context: { tf, weekStart },
      },
    );
  }
  if (week !== null) {
    const weekday = WEEKDAYS.indexOf(weekStart as Weekday);
    if (weekday < 0) {
      throw new BarsError('BARS_BAD_OPTION', `weekStart is ${JSON.stringify(weekStart)}; "${tf}" needs a weekday`, {
        hint: `One of ${WEEKDAYS.join(', ')}; or ${tf}_ISO (Monday), ${tf}_US (Sunday).`,
        context: { tf, weekStart },
      });
    }
    const row = TIMEFRAME_CATALOGUE.find((known) => known.tf === `${tf}_ISO`);
    if (row !== undefined)
      return { ...toTimeframe(row), tf: `${tf} from ${weekStart}`, scheme: null, weekStart: weekday };
  }
  const row = TIMEFRAME_CATALOGUE.find((known) => known.tf === tf);
  if (row !== undefined && tf !== '1D') return toTimeframe(row);
  throw new BarsError('BARS_BAD_TIMEFRAME', `tf is ${JSON.stringify(tf)}; expected one of TIMEFRAMES`, {
    hint: timeframeHint(tf),
    context: { tf },
  });
}

/** A hint for an unknown timeframe name: similar names, or examples. */
function timeframeHint(tf: string): string {
  const near = nearTimeframes(String(tf), TIMEFRAMES);
  if (near.length > 0) return `Did you mean ${near.join(', ')}?`;
  return 'Examples: 7D, 1W_CAL_ISO, 1W_CAL_US, 1M_CAL, 1M_CAL_ANCHOR.';
}

function seriesOf(days: DayColumns, zone: string): DailySeries {
  if (typeof days !== 'object' || days === null) {
    throw new BarsError('BARS_BAD_INPUT', `the days are ${days === null ? 'null' : typeof days}; expected columns`);
  }
  const { date, ts } = days;
  if (date === undefined && ts === undefined) {
    throw new BarsError('BARS_BAD_DATE', 'Neither date nor ts is given; the days must have one of them.');
  }
  const dates = date === undefined ? undefined : cellsOf('date', date);
  const instants = ts === undefined ? undefined : numbersOf('ts', ts);
  const [open, high, low, close] = PRICES.map((name) => numbersOf(name, days[name]));
  const volume = days.volume === undefined ? undefined : numbersOf('volume', days.volume);
  const { length } = close;
  for (const [name, column] of Object.entries({ date: dates, ts: instants, open, high, low, volume })) {
    if (column !== undefined && column.length !== length) {
      throw new BarsError('BARS_BAD_RANGE', `${name} has ${column.length} entries, close has ${length}`);
    }
  }
  if (instants !== undefined) assertMilliseconds(instants);
  const series = createDailySeries(length);
  const dayOf = civilDayOfInstant(zone);
  const openingOf = openingOfCivilDay(zone);
  for (let i = 0; i < length; i++) {
    const day = dates === undefined ? dayOf((instants as Float64Array)[i]) : dayOfDate(dates[i] as string);
    // dates alone have equal instants, too, which would count as unsorted
    if (instants === undefined && i > 0 && day === series.day[i - 1]) throw duplicateDay(day, i);
    series.day[i] = day;
    series.timeOpen[i] = openingOf(day);
    series.ts[i] = instants === undefined ? openingOf((day + 1) as CivilDay) - 1 : instants[i];
  }
  series.open.set(open);
  series.high.set(high);
  series.low.set(low);
  series.close.set(close);
  series.volume.set(volume ?? new Float64Array(length).fill(NaN));
  for (const unknown of [series.marketCap, series.timeHigh, series.timeLow]) unknown.fill(NaN);
  return series;
}

/** The civil day of a date, of the same years as instants. @throws BarsError `BARS_BAD_DATE` */
function dayOfDate(date: string): CivilDay {
  const day = parseCivilDay(date);
  if (!isBeyond(day * ONE_DAY_MS)) return day;
  throw new BarsError('BARS_BAD_DATE', `date '${date}' is outside the years 0001 to 9999`, { context: { date } });
}

const PRICES = ['open', 'high', 'low', 'close'] as const;

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
    closedAt: doubles(from.closedAt),
    isFinal: Uint8Array.from(rows, (i) => Number(isFinal(i))),
  };
}
