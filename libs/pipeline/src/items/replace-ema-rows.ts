import { firstIndexAtOrAfter } from '@ta/bars-core/engine';
import {
  deleteEmaRuns,
  deleteEmas,
  EMA_ROWS_LAYOUT,
  insertRows,
  readPackedRows,
  type ColumnTable,
  type PackedRun,
  type Session,
} from '@ta/state-store';
import type { ItemContext } from '../item-context.ts';
import type { RowCounts } from '../run-report.ts';
import { packedChunks, type EmaFold, type EmaGrid, type EmaLane, type PackedChunk } from './ema-rows.ts';
import { differsIn, diffRows, valuesOf } from './row-diff.ts';

/** Timeframes with stored rows, whose tails are to be replaced. */
export interface EmaTails {
  /** All of them have the same first grid row. */
  readonly lanes: readonly EmaLane[];
  /** Instant from which stored rows may differ, epoch ms; earlier rows are not read. */
  readonly fromTs: number;
  /** First grid row without stored rows. */
  readonly storedUntil: number;
}

/**
 * Makes the stored tails of some timeframes equal to the values of their lanes. In each series the packed rows from the first to the
 * last one that differs in any bit are replaced, all others stay unchanged. States are advanced in place.
 *
 * @param counts gets the numbers of values deleted and written
 * @throws NonFiniteEma when a value is not finite
 */
export async function replaceEmaTails(
  { tx, signal }: Pick<ItemContext, 'tx' | 'signal'>,
  fold: EmaFold,
  { lanes, fromTs, storedUntil }: EmaTails,
  counts: RowCounts,
): Promise<void> {
  const { table, id, grid } = fold;
  const first = (lanes[0] as EmaLane).emitFrom;
  if (first === grid.ts.length) {
    counts.deleted += await deleteEmas(tx, table, id, { tfs: lanes.map(({ tf }) => tf), fromTs });
    return;
  }
  const ends = await readEnds(tx, fold, { lanes, fromTs, storedUntil });
  for (const chunk of packedChunks(fold, lanes)) {
    signal?.throwIfAborted();
    const { data, rows, lengths } = chunk;
    const isWhole = chunk.from === first && chunk.until === grid.ts.length;
    const replaced = ends === null || !isWhole ? new Map<number, number>() : changedToTheEnd(chunk, ends, grid);
    const span = {
      fromTs: chunk.from === first ? fromTs : (grid.ts[chunk.from] as number),
      untilTs: grid.ts[chunk.until],
    };
    const compared = await compare(tx, fold, { chunk, span, except: replaced });
    const isReplaced = (place: number): boolean =>
      (replaced.get(chunk.series[place] as number) ?? Infinity) <= (chunk.ts[place] as number);
    const select = Int32Array.from([...chunk.places.filter(isReplaced), ...compared.write]).sort();
    const runs = [...replaced].map(([series, firstTs]): PackedRun => ({ series, firstTs, lastTs: Infinity }));
    counts.deleted += await deleteEmaRuns(tx, id, [...runs, ...compared.stale]);
    await insertRows(tx, EMA_ROWS_LAYOUT, { data, rows, select });
    for (const row of select) counts.written += lengths[row] as number;
  }
}

/** Compares the rows of a chunk with those stored between two instants, except for some series. */
async function compare(
  tx: Session,
  { id, grid }: EmaFold,
  of: {
    readonly chunk: PackedChunk;
    readonly span: { readonly fromTs: number; readonly untilTs?: number };
    readonly except: ReadonlyMap<number, unknown>;
  },
): Promise<{ readonly write: Int32Array; readonly stale: readonly PackedRun[] }> {
  const { chunk, span, except } = of;
  const series = chunk.lanes.map((lane) => lane.series).filter((one) => !except.has(one));
  if (series.length === 0) return { write: new Int32Array(0), stale: [] };
  const stored = await readPackedRows(tx, { id, series, ...span });
  const chosen = chunk.places.filter((place) => !except.has(chunk.series[place] as number));
  const { write, stale } = diffRows(COMPARED, chunk.data, chosen, stored, packedRowsOf(stored, chunk, grid));
  return { write, stale: runsOf(stored, stale) };
}

