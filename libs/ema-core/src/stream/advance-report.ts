import { emaBounds } from '../bounds.ts';
import { blankCells, type SeriesGrid } from './series-cells.ts';
import type { VariantState } from './variant-state.ts';

/** Which of the two stored values is meant. */
export type EmaSeries = 'ema' | 'ema_bar';

/** A value that is not a number after its seed; the key must be given up and the state thrown away (docs/emas.md). */
export interface NonFiniteCell {
  /** Input row. */
  readonly row: number;
  readonly period: number;
  readonly series: EmaSeries;
  readonly kind: 'nan' | 'infinity';
  readonly value: number;
}

/** A finite value outside its bounds; it is written all the same, and reported (docs/emas.md#checks-of-values and (3)). */
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

/** A bar whose close differs from the daily close of the same row (docs/emas.md); each series used its own input. */
export interface CloseMismatch {
  /** Input row. */
  readonly row: number;
  readonly barClose: number;
  readonly dailyClose: number;
}

/** Faults of the data that `advanceVariant` found. All three lists are empty on sound data. */
export interface AdvanceReport {
  /** The first such cell of each (period, series) in this call. Not empty: do not store rows or state of this call. */
  readonly nonFinite: NonFiniteCell[];
  readonly violations: BoundsViolation[];
  readonly closeMismatches: CloseMismatch[];
}

/** A report of nothing. */
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
 * Judges the seeded values of a row that failed the combined check: lists them in `report` and blanks the cells of those that are
 * not finite, so that they cannot be taken for rows.
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
