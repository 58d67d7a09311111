import { emaBounds } from '../bounds.ts';
import { blankCells, type SeriesGrid } from './series-cells.ts';
import type { VariantState } from './variant-state.ts';

/** One of the two stored series. */
export type EmaSeries = 'ema' | 'ema_bar';

/** A value after the seed that is NaN or infinite; neither the rows nor the state of the call may be stored (docs/emas.md). */
export interface NonFiniteCell {
  /** Input row. */
  readonly row: number;
  readonly period: number;
  readonly series: EmaSeries;
  readonly kind: 'nan' | 'infinity';
  readonly value: number;
}

/** A finite value outside its bounds; it is stored nevertheless, and reported (docs/emas.md#checks-of-values). */
export interface BoundsViolation {
  /** Input row. */
  readonly row: number;
  readonly period: number;
  readonly series: EmaSeries;
  readonly kind: 'negative' | 'out_of_price_bounds';
  readonly value: number;
  /** {@link emaBounds} of the daily closes since the first bar close. */
  readonly lo: number;
  readonly hi: number;
}

/**
 * A bar whose close differs from the daily close of the same row (docs/emas.md); the bar EMA used the former, daily steps the
 * latter.
 */
export interface CloseMismatch {
  /** Input row. */
  readonly row: number;
  readonly barClose: number;
  readonly dailyClose: number;
}

/** Data errors that `advanceVariant` found; all three lists are empty if there are none. */
export interface AdvanceReport {
  /**
   * The first non-finite cell of each (period, series) in this call. If not empty, do not store the rows or the state of this
   * call.
   */
  readonly nonFinite: NonFiniteCell[];
  readonly violations: BoundsViolation[];
  readonly closeMismatches: CloseMismatch[];
}

/** Creates an empty report. */
export function emptyReport(): AdvanceReport {
  return { nonFinite: [], violations: [], closeMismatches: [] };
}

/** The values of one row in one series. */
export interface RowOfSeries {
  /** Input row. */
  readonly row: number;
  readonly series: EmaSeries;
  /** Position of the first value in `cells` of the grid. */
  readonly cell: number;
}

/**
 * Checks each seeded value of a row that failed the combined check. It adds violations to `report`, and sets the cells of values
 * that are not finite to NaN, so that no rows are stored for them.
 */
export function judgeCells(
  report: AdvanceReport,
  state: VariantState,
  grid: SeriesGrid,
  { row, series, cell }: RowOfSeries,
): void {
  const { periods } = state.spec;
  const { lo, hi } = emaBounds(state.priceMin, state.priceMax);
  for (let p = 0; p < state.seededCount; p++) {
    const value = grid.cells[cell + p];
    const period = periods[p];
    if (!Number.isFinite(value)) {
      const kind = value !== value ? 'nan' : 'infinity';
      if (!report.nonFinite.some((known) => known.period === period && known.series === series)) {
        report.nonFinite.push({ row, period, series, kind, value });
      }
      blankCells(grid, cell + p, 1);
    } else if (value < 0 && lo >= 0) {
      report.violations.push({ row, period, series, kind: 'negative', value, lo, hi });
    } else if (value < lo || value > hi) {
      report.violations.push({ row, period, series, kind: 'out_of_price_bounds', value, lo, hi });
    }
  }
}
