import { NO_DAY, type CivilDay } from '../civil-day.ts';
import type { DailySeries } from '../daily-series.ts';
import { BarsError } from '../errors.ts';
import { isBeyond } from '../instant-unit.ts';
import { countTradingDays, EVERY_DAY, type TradingDays } from '../trading-days.ts';
import { civilDayOfInstant, openingOfCivilDay } from '../zone-day.ts';
import { createRepairedRow, repairRow, type RepairedRow } from './repair.ts';
import { rejectReason, type RejectReason } from './reject.ts';
import type { RowDay, SourceSeries } from './source-series.ts';

/**
 * 1D bars as columns, ascending; flags are 0 or 1. Prices are never NaN; volume and market cap may be (D15 in docs/golden.md).
 *
 * @see docs/bars.md#daily-bars
 */
export interface DailyBars extends DailySeries {
  /** Number of the row among all source rows of the asset, rejected ones included, from 1. */
  readonly barSeq: Float64Array;
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  /** First instant of the civil day in the zone, and first instant of the next day, epoch ms UTC. */
  readonly dayFrom: Float64Array;
  readonly dayUntil: Float64Array;
  /** 1 if at least one trading day is missing between this bar and the accepted bar before it; 0 for the first bar. */
  readonly isMissingDays: Uint8Array;
  /** 1 if the row's opening or closing instant was missing and was set to the start or end of its civil day. */
  readonly repairedWindow: Uint8Array;
  readonly repairedTimeHigh: Uint8Array;
  readonly repairedTimeLow: Uint8Array;
  readonly repairedHigh: Uint8Array;
  readonly repairedLow: Uint8Array;
  /** Row of the {@link SourceSeries} that the bar was built from; name, load time and file are read from that row. */
  readonly sourceIndex: Int32Array;
}

