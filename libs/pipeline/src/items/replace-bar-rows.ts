import {
  buildSnapshots,
  createSnapshotColumns,
  firstIndexAtOrAfter,
  type BarFamily,
  type SnapshotColumns,
} from '@ta/bars-core/engine';
import { BAR_TABLES, deleteBarRows, insertRows, readBarRows, type ColumnTable } from '@ta/state-store';
import type { ItemContext } from '../item-context.ts';
import type { RowCounts } from '../run-report.ts';
import {
  countSnapshots,
  reportGuards,
  slimColumns,
  snapshotColumns,
  type BarInputs,
  type BarLane,
  type GuardHit,
} from './bar-rows.ts';
import { diffRows, valuesOf } from './row-diff.ts';

/** A timeframe with stored rows, which may differ from `emitFrom` on. All row numbers refer to the daily series. */
export interface StoredLane extends BarLane {
  /** First row after the last one that changed; the number of rows if that is unknown. */
  readonly unchangedFrom: number;
  /** First row that is new. */
  readonly storedUntil: number;
}

/** The tails of bars to replace. */
export interface BarTails {
  readonly family: BarFamily;
  /** All of them have the same `emitFrom`. */
  readonly lanes: readonly StoredLane[];
  /** Instant from which the stored rows of these timeframes may differ, epoch ms; earlier rows are not read. */
  readonly fromTs: number;
}

const KEY = ['id', 'tf', 'time_close'];

/** Snapshots that are compared at a time (at least those of one timeframe); limits the memory for histories of any length. */
const COMPARED_ROWS = 16_384;

/**
 * Makes the stored tails of some timeframes equal to their snapshots. Rows that differ in any bit are replaced, all others stay
 * unchanged. Lanes are advanced in place.
 *
 * @param counts gets the numbers of rows deleted and written, and of gaps in the written ones
 * @param onGuard called with every clamped snapshot
 */
export async function replaceBarTails(
  { tx, signal }: Pick<ItemContext, 'tx' | 'signal'>,
  inputs: BarInputs,
  { family, lanes, fromTs }: BarTails,
  counts: RowCounts,
  onGuard: (hit: GuardHit) => void,
): Promise<void> {
  const { id, rows } = inputs;
  const { layout, rows: slim } = BAR_TABLES[family];
  const days = rows.length - Math.min(...lanes.map((lane) => lane.emitFrom));
  const lanesAtOnce = Math.max(1, Math.floor(COMPARED_ROWS / Math.max(1, days)));
  const buffer = createSnapshotColumns(days * Math.min(lanesAtOnce, lanes.length));
  for (let lane = 0; lane < lanes.length; lane += lanesAtOnce) {
    signal?.throwIfAborted();
    const built = build(inputs, lanes.slice(lane, lane + lanesAtOnce), buffer);
    const { out, labels, laneOf, sameFrom } = built;
    reportGuards(out, laneOf, labels, onGuard);
    const ranges = labels.map((tf, index) => ({ tf, fromTs, untilTs: rows.ts[sameFrom[index] as number] }));
    const stored = await readBarRows(tx, family, id, ranges);
    const { write, stale } = diffRows(
      valuesOf(layout, KEY),
      snapshotColumns(id, out, { codes: laneOf, labels }),
      notSame(built),
      stored,
      snapshotsOf(stored, built, rows.ts),
    );
    // delete all stale rows of a timeframe before writing any, since a shifted bar_seq may still be used by an old row
    counts.deleted += await deleteBarRows(tx, family, id, keysOf(stored, stale, built));
    const data = slimColumns(id, out, laneOf, built.lanes);
    await insertRows(tx, slim, { data, rows: out.length, select: write });
    countSnapshots(out, write, counts);
  }
}

/** Snapshots of some timeframes, one after the other. */
interface BuiltTails {
  readonly lanes: readonly StoredLane[];
  readonly labels: readonly string[];
  readonly out: SnapshotColumns;
  /** Index of the first snapshot of each lane. */
  readonly starts: readonly number[];
  readonly laneOf: Uint16Array;
  /** For each lane the row from which on the stored snapshots equal those of `out`; +∞ if there is none. */
  readonly sameFrom: readonly number[];
}

/** @param out is emptied first */
function build({ rows, trading }: BarInputs, lanes: readonly StoredLane[], out: SnapshotColumns): BuiltTails {
  const laneOf = new Uint16Array(out.capacity);
  out.length = 0;
  const starts: number[] = [];
  const sameFrom = lanes.map((lane, index) => {
    const start = out.length;
    const { state, timeframe, emitFrom } = lane;
    buildSnapshots(rows, timeframe, { state, from: emitFrom, until: rows.length, out, trading });
    laneOf.fill(index, start, out.length);
    starts.push(start);
    return firstSame(lane, out, start);
  });
  return { lanes, labels: lanes.map(({ timeframe }) => timeframe.tf), out, starts, laneOf, sameFrom };
}

/**
 * First row from which on the stored snapshots of a timeframe equal those just built. This is the first beginning of a bar after the last
 * changed row: no bar from there on contains a changed row.
 *
 * @param start index of the lane's first snapshot; its snapshots are the last ones in `out`
 * @returns +∞ if there is none
 */
function firstSame(lane: StoredLane, out: SnapshotColumns, start: number): number {
  for (let place = start; place < out.length; place++) {
    const row = out.sourceRow[place] as number;
    if (row > lane.unchangedFrom && row < lane.storedUntil && out.posInBar[place] === 1) return row;
  }
  return Number.POSITIVE_INFINITY;
}

/** Indexes of the snapshots that may differ from the stored ones. */
function notSame({ lanes, out, laneOf, sameFrom }: BuiltTails): Int32Array {
  return Int32Array.from({ length: out.length }, (_, place) => place).filter((place) => {
    const [lane, row] = [laneOf[place] as number, out.sourceRow[place] as number];
    return row < (sameFrom[lane] as number) || row >= (lanes[lane] as StoredLane).storedUntil;
  });
}

/** For each stored row the index of the snapshot of its timeframe and day, −1 if there is none. */
function snapshotsOf(stored: ColumnTable, { labels, out, starts }: BuiltTails, ts: Float64Array): Int32Array {
  const tf = stored.codes('tf');
  const laneOf = tf.labels.map((label) => labels.indexOf(label));
  return Int32Array.from(stored.number('time_close'), (instant, row) => {
    const lane = laneOf[tf.codes[row] as number] as number;
    const [start, end] = [starts[lane] as number, starts[lane + 1] ?? out.length];
    // from the first snapshot on, every day has one
    const at = start === end ? -1 : start + firstIndexAtOrAfter(ts, instant) - (out.sourceRow[start] as number);
    return at >= start && at < end && out.timeClose[at] === instant ? at : -1;
  });
}

function keysOf(stored: ColumnTable, chosen: Int32Array, { lanes, labels }: BuiltTails) {
  const [tf, ts] = [stored.codes('tf'), stored.number('time_close')];
  const seriesOf = tf.labels.map((label) => (lanes[labels.indexOf(label)] as StoredLane).series.series);
  return {
    series: Array.from(chosen, (row) => seriesOf[tf.codes[row] as number] as number),
    ts: Float64Array.from(chosen, (row) => ts[row] as number),
  };
}
