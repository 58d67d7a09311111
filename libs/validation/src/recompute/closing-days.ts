import { windowOf, type CivilDay, type Timeframe } from '@ta/bars-core/engine';
import type { EmaTable } from '@ta/state-store';
import type { DailyInput } from './daily-input.ts';

/**
 * The rows of `from` until `until` on which a bar of a timeframe closes, ascending, from the days alone: a rolling bar closes
 * with its N-th row, a calendar bar by a row on the last day of its window. One look at each window, not at each day.
 */
export function closingRows(timeframe: Timeframe, daily: DailyInput, from: number, until: number): number[] {
  const rows: number[] = [];
  if (timeframe.kind === 'rolling') {
    const { quantity } = timeframe;
    for (let row = (Math.floor(from / quantity) + 1) * quantity - 1; row < until; row += quantity) rows.push(row);
    return rows;
  }
  const firstDay = daily.day[0] as CivilDay;
  for (let row = from; row < until; ) {
    const window = windowOf(timeframe, firstDay, daily.day[row] as CivilDay);
    if (window === null) {
      row++;
      continue;
    }
    while (row < until && daily.day[row] < window.lastDay) row++;
    if (row < until && daily.day[row] === window.lastDay) rows.push(row++);
  }
  return rows;
}

/**
 * On which daily rows the EMAs of a table have their canonical rows. `1D` closes every day; v2 takes the bars number T, 2T, …
 * since inception (emas.md D16).
 */
export function closingRowsOf(table: EmaTable, timeframe: Timeframe, daily: DailyInput): number[] {
  if (table !== 'multi_tf_v2') return closingRows(timeframe, daily, 0, daily.length);
  const rows: number[] = [];
  for (let row = 0; row < daily.length; row++) if (daily.barSeq[row] % timeframe.quantity === 0) rows.push(row);
  return rows;
}
