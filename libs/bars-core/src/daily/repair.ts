import { greatestKnown, leastKnown } from '../known-extremes.ts';
import type { RowDay, SourceSeries } from './source-series.ts';

/** One source row after the repair rule; the object is reused for every row. */
export type RepairedRow = ReturnType<typeof createRepairedRow>;

/** Creates an empty row for {@link repairRow} to fill. */
export function createRepairedRow() {
  return {
    ts: NaN,
    timeOpen: NaN,
    timeClose: NaN,
    timeHigh: NaN,
    timeLow: NaN,
    open: NaN,
    high: NaN,
    low: NaN,
    close: NaN,
    /** The opening or closing instant was missing and was set to the first or last millisecond of the civil day. */
    repairedWindow: false,
    /** Step 1: the instant of the extreme was missing, or outside both the row's window and its civil day, and was replaced. */
    repairedTimeHigh: false,
    repairedTimeLow: false,
    /** Step 2: the price was missing or contradicted the other prices, and was replaced. */
    repairedHigh: false,
    repairedLow: false,
  };
}

/**
 * Applies the repair rule to one source row and writes the result into `row` (docs/bars.md#daily-bars).
 *
 * A missing opening (closing) instant becomes the first (last) millisecond of the civil day. Step 1 replaces the instant of an
 * extreme that is missing, or lies neither in the row's own window nor in its civil day: the instant becomes the opening or
 * closing instant, depending on whether the day rose or fell; the price stays. Step 2 makes high and low agree with open and
 * close. NaN stands for NULL and compares false, as in SQL, so a row without prices passes through and is rejected later.
 */
export function repairRow(source: SourceSeries, index: number, row: RepairedRow, civilDay: RowDay): void {
  const timeOpen = knownOr(source.timeOpen[index], civilDay.from);
  const timeClose = knownOr(source.timeClose[index], civilDay.until - 1);
  const timeHigh = source.timeHigh[index];
  const timeLow = source.timeLow[index];
  const open = source.open[index];
  const close = source.close[index];
  const high = source.high[index];
  const low = source.low[index];
  const isUnplaced = (instant: number): boolean =>
    Number.isNaN(instant) ||
    ((instant < timeOpen || instant > timeClose) && !(instant >= civilDay.from && instant < civilDay.until));

  row.ts = source.ts[index];
  row.timeOpen = timeOpen;
  row.timeClose = timeClose;
  row.repairedWindow = Number.isNaN(source.timeOpen[index]) || Number.isNaN(source.timeClose[index]);
  row.open = open;
  row.close = close;

  row.repairedTimeHigh = isUnplaced(timeHigh);
  row.timeHigh = row.repairedTimeHigh ? (close >= open ? timeClose : timeOpen) : timeHigh;
  row.repairedTimeLow = isUnplaced(timeLow);
  row.timeLow = row.repairedTimeLow ? (close <= open ? timeClose : timeOpen) : timeLow;

  // each side is compared with the source value of the other, so a high below the low is in effect swapped with it
  row.high = greatestKnown(greatestKnown(greatestKnown(high, open), close), low);
  row.low = leastKnown(leastKnown(leastKnown(low, open), close), high);
  row.repairedHigh = !isSame(row.high, high);
  row.repairedLow = !isSame(row.low, low);
}

function knownOr(instant: number, otherwise: number): number {
  return Number.isNaN(instant) ? otherwise : instant;
}

function isSame(left: number, right: number): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}
