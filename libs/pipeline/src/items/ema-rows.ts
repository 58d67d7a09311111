import {
  advanceVariant,
  createEmaBlock,
  type AdvanceReport,
  type BoundsViolation,
  type EmaBlock,
  type LateCloses,
  type NonFiniteCell,
  type VariantState,
} from '@ta/ema-core/engine';
import { createCopyEncoder, EMA_ROWS_LAYOUT, EMA_TABLES, inLayoutOrder, type EmaTable } from '@ta/state-store';
import type { RowCounts } from '../run-report.ts';
import type { BuiltColumns } from './row-diff.ts';

/** A timeframe whose EMAs are to be computed. Its inputs are aligned with the daily grid that all lanes share. */
export interface EmaLane {
  readonly tf: string;
  /** Number of its series. */
  readonly series: number;
  readonly state: VariantState;
  /** 1 on grid rows where a bar of this timeframe closes. */
  readonly closed: Uint8Array;
  /** Close of that bar on those rows. */
  readonly closePx: Float64Array;
  /** Bars that become known as closed one row late; absent if there are none. */
  readonly late?: LateCloses;
  /** First grid row whose values are needed; the state already includes every row before it. */
  readonly emitFrom: number;
}

/** The daily grid: instants (epoch ms) and closes. */
export interface EmaGrid {
  readonly ts: Float64Array;
  readonly close: Float64Array;
}

/** A value that is not finite or outside its bounds, with its row. */
export interface EmaViolation {
  readonly tf: string;
  readonly period: number;
  readonly ts: number;
  readonly close: number;
  readonly violation: BoundsViolation | NonFiniteCell;
}

/** Values that are computed before they are encoded; limits the memory for histories of any length. */
const CHUNK_CELLS = 131_072;

/** What the lanes of one table of an asset have in common: the grid, the bounds, and the listener for violations. */
export interface EmaFold {
  readonly table: EmaTable;
  readonly id: number;
  readonly grid: EmaGrid;
  readonly periods: readonly number[];
  /** Called for each value outside its bounds. */
  readonly onViolation: (violation: EmaViolation) => void;
}

/** A part of the grid that several lanes process one after the other in one block. */
export interface Chunk {
  readonly lanes: readonly EmaLane[];
  readonly from: number;
  readonly until: number;
}

/** Packed rows of a chunk; the next chunk reuses its arrays. */
export interface PackedChunk extends Chunk {
  /** Block rows per lane: the block row of a grid row is `lane · rowsOfLane + row − from`. */
  readonly rowsOfLane: number;
  readonly data: BuiltColumns;
  readonly rows: number;
  /** Series and instant (epoch ms) of each row. */
  readonly series: Int32Array;
  readonly ts: Float64Array;
  /** Block rows that exist as packed rows, in key order. */
  readonly places: Int32Array;
  /** Number of values of each row; 0 if there is no row. */
  readonly lengths: Int32Array;
}

/**
 * Runs the lanes over the grid and yields packed rows as COPY tuples in key order: lane by lane, then by day. The
 * array of a row has a value for each period that is already seeded; before the first is seeded there is no row. States are advanced in
 * place.
 *
 * @param counts gets the number of values written, which are the rows of the table of the contract
 * @returns tuples; the generator throws `NonFiniteEma` when a value is not finite, so that nothing of the table is kept
 */
export function* emaTuples(fold: EmaFold, lanes: readonly EmaLane[], counts: RowCounts): Generator<Uint8Array> {
  const encoder = createCopyEncoder(EMA_ROWS_LAYOUT);
  for (const { data, rows, places, lengths } of packedChunks(fold, lanes)) {
    for (const row of places) counts.written += lengths[row] as number;
    if (places.length > 0) yield encoder.encode(inLayoutOrder(EMA_ROWS_LAYOUT, data), rows, places);
  }
}

/** Runs the lanes over the grid and yields the packed rows, a block at a time. @throws NonFiniteEma */
export function* packedChunks(fold: EmaFold, lanes: readonly EmaLane[]): Generator<PackedChunk> {
  const { table, id, grid, periods } = fold;
  const { withBar } = EMA_TABLES[table];
  const first = Math.min(...lanes.map((lane) => lane.emitFrom));
  const most = rowsPerBlock(periods);
  const rowsOfLane = Math.min(most, grid.ts.length - first);
  const lanesOfBlock = Math.max(1, Math.min(lanes.length, Math.floor(most / Math.max(1, rowsOfLane))));
  const rows = rowsOfLane * lanesOfBlock;
  const block = createEmaBlock({ rows, timeframes: 1, periods: periods.length, withBar });
  const columns = packedColumns(rows);
  for (const chunk of chunksOf(lanes, lanesOfBlock, first, grid.ts.length, rowsOfLane)) {
    columns.lengths.fill(0);
    chunk.lanes.forEach((lane, index) => {
      const start = Math.max(chunk.from, lane.emitFrom);
      if (start >= chunk.until) return;
      const firstRow = index * rowsOfLane + start - chunk.from;
      push(fold, lane, [start, chunk.until], block, firstRow);
      for (let row = start; row < chunk.until; row++) {
        const at = firstRow + row - start;
        columns.ts[at] = grid.ts[row] as number;
        columns.series[at] = lane.series;
        columns.lengths[at] = valuesAt(block, at);
      }
    });
    let selected = 0;
    for (let row = 0; row < rows; row++) if (columns.lengths[row] !== 0) columns.select[selected++] = row;
    const places = columns.select.subarray(0, selected);
    const { series, ts, lengths } = columns;
    yield { ...chunk, rowsOfLane, data: packedData(id, block, columns, withBar), rows, series, ts, places, lengths };
  }
}

