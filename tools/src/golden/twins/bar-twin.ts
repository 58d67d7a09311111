import {
  buildSnapshots,
  createSnapshotColumns,
  NO_DAY,
  openBarState,
  type DailySeries,
  type SnapshotColumns,
  type Timeframe,
} from '@ta/bars-core/engine';
import type { Cell } from '../rows.ts';

/** The snapshots that our engine makes of daily rows: one record each, by column name. */
export function barTwin(id: number, rows: DailySeries, timeframes: readonly Timeframe[]): Record<string, Cell>[] {
  return timeframes.flatMap((timeframe) => {
    const out = snapshotsOf(rows, timeframe);
    return Array.from({ length: out.length }, (_, at) => ({ id, tf: timeframe.tf, ...snapshotCells(out, at) }));
  });
}

/** All snapshots of one timeframe. */
export function snapshotsOf(rows: DailySeries, timeframe: Timeframe): SnapshotColumns {
  const out = createSnapshotColumns(rows.length);
  buildSnapshots(rows, timeframe, { state: openBarState(timeframe), from: 0, until: rows.length, out });
  return out;
}

function snapshotCells(out: SnapshotColumns, at: number): Record<string, Cell> {
  const day = (value: number) => (value === NO_DAY ? Number.NaN : value);
  return {
    tf_days: out.tfDays[at],
    bar_seq: out.barSeq[at],
    bar_anchor_offset: day(out.barAnchorOffset[at]),
    time_open: out.timeOpen[at],
    time_close: out.timeClose[at],
    time_high: out.timeHigh[at],
    time_low: out.timeLow[at],
    open: out.open[at],
    high: out.high[at],
    low: out.low[at],
    close: out.close[at],
    volume: out.volume[at],
    market_cap: out.marketCap[at],
    timestamp: out.timeClose[at],
    last_ts_half_open: out.timeClose[at] + 1,
    pos_in_bar: out.posInBar[at],
    is_partial_start: out.isPartialStart[at],
    is_partial_end: out.isPartialEnd[at],
    count_days_remaining: out.countDaysRemaining[at],
    is_missing_days: out.isMissingDays[at],
    count_days: out.countDays[at],
    count_missing_days: out.countMissingDays[at],
    count_missing_days_start: out.countMissingDaysStart[at],
    count_missing_days_end: 0,
    count_missing_days_interior: out.countMissingDaysInterior[at],
    missing_days_where: out.missingDaysWhere[at],
    first_missing_day: day(out.firstMissingDay[at]),
    last_missing_day: day(out.lastMissingDay[at]),
  };
}
