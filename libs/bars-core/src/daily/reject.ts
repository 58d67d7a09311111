import { isBeyond } from '../instant-unit.ts';
import { greatestKnown, leastKnown } from '../known-extremes.ts';
import type { RepairedRow } from './repair.ts';
import type { SourceSeries } from './source-series.ts';

/**
 * The reasons to reject a source row, in the order in which they are tried; the first that matches wins (docs/bars.md). One
 * exception: a `timestamp` outside the years 0001 to 9999 gives `failed_final_filter_unknown` right after `null_pk`.
 *
 * Some reasons are no longer given and remain only because stored rejects may carry them: rows without volume or market cap are
 * accepted now, a missing opening or closing instant is replaced by the bounds of the civil day, and the repair rule moves every
 * extreme into the row's window or day. The last two reasons apply to rows that pass all other tests: of several such rows of one
 * civil day only the latest becomes the bar (docs/bars.md). `duplicate_local_day` is for a row whose civil day is not after that
 * of the previous bar, which happens only in the hour that a zone repeats across midnight.
 */
export const REJECT_REASONS = Object.freeze([
  'null_pk',
  'null_tf_or_bar_seq',
  'null_time_open_time_close',
  'null_open_close',
  'null_volume',
  'null_market_cap',
  'time_open_gt_time_close',
  'null_time_high_time_low_after_repair',
  'time_high_outside_window_after_repair',
  'time_low_outside_window_after_repair',
  'null_ohlc_after_repair',
  'high_lt_low_after_repair',
  'high_lt_greatest(open,close,low)_after_repair',
  'low_gt_least(open,close,high)_after_repair',
  'failed_final_filter_unknown',
  'superseded_by_later_row',
  'duplicate_local_day',
] as const);

/** One of {@link REJECT_REASONS}. */
export type RejectReason = (typeof REJECT_REASONS)[number];

/**
 * Why a source row cannot become a 1D bar; null if it can. Other rows of the same civil day are not considered here.
 *
 * A row with an infinite price, volume or market cap is rejected, even if the repair rule would hide the value; so is a row with
 * an instant outside the years 0001 to 9999, which different programs read differently (docs/source-rows.md).
 */
export function rejectReason(
  source: SourceSeries,
  index: number,
  row: RepairedRow,
  barSeq: number,
): RejectReason | null {
  const { timeOpen, timeClose, timeHigh, timeLow, open, high, low, close } = row;
  if (Number.isNaN(row.ts)) return 'null_pk';
  if (isBeyond(row.ts)) return 'failed_final_filter_unknown';
  if (Number.isNaN(barSeq)) return 'null_tf_or_bar_seq';
  if (Number.isNaN(timeOpen) || Number.isNaN(timeClose)) return 'null_time_open_time_close';
  if (Number.isNaN(open) || Number.isNaN(close)) return 'null_open_close';
  if (timeOpen > timeClose) return 'time_open_gt_time_close';
  if (Number.isNaN(timeHigh) || Number.isNaN(timeLow)) return 'null_time_high_time_low_after_repair';
  if (Number.isNaN(high) || Number.isNaN(low)) return 'null_ohlc_after_repair';
  if (high < low) return 'high_lt_low_after_repair';
  if (high < greatestKnown(greatestKnown(open, close), low)) return 'high_lt_greatest(open,close,low)_after_repair';
  if (low > leastKnown(leastKnown(open, close), high)) return 'low_gt_least(open,close,high)_after_repair';
  if (hasNoData(source, index)) return 'failed_final_filter_unknown';
  return null;
}

/**
 * The columns of `cmc_price_histories7` that have to be corrected in a rejected row, as far as the reason and the row show.
 *
 * @param index row of the source
 */
export function columnsAtFault(source: SourceSeries, index: number, reason: RejectReason): string[] {
  const isUnknown = (column: Float64Array): boolean => Number.isNaN(column[index]);
  switch (reason) {
    case 'null_open_close':
      return [...(isUnknown(source.open) ? ['open'] : []), ...(isUnknown(source.close) ? ['close'] : [])];
    case 'time_open_gt_time_close':
      return ['timeopen', 'timeclose'];
    case 'failed_final_filter_unknown':
      return columnsWithoutData(source, index);
    case 'null_ohlc_after_repair':
      return ['high', 'low'];
    default:
      return ['timestamp'];
  }
}

function hasNoData(source: SourceSeries, index: number): boolean {
  return (
    isBeyond(source.timeOpen[index]) ||
    isBeyond(source.timeClose[index]) ||
    isBeyond(source.timeHigh[index]) ||
    isBeyond(source.timeLow[index]) ||
    isBeyond(source.loadTs[index]) ||
    isInfinite(source.open[index]) ||
    isInfinite(source.high[index]) ||
    isInfinite(source.low[index]) ||
    isInfinite(source.close[index]) ||
    isInfinite(source.volume[index]) ||
    isInfinite(source.marketCap[index])
  );
}

function columnsWithoutData(source: SourceSeries, index: number): string[] {
  const { ts, timeOpen, timeClose, timeHigh, timeLow, loadTs } = source;
  const { open, high, low, close, volume, marketCap } = source;
  const instants = { timestamp: ts, timeopen: timeOpen, timeclose: timeClose, timehigh: timeHigh, timelow: timeLow };
  const numbers = { open, high, low, close, volume, marketcap: marketCap };
  const named = (columns: Readonly<Record<string, Float64Array>>, isBad: (value: number) => boolean): string[] =>
    Object.keys(columns).filter((name) => isBad(columns[name][index]));
  return [...named({ ...instants, load_ts: loadTs }, isBeyond), ...named(numbers, isInfinite)];
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}
