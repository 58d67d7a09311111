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
import { createCopyEncoder, EMA_TABLES, inLayoutOrder, type EmaTable, type FieldData } from '@ta/state-store';
import type { RowCounts } from '../run-report.ts';

/** A timeframe about to emit. Its inputs run along the daily grid shared by all lanes. */
export interface EmaLane {
  readonly tf: string;
  readonly tfDays: number;
  readonly state: VariantState;
  /** 1 on grid rows where a bar of this timeframe closes. */
  readonly closed: Uint8Array;
  /** Close of that bar on those rows. */
  readonly closePx: Float64Array;
  /** Bars that are known closed a row late; none without. */
  readonly late?: LateCloses;
  /** First grid row pushed into the state. */
  readonly from: number;
  /** First grid row whose values are written; rows before it are replayed only. */
  readonly emitFrom: number;
}

/** The daily grid: instants (epoch ms) and closes. */
export interface EmaGrid {
  readonly ts: Float64Array;
  readonly close: Float64Array;
}

/** A value outside its bounds, or not finite, at its row. */
export interface EmaViolation {
  readonly tf: string;
  readonly period: number;
  readonly ts: number;
  readonly close: number;
  readonly violation: BoundsViolation | NonFiniteCell;
}

/** Grid rows computed between two encodings; bounds memory whatever the history. */
const CHUNK_CELLS = 131_072;

/**
 * Pushes the grid through the lanes and yields the rows as COPY tuples in key order: by day, then timeframe label
 * (bytewise), then period. A cell is a row once its period is seeded. States are advanced in place.
 *
 * @param counts gets the rows written
 * @param onViolation is told of each value outside its bounds
 * @returns tuples; the generator throws `NonFiniteEma` when a value is not finite, so that nothing of the table is kept
 */
export function* emaTuples(
  table: EmaTable,
  id: number,
  grid: EmaGrid,
  lanes: readonly EmaLane[],
  periods: readonly number[],
  counts: RowCounts,
  onViolation: (violation: EmaViolation) => void,
): Generator<Uint8Array> {
  const { layout, withBar } = EMA_TABLES[table];
  const first = Math.min(...lanes.map((lane) => lane.from));
  const most = Math.max(1, Math.floor(CHUNK_CELLS / (lanes.length * periods.length)));
  const rowsPerChunk = Math.min(most, grid.ts.length - first);
  const block = createEmaBlock({ rows: rowsPerChunk, timeframes: lanes.length, periods: periods.length, withBar });
  const cells = fixedColumns(block, lanes, periods);
  const encoder = createCopyEncoder(layout);
  const select = new Int32Array(block.ema.length);
  const rowTs = new Float64Array(block.ema.length);
  const rowRoll = new Uint8Array(block.ema.length);

  for (let from = first; from < grid.ts.length; from += rowsPerChunk) {
    const until = Math.min(from + rowsPerChunk, grid.ts.length);
    block.ema.fill(Number.NaN);
    lanes.forEach((lane, index) => {
      const start = Math.max(from, lane.from);
      if (start >= until) return;
      const result = advanceVariant(
        lane.state,
        { x: grid.close, closed: lane.closed, closePx: lane.closePx, late: lane.late },
        start,
        until,
        block,
        { firstRow: start - from, offset: index * periods.length, tfOffset: index },
      );
      judge(table, lane, result, grid, onViolation);
      forgetReplayed(block, index * periods.length, periods.length, from, Math.min(until, lane.emitFrom));
    });
    const rows = selectDefined(block, (until - from) * block.stride, select);
    if (rows === 0) continue;
    spread(block, grid.ts, from, until, periods.length, rowTs, rowRoll);
    counts.written += rows;
    const fields = inLayoutOrder(layout, emaFields(id, block, cells, rowTs, rowRoll));
    yield encoder.encode(fields, block.ema.length, select, rows);
  }
}

/** Columns that do not depend on the chunk: timeframe, its days, period; one entry per cell. */
function fixedColumns(block: EmaBlock, lanes: readonly EmaLane[], periods: readonly number[]) {
  const codes = new Uint16Array(block.ema.length);
  const tfDays = new Int32Array(block.ema.length);
  const period = new Int32Array(block.ema.length);
  for (let cell = 0; cell < codes.length; cell++) {
    const lane = Math.floor((cell % block.stride) / periods.length);
    codes[cell] = lane;
    tfDays[cell] = (lanes[lane] as EmaLane).tfDays;
    period[cell] = periods[cell % periods.length] as number;
  }
  return { codes, tfDays, period, labels: lanes.map((lane) => lane.tf) };
}

function emaFields(
  id: number,
  block: EmaBlock,
  cells: ReturnType<typeof fixedColumns>,
  ts: Float64Array,
  roll: Uint8Array,
): Record<string, FieldData> {
  return {
    id: { constant: id },
    tf: { codes: cells.codes, labels: cells.labels },
    ts: { numbers: ts },
    period: { numbers: cells.period },
    tf_days: { numbers: cells.tfDays },
    roll: { numbers: roll },
    roll_bar: { numbers: roll },
    ema: { numbers: block.ema },
    d1: { numbers: block.d1 },
    d2: { numbers: block.d2 },
    d1_roll: { numbers: block.d1Roll },
    d2_roll: { numbers: block.d2Roll },
    ema_bar: { numbers: block.emaBar },
    d1_bar: { numbers: block.d1Bar },
    d2_bar: { numbers: block.d2Bar },
    d1_roll_bar: { numbers: block.d1RollBar },
    d2_roll_bar: { numbers: block.d2RollBar },
  };
}

/** Blanks the rows of a lane that were only replayed. */
function forgetReplayed(block: EmaBlock, offset: number, periods: number, from: number, until: number): void {
  for (let row = from; row < until; row++) {
    const cell = (row - from) * block.stride + offset;
    block.ema.fill(Number.NaN, cell, cell + periods);
  }
}

function selectDefined(block: EmaBlock, cells: number, select: Int32Array): number {
  let rows = 0;
  for (let cell = 0; cell < cells; cell++) {
    const value = block.ema[cell] as number;
    if (value === value) select[rows++] = cell;
  }
  return rows;
}

/** Repeats instant and roll flag for every cell of the chunk. */
function spread(
  block: EmaBlock,
  gridTs: Float64Array,
  from: number,
  until: number,
  periods: number,
  ts: Float64Array,
  roll: Uint8Array,
): void {
  for (let row = 0; row < until - from; row++) {
    const cell = row * block.stride;
    ts.fill(gridTs[from + row] as number, cell, cell + block.stride);
    for (let tf = 0; tf < block.tfStride; tf++) {
      const flag = block.roll[row * block.tfStride + tf] as number;
      roll.fill(flag, cell + tf * periods, cell + (tf + 1) * periods);
    }
  }
}

/** A computed value that is not a number: nothing of its table may be stored (docs/emas.md#checks-of-values). */
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

/** Passes violations on from the first row that is written; a value that is not finite ends the table. */
function judge(
  table: EmaTable,
  lane: EmaLane,
  result: AdvanceReport,
  grid: EmaGrid,
  onViolation: (violation: EmaViolation) => void,
): void {
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
  for (const violation of result.violations) {
    if (violation.row >= lane.emitFrom) onViolation(at(violation));
  }
}