/** Rejected source rows as columns, ascending; values without a column here are read from the source row `sourceIndex`. */
export interface DailyRejects {
  readonly length: number;
  readonly sourceIndex: Int32Array;
  readonly reason: readonly RejectReason[];
  readonly barSeq: Float64Array;
  /**
   * Civil day of the row, and its bounds as in {@link DailyBars}; NaN if the row has no instant or one outside the years 0001 to
   * 9999.
   */
  readonly day: Float64Array;
  readonly dayFrom: Float64Array;
  readonly dayUntil: Float64Array;
  /** Values after the repair rule; NaN is NULL. */
  readonly timeHigh: Float64Array;
  readonly timeLow: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** Where a slice of source rows lies in the asset's history. */
export interface BuildDailyOptions {
  /** IANA zone in which the civil day of an instant is determined. */
  readonly zone: string;
  /** Number of source rows of the asset before this slice; `barSeq` continues from it. */
  readonly rowsBefore: number;
  /** Civil day of the last accepted bar before the slice, or null when there is none. */
  readonly previousBarDay: CivilDay | null;
  /** Trading days of the asset; every day by default. */
  readonly trading?: TradingDays;
}

/** Every source row of the slice is in exactly one of bars and rejects. */
export interface DailyBuild {
  readonly bars: DailyBars;
  readonly rejects: DailyRejects;
}

/**
 * Builds the 1D bars of one asset from a slice of its source rows, ascending by `ts`.
 *
 * Each row is repaired, then accepted or rejected with a reason. Of several acceptable rows on one civil day the latest becomes
 * the bar, and the others are rejected as `superseded_by_later_row` (docs/bars.md). Any division of a history into slices gives
 * the same bars, as long as no civil day is divided and `rowsBefore` and `previousBarDay` are passed on.
 *
 * @throws BarsError `BARS_UNSORTED` when `ts` does not ascend strictly; `BARS_BAD_ZONE` for an unknown zone.
 * @see docs/bars.md#daily-bars, docs/bars.md#source-rows
 */
export function buildDaily(source: SourceSeries, options: BuildDailyOptions): DailyBuild {
  const dayOfRow = rowDays(options.zone);
  const bars = new BarsBuilder(source.length);
  const rejects = new RejectsBuilder();
  const row = createRepairedRow();
  const laterRow = createRepairedRow();
  const { trading = EVERY_DAY } = options;
  let previousBarDay = options.previousBarDay ?? NO_DAY;

  const followsGap = (day: CivilDay): boolean =>
    previousBarDay !== NO_DAY && day - previousBarDay > 1 && countTradingDays(trading, previousBarDay + 1, day - 1) > 0;

  /** Whether a later row of the day is acceptable too. */
  const isSuperseded = (index: number, civilDay: RowDay): boolean => {
    for (let later = index + 1; later < source.length; later++) {
      if (dayOfRow(source.ts[later]).day !== civilDay.day) return false;
      repairRow(source, later, laterRow, civilDay);
      if (rejectReason(source, later, laterRow, options.rowsBefore + later + 1) === null) return true;
    }
    return false;
  };

  assertAscending(source.ts, source.length);
  for (let index = 0; index < source.length; index++) {
    const barSeq = options.rowsBefore + index + 1;
    const civilDay = dayOfRow(source.ts[index]);
    repairRow(source, index, row, civilDay);
    let reason = rejectReason(source, index, row, barSeq);
    if (reason === null) {
      const { day } = civilDay;
      if (isSuperseded(index, civilDay)) {
        reason = 'superseded_by_later_row';
      } else if (previousBarDay === NO_DAY || day > previousBarDay) {
        bars.add(row, source, index, { barSeq, civilDay, followsGap: followsGap(day) });
        previousBarDay = day;
      } else {
        reason = 'duplicate_local_day';
      }
    }
    if (reason !== null) rejects.add(row, index, barSeq, civilDay, reason);
  }
  return { bars: bars.finish(), rejects: rejects.finish() };
}

const NO_ROW_DAY: RowDay = { day: NaN as CivilDay, from: NaN, until: NaN };

/** Creates the function that returns the civil day of a row; consecutive rows of one day share one object. */
function rowDays(zone: string): (ts: number) => RowDay {
  const dayOfInstant = civilDayOfInstant(zone);
  const openingOfDay = openingOfCivilDay(zone);
  let known = NO_ROW_DAY;
  return (ts) => {
    if (Number.isNaN(ts) || isBeyond(ts)) return NO_ROW_DAY;
    const day = dayOfInstant(ts);
    if (known.day !== day) known = { day, from: openingOfDay(day), until: openingOfDay((day + 1) as CivilDay) };
    return known;
  };
}

/** Position of a bar in the asset's history. */
interface BarPlace {
  readonly barSeq: number;
  readonly civilDay: RowDay;
  /** Whether trading days are missing before the bar. */
  readonly followsGap: boolean;
}

/** Appends accepted rows to columns that are large enough for all source rows. */
class BarsBuilder {
  readonly #columns;
  #length = 0;

  constructor(capacity: number) {
    this.#columns = {
      ts: new Float64Array(capacity),
      day: new Int32Array(capacity),
      open: new Float64Array(capacity),
      high: new Float64Array(capacity),
      low: new Float64Array(capacity),
      close: new Float64Array(capacity),
      volume: new Float64Array(capacity),
      marketCap: new Float64Array(capacity),
      timeHigh: new Float64Array(capacity),
      timeLow: new Float64Array(capacity),
      barSeq: new Float64Array(capacity),
      timeOpen: new Float64Array(capacity),
      timeClose: new Float64Array(capacity),
      dayFrom: new Float64Array(capacity),
      dayUntil: new Float64Array(capacity),
      isMissingDays: new Uint8Array(capacity),
      repairedWindow: new Uint8Array(capacity),
      repairedTimeHigh: new Uint8Array(capacity),
      repairedTimeLow: new Uint8Array(capacity),
      repairedHigh: new Uint8Array(capacity),
      repairedLow: new Uint8Array(capacity),
      sourceIndex: new Int32Array(capacity),
    };
  }

