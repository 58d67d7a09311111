import { daysLeft, type TradingDays } from '../trading-days.ts';
import type { BarState } from './bar-state.ts';

/**
 * When the bar of the state's last row became known to be closed, as far as that depends on the row after it: what `closedAt` of
 * the snapshot of the last row must say once that row is there. A snapshot that was stored before then says NaN.
 *
 * @param next the row that follows, null when there is none
 * @returns epoch ms of that row, NaN when it does not close the bar; null when no row can: the bar has closed before, or only its
 * last calendar day closes it
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
