import { greatestKnown, leastKnown } from '../known-extremes.ts';
import type { RepairedRow, SourceSeries } from './source-series.ts';

/** A row for {@link repairRow} to fill. */
export function createRepairedRow(): RepairedRow {
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
    repairedTimeHigh: false,
    repairedTimeLow: false,
    repairedHigh: false,
    repairedLow: false,
  };
}

/**
 * Applies the repair rule of bars.md 3.1 to one source row and writes the result into `row`.
 *
 * Step 1 replaces an extreme whose instant is missing or outside of the day: nobody can tell when it happened, so the day's
 * open and close decide price and instant. Step 2 makes high and low agree with open and close. NaN is NULL and compares
 * false, as in SQL, so a row without its window or prices passes through and is rejected later.
 */
export function repairRow(source: SourceSeries, index: number, row: RepairedRow): void {
  const timeOpen = source.timeOpen[index];
  const timeClose = source.timeClose[index];
  const timeHigh = source.timeHigh[index];
  const timeLow = source.timeLow[index];
  const open = source.open[index];
  const close = source.close[index];
  let high = source.high[index];
  let low = source.low[index];

  row.ts = source.ts[index];
  row.timeOpen = timeOpen;
  row.timeClose = timeClose;
  row.open = open;
  row.close = close;

  row.repairedTimeHigh = isUnplaced(timeHigh, timeOpen, timeClose);
  if (row.repairedTimeHigh) {
    row.timeHigh = close >= open ? timeClose : timeOpen;
    high = greatestKnown(open, close);
  } else {
    row.timeHigh = timeHigh;
  }
  row.repairedTimeLow = isUnplaced(timeLow, timeOpen, timeClose);
  if (row.repairedTimeLow) {
    row.timeLow = close <= open ? timeClose : timeOpen;
    low = leastKnown(open, close);
  } else {
    row.timeLow = timeLow;
  }

  // Each side looks at the other as step 1 left it, so a high below the low is in effect swapped.
  row.high = greatestKnown(greatestKnown(greatestKnown(high, open), close), low);
  row.low = leastKnown(leastKnown(leastKnown(low, open), close), high);
  row.repairedHigh = !isSame(row.high, high);
  row.repairedLow = !isSame(row.low, low);
}

function isUnplaced(instant: number, timeOpen: number, timeClose: number): boolean {
  return Number.isNaN(instant) || instant < timeOpen || instant > timeClose;
}

function isSame(left: number, right: number): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}
