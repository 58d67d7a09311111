import { firstIndexAtOrAfter, type BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { readBarRows } from '../read/bar-rows.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { slimColumns, snapshotColumns, type BarLane, type LaneSnapshots } from './bar-columns.ts';
import { deleteBarRows } from './bars.ts';
import { insertRows } from './insert-rows.ts';
import { diffRows, valuesOf } from './row-diff.ts';

/** A timeframe with stored rows, of which some may differ. Instants are epoch ms. */
export interface BarTail extends BarLane {
  /** Index of its first snapshot; the snapshots of a lane are one after the other. */
  readonly start: number;
  /** From this instant on, the rows up to `storedTs` are known to equal their snapshots; +∞ if none are. */
  readonly sameFromTs: number;
  /** Newest stored row. */
  readonly storedTs: number;
}

const KEY = ['id', 'tf', 'time_close'];

/**
 * Makes the stored tails of some timeframes, from an instant (epoch ms) on, equal to their snapshots. Rows that differ in any bit
 * are replaced, all others stay unchanged.
 *
 * @returns the number of deleted rows, and the indexes of the written snapshots
 */
export async function replaceBarRows(
  tx: Session,
  family: BarFamily,
  id: number,
  tails: LaneSnapshots<BarTail>,
  fromTs: number,
): Promise<{ readonly deleted: number; readonly written: Int32Array }> {
  const { layout, rows } = BAR_TABLES[family];
  const ranges = tails.lanes.map(({ timeframe, sameFromTs }) => ({ tf: timeframe.tf, fromTs, untilTs: sameFromTs }));
  const stored = await readBarRows(tx, family, id, ranges);
  const laneOf = lanesOf(stored, tails);
  const { write, stale } = diffRows(
    valuesOf(layout, KEY),
    snapshotColumns(id, tails),
    notSame(tails),
    stored,
    snapshotsOf(stored, laneOf, tails),
  );
  const [series, ts] = [laneOf.map((lane) => tails.lanes[lane].series.series), stored.number('time_close')];
  // delete all stale rows of a timeframe before writing any, since a shifted bar_seq may still be used by an old row
  const deleted = await deleteBarRows(tx, family, id, {
    series: Array.from(stale, (row) => series[row]),
    ts: Array.from(stale, (row) => ts[row]),
  });
  await insertRows(tx, rows, { data: slimColumns(id, tails), rows: tails.out.length, select: write });
  return { deleted, written: write };
}

/** Indexes of the snapshots that may differ from the stored ones. */
function notSame({ lanes, out, laneOf }: LaneSnapshots<BarTail>): Int32Array {
  return Int32Array.from({ length: out.length }, (_, at) => at).filter((at) => {
    const [{ sameFromTs, storedTs }, ts] = [lanes[laneOf[at]], out.timeClose[at]];
    return ts < sameFromTs || ts > storedTs;
  });
}

/** The lane of each stored row. */
function lanesOf(stored: ColumnTable, { lanes }: LaneSnapshots): number[] {
  const { codes, labels } = stored.codes('tf');
  const known = labels.map((label) => lanes.findIndex(({ timeframe }) => timeframe.tf === label));
  return Array.from(codes, (code) => known[code]);
}

/** For each stored row the index of the snapshot of its timeframe and day, −1 if there is none. */
function snapshotsOf(
  stored: ColumnTable,
  laneOf: readonly number[],
  { lanes, out }: LaneSnapshots<BarTail>,
): Int32Array {
  const closes = lanes.map(({ start }, lane) => out.timeClose.subarray(start, lanes[lane + 1]?.start ?? out.length));
  return Int32Array.from(stored.number('time_close'), (instant, row) => {
    const own = closes[laneOf[row]];
    const at = firstIndexAtOrAfter(own, instant);
    return own[at] === instant ? lanes[laneOf[row]].start + at : -1;
  });
}
