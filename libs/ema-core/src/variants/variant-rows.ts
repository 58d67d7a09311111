import { EmaError } from '../errors.ts';
import { toFloat64 } from '../float-input.ts';
import type { AdvanceReport } from '../stream/advance-report.ts';
import { advanceVariant, type VariantInput } from '../stream/advance-variant.ts';
import { createEmaBlock, type EmaBlock } from '../stream/ema-block.ts';
import type { VariantSpec } from '../stream/variant-spec.ts';
import {
  copyVariantState,
  describeVariantMismatch,
  openVariantState,
  type VariantState,
} from '../stream/variant-state.ts';

/**
 * Rows to store, in the order (day, period); cells without a value have no row. A derivative that is NULL in the database is NaN
 * here.
 */
export interface VariantRows {
  /** Number of rows, the length of every column. */
  readonly count: number;
  /** Position of the day in the input `x`. */
  readonly row: Int32Array;
  readonly period: Int32Array;
  readonly ema: Float64Array;
  readonly d1: Float64Array;
  readonly d2: Float64Array;
  readonly d1Roll: Float64Array;
  readonly d2Roll: Float64Array;
  /** 0 canonical, 1 preview. */
  readonly roll: Uint8Array;
  /** Data errors; see {@link AdvanceReport}. */
  readonly report: AdvanceReport;
  /** The state from which the next chunk continues. */
  readonly state: VariantState;
}

/** {@link VariantRows} with the second series; its canonical flag is `roll` as well. */
export interface CalendarRows extends VariantRows {
  readonly emaBar: Float64Array;
  readonly d1Bar: Float64Array;
  readonly d2Bar: Float64Array;
  readonly d1RollBar: Float64Array;
  readonly d2RollBar: Float64Array;
}

/** Daily closes, and the bars of one timeframe that close among them. */
export interface BarsOverDays {
  /** Daily closes of the grid, or of the next chunk of it. */
  readonly x: ArrayLike<number>;
  /** Strictly ascending positions in `x` where a bar closes. */
  readonly closeIndex: ArrayLike<number>;
  /** Closes of these bars, same length as `closeIndex`. */
  readonly closePx: ArrayLike<number>;
}

/**
 * Converts the positions of bar closes into columns of the daily grid.
 * @throws EmaError `EMA_BAD_INPUT`
 */
export function spreadBars(bars: BarsOverDays): VariantInput {
  const x = toFloat64(bars.x);
  const { closeIndex, closePx } = bars;
  if (closePx.length !== closeIndex.length) {
    throw new EmaError(
      'EMA_BAD_INPUT',
      `closePx has ${closePx.length} entries; expected ${closeIndex.length}, one per close`,
    );
  }
  assertCloseIndex(x.length, closeIndex);
  const closed = new Uint8Array(x.length);
  const spread = new Float64Array(x.length).fill(NaN);
  for (let b = 0; b < closeIndex.length; b++) {
    closed[closeIndex[b]] = 1;
    spread[closeIndex[b]] = closePx[b];
  }
  return { x, closed, closePx: spread };
}

/**
 * Checks positions of closes: whole numbers inside the grid, strictly ascending.
 * @throws EmaError `EMA_BAD_INPUT`
 */
function assertCloseIndex(length: number, closeIndex: ArrayLike<number>): void {
  let previous = -1;
  for (let b = 0; b < closeIndex.length; b++) {
    const at = closeIndex[b];
    if (!Number.isInteger(at) || at <= previous || at >= length) {
      throw new EmaError(
        'EMA_BAD_INPUT',
        `closeIndex[${b}] is ${at} after ${previous}; expected strictly ascending positions below ${length}`,
        { context: { index: b, value: at } },
      );
    }
    previous = at;
  }
}

/**
 * Runs a variant over a chunk and collects its rows. The given state stays unchanged; the new one is in the result.
 * @param state the state after the previous chunk; an empty state if left out
 * @param isKept whether the rows of a period are wanted
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, and `EMA_BAD_STATE` if the state is of another spec
 */
export function runVariant(
  spec: VariantSpec,
  input: VariantInput,
  state?: VariantState,
  isKept: (period: number) => boolean = () => true,
): VariantRows {
  return collectRows(advanceChunk(spec, input, state), isKept);
}

/**
 * {@link runVariant} for the variants with a second series.
 * @throws EmaError as {@link runVariant}
 */
export function runCalendarVariant(spec: VariantSpec, input: VariantInput, state?: VariantState): CalendarRows {
  const chunk = advanceChunk(spec, input, state);
  const { block } = chunk;
  const cells = emittedCells(block);
  return {
    ...collectRows(chunk, () => true),
    emaBar: pick(block.emaBar, cells),
    d1Bar: pick(block.d1Bar, cells),
    d2Bar: pick(block.d2Bar, cells),
    d1RollBar: pick(block.d1RollBar, cells),
    d2RollBar: pick(block.d2RollBar, cells),
  };
}

interface AdvancedChunk {
  readonly state: VariantState;
  readonly block: EmaBlock;
  readonly report: AdvanceReport;
}

function advanceChunk(spec: VariantSpec, input: VariantInput, state?: VariantState): AdvancedChunk {
  const next = state === undefined ? openVariantState(spec) : resumeFrom(spec, state);
  const rows = input.x.length;
  const block = createEmaBlock({ rows, timeframes: 1, periods: spec.periods.length, withBar: next.plan.withBar });
  const report = advanceVariant(next, input, 0, rows, { block, firstRow: 0, offset: 0, tfOffset: 0 });
  return { state: next, block, report };
}

function collectRows({ state, block, report }: AdvancedChunk, isKept: (period: number) => boolean): VariantRows {
  const { periods } = state.spec;
  const k = periods.length;
  const kept = periods.map(isKept);
  const cells = emittedCells(block).filter((cell) => kept[cell % k]);
  return {
    count: cells.length,
    row: cells.map((cell) => Math.floor(cell / k)),
    period: cells.map((cell) => periods[cell % k]),
    ema: pick(block.ema, cells),
    d1: pick(block.d1, cells),
    d2: pick(block.d2, cells),
    d1Roll: pick(block.d1Roll, cells),
    d2Roll: pick(block.d2Roll, cells),
    roll: Uint8Array.from(cells, (cell) => block.roll[Math.floor(cell / k)]),
    report,
    state,
  };
}

function resumeFrom(spec: VariantSpec, state: VariantState): VariantState {
  const mismatch = describeVariantMismatch(spec, state.spec);
  if (mismatch !== null) throw new EmaError('EMA_BAD_STATE', `state belongs to another series: ${mismatch}`);
  return copyVariantState(state);
}

function emittedCells(block: EmaBlock): Int32Array {
  const cells = new Int32Array(block.ema.length);
  let count = 0;
  for (let cell = 0; cell < block.ema.length; cell++) {
    if (block.ema[cell] === block.ema[cell]) cells[count++] = cell;
  }
  return cells.subarray(0, count);
}

function pick(column: Float64Array, cells: Int32Array): Float64Array {
  return Float64Array.from(cells, (cell) => column[cell]);
}
