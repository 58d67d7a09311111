/**
 * Snapshots as columns: the state of a timeframe's bars after each daily row, ascending (docs/bars.md#snapshots).
 *
 * A buffer to append to and, with `length` set to 0, to use again: only the first `length` of `capacity` entries mean anything. NaN and `NO_DAY` are NULL, flags are
 * 0 or 1, instants are epoch ms UTC, days are civil days. Columns that follow from these are not here: `timestamp` is
 * `timeClose`, `last_ts_half_open` is `timeClose` + 1 ms, `count_missing_days_end` is 0.
 */
export interface SnapshotColumns {
  length: number;
  readonly capacity: number;
  /** Row of the {@link DailySeries} that the snapshot follows. */
  readonly sourceRow: Int32Array;
  readonly barSeq: Int32Array;
  readonly tfDays: Int32Array;
  /** `NO_DAY` outside the anchored families. */
  readonly barAnchorOffset: Int32Array;
  readonly timeOpen: Float64Array;
  readonly timeClose: Float64Array;
  /**
   * When the bar was known closed: `timeClose` where the row closes it, in a market perhaps the instant of the next row. NaN
   * where the row is not the bar's last one or that is not known yet.
   */
  readonly closedAt: Float64Array;
  readonly timeHigh: Float64Array;
  readonly timeLow: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly marketCap: Float64Array;
  readonly posInBar: Int32Array;
  readonly countDays: Int32Array;
  readonly countDaysRemaining: Int32Array;
  readonly countMissingDays: Int32Array;
  readonly countMissingDaysStart: Int32Array;
  readonly countMissingDaysInterior: Int32Array;
  readonly isPartialStart: Uint8Array;
  readonly isPartialEnd: Uint8Array;
  readonly isMissingDays: Uint8Array;
  readonly missingDaysWhere: (string | null)[];
  readonly firstMissingDay: Int32Array;
  readonly lastMissingDay: Int32Array;
  /** What the guard found before it clamped the snapshot: a sum of `GUARD_…` bits, 0 for a sound one (docs/bars.md). */
  readonly guarded: Uint8Array;
  /** High and low before the clamp; only written where `guarded` is not 0. */
  readonly originalHigh: Float64Array;
  readonly originalLow: Float64Array;
}

/** A buffer for up to `capacity` snapshots. */
export function createSnapshotColumns(capacity: number): SnapshotColumns {
  return {
    length: 0,
    capacity,
    sourceRow: new Int32Array(capacity),
    barSeq: new Int32Array(capacity),
    tfDays: new Int32Array(capacity),
    barAnchorOffset: new Int32Array(capacity),
    timeOpen: new Float64Array(capacity),
    timeClose: new Float64Array(capacity),
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
    guarded: new Uint8Array(capacity),
    originalHigh: new Float64Array(capacity),
    originalLow: new Float64Array(capacity),
  };
}
