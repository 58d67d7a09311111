import { NO_DAY, type CivilDay } from '../civil-day.ts';
import { assertAscendingDays, assertRowRange, type DailySeries } from '../daily-series.ts';
import { BarsError } from '../errors.ts';
import type { BarSlot } from '../grid/bar-grid.ts';
import { gridFor } from '../grid/grid-for.ts';
import { daysLeft, EVERY_DAY, type TradingDays } from '../trading-days.ts';
import { specOf, type Timeframe } from '../timeframe.ts';
import type { BarState, OpenBar } from './bar-state.ts';
import { guardSnapshot } from './guard.ts';
import { addMissingDays, clearMissingDays } from './missing-days.ts';
import { addToOhlcv, startOhlcv } from './ohlcv-accumulator.ts';
import type { SnapshotColumns } from './snapshot-columns.ts';

/** Which rows to push, what came before them, and where the snapshots go. */
export interface BuildSnapshotsOptions {
  /** State after all earlier rows of the asset; advanced in place, untouched when the call throws. */
  readonly state: BarState;
  /** Rows `from` until `until` of the series are pushed. */
  readonly from: number;
  readonly until: number;
  /** Snapshots are appended at its `length`, so that timeframes can share it; room for `until - from` more is needed. */
  readonly out: SnapshotColumns;
  /**
   * Trading days and close rule of the asset; by default it trades every day and bars close by the calendar. All calls on one
   * state must pass the same rules.
   */
  readonly trading?: TradingDays;
}

/**
 * Pushes daily rows of one asset through the bars of one timeframe: THE engine of all five families (docs/bars.md).
 *
 * Each row gives exactly one snapshot, the state of its bar as of that day; rows before the first full boundary of an aligned
 * timeframe give none. A snapshot depends on its own and earlier rows only, and the fold keeps everything in the state, so a
 * history gives the same bits whether it is pushed at once or in pieces. Linear in the rows pushed. The one column that looks
 * ahead is `closedAt`, the instant at which the bar was known to be closed: under the close rule `market` this may be the instant
 * of the next row.
 *
 * @throws BarsError `BARS_BAD_STATE` when the state belongs to another timeframe; `BARS_BAD_RANGE` when the rows are not in
 * the series or do not fit the buffer; `BARS_DUPLICATE_DAY` or `BARS_UNSORTED` when they do not ascend by day from the last
 * row pushed.
 * @see docs/bars.md#windows, docs/bars.md#snapshots, docs/bars.md#guard, docs/bars.md#daily-bars, docs/markets.md
 */
export function buildSnapshots(rows: DailySeries, timeframe: Timeframe, options: BuildSnapshotsOptions): void {
  const { state, from, until, out, trading = EVERY_DAY } = options;
  assertPushable(rows, timeframe, options);
  if (from === until) return;

  if (state.rowsSeen === 0) state.firstDay = rows.day[from];
  const grid = gridFor(timeframe, state.firstDay as CivilDay);
  const { rowsPerBar } = grid;
  const isRowCounted = rowsPerBar !== Infinity;
  const { bar } = state;
  let { rowsSeen, lastDay } = state;
  const closesLate = trading.closeRule === 'market' && !isRowCounted;
  let isOpen = isRowCounted || (bar.seq > 0 && daysLeft(trading, lastDay, bar.lastDay) > 0);
  for (let row = from; row < until; row++) {
    const day = rows.day[row];
    const ts = rows.ts[row];
    const isInOpenBar = bar.seq > 0 && bar.rows < rowsPerBar && day <= bar.lastDay;
    if (isInOpenBar) {
      if (day > lastDay + 1) addMissingDays(bar.missing, lastDay + 1, day - 1, trading);
    } else {
      if (closesLate && isOpen) state.closedBars++;
      const slot = grid.slotAt(day as CivilDay, rowsSeen);
      if (slot !== null) startBar(bar, slot, rows, row, trading);
      isOpen = bar.seq > 0;
    }
    rowsSeen++;
    lastDay = day;
    if (bar.seq === 0) continue; // still before the first full boundary

    bar.rows++;
    addToOhlcv(bar, rows, row);
    const daysRemaining = isRowCounted ? rowsPerBar - bar.rows : daysLeft(trading, day, bar.lastDay);
    // a bar closes once: a row on a non-trading day after the bar's last trading day does not close it again
    const isClosing = isOpen && daysRemaining === 0;
    if (isClosing) state.closedBars++;
    isOpen = isOpen && daysRemaining > 0;
    const isLast = closesLate && isOpen && row + 1 < rows.length && rows.day[row + 1] > bar.lastDay;
    const at = writeSnapshot(out, bar, rows, row);
    out.countDaysRemaining[at] = daysRemaining;
    out.isPartialEnd[at] = isClosing ? 0 : 1;
    out.closedAt[at] = isClosing ? ts : isLast ? rows.ts[row + 1] : NaN;
  }
  state.rowsSeen = rowsSeen;
  state.lastDay = lastDay;
  state.lastTs = rows.ts[until - 1];
}

