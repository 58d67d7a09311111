/**
 * Snapshots as columns: the state of a timeframe's bars after each daily row, ascending (docs/bars.md#snapshots).
 *
 * A buffer to append to and, with `length` set to 0, to use again: only the first `length` of `capacity` entries mean anything. NaN and `NO_DAY` are NULL, flags are
 * 0 or 1, instants are epoch ms UTC, days are civil days. Columns that follow from these are not here: `timestamp` is
 * `timeClose`, `last_ts_half_open` is `timeClose` + 1 ms, `count_missing_days_end` is 0.
 */
export type SnapshotColumns = ReturnType<typeof createSnapshotColumns>;

/** A buffer for up to `capacity` snapshots. */
export function createSnapshotColumns(capacity: number) {
  return {
    length: 0,
    capacity,
    /** Row of the {@link DailySeries} that the snapshot follows. */
    sourceRow: new Int32Array(capacity),
    barSeq: new Int32Array(capacity),
    tfDays: new Int32Array(capacity),
    /** `NO_DAY` outside the anchored families. */
    barAnchorOffset: new Int32Array(capacity),
    timeOpen: new Float64Array(capacity),
    timeClose: new Float64Array(capacity),
    /**
     * When the bar was known closed: `timeClose` where the row closes it, in a market perhaps the instant of the next row. NaN
     * where the row is not the bar's last one or that is not known yet.
     */
    closedAt: new Float64Array(capacity),
    timeHigh: new Float64Array(capacity),
    timeLow: new Float64Array(capacity),
    open: new Float64Array(capacity),
    high: new Float64Array(capacity),
    low: new Float64Array(capacity),
    close: new Float64Array(capacity),
    volume: new Float64Array(capacity),
    marketCap: new Float64Array(capacity),
    posInBar: new Int32Array(capacity),
    countDays: new Int32Array(capacity),
    countDaysRemaining: new Int32Array(capacity),
    countMissingDays: new Int32Array(capacity),
    countMissingDaysStart: new Int32Array(capacity),
    countMissingDaysInterior: new Int32Array(capacity),
    isPartialStart: new Uint8Array(capacity),
    isPartialEnd: new Uint8Array(capacity),
    isMissingDays: new Uint8Array(capacity),
    missingDaysWhere: new Array<string | null>(capacity).fill(null),
    firstMissingDay: new Int32Array(capacity),
    lastMissingDay: new Int32Array(capacity),
    /** What the guard found before it clamped the snapshot: a sum of `GUARD_…` bits, 0 for a sound one (docs/bars.md). */
    guarded: new Uint8Array(capacity),
    /** High and low before the clamp; only written where `guarded` is not 0. */
    originalHigh: new Float64Array(capacity),
    originalLow: new Float64Array(capacity),
  };
}
