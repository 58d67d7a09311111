import {
  buildSnapshots,
  createSnapshotColumns,
  NO_DAY,
  type BarState,
  type DailySeries,
  type SnapshotColumns,
  type Timeframe,
  type TradingDays,
} from '@ta/bars-core/engine';
import { createCopyEncoder, inLayoutOrder, type CopyLayout, type FieldData } from '@ta/state-store';
import type { RowCounts } from '../run-report.ts';

/** A timeframe about to emit: its state is already past every row before `emitFrom`. */
export interface BarLane {
  readonly timeframe: Timeframe;
  readonly state: BarState;
  /** First row of the daily series whose snapshot is written. */
  readonly emitFrom: number;
}

/** A violation that the multi-day guard found (docs/bars.md#guard). */
export interface GuardHit {
  readonly tf: string;
  readonly barSeq: number;
  readonly ts: number;
  readonly violations: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Rows of the daily series folded between two encodings; bounds memory whatever the history. */
const CHUNK_DAYS = 256;

/**
 * Folds the lanes over the daily rows and yields the snapshots as COPY tuples in key order: by day, then by timeframe
 * label (bytewise). Lanes must come in that label order. States are advanced in place.
 *
 * @param trading how the asset trades
 * @param counts gets the rows written and the gaps among them
 * @param onGuard called with every clamped snapshot
 */
export function* barTuples(
  id: number,
  rows: DailySeries,
  trading: TradingDays,
  lanes: readonly BarLane[],
  layout: CopyLayout,
  counts: RowCounts,
  onGuard: (hit: GuardHit) => void,
): Generator<Uint8Array> {
  const labels = lanes.map((lane) => lane.timeframe.tf);
  const first = Math.min(...lanes.map((lane) => lane.emitFrom));
  const chunk = Math.min(CHUNK_DAYS, rows.length - first);
  const out = createSnapshotColumns(chunk * lanes.length);
  const laneOf = new Uint16Array(out.capacity);
  const order = new Int32Array(out.capacity);
  const encoder = createCopyEncoder(layout);

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
    count(out, counts);
    reportGuards(out, laneOf, labels, onGuard);
    const fields = inLayoutOrder(layout, snapshotFields(id, out, { codes: laneOf, labels }));
    yield encoder.encode(fields, out.length, order, out.length);
  }
}

/** Stable counting sort of the chunk's snapshots by their daily row. */
function orderByDay(out: SnapshotColumns, firstRow: number, days: number, order: Int32Array): void {
  const next = new Int32Array(days + 1);
  for (let i = 0; i < out.length; i++) next[(out.sourceRow[i] as number) - firstRow + 1]!++;
  for (let day = 0; day < days; day++) next[day + 1]! += next[day] as number;
  for (let i = 0; i < out.length; i++) order[next[(out.sourceRow[i] as number) - firstRow]!++] = i;
}

function snapshotFields(id: number, out: SnapshotColumns, tf: FieldData): Record<string, FieldData> {
  const numbers = (column: Float64Array | Int32Array | Uint8Array): FieldData => ({ numbers: column });
  const days = (column: Int32Array): FieldData => ({ numbers: column, nullIf: NO_DAY });
  const halfOpen = new Float64Array(out.length);
  for (let i = 0; i < out.length; i++) halfOpen[i] = (out.timeClose[i] as number) + 1;
  return {
    id: { constant: id },
    tf,
    tf_days: numbers(out.tfDays),
    bar_seq: numbers(out.barSeq),
    bar_anchor_offset: days(out.barAnchorOffset),
    time_open: numbers(out.timeOpen),
    time_close: numbers(out.timeClose),
    time_high: numbers(out.timeHigh),
    time_low: numbers(out.timeLow),
    open: numbers(out.open),
    high: numbers(out.high),
    low: numbers(out.low),
    close: numbers(out.close),
    volume: numbers(out.volume),
    market_cap: numbers(out.marketCap),
    timestamp: numbers(out.timeClose),
    last_ts_half_open: numbers(halfOpen),
    pos_in_bar: numbers(out.posInBar),
    is_partial_start: numbers(out.isPartialStart),
    is_partial_end: numbers(out.isPartialEnd),
    count_days: numbers(out.countDays),
    count_days_remaining: numbers(out.countDaysRemaining),
    count_missing_days: numbers(out.countMissingDays),
    is_missing_days: numbers(out.isMissingDays),
    count_missing_days_start: numbers(out.countMissingDaysStart),
    count_missing_days_end: { constant: 0 },
    count_missing_days_interior: numbers(out.countMissingDaysInterior),
    missing_days_where: { strings: out.missingDaysWhere },
    first_missing_day: days(out.firstMissingDay),
    last_missing_day: days(out.lastMissingDay),
    closed_at: numbers(out.closedAt),
  };
}

function count(out: SnapshotColumns, counts: RowCounts): void {
  counts.written += out.length;
  for (let i = 0; i < out.length; i++) counts.gaps += out.isMissingDays[i] as number;
}

function reportGuards(
  out: SnapshotColumns,
  laneOf: Uint16Array,
  labels: readonly string[],
  onGuard: (hit: GuardHit) => void,
): void {
  for (let i = 0; i < out.length; i++) {
    const violations = out.guarded[i] as number;
    if (violations === 0) continue;
    onGuard({
      tf: labels[laneOf[i] as number] as string,
      barSeq: out.barSeq[i] as number,
      ts: out.timeClose[i] as number,
      violations,
      open: out.open[i] as number,
      high: out.originalHigh[i] as number,
      low: out.originalLow[i] as number,
      close: out.close[i] as number,
    });
  }
}
