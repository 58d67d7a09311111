import { daysLeft, type TradingDays } from '../trading-days.ts';
import type { BarState } from './bar-state.ts';

/**
 * Returns the `closedAt` that the snapshot of the state's last row gets from the row after it. Under the close rule `market` only
 * that next row may show that the bar has closed; a snapshot stored before it arrived has NaN in `closedAt`.
 *
 * @param next the row that follows, null when there is none
 * @returns epoch ms of the next row if it closes the bar, NaN if it does not or is missing; null if no later row can close the
 * bar, because it has already closed or closes only on its last calendar day
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