  add(row: RepairedRow, source: SourceSeries, index: number, { barSeq, civilDay, followsGap }: BarPlace): void {
    const columns = this.#columns;
    const at = this.#length++;
    columns.ts[at] = row.ts;
    columns.day[at] = civilDay.day;
    columns.open[at] = row.open;
    columns.high[at] = row.high;
    columns.low[at] = row.low;
    columns.close[at] = row.close;
    columns.volume[at] = source.volume[index];
    columns.marketCap[at] = source.marketCap[index];
    columns.timeHigh[at] = row.timeHigh;
    columns.timeLow[at] = row.timeLow;
    columns.barSeq[at] = barSeq;
    columns.timeOpen[at] = row.timeOpen;
    columns.timeClose[at] = row.timeClose;
    columns.dayFrom[at] = civilDay.from;
    columns.dayUntil[at] = civilDay.until;
    columns.isMissingDays[at] = Number(followsGap);
    columns.repairedWindow[at] = Number(row.repairedWindow);
    columns.repairedTimeHigh[at] = Number(row.repairedTimeHigh);
    columns.repairedTimeLow[at] = Number(row.repairedTimeLow);
    columns.repairedHigh[at] = Number(row.repairedHigh);
    columns.repairedLow[at] = Number(row.repairedLow);
    columns.sourceIndex[at] = index;
  }

  finish(): DailyBars {
    const length = this.#length;
    const cut = Object.entries(this.#columns).map(([name, column]) => [name, column.subarray(0, length)]);
    return { length, ...(Object.fromEntries(cut) as Omit<DailyBars, 'length'>) };
  }
}

/** Rejects are rare, so they are gathered in a plain list. */
class RejectsBuilder {
  readonly #rows: (Pick<RepairedRow, 'timeHigh' | 'timeLow' | 'high' | 'low'> & {
    readonly index: number;
    readonly barSeq: number;
    readonly civilDay: RowDay;
    readonly reason: RejectReason;
  })[] = [];

  /** @param repaired is copied, because the caller reuses it for the next row */
  add(repaired: RepairedRow, index: number, barSeq: number, civilDay: RowDay, reason: RejectReason): void {
    const { timeHigh, timeLow, high, low } = repaired;
    this.#rows.push({ timeHigh, timeLow, high, low, index, barSeq, civilDay, reason });
  }

  finish(): DailyRejects {
    const rows = this.#rows;
    return {
      length: rows.length,
      sourceIndex: Int32Array.from(rows, ({ index }) => index),
      reason: rows.map(({ reason }) => reason),
      barSeq: Float64Array.from(rows, ({ barSeq }) => barSeq),
      day: Float64Array.from(rows, ({ civilDay }) => civilDay.day),
      dayFrom: Float64Array.from(rows, ({ civilDay }) => civilDay.from),
      dayUntil: Float64Array.from(rows, ({ civilDay }) => civilDay.until),
      timeHigh: Float64Array.from(rows, ({ timeHigh }) => timeHigh),
      timeLow: Float64Array.from(rows, ({ timeLow }) => timeLow),
      high: Float64Array.from(rows, ({ high }) => high),
      low: Float64Array.from(rows, ({ low }) => low),
    };
  }
}

/** Checks that `ts` ascends. Rows without an instant (NaN) are skipped, since they are rejected anyway. */
function assertAscending(ts: Float64Array, length: number): void {
  let previousTs = NaN;
  for (let row = 0; row < length; row++) {
    if (Number.isNaN(ts[row])) continue;
    if (ts[row] <= previousTs) {
      throw new BarsError('BARS_UNSORTED', `source row ${row} (ts ${ts[row]}) does not follow ts ${previousTs}`, {
        hint: 'Read the source rows ORDER BY "timestamp".',
        context: { row, ts: ts[row], previousTs },
      });
    }
    previousTs = ts[row];
  }
}
