import { firstIndexAfter, firstIndexAtOrAfter } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { readPackedRows } from '../read/packed-emas.ts';
import { EMA_ROWS_LAYOUT, type EmaTable } from '../tables/ema-tables.ts';
import { countValues, deleteEmaRuns, deleteEmas, type PackedChunk, type PackedRun } from './emas.ts';
import { insertRows } from './insert-rows.ts';
import { diffRows, valuesOf } from './row-diff.ts';

/** The stored tails of some timeframes, which are to be replaced. Instants are epoch ms. */
export interface EmaTails {
  readonly table: EmaTable;
  readonly id: number;
  readonly lanes: readonly { readonly tf: string; readonly series: number }[];
  /** Instant from which stored rows may differ; earlier rows are not read. */
  readonly fromTs: number;
  /** Newest row that all of them have stored. */
  readonly storedTs: number;
  /** The instants of the grid: the daily rows of the asset. */
  readonly grid: Float64Array;
}

/**
 * Makes the stored tails of some timeframes equal to the rows of these chunks. Packed rows that differ in any bit are replaced,
 * all others stay unchanged. In a series in which the last stored row and one of the first rows differ, all rows from the first
 * change on are replaced, without comparing those in between.
 *
 * @returns the numbers of values deleted and written
 */
export async function replaceEmaRows(
  tx: Session,
  tails: EmaTails,
  chunks: Iterable<PackedChunk>,
): Promise<{ readonly deleted: number; readonly written: number }> {
  const { table, id, lanes, fromTs, grid } = tails;
  const first = firstIndexAtOrAfter(grid, fromTs);
  if (first === grid.length) {
    return { deleted: await deleteEmas(tx, table, id, { tfs: lanes.map(({ tf }) => tf), fromTs }), written: 0 };
  }
  let [deleted, written] = [0, 0];
  const ends = await readEnds(tx, tails);
  for (const chunk of chunks) {
    const isWhole = chunk.from === first && chunk.until === grid.length;
    const replaced = ends === null || !isWhole ? new Map<number, number>() : changedToTheEnd(chunk, ends, grid);
    const compared = await compare(tx, tails, chunk, replaced);
    const isReplaced = (place: number): boolean => (replaced.get(chunk.series[place]) ?? Infinity) <= chunk.ts[place];
    const select = Int32Array.from([...chunk.select.filter(isReplaced), ...compared.write]).sort();
    const runs = [...replaced].map(([series, firstTs]): PackedRun => ({ series, firstTs, lastTs: Infinity }));
    deleted += await deleteEmaRuns(tx, id, [...runs, ...compared.stale]);
    await insertRows(tx, EMA_ROWS_LAYOUT, { ...chunk, select });
    written += countValues(chunk.lengths, select);
  }
  return { deleted, written };
}

/** Compares the rows of a chunk with the stored ones, except for some series. */
async function compare(
  tx: Session,
  { id, fromTs, grid }: EmaTails,
  chunk: PackedChunk,
  except: ReadonlyMap<number, unknown>,
): Promise<{ readonly write: Int32Array; readonly stale: readonly PackedRun[] }> {
  const series = chunk.lanes.map((lane) => lane.series).filter((one) => !except.has(one));
  if (series.length === 0) return { write: new Int32Array(0), stale: [] };
  const isFirst = chunk.from === firstIndexAtOrAfter(grid, fromTs);
  const span = { fromTs: isFirst ? fromTs : grid[chunk.from], untilTs: grid[chunk.until] };
  const stored = await readPackedRows(tx, { id, series, ...span });
  const chosen = chunk.select.filter((place) => !except.has(chunk.series[place]));
  const { write, stale } = diffRows(COMPARED, chunk.data, chosen, stored, placesOf(stored, chunk, grid));
  return { write, stale: runsOf(stored, stale) };
}

const COMPARED = valuesOf(EMA_ROWS_LAYOUT, ['id', 'series', 'ts']);

/** Number of days at the beginning of a tail that are searched for its first change. */
const HEAD_DAYS = 8;

/** First and last rows of stored tails. */
interface StoredEnds {
  readonly rows: ColumnTable;
  /** First grid row after the head, that is, after the first {@link HEAD_DAYS} days of the tail. */
  readonly headUntil: number;
  /** Last grid row with stored rows. */
  readonly last: number;
}

/** Reads both ends of the stored tails; null if there are no rows between them. */
async function readEnds(tx: Session, { id, lanes, fromTs, storedTs, grid }: EmaTails): Promise<StoredEnds | null> {
  const [headUntil, last] = [firstIndexAtOrAfter(grid, fromTs) + HEAD_DAYS, firstIndexAfter(grid, storedTs) - 1];
  if (headUntil >= last) return null;
  const without = { fromTs: grid[headUntil], untilTs: grid[last] };
  const rows = await readPackedRows(tx, { id, series: lanes.map(({ series }) => series), fromTs, without });
  return { rows, headUntil, last };
}

/**
 * The series of a chunk in which the last stored row and one of the first rows differ. In these series all rows from the first
 * change on are replaced, so the rows in between need not be read.
 *
 * @returns the instant of the first change, by series
 */
function changedToTheEnd(
  chunk: PackedChunk,
  { rows, headUntil, last }: StoredEnds,
  grid: Float64Array,
): Map<number, number> {
  const isEnd = (place: number) => chunk.ts[place] < grid[headUntil] || chunk.ts[place] === grid[last];
  const { write, stale } = diffRows(
    COMPARED,
    chunk.data,
    chunk.select.filter(isEnd),
    rows,
    placesOf(rows, chunk, grid),
  );
  const [series, ts] = [rows.number('series'), rows.number('ts')];
  const firstTs = new Map<number, number>();
  const atTheEnd = new Set<number>();
  const note = (of: number, at: number) => {
    if (at >= grid[last]) atTheEnd.add(of);
    else firstTs.set(of, Math.min(at, firstTs.get(of) ?? Infinity));
  };
  for (const place of write) note(chunk.series[place], chunk.ts[place]);
  for (const row of stale) note(series[row], ts[row]);
  const changed = chunk.lanes.filter((lane) => firstTs.has(lane.series) && atTheEnd.has(lane.series));
  return new Map(changed.map((lane) => [lane.series, firstTs.get(lane.series) as number]));
}

/** For each stored row the place of its series and day, −1 if there is no row. */
function placesOf(stored: ColumnTable, { lanes, from, until, rowsOfLane, lengths }: PackedChunk, grid: Float64Array) {
  const [series, instants] = [stored.number('series'), stored.number('ts')];
  const laneOf = new Map(lanes.map((lane, index) => [lane.series, index]));
  return Int32Array.from(instants, (instant, row) => {
    const lane = laneOf.get(series[row]);
    const day = firstIndexAtOrAfter(grid, instant);
    if (lane === undefined || day < from || day >= until || grid[day] !== instant) return -1;
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
    const [of, at] = [series[row], ts[row]];
    if (run !== undefined && row === previous + 1 && run.series === of) run.lastTs = at;
    else runs.push({ series: of, firstTs: at, lastTs: at });
    previous = row;
  }
  return runs;
}
