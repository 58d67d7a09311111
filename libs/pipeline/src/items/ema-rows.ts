import type { DailySeries } from '@ta/bars-core/engine';
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
import { EMA_TABLES, packedColumns, type EmaReject, type EmaTable, type PackedChunk } from '@ta/state-store';

/** A timeframe whose EMAs are to be computed. Its inputs are aligned with the daily grid that all lanes share. */
export interface EmaLane {
  readonly tf: string;
  /** Number of the timeframe's series in `ema_rows`. */
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

/** Values that are computed before they are encoded; limits the memory for histories of any length. */
const CHUNK_CELLS = 131_072;

/** What the lanes of one table of an asset have in common: the grid, the bounds, and the listener for violations. */
export interface EmaFold {
  readonly table: EmaTable;
  readonly id: number;
  /** The daily rows. */
  readonly grid: Pick<DailySeries, 'ts' | 'close'>;
  readonly periods: readonly number[];
  /** Called for each value outside its bounds. */
  readonly onViolation: (violation: EmaReject) => void;
}

/**
 * Runs the lanes over the grid and yields packed rows in key order, a block at a time: lane by lane, then by day. The array of a
 * row has a value for each period that is already seeded; before the first is seeded there is no row. The next chunk reuses the
 * arrays. States are advanced in place.
 *
 * @throws NonFiniteEma when a value is not finite, so that nothing of the table is kept
 */
export function* packedChunks(fold: EmaFold, lanes: readonly EmaLane[]): Generator<PackedChunk> {
  const { table, id, grid, periods } = fold;
  const { withBar } = EMA_TABLES[table];
  const first = Math.min(...lanes.map((lane) => lane.emitFrom));
  const most = rowsPerBlock(periods);
  const rowsOfLane = Math.min(most, grid.ts.length - first);
  const lanesOfBlock = Math.max(1, Math.min(lanes.length, Math.floor(most / Math.max(1, rowsOfLane))));
  const rows = rowsOfLane * lanesOfBlock;
  const block = createEmaBlock({ rows, timeframes: 1, periods: periods.length, withBar });
  const keys = { ts: new Float64Array(rows), series: new Int32Array(rows), lengths: new Int32Array(rows) };
  const places = new Int32Array(rows);
  for (let lane = 0; lane < lanes.length; lane += lanesOfBlock) {
    const some = lanes.slice(lane, lane + lanesOfBlock);
    for (let from = first; from < grid.ts.length; from += rowsOfLane) {
      const until = Math.min(from + rowsOfLane, grid.ts.length);
      keys.lengths.fill(0);
      some.forEach((one, index) => fill(fold, one, [from, until], { block, keys, firstRow: index * rowsOfLane }));
      let selected = 0;
      for (let row = 0; row < rows; row++) if (keys.lengths[row] !== 0) places[selected++] = row;
      const select = places.subarray(0, selected);
      const data = packedColumns(id, keys, block);
      yield { lanes: some, from, until, rowsOfLane, ...keys, data, rows, select };
    }
  }
}

/** The part of a block with the rows of a lane, and the keys of its rows. */
interface LaneBlock {
  readonly block: EmaBlock;
  readonly keys: Pick<PackedChunk, 'ts' | 'series' | 'lengths'>;
  /** Block row of the first grid row. */
  readonly firstRow: number;
}

/** Runs a lane over grid rows and fills in its packed rows. */
function fill(
  fold: EmaFold,
  lane: EmaLane,
  [from, until]: readonly [number, number],
  { block, keys, firstRow }: LaneBlock,
): void {
  const start = Math.max(from, lane.emitFrom);
  if (start >= until) return;
  push(fold, lane, [start, until], block, firstRow + start - from);
  for (let row = start; row < until; row++) {
    const at = firstRow + row - from;
    keys.ts[at] = fold.grid.ts[row];
    keys.series[at] = lane.series;
    keys.lengths[at] = valuesAt(block, at);
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

/** The number of periods with a value in a block row. These are the first ones, since shorter periods are seeded earlier. */
function valuesAt({ ema, stride }: EmaBlock, row: number): number {
  const cell = row * stride;
  let count = 0;
  while (count < stride && ema[cell + count] === ema[cell + count]) count++;
  return count;
}

/** Thrown for a computed value that is not finite: nothing of its table may be stored (docs/emas.md#checks-of-values). */
export class NonFiniteEma extends Error {
  override readonly name = 'NonFiniteEma';
  readonly code = 'PIPELINE_NON_FINITE_EMA';

  constructor(
    readonly table: EmaTable,
    readonly found: EmaReject,
  ) {
    const at = new Date(found.ts).toISOString();
    super(`${table}: EMA ${found.tf}/${found.period} is ${found.violation.kind} at ${at}; the table is unchanged`);
  }
}

/** Reports violations, and throws for a value that is not finite. */
function judge({ table, grid, onViolation }: EmaFold, lane: EmaLane, result: AdvanceReport): void {
  const at = (violation: BoundsViolation | NonFiniteCell): EmaReject => ({
    tf: lane.tf,
    period: violation.period,
    ts: grid.ts[violation.row],
    close: grid.close[violation.row],
    violation,
  });
  const [nonFinite] = result.nonFinite;
  if (nonFinite !== undefined) throw new NonFiniteEma(table, at(nonFinite));
  const [mismatch] = result.closeMismatches;
  if (mismatch !== undefined) {
    const day = new Date(grid.ts[mismatch.row]).toISOString();
    throw new Error(
      `${table}: bar ${lane.tf} of ${day} closes at a price that differs from that of its day; rebuild its bars`,
    );
  }
  for (const violation of result.violations) onViolation(at(violation));
}
