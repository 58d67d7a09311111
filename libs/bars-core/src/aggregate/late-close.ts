import { daysLeft, type TradingDays } from '../trading-days.ts';
import type { BarState } from './bar-state.ts';

/**
 * Returns the `closedAt` that the snapshot of the state's last row gets from the row after it. Under the close rule `market` a
 * bar whose last trading days have no rows is known to be closed only when the row after them arrives; until then the snapshot
 * has NaN in `closedAt`.
 *
 * @param next the row that follows, null when there is none
 * @returns epoch ms of the next row if it lies after the bar, which is therefore closed; NaN if it lies in the bar or is missing;
 * null if the next row does not matter: the bar has already closed, or only a row of its own can close it (close rule `calendar`,
 * rolling timeframes), or the last row is in no bar
 * @see docs/markets.md
 */
export function closedByNextRow(
  { timeframe, bar, lastDay }: BarState,
  trading: TradingDays,
  next: { readonly day: number; readonly ts: number } | null,
): number | null {
  if (trading.closeRule === 'calendar' || timeframe.kind === 'rolling' || bar.seq === 0) return null;
  if (daysLeft(trading, lastDay, bar.lastDay) === 0) return null;
  return next !== null && next.day > bar.lastDay ? next.ts : NaN;
}
