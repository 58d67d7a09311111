import type { RejectReason } from '../../src/engine.ts';
import type { SourceRow } from '../fixtures/source-row.ts';

/** What becomes of one source row. */
export interface NaiveDaily {
  barSeq: number;
  /** The day as a number, or null for a reject. */
  day: number | null;
  reason: RejectReason | null;
  timeHigh: number | null;
  timeLow: number | null;
  high: number | null;
  low: number | null;
  repairs: [timeHigh: boolean, timeLow: boolean, high: boolean, low: boolean] | null;
  isMissingDays: boolean | null;
}

/**
 * A second implementation of docs/bars.md in UTC: SQL's three-valued logic written out over nullable rows. It shares nothing
 * with the library but types.
 */
export function naiveDaily(rows: readonly SourceRow[]): NaiveDaily[] {
  const verdicts = rows.map(verdictOf);
  const dayOf = ({ ts }: SourceRow): number => Math.floor((ts ?? 0) / 86_400_000);
  let previousDay: number | null = null;
  return verdicts.map((verdict, at) => {
    const day = dayOf(rows[at]);
    const isLater = (reason: RejectReason | null, other: number): boolean =>
      reason === null && other > at && dayOf(rows[other]) === day;
    const reason =
      verdict.reason === null && verdicts.some((later, other) => isLater(later.reason, other))
        ? 'superseded_by_later_row'
        : verdict.reason;
    if (reason !== null) return { ...verdict, reason, day: null, repairs: null, isMissingDays: null };
    const isMissingDays = previousDay !== null && day !== previousDay + 1;
    previousDay = day;
    return { ...verdict, day, isMissingDays };
  });
}

/** What the row alone says. */
function verdictOf(row: SourceRow, at: number): NaiveDaily {
  const { ts, open, close } = row;
  // the civil day of UTC stands in for what is missing
  const midnight = ts === null ? null : Math.floor(ts / 86_400_000) * 86_400_000;
  const timeOpen = row.timeOpen ?? midnight;
  const timeClose = row.timeClose ?? (midnight === null ? null : midnight + 86_399_999);
  const isInDay = (instant: number): boolean =>
    ts !== null && Math.floor(instant / 86_400_000) === Math.floor(ts / 86_400_000);
  const isTrue = (test: boolean | null): boolean => test === true;
  const highRepaired =
    row.timeHigh === null ||
    ((isTrue(less(row.timeHigh, timeOpen)) || isTrue(less(timeClose, row.timeHigh))) && !isInDay(row.timeHigh));
  const lowRepaired =
    row.timeLow === null ||
    ((isTrue(less(row.timeLow, timeOpen)) || isTrue(less(timeClose, row.timeLow))) && !isInDay(row.timeLow));
  const timeHigh = highRepaired ? (isTrue(notLess(close, open)) ? timeClose : timeOpen) : row.timeHigh;
  const timeLow = lowRepaired ? (isTrue(notLess(open, close)) ? timeClose : timeOpen) : row.timeLow;
  const high = greatest(row.high, open, close, row.low);
  const low = least(row.low, open, close, row.high);
  const barSeq = at + 1;

  let reason = reasonOf({ ...row, timeOpen, timeClose, timeHigh, timeLow, high, low });
  if (reason === null && Object.values(row).some((value) => value === Infinity || value === -Infinity)) {
    reason = 'failed_final_filter_unknown';
  }
  const repairs: NaiveDaily['repairs'] = [highRepaired, lowRepaired, high !== row.high, low !== row.low];
  return { barSeq, reason, timeHigh, timeLow, high, low, day: null, repairs, isMissingDays: null };
}

function reasonOf(row: SourceRow): RejectReason | null {
  const { ts, timeOpen, timeClose, timeHigh, timeLow, open, high, low, close } = row;
  if (ts === null) return 'null_pk';
  if (timeOpen === null || timeClose === null) return 'null_time_open_time_close';
  if (open === null || close === null) return 'null_open_close';
  if (timeOpen > timeClose) return 'time_open_gt_time_close';
  if (timeHigh === null || timeLow === null) return 'null_time_high_time_low_after_repair';
  if (high === null || low === null) return 'null_ohlc_after_repair';
  if (high < low) return 'high_lt_low_after_repair';
  if (high < Math.max(open, close, low)) return 'high_lt_greatest(open,close,low)_after_repair';
  if (low > Math.min(open, close, high)) return 'low_gt_least(open,close,high)_after_repair';
  return null;
}

const less = (left: number | null, right: number | null): boolean | null =>
  left === null || right === null ? null : left < right;

const notLess = (left: number | null, right: number | null): boolean | null =>
  left === null || right === null ? null : left >= right;

function greatest(...values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function least(...values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
