import { emaBounds } from '../bounds.ts';
import { EmaError } from '../errors.ts';
import { emptyReport, judgeCells, type AdvanceReport } from './advance-report.ts';
import type { BlockPlace } from './ema-block.ts';
import {
  blankCells,
  blend,
  COLUMNS_PER_SERIES,
  copyRun,
  deriveCells,
  previewCells,
  type SeriesGrid,
} from './series-cells.ts';
import { RUN_BAR, RUN_EMA, RUN_EMA_BAR, type VariantState } from './variant-state.ts';

/** Rows of the daily grid with the closes of one timeframe; all columns have one entry per row. */
export interface VariantInput {
  /** Daily closes. */
  readonly x: Float64Array;
  /** 1 where a bar of this timeframe closes; for v2, where the 1-based number of the row is a multiple of T. */
  readonly closed: Uint8Array;
  /** Close of the bar, read where `closed` is 1. Not read by v2, which may pass an empty column. */
  readonly closePx: Float64Array;
  /**
   * Bars that are known to be closed only one row later, by the first row of the next bar (close rule `market`). None if left
   * out; not for v2.
   */
  readonly late?: LateCloses;
}

/** Columns with one entry per row. */
export interface LateCloses {
  /** 1 on the row that shows that the bar of the row before has closed. */
  readonly closed: Uint8Array;
  /** Close of that bar, read where `closed` is 1. */
  readonly closePx: Float64Array;
}

/**
 * Computes the rows `[from, until)` of one timeframe: it writes values, derivatives and flags into the block, and advances the
 * state in place. Any division of a history into calls gives the same bits as one call.
 *
 * Every cell of these rows is written, with NaN if a period is not seeded or a derivative undefined; only cells whose `ema` is
 * not NaN are stored. A bar that is known to be closed one row late is processed before the row that shows it, and that row is
 * not the bar's canonical row; so no row depends on a later one. Kernels skip NaN closes (the seed restarts; after it the value
 * repeats); in previews and chains a NaN close makes the value NaN, which is reported.
 *
 * @param state state of one (asset, timeframe); discard it if the report lists non-finite cells
 * @param place the block, and where the timeframe's cells lie in it
 * @returns the data errors, with their input rows
 * @throws EmaError `EMA_BAD_INPUT` if a column or the block is too short
 * @see docs/emas.md#families, docs/emas.md#kernel, docs/emas.md#checks-of-values, docs/markets.md
 */
export function advanceVariant(
  state: VariantState,
  input: VariantInput,
  from: number,
  until: number,
  place: BlockPlace,
): AdvanceReport {
  assertFits(state, input, from, until, place);
  const { block } = place;
  const { x, closed, closePx, late } = input;
  const { stride, tfStride, roll } = block;
  const k = state.spec.periods.length;
  const isDailySpace = state.spec.variant === 'v2';
  const grid: SeriesGrid = { cells: block.cells, size: block.columnLength, numbers: state.numbers, k };
  const pass: Pass = {
    state,
    grid,
    toBarSeries: COLUMNS_PER_SERIES * grid.size,
    report: emptyReport(),
    lo: 0,
    hi: 0,
    seededBefore: 0,
  };
  setBounds(pass);
  let cell = place.firstRow * stride + place.offset;
  let flag = place.firstRow * tfStride + place.tfOffset;
  for (let row = from; row < until; row++, cell += stride, flag += tfStride) {
    const isClosed = closed[row] !== 0;
    roll[flag] = isClosed ? 0 : 1;
    const isLate = late !== undefined && late.closed[row] !== 0;
    pass.seededBefore = state.seededCount;
    if (isLate) takeLateClose(pass, late.closePx[row]);
    const price = x[row];
    state.rowsSeen++;
    if (isClosed) state.barsSeen++;
    if (isDailySpace || state.barsSeen > 0) widenBounds(pass, price);
    if (isDailySpace) dailySpaceRow(pass, row, cell, price, isClosed);
    else if (isLate) lateRow(pass, row, cell, price, isClosed ? closePx[row] : null);
    else if (isClosed) closeRow(pass, row, cell, price, closePx[row]);
    else previewRow(pass, row, cell, price);
    if (state.seededCount < k) blankFrom(pass, cell, state.seededCount);
  }
  return pass.report;
}

/** The variables that the functions of one call share. */
interface Pass {
  readonly state: VariantState;
  readonly grid: SeriesGrid;
  /** Distance from a cell of `ema` to that of `ema_bar`. */
  readonly toBarSeries: number;
  readonly report: AdvanceReport;
  /**
   * Bounds of valid values, limited to finite doubles, so that one comparison checks both price bounds and finiteness; nearly all
   * values pass.
   */
  lo: number;
  hi: number;
  /** Number of periods that had a value before the current row. */
  seededBefore: number;
}

