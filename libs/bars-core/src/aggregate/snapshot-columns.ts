/**
 * Snapshots as columns: the state of a timeframe's bars after each daily row, ascending (docs/bars.md#snapshots).
 *
 * A buffer to append to; setting `length` to 0 makes it reusable. Only the first `length` of the `capacity` entries are valid.
 * NaN and `NO_DAY` are NULL, flags are 0 or 1, instants are epoch ms UTC, days are civil days. Columns that follow from these are
 * left out: `timestamp` is `timeClose`, `last_ts_half_open` is `timeClose` + 1 ms, `count_missing_days_end` is 0.
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
     * The instant at which the bar was known to be closed: `timeClose` if this row closes it; under the close rule `market`
     * possibly the instant of the next row. NaN if the bar is still open or another row closes it.
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
    /**
     * Violations that the guard found before it clamped the snapshot: a sum of `GUARD_…` bits, 0 if there were none
     * (docs/bars.md).
     */
    guarded: new Uint8Array(capacity),
    /** High and low before the clamp; only written where `guarded` is not 0. */
    originalHigh: new Float64Array(capacity),
    originalLow: new Float64Array(capacity),
  };
}