const COMPARED = valuesOf(EMA_ROWS_LAYOUT, ['id', 'series', 'ts']);

/** Number of days at the beginning of a tail that are searched for its first change. */
const HEAD_DAYS = 8;

/** First and last rows of stored tails. */
interface StoredEnds {
  readonly rows: ColumnTable;
  /** Grid row after the first ones. */
  readonly headUntil: number;
  /** Last grid row with stored rows. */
  readonly last: number;
}

/** Reads both ends of the stored tails; null if there are no rows between them. */
async function readEnds(
  tx: Session,
  { id, grid }: EmaFold,
  { lanes, fromTs, storedUntil }: EmaTails,
): Promise<StoredEnds | null> {
  const [headUntil, last] = [(lanes[0] as EmaLane).emitFrom + HEAD_DAYS, storedUntil - 1];
  if (headUntil >= last) return null;
  const without = { fromTs: grid.ts[headUntil] as number, untilTs: grid.ts[last] as number };
  const rows = await readPackedRows(tx, { id, series: lanes.map(({ series }) => series), fromTs, without });
  return { rows, headUntil, last };
}

/**
 * The series of a chunk in which the last stored row and one of the first rows differ. Of these, all rows from the first change on are
 * replaced, so the rows between need not be read.
 *
 * @returns the instant of the first change, by series
 */
function changedToTheEnd(
  chunk: PackedChunk,
  { rows, headUntil, last }: StoredEnds,
  grid: EmaGrid,
): Map<number, number> {
  const differ = COMPARED.map((field) => differsIn(field, chunk.data, rows));
  const builtAt = packedRowsOf(rows, chunk, grid);
  const [series, ts] = [rows.number('series'), rows.number('ts')];
  const same = new Set<number>();
  const firstTs = new Map<number, number>();
  const atTheEnd = new Set<number>();
  const note = (of: number, at: number) => {
    if (at >= (grid.ts[last] as number)) atTheEnd.add(of);
    else firstTs.set(of, Math.min(at, firstTs.get(of) ?? Infinity));
  };
  for (let there = 0; there < rows.length; there++) {
    const here = builtAt[there] as number;
    if (here >= 0 && !differ.some((differs) => differs(here, there))) same.add(here);
    else note(series[there] as number, ts[there] as number);
  }
  for (const [index, lane] of chunk.lanes.entries()) {
    for (let day = chunk.from; day <= last; day = day + 1 === headUntil ? last : day + 1) {
      const place = index * chunk.rowsOfLane + day - chunk.from;
      if (chunk.lengths[place] !== 0 && !same.has(place)) note(lane.series, grid.ts[day] as number);
    }
  }
  const changed = chunk.lanes.filter((lane) => firstTs.has(lane.series) && atTheEnd.has(lane.series));
  return new Map(changed.map((lane) => [lane.series, firstTs.get(lane.series) as number]));
}

/** For each stored row the index of the packed row of its series and day, −1 if there is none. */
function packedRowsOf(stored: ColumnTable, { lanes, from, until, rowsOfLane, lengths }: PackedChunk, { ts }: EmaGrid) {
  const [series, instants] = [stored.number('series'), stored.number('ts')];
  const laneOf = new Map(lanes.map((lane, index) => [lane.series, index]));
  return Int32Array.from(instants, (instant, row) => {
    const lane = laneOf.get(series[row] as number);
    const day = firstIndexAtOrAfter(ts, instant);
    if (lane === undefined || day < from || day >= until || ts[day] !== instant) return -1;
    const place = lane * rowsOfLane + day - from;
    return lengths[place] === 0 ? -1 : place;
  });
}

/** Groups chosen rows, which are in key order, into runs of consecutive rows. */
function runsOf(stored: ColumnTable, chosen: Int32Array): PackedRun[] {
  const [series, ts] = [stored.number('series'), stored.number('ts')];
  const runs: PackedRun[] = [];
  let previous = -1;
  for (const row of chosen) {
    const run = runs[runs.length - 1];
    const [of, at] = [series[row] as number, ts[row] as number];
    if (run !== undefined && row === previous + 1 && run.series === of) run.lastTs = at;
    else runs.push({ series: of, firstTs: at, lastTs: at });
    previous = row;
  }
  return runs;
}