function widenBounds(pass: Pass, price: number): void {
  const { state } = pass;
  if (price >= state.priceMin && price <= state.priceMax) return;
  if (price < state.priceMin) state.priceMin = price;
  if (price > state.priceMax) state.priceMax = price;
  setBounds(pass);
}

function setBounds(pass: Pass): void {
  const { lo, hi } = emaBounds(pass.state.priceMin, pass.state.priceMax);
  pass.lo = Math.max(-Number.MAX_VALUE, lo);
  pass.hi = Math.min(Number.MAX_VALUE, hi);
}

/** v2: the kernel runs over the daily closes themselves. */
function dailySpaceRow(pass: Pass, row: number, cell: number, price: number, isClosed: boolean): void {
  const { state, grid, lo, hi } = pass;
  const { kernel } = state.plan;
  const warm = state.seededCount;
  seedWith(state, price, grid.cells, cell);
  let isSound: boolean;
  if (price === price && !isClosed && warm === state.seededCount) {
    isSound = previewCells(grid, cell, RUN_EMA, RUN_EMA, warm, price, kernel, lo, hi);
  } else {
    if (price === price) blend(grid.cells, cell, grid.numbers, RUN_EMA, warm, price, kernel);
    else copyRun(grid.cells, cell, grid.numbers, RUN_EMA, warm);
    isSound = deriveCells(grid, cell, RUN_EMA, state.seededCount, isClosed, lo, hi);
  }
  if (!isSound) judgeCells(pass.report, state, grid, { row, series: 'ema', cell });
}

/**
 * The day of a bar close. The kernel processes the bar; `ema_bar` (`ema` for multi_tf) is set to the kernel's value, while the
 * `ema` of a calendar variant continues its daily chain.
 */
function closeRow(pass: Pass, row: number, cell: number, price: number, close: number): void {
  const { state, grid, report, lo, hi } = pass;
  const { cells, numbers, k } = grid;
  const { withBar, kernel, chain } = state.plan;
  const bar = RUN_BAR * k;
  judgeClose(report, row, price, close);
  const warm = state.seededCount;
  if (close === close) blend(numbers, bar, numbers, bar, warm, close, kernel);
  seedWith(state, close, numbers, bar);
  const seeded = state.seededCount;
  if (withBar) {
    const barCell = cell + pass.toBarSeries;
    blend(cells, cell, numbers, RUN_EMA, warm, price, chain);
    copyRun(cells, cell + warm, numbers, bar + warm, seeded - warm);
    copyRun(cells, barCell, numbers, bar, seeded);
    const isBarSound = deriveCells(grid, barCell, RUN_EMA_BAR * k, seeded, true, lo, hi);
    if (!isBarSound) judgeCells(report, state, grid, { row, series: 'ema_bar', cell: barCell });
  } else {
    copyRun(cells, cell, numbers, bar, seeded);
  }
  if (!deriveCells(grid, cell, RUN_EMA, seeded, true, lo, hi))
    judgeCells(report, state, grid, { row, series: 'ema', cell });
}

function judgeClose(report: AdvanceReport, row: number, price: number, close: number): void {
  if (close !== price && (close === close || price === price)) {
    report.closeMismatches.push({ row, barClose: close, dailyClose: price });
  }
}

/** Processes a bar that closed with the row before, in the kernel only. */
function takeLateClose(pass: Pass, close: number): void {
  const { state, grid } = pass;
  const bar = RUN_BAR * grid.k;
  state.barsSeen++;
  widenBounds(pass, close);
  if (close === close) blend(grid.numbers, bar, grid.numbers, bar, state.seededCount, close, state.plan.kernel);
  seedWith(state, close, grid.numbers, bar);
}

/**
 * A day that shows that the bar before has closed; the kernel has just processed that bar. `ema_bar` (`ema` for multi_tf)
 * continues from it; the `ema` of a calendar variant continues its chain, starting from the bar EMA for periods that had no value
 * before. The day may close its own bar as well.
 *
 * @param close close of the bar that closes on this day; null if none does
 */
function lateRow(pass: Pass, row: number, cell: number, price: number, close: number | null): void {
  const { state, grid, report, lo, hi, seededBefore } = pass;
  const { cells, numbers, k } = grid;
  const { withBar, kernel, chain, preview } = state.plan;
  const bar = RUN_BAR * k;
  const barCell = withBar ? cell + pass.toBarSeries : cell;
  const warm = state.seededCount;
  if (withBar) {
    // the first value of `ema` is the bar EMA, for which no row was stored
    copyRun(numbers, seededBefore, numbers, bar + seededBefore, warm - seededBefore);
    blend(cells, cell, numbers, RUN_EMA, warm, price, chain);
    numbers.fill(NaN, seededBefore, warm);
  }
  if (close === null) {
    blend(cells, barCell, numbers, bar, warm, price, preview);
  } else {
    judgeClose(report, row, price, close);
    if (close === close) blend(numbers, bar, numbers, bar, warm, close, kernel);
    seedWith(state, close, numbers, bar);
    copyRun(cells, cell + warm, numbers, bar + warm, state.seededCount - warm);
    copyRun(cells, barCell, numbers, bar, state.seededCount);
  }
  const seeded = state.seededCount;
  if (withBar && !deriveCells(grid, barCell, RUN_EMA_BAR * k, seeded, close !== null, lo, hi)) {
    judgeCells(report, state, grid, { row, series: 'ema_bar', cell: barCell });
  }
  if (!deriveCells(grid, cell, RUN_EMA, seeded, close !== null, lo, hi)) {
    judgeCells(report, state, grid, { row, series: 'ema', cell });
  }
}

