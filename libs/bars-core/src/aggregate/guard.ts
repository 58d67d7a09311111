import { greatestKnown, leastKnown } from '../known-extremes.ts';
import type { SnapshotColumns } from './snapshot-columns.ts';

/** Violation `high_lt_low`: the high was below the low. */
export const GUARD_HIGH_LT_LOW = 1;
/** Violation `high_lt_oc_max`: the high was below open or close. */
export const GUARD_HIGH_LT_OC_MAX = 2;
/** Violation `low_gt_oc_min`: the low was above open or close. */
export const GUARD_LOW_GT_OC_MIN = 4;
/** A high or low that was not known was filled from open and close. */
export const GUARD_UNKNOWN_FILLED = 16;

/**
 * Checks one written snapshot and clamps it where its prices contradict each other (docs/bars.md#guard).
 *
 * A high that is unknown or below open or close is replaced by the higher of the two, with its instant; a low that is unknown or
 * above open or close by the lower of the two. Instants of extremes are not checked, since when an extreme happened says nothing
 * about its price (docs/bars.md).
 *
 * The violation bits describe the values before the clamp and are left out when a price is unknown. Only the snapshot is clamped:
 * the running extremes of the bar stay as the rows gave them. If open and close are both unknown, nothing is clamped. If they are
 * equal, a replaced high is placed at `time_close` and a replaced low at `time_open`; for the low this intentionally differs from
 * the 1D rule.
 */
export function guardSnapshot(out: SnapshotColumns, at: number): void {
  const high = out.high[at];
  const low = out.low[at];
  const open = out.open[at];
  const close = out.close[at];
  out.guarded[at] = 0;
  if (high >= open && high >= close && low <= open && low <= close) return;

  const timeOpen = out.timeOpen[at];
  const timeClose = out.timeClose[at];
  const ocMax = greatestKnown(open, close);
  const ocMin = leastKnown(open, close);
  let mask = 0;
  if (!Number.isNaN(high) && !Number.isNaN(low) && !Number.isNaN(open) && !Number.isNaN(close)) {
    if (high < low) mask |= GUARD_HIGH_LT_LOW;
    if (high < ocMax) mask |= GUARD_HIGH_LT_OC_MAX;
    if (low > ocMin) mask |= GUARD_LOW_GT_OC_MIN;
  }
  if (!Number.isNaN(ocMax)) {
    if (Number.isNaN(high) || Number.isNaN(low)) mask |= GUARD_UNKNOWN_FILLED;
    if (Number.isNaN(high) || high < ocMax) {
      out.high[at] = ocMax;
      out.timeHigh[at] = close >= open ? timeClose : timeOpen;
    }
    if (Number.isNaN(low) || low > ocMin) {
      out.low[at] = ocMin;
      out.timeLow[at] = open <= close ? timeOpen : timeClose;
    }
  }
  out.guarded[at] = mask;
  out.originalHigh[at] = high;
  out.originalLow[at] = low;
}