/** Starts a bar with its first observed row; the trading days of its window before that row count as missing. */
function startBar(bar: OpenBar, slot: BarSlot, rows: DailySeries, row: number, trading: TradingDays): void {
  const day = rows.day[row];
  bar.seq = slot.index + 1;
  bar.rows = 0;
  bar.lastDay = slot.lastDay;
  bar.tfDays = slot.tfDays;
  bar.anchorOffsetDays = slot.anchorOffsetDays;
  bar.isPartialStart = slot.isPartialStart;
  bar.timeOpen = rows.timeOpen[row];
  startOhlcv(bar, rows.open[row]);
  clearMissingDays(bar.missing);
  if (day > slot.effectiveFirstDay) {
    addMissingDays(bar.missing, slot.effectiveFirstDay, day - 1, trading);
    bar.missing.startCount = bar.missing.count;
  }
}

/** Appends the snapshot of the bar after a row, clamped by the guard. @returns its index */
function writeSnapshot(out: SnapshotColumns, bar: OpenBar, rows: DailySeries, row: number): number {
  const { missing } = bar;
  const at = out.length++;
  out.sourceRow[at] = row;
  out.barSeq[at] = bar.seq;
  out.tfDays[at] = bar.tfDays;
  out.barAnchorOffset[at] = bar.anchorOffsetDays;
  out.timeOpen[at] = bar.timeOpen;
  out.timeClose[at] = rows.ts[row];
  out.timeHigh[at] = bar.timeHigh;
  out.timeLow[at] = bar.timeLow;
  out.open[at] = bar.open;
  out.high[at] = bar.high;
  out.low[at] = bar.low;
  out.close[at] = rows.close[row];
  out.volume[at] = bar.volume;
  out.marketCap[at] = bar.marketCap;
  out.posInBar[at] = bar.rows;
  out.countDays[at] = bar.rows;
  out.countMissingDays[at] = missing.count;
  out.countMissingDaysStart[at] = missing.startCount;
  out.countMissingDaysInterior[at] = missing.count - missing.startCount;
  out.isPartialStart[at] = bar.isPartialStart ? 1 : 0;
  out.isMissingDays[at] = missing.count > 0 ? 1 : 0;
  out.missingDaysWhere[at] = missing.text;
  out.firstMissingDay[at] = missing.firstDay;
  out.lastMissingDay[at] = missing.lastDay;
  guardSnapshot(out, at);
  return at;
}

/** Checks all arguments before the state is changed. */
function assertPushable(
  rows: DailySeries,
  timeframe: Timeframe,
  { state, from, until, out }: BuildSnapshotsOptions,
): void {
  if (specOf(state.timeframe) !== specOf(timeframe)) {
    throw new BarsError('BARS_BAD_STATE', `state belongs to ${state.timeframe.tf}, expected ${timeframe.tf}`, {
      hint: 'Open a state for this timeframe.',
      context: { stateOf: state.timeframe.tf, tf: timeframe.tf },
    });
  }
  assertRowRange(rows.length, from, until);
  const room = out.capacity - out.length;
  if (until - from > room) {
    throw new BarsError('BARS_BAD_RANGE', `${until - from} rows do not fit the ${room} free entries of the buffer`, {
      hint: 'Create a larger buffer, set its length to 0, or push the rows in pieces.',
      context: { from, until, room },
    });
  }
  const hasRows = state.rowsSeen > 0 && state.lastDay !== NO_DAY;
  assertAscendingDays(rows, from, until, hasRows ? state.lastDay : -Infinity, hasRows ? state.lastTs : -Infinity);
}
