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
import {
  agesOf,
  createCopyEncoder,
  inLayoutOrder,
  NO_AGE,
  type CopyLayout,
  type FieldData,
  type NumberedBarSeries,
} from '@ta/state-store';
import type { RowCounts } from '../run-report.ts';
import { numberColumns, type BuiltColumns } from './row-diff.ts';

/** A timeframe whose snapshots are to be built: its state already includes every row before `emitFrom`. */
export interface BarLane {
  readonly timeframe: Timeframe;
  /** The series under which its rows are stored. */
  readonly series: NumberedBarSeries;
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

/** The inputs of the bars of an asset: its daily rows, and its trading rules. */
export interface BarInputs {
  readonly id: number;
  readonly rows: DailySeries;
  readonly trading: TradingDays;
}

/** Daily rows that are processed before they are encoded; limits the memory for histories of any length. */
const CHUNK_DAYS = 256;

/**
 * Folds the lanes over the daily rows and yields the snapshots as COPY tuples of slim rows in key order: by day, then by series.
 * States are advanced in place.
 *
 * @param layout of the slim rows
 * @param counts gets the rows written and the gaps among them
 * @param onGuard called with every clamped snapshot
 */
export function* barTuples(
  { id, rows, trading }: BarInputs,
  lanesInAnyOrder: readonly BarLane[],
  layout: CopyLayout,
  counts: RowCounts,
  onGuard: (hit: GuardHit) => void,
): Generator<Uint8Array> {
  const lanes = [...lanesInAnyOrder].sort((a, b) => a.series.series - b.series.series);
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
    countSnapshots(out, order.subarray(0, out.length), counts);
    reportGuards(out, laneOf, labels, onGuard);
    const fields = inLayoutOrder(layout, slimColumns(id, out, laneOf, lanes));
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

/** Snapshots as the columns of their table of the contract, which the views show. */
export function snapshotColumns(id: number, out: SnapshotColumns, tf: FieldData): BuiltColumns {
  const halfOpen = new Float64Array(out.length);
  for (let i = 0; i < out.length; i++) halfOpen[i] = (out.timeClose[i] as number) + 1;
  return {
    id: { constant: id },
    tf,
    ...numberColumns(out, ['tf_days', 'bar_seq', 'time_open', 'time_close', 'time_high', 'time_low', 'closed_at']),
    ...numberColumns(out, ['open', 'high', 'low', 'close', 'volume', 'market_cap']),
    ...numberColumns(out, ['pos_in_bar', 'is_partial_start', 'is_partial_end', 'count_days', 'count_days_remaining']),
    ...numberColumns(out, ['count_missing_days', 'count_missing_days_start', 'count_missing_days_interior']),
    ...numberColumns(out, ['is_missing_days']),
    ...numberColumns(out, ['bar_anchor_offset', 'first_missing_day', 'last_missing_day'], NO_DAY),
    count_missing_days_end: { constant: 0 },
    missing_days_where: { strings: out.missingDaysWhere },
    timestamp: { numbers: out.timeClose },
    last_ts_half_open: { numbers: halfOpen },
  };
}

/** Snapshots as the columns of slim rows, without what follows from the series or from other columns. @param laneOf the lane of each snapshot */
export function slimColumns(
  id: number,
  out: SnapshotColumns,
  laneOf: Uint16Array,
  lanes: readonly Pick<BarLane, 'timeframe' | 'series'>[],
): BuiltColumns {
  const { length } = out;
  const [series, tfDays, remaining] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)];
  for (let i = 0; i < length; i++) {
    const lane = lanes[laneOf[i] as number] as BarLane;
    const missing = lane.timeframe.kind === 'rolling' ? 0 : (out.countMissingDays[i] as number);
    const days = out.tfDays[i] as number;
    series[i] = lane.series.series;
    tfDays[i] = days === lane.series.tfDays ? NO_DAY : days;
    const left = out.countDaysRemaining[i] as number;
    remaining[i] = left === days - (out.posInBar[i] as number) - missing ? NO_DAY : left;
  }
  const known = (column: Float64Array | Int32Array | Uint8Array, nullIf?: number): FieldData => ({
    numbers: column,
    nullIf,
  });
  const instant = (name: string, column: Float64Array): BuiltColumns => {
    const { ages, instants } = agesOf(column, out.timeClose, length);
    return { [`time_${name}`]: known(instants), [`${name}_age`]: known(ages, NO_AGE) };
  };
  return {
    id: { constant: id },
    series: known(series),
    ...instant('open', out.timeOpen),
    ...instant('high', out.timeHigh),
    ...instant('low', out.timeLow),
    ...numberColumns(out, ['time_close', 'closed_at', 'open', 'high', 'low', 'close', 'volume', 'market_cap']),
    ...numberColumns(out, ['bar_seq', 'pos_in_bar']),
    ...numberColumns(out, ['count_missing_days_start', 'count_missing_days_interior', 'is_partial_start'], 0),
    ...numberColumns(out, ['bar_anchor_offset', 'first_missing_day', 'last_missing_day'], NO_DAY),
    tf_days: known(tfDays, NO_DAY),
    count_days_remaining: known(remaining, NO_DAY),
    missing_days_where: { strings: out.missingDaysWhere },
  };
}

/** Counts the snapshots that are written. */
export function countSnapshots(out: SnapshotColumns, written: Int32Array, counts: RowCounts): void {
  counts.written += written.length;
  for (const i of written) counts.gaps += out.isMissingDays[i] as number;
}

/** Reports the snapshots that were clamped. */
export function reportGuards(
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
