import {
  daysLeft,
  firstIndexAtOrAfter,
  windowOf,
  type CivilDay,
  type Timeframe,
  type TradingDays,
} from '@ta/bars-core/engine';
import type { EmaTable } from '@ta/state-store';
import type { DailyInput } from './daily-input.ts';

/** A bar that has closed: its last row, and the row by which that is known, which may be the one after. */
export interface Closing {
  readonly row: number;
  readonly knownRow: number;
}

/**
 * The closed bars of a timeframe whose last row is one of `from` until `until`, ascending, from the days alone: a rolling bar
 * closes with its N-th row, a calendar bar with a row on the last day of its window, a bar of a market when no trading day is
 * left, or otherwise with the row after its last one. The loop steps over windows, not over days.
 */
export function closings(
  timeframe: Timeframe,
  daily: DailyInput,
  from: number,
  until: number,
  trading: TradingDays,
): Closing[] {
  const found: Closing[] = [];
  if (timeframe.kind === 'rolling') {
    const { quantity } = timeframe;
    for (let row = (Math.floor(from / quantity) + 1) * quantity - 1; row < until; row += quantity) {
      found.push({ row, knownRow: row });
    }
    return found;
  }
  const firstDay = daily.day[0] as CivilDay;
  for (let row = from; row < until;) {
    const window = windowOf(timeframe, firstDay, daily.day[row] as CivilDay);
    if (window === null) {
      row++;
      continue;
    }
    const begin = firstIndexAtOrAfter(daily.day, window.firstDay, daily.length);
    const end = firstIndexAtOrAfter(daily.day, window.lastDay + 1, daily.length);
    const closing = closingOf(daily, begin, end, window.lastDay, trading);
    if (closing !== null && closing.row >= from && closing.row < until) found.push(closing);
    row = end;
  }
  return found;
}

/** How the bar of the rows `begin` until `end` closes; null while it is open. */
function closingOf(
  daily: DailyInput,
  begin: number,
  end: number,
  lastDay: number,
  trading: TradingDays,
): Closing | null {
  for (let row = end - 1; row >= begin && daysLeft(trading, daily.day[row], lastDay) === 0; row--) {
    const isFirst = row === begin || daysLeft(trading, daily.day[row - 1], lastDay) > 0;
    if (isFirst) return { row, knownRow: row };
  }
  return trading.closeRule === 'market' && end < daily.length ? { row: end - 1, knownRow: end } : null;
}

/**
 * The closed bars that the EMAs of a table use. `1D` closes every day; v2 uses the daily bars number T, 2T, … since the first
 * day of the asset (docs/emas.md#families).
 */
export function closingsOf(table: EmaTable, timeframe: Timeframe, daily: DailyInput, trading: TradingDays): Closing[] {
  if (table !== 'multi_tf_v2') return closings(timeframe, daily, 0, daily.length, trading);
  const found: Closing[] = [];
  for (let row = 0; row < daily.length; row++) {
    if (daily.barSeq[row] % timeframe.quantity === 0) found.push({ row, knownRow: row });
  }
  return found;
}

/** Rows that are the last of a bar and known to be so on their day: the canonical rows of EMAs. */
export function canonicalRows(closed: readonly Closing[]): number[] {
  return closed.filter(({ row, knownRow }) => row === knownRow).map(({ row }) => row);
}
