import type { CivilDay } from './civil-day.ts';
import { windowOf } from './grid/grid-for.ts';
import type { Timeframe } from './timeframe.ts';

/**
 * How many snapshots an asset must have in a timeframe, from the civil days of its daily rows alone (ascending, no repeats).
 *
 * One for each row, except for rows before the first full boundary of an aligned timeframe. Made for checks: it shares the
 * windows with the engine but not its fold.
 *
 * @see operations.md, check B15
 */
export function expectedSnapshots(timeframe: Timeframe, days: Int32Array): number {
  if (timeframe.kind === 'rolling' || days.length === 0) return days.length;
  const firstDay = days[0] as CivilDay;
  const dropped = days.findIndex((day) => windowOf(timeframe, firstDay, day as CivilDay) !== null);
  return dropped === -1 ? 0 : days.length - dropped;
}

/**
 * How many closed bars an asset must have in a timeframe, from the civil days of its daily rows alone (ascending, no repeats).
 *
 * A rolling bar closes with its N-th row; a calendar bar only by a row on its last day, so a bar without that row never closes.
 *
 * @see bars.md 2.2 and operations.md, check B15
 */
export function expectedClosed(timeframe: Timeframe, days: Int32Array): number {
  if (timeframe.kind === 'rolling') return Math.floor(days.length / timeframe.quantity);
  const firstDay = days[0] as CivilDay;
  let closed = 0;
  for (const day of days) {
    if (windowOf(timeframe, firstDay, day as CivilDay)?.lastDay === day) closed++;
  }
  return closed;
}
