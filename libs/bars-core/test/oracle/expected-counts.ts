import type { CivilDay } from '../../src/civil-day.ts';
import { windowOf } from '../../src/grid/grid-for.ts';
import type { Timeframe } from '../../src/timeframe.ts';
import { daysLeft, EVERY_DAY, type TradingDays } from '../../src/trading-days.ts';

/**
 * How many snapshots an asset must have in a timeframe, from the civil days of its daily rows alone (ascending, no repeats).
 *
 * One for each row, except for rows before the first full boundary of an aligned timeframe. Made for checks: it shares the
 * windows with the engine but not its fold.
 *
 * @see docs/operations.md#validation
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
 * A rolling bar closes with its N-th row. A calendar bar closes only by a row on its last day, so a bar without that row never
 * closes; in a market it closes when no day of trading is left, or else with the first row after it.
 *
 * @see docs/bars.md#snapshots, docs/operations.md#validation, docs/markets.md
 */
export function expectedClosed(timeframe: Timeframe, days: Int32Array, trading: TradingDays = EVERY_DAY): number {
  if (timeframe.kind === 'rolling') return Math.floor(days.length / timeframe.quantity);
  const firstDay = days[0] as CivilDay;
  const closed = new Set<number>();
  const isMarket = trading.closeRule === 'market';
  for (let row = 0; row < days.length; row++) {
    const window = windowOf(timeframe, firstDay, days[row] as CivilDay);
    if (window === null) continue;
    const isOver = isMarket && days[row + 1] > window.lastDay;
    if (isOver || daysLeft(trading, days[row], window.lastDay) === 0) closed.add(window.index);
  }
  return closed.size;
}
