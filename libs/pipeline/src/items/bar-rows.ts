import {
  buildSnapshots,
  createSnapshotColumns,
  type BarState,
  type DailySeries,
  type SnapshotColumns,
  type TradingDays,
} from '@ta/bars-core/engine';
import {
  slimColumns,
  type BarLane,
  type BarReject,
  type BarTail,
  type LaneSnapshots,
  type SelectedRows,
} from '@ta/state-store';
import type { RowCounts } from '../run-report.ts';

/** A timeframe whose snapshots are to be built: its state already includes every row before `emitFrom`. */
export interface OpenLane extends BarLane {
  readonly state: BarState;
  /** First row of the daily series whose snapshot is written. */
  readonly emitFrom: number;
}

/** The inputs of the bars of an asset: its daily rows, and its trading rules. */
export interface BarInputs {
  readonly id: number;
  readonly rows: DailySeries;
  readonly trading: TradingDays;
}

/** Daily rows that are processed before they are encoded; limits the memory for histories of any length. */
const CHUNK_DAYS = 256;

/**
 * Folds the lanes over the daily rows and yields the snapshots as slim rows in key order: by day, then by series. States are
 * advanced in place.
 *
 * @param counts gets the rows written and the gaps among them
 * @param onGuard called with every clamped snapshot (docs/bars.md#guard)
 */
export function* barChunks(
  { id, rows, trading }: BarInputs,
  lanesInAnyOrder: readonly OpenLane[],
  counts: RowCounts,
  onGuard: (hit: BarReject) => void,
): Generator<SelectedRows> {
  const lanes = [...lanesInAnyOrder].sort((a, b) => a.series.series - b.series.series);
  const first = Math.min(...lanes.map((lane) => lane.emitFrom));
  const chunk = Math.min(CHUNK_DAYS, rows.length - first);
  const out = createSnapshotColumns(chunk * lanes.length);
  const laneOf = new Uint16Array(out.capacity);
  const order = new Int32Array(out.capacity);

  for (let from = first; from < rows.length; from += chunk) {
    const until = Math.min(from + chunk, rows.length);
    out.length = 0;
    lanes.forEach((lane, index) => {
      const before = out.length;
      const start = Math.max(from, lane.emitFrom);
      if (start < until) {
        buildSnapshots(rows, lane.timeframe, { state: lane.state, from: start, until, out, trading });
      }
      laneOf.fill(index, before, out.length);
    });
    orderByDay(out, from, until - from, order);
    const select = order.subarray(0, out.length);
    countSnapshots(out, select, counts);
    reportGuards({ lanes, out, laneOf }, onGuard);
    yield { data: slimColumns(id, { lanes, out, laneOf }), rows: out.length, select };
  }
}

/** Stable counting sort of the chunk's snapshots by their daily row. */
function orderByDay(out: SnapshotColumns, firstRow: number, days: number, order: Int32Array): void {
  const next = new Int32Array(days + 1);
  for (let i = 0; i < out.length; i++) next[out.sourceRow[i] - firstRow + 1]++;
  for (let day = 0; day < days; day++) next[day + 1] += next[day];
  for (let i = 0; i < out.length; i++) order[next[out.sourceRow[i] - firstRow]++] = i;
}

/** A timeframe with stored rows, which may differ from `emitFrom` on. All row numbers refer to the daily series. */
export interface StoredLane extends OpenLane {
  /** First row after the last one that changed; the number of rows if that is unknown. */
  readonly unchangedFrom: number;
  /** Newest stored row, epoch ms. */
  readonly storedTs: number;
}

/** Snapshots that are compared at a time (at least those of one timeframe); limits the memory for histories of any length. */
const COMPARED_ROWS = 16_384;

/**
 * Folds lanes that have the same `emitFrom` over the daily rows and yields their snapshots, a few lanes at a time; each yield
 * reuses the arrays of the one before. States are advanced in place.
 *
 * @param onGuard called with every clamped snapshot (docs/bars.md#guard)
 */
export function* barTails(
  { rows, trading }: BarInputs,
  lanes: readonly StoredLane[],
  onGuard: (hit: BarReject) => void,
): Generator<LaneSnapshots<BarTail>> {
  const days = rows.length - Math.min(...lanes.map((lane) => lane.emitFrom));
  const lanesAtOnce = Math.max(1, Math.floor(COMPARED_ROWS / Math.max(1, days)));
  const out = createSnapshotColumns(days * Math.min(lanesAtOnce, lanes.length));
  const laneOf = new Uint16Array(out.capacity);
  for (let first = 0; first < lanes.length; first += lanesAtOnce) {
    out.length = 0;
    const tails = lanes.slice(first, first + lanesAtOnce).map((lane, index): BarTail => {
      const { timeframe, series, state, emitFrom, storedTs } = lane;
      const start = out.length;
      buildSnapshots(rows, timeframe, { state, from: emitFrom, until: rows.length, out, trading });
      laneOf.fill(index, start, out.length);
      return { timeframe, series, start, storedTs, sameFromTs: sameFrom(lane, out, start) };
    });
    reportGuards({ lanes: tails, out, laneOf }, onGuard);
    yield { lanes: tails, out, laneOf };
  }
}

/**
 * First instant (epoch ms) from which on the stored snapshots of a timeframe equal those just built. This is the start of the
 * first bar after the last changed row, because no later bar contains a changed row.
 *
 * @param start index of the lane's first snapshot; its snapshots are the last ones in `out`
 * @returns +∞ if there is none
 */
function sameFrom({ unchangedFrom, storedTs }: StoredLane, out: SnapshotColumns, start: number): number {
  for (let at = start; at < out.length; at++) {
    const ts = out.timeClose[at];
    if (out.sourceRow[at] > unchangedFrom && ts <= storedTs && out.posInBar[at] === 1) return ts;
  }
  return Number.POSITIVE_INFINITY;
}

/** Counts the snapshots that are written. */
export function countSnapshots(out: SnapshotColumns, written: Int32Array, counts: RowCounts): void {
  counts.written += written.length;
  for (const i of written) counts.gaps += out.isMissingDays[i];
}

/** Reports the snapshots that were clamped. */
function reportGuards({ lanes, out, laneOf }: LaneSnapshots, onGuard: (hit: BarReject) => void): void {
  for (let i = 0; i < out.length; i++) {
    const violations = out.guarded[i];
    if (violations === 0) continue;
    onGuard({
      tf: lanes[laneOf[i]].timeframe.tf,
      barSeq: out.barSeq[i],
      ts: out.timeClose[i],
      violations,
      open: out.open[i],
      high: out.originalHigh[i],
      low: out.originalLow[i],
      close: out.close[i],
    });
  }
}
