import { windowOf, type CivilDay, type Timeframe } from '@ta/bars-core';
import type { EmaTable } from '@ta/state-store';
import type { DailyInput } from './daily-input.ts';

/**
 * On which daily rows a bar of a timeframe closes, from the days alone: 1 on those, 0 elsewhere. `1D` closes every day; v2
 * takes the bars number T, 2T, … since inception (emas.md D16).
 */
export function closingDays(table: EmaTable, timeframe: Timeframe, daily: DailyInput): Uint8Array {
  const closed = new Uint8Array(daily.length);
  if (table === 'multi_tf_v2') {
    for (let row = 0; row < daily.length; row++) closed[row] = daily.barSeq[row] % timeframe.quantity === 0 ? 1 : 0;
  } else if (timeframe.kind === 'rolling') {
    for (let row = timeframe.quantity - 1; row < daily.length; row += timeframe.quantity) closed[row] = 1;
  } else {
    const firstDay = daily.day[0] as CivilDay;
    for (let row = 0; row < daily.length; row++) {
      const day = daily.day[row];
      closed[row] = windowOf(timeframe, firstDay, day as CivilDay)?.lastDay === day ? 1 : 0;
    }
  }
  return closed;
}
