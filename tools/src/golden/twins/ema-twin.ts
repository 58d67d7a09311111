import type { DailySeries } from '@ta/bars-core/engine';
import { alphaBar, dailySpace, emaBatch, multiTf, type VariantRows } from '@ta/ema-core/engine';
import { GOLDEN_PERIODS } from '../golden-dimensions.ts';
import { pickRows, type GoldenAsset } from '../golden-source.ts';
import type { Cell } from '../rows.ts';
import { derivatives, memorylessPreviews } from './series-twin.ts';

/** The daily rows from which EMAs are computed, each with its number among all source rows of its asset. */
export interface EmaGrid {
  readonly id: number;
  readonly rows: DailySeries;
  /** Numbers of the rows, from 1 as the 1D `bar_seq`. */
  readonly sourceNumber: readonly number[];
}

/** The kept rows of an asset as a grid. */
export function gridOf(asset: GoldenAsset, isKept: (row: number) => boolean): EmaGrid {
  const positions = Array.from(asset.rows.ts.keys()).filter((row) => isKept(row));
  return { id: asset.id, rows: pickRows(asset.rows, positions), sourceNumber: positions.map((row) => row + 1) };
}

/** How v2 is made: the horizons of history that a series requires, and how its rows are numbered (docs/emas.md#families). */
export interface DailySpaceChoice {
  readonly gate: number;
  readonly numberedBy: 'position' | 'source';
}

/** The reference's v2: three horizons of history, and rows numbered as they are loaded. */
export const REFERENCE_DAILY_SPACE: DailySpaceChoice = { gate: 3, numberedBy: 'position' };

/** v2 over the closes of a grid. */
export function dailySpaceTwin(
  grid: EmaGrid,
  tf: string,
  days: number,
  choice: DailySpaceChoice,
): Record<string, Cell>[] {
  const { close } = grid.rows;
  const all = dailySpace({ x: close, T: days, periods: GOLDEN_PERIODS, minObsMultiplier: choice.gate });
  const cells = cellsOf(grid, tf, days, all);
  if (choice.numberedBy === 'position') return cells;
  const isCanonical = Uint8Array.from(grid.sourceNumber, (number) => (number % days === 0 ? 1 : 0));
  return GOLDEN_PERIODS.flatMap((period) => {
    const ofPeriod = cells.filter((cell) => cell.period === period);
    const first = close.length - ofPeriod.length;
    const ema = Float64Array.from(ofPeriod, (cell) => cell.ema as number);
    return derive(ofPeriod, ema, isCanonical.subarray(first));
  });
}

/** multi_tf over bars that close on the given rows of the grid, at the rows' closes. */
export function multiTfTwin(
  grid: EmaGrid,
  tf: string,
  days: number,
  closes: readonly number[],
): Record<string, Cell>[] {
  const { close } = grid.rows;
  const closePx = closes.map((row) => close[row]);
  return cellsOf(grid, tf, days, multiTf({ x: close, closeIndex: closes, closePx, periods: GOLDEN_PERIODS, T: days }));
}

/**
 * multi_tf where days may have no price: such a day has no preview, and a bar that closes on it leaves the EMA unchanged, but
 * no bar of the seed window may close on one (docs/emas.md). Computed step by step: kernel, previews, differences.
 */
export function multiTfTwinWithGaps(
  grid: EmaGrid,
  tf: string,
  days: number,
  closes: readonly number[],
): Record<string, Cell>[] {
  const { ts, close } = grid.rows;
  const isCanonical = Uint8Array.from(ts.keys(), (row) => (closes.includes(row) ? 1 : 0));
  const barCloses = closes.map((row) => close[row]);
  return GOLDEN_PERIODS.flatMap((period) => {
    const barEma = emaBatch(barCloses, [{ n: period }], { nan: 'carry' }).values;
    const ema = memorylessPreviews(close, closes, barEma, alphaBar(period));
    const rows = Array.from(ema.keys(), (row) => ({ id: grid.id, tf, ts: ts[row], period, tf_days: days }));
    return derive(rows, ema, isCanonical).filter((row) => !Number.isNaN(row.ema));
  });
}

function derive<R extends object>(rows: readonly R[], ema: Float64Array, isCanonical: Uint8Array) {
  const { d1, d2, d1Roll, d2Roll } = derivatives(ema, isCanonical);
  return rows.map((row, at) => ({
    ...row,
    ema: ema[at],
    roll: 1 - isCanonical[at],
    d1: d1[at],
    d2: d2[at],
    d1_roll: d1Roll[at],
    d2_roll: d2Roll[at],
  }));
}

function cellsOf(grid: EmaGrid, tf: string, days: number, rows: VariantRows) {
  return Array.from({ length: rows.count }, (_, at) => ({
    id: grid.id,
    tf,
    ts: grid.rows.ts[rows.row[at]],
    period: rows.period[at],
    tf_days: days,
    ema: rows.ema[at],
    roll: rows.roll[at],
    d1: rows.d1[at],
    d2: rows.d2[at],
    d1_roll: rows.d1Roll[at],
    d2_roll: rows.d2Roll[at],
  }));
}