/** Runs a lane over the grid rows before its first needed row, without keeping values. @throws NonFiniteEma */
export function replay(fold: EmaFold, lanes: readonly EmaLane[]): void {
  const rows = Math.min(rowsPerBlock(fold.periods), Math.max(...lanes.map(({ emitFrom }) => emitFrom)));
  const { withBar } = EMA_TABLES[fold.table];
  const block = createEmaBlock({ rows, timeframes: 1, periods: fold.periods.length, withBar });
  const silent = { ...fold, onViolation: () => undefined };
  for (const lane of lanes) {
    for (let from = 0; from < lane.emitFrom; from += rows) {
      push(silent, lane, [from, Math.min(from + rows, lane.emitFrom)], block, 0);
    }
  }
}

function rowsPerBlock(periods: readonly number[]): number {
  return Math.max(1, Math.floor(CHUNK_CELLS / periods.length));
}

/** Runs a lane over grid rows and writes its values into the block, from a block row on. */
function push(
  fold: EmaFold,
  lane: EmaLane,
  [from, until]: readonly [number, number],
  block: EmaBlock,
  firstRow: number,
): void {
  const input = { x: fold.grid.close, closed: lane.closed, closePx: lane.closePx, late: lane.late };
  const place = { block, firstRow, offset: 0, tfOffset: 0 };
  judge(fold, lane, advanceVariant(lane.state, input, from, until, place));
}

function* chunksOf(
  lanes: readonly EmaLane[],
  lanesOfBlock: number,
  first: number,
  end: number,
  rowsOfLane: number,
): Generator<Chunk> {
  for (let lane = 0; lane < lanes.length; lane += lanesOfBlock) {
    for (let from = first; from < end; from += rowsOfLane) {
      yield { lanes: lanes.slice(lane, lane + lanesOfBlock), from, until: Math.min(from + rowsOfLane, end) };
    }
  }
}

/** The columns of packed rows besides the values, by block row. */
function packedColumns(rows: number) {
  return {
    ts: new Float64Array(rows),
    series: new Int32Array(rows),
    lengths: new Int32Array(rows),
    select: new Int32Array(rows),
  };
}

/** The number of periods with a value in a block row. These are the first ones, since shorter periods are seeded earlier. */
function valuesAt({ ema, stride }: EmaBlock, row: number): number {
  const cell = row * stride;
  let count = 0;
  while (count < stride && ema[cell + count] === ema[cell + count]) count++;
  return count;
}

function packedData(
  id: number,
  block: EmaBlock,
  { ts, series, lengths }: ReturnType<typeof packedColumns>,
  withBar: boolean,
): BuiltColumns {
  const slices = (values: Float64Array) => ({ slices: values, width: block.stride, lengths });
  return {
    ts: { numbers: ts },
    id: { constant: id },
    series: { numbers: series },
    roll: { numbers: block.roll },
    ema: slices(block.ema),
    ema_bar: withBar ? slices(block.emaBar) : { constant: null },
  };
}

/** Thrown for a computed value that is not finite: nothing of its table may be stored (docs/emas.md#checks-of-values). */
export class NonFiniteEma extends Error {
  override readonly name = 'NonFiniteEma';
  readonly code = 'PIPELINE_NON_FINITE_EMA';

  constructor(
    readonly table: EmaTable,
    readonly found: EmaViolation,
  ) {
    const at = new Date(found.ts).toISOString();
    super(`${table}: EMA ${found.tf}/${found.period} is ${found.violation.kind} at ${at}; the table is unchanged`);
  }
}

/** Reports violations, and throws for a value that is not finite. */
function judge({ table, grid, onViolation }: EmaFold, lane: EmaLane, result: AdvanceReport): void {
  const at = (violation: BoundsViolation | NonFiniteCell): EmaViolation => ({
    tf: lane.tf,
    period: violation.period,
    ts: grid.ts[violation.row] as number,
    close: grid.close[violation.row] as number,
    violation,
  });
  const [nonFinite] = result.nonFinite;
  if (nonFinite !== undefined) throw new NonFiniteEma(table, at(nonFinite));
  const [mismatch] = result.closeMismatches;
  if (mismatch !== undefined) {
    const day = new Date(grid.ts[mismatch.row] as number).toISOString();
    throw new Error(
      `${table}: bar ${lane.tf} of ${day} closes at a price that differs from that of its day; rebuild its bars`,
    );
  }
  for (const violation of result.violations) onViolation(at(violation));
}