/** A day between two bar closes. */
function previewRow(pass: Pass, row: number, cell: number, price: number): void {
  const { state, grid, report, lo, hi } = pass;
  const { withBar, isMemoryless, chain, preview } = state.plan;
  const seeded = state.seededCount;
  const bar = RUN_BAR * grid.k;
  let isSound: boolean;
  if (withBar) {
    const barCell = cell + pass.toBarSeries;
    const atBarSeries = RUN_EMA_BAR * grid.k;
    const past = isMemoryless ? bar : atBarSeries;
    const isBarSound = previewCells(grid, barCell, atBarSeries, past, seeded, price, preview, lo, hi);
    if (!isBarSound) judgeCells(report, state, grid, { row, series: 'ema_bar', cell: barCell });
    isSound = previewCells(grid, cell, RUN_EMA, RUN_EMA, seeded, price, chain, lo, hi);
  } else {
    const past = isMemoryless ? bar : RUN_EMA;
    isSound = previewCells(grid, cell, RUN_EMA, past, seeded, price, preview, lo, hi);
  }
  if (!isSound) judgeCells(report, state, grid, { row, series: 'ema', cell });
}

/** Sets the cells of a row from a period on to NaN, in both series. */
function blankFrom({ state, grid, toBarSeries }: Pass, cell: number, period: number): void {
  blankCells(grid, cell + period, grid.k - period);
  if (state.plan.withBar) blankCells(grid, cell + toBarSeries + period, grid.k - period);
}

/**
 * Adds one kernel input to the seed windows. The windows of all unseeded periods start at the same input (the one after the last
 * NaN), so they share one sum; each period is seeded with the mean when its length is reached.
 */
function seedWith(state: VariantState, x: number, out: Float64Array, outAt: number): void {
  const { seedLengths } = state.plan;
  const k = seedLengths.length;
  if (state.seededCount === k) return;
  if (x !== x) {
    state.runLength = 0;
    state.seedSum = 0;
    return;
  }
  state.runLength++;
  state.seedSum += x;
  while (state.seededCount < k && seedLengths[state.seededCount] === state.runLength) {
    out[outAt + state.seededCount] = state.seedSum / state.runLength;
    state.seededCount++;
  }
}

function assertFits(
  state: VariantState,
  input: VariantInput,
  from: number,
  until: number,
  { block, firstRow, offset, tfOffset }: BlockPlace,
): void {
  const rows = input.x.length;
  if (!(Number.isInteger(from) && Number.isInteger(until) && from >= 0 && from <= until && until <= rows)) {
    throw new EmaError('EMA_BAD_INPUT', `rows [${from}, ${until}) are not a range of the ${rows} input rows`);
  }
  expectLength('closed', input.closed.length, rows);
  if (state.spec.variant !== 'v2') expectLength('closePx', input.closePx.length, rows);
  if (input.late !== undefined) {
    expectLength('late.closed', input.late.closed.length, rows);
    expectLength('late.closePx', input.late.closePx.length, rows);
  }
  const k = state.spec.periods.length;
  const isInside =
    firstRow >= 0 &&
    firstRow + (until - from) <= block.rows &&
    offset >= 0 &&
    offset + k <= block.stride &&
    tfOffset >= 0 &&
    tfOffset < block.tfStride;
  if (!isInside) {
    throw new EmaError(
      'EMA_BAD_INPUT',
      `${until - from} rows of ${k} periods do not fit in the block at the given place`,
      {
        context: { firstRow, offset, tfOffset, rows: block.rows, stride: block.stride, tfStride: block.tfStride },
      },
    );
  }
  if (state.plan.withBar && block.emaBar.length !== block.ema.length) {
    throw new EmaError(
      'EMA_BAD_INPUT',
      `block has no ema_bar columns; expected them for variant ${state.spec.variant}`,
      {
        hint: 'create the block with withBar: true',
      },
    );
  }
}

function expectLength(name: string, found: number, expected: number): void {
  if (found !== expected)
    throw new EmaError('EMA_BAD_INPUT', `${name} has ${found} entries; expected ${expected}, as x`);
}
