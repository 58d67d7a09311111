import type { TimeframeRow } from '@ta/bars-core/engine';
import { alphaBar, alphaDailyEquivalent, alphaDailySpace } from '@ta/ema-core/engine';
import type { DimensionSeeds, EmaAlphaRow } from '@ta/state-store';
import type { Row, Rows } from './rows.ts';

/** The periods to which the golden set was reduced. */
export const GOLDEN_PERIODS: readonly number[] = [6, 10, 21, 50];

/** The rows of the golden `dim_timeframe`: 158 timeframes with their own canonical flags. */
export function goldenTimeframes(rows: Rows): TimeframeRow[] {
  return Array.from({ length: rows.length }, (_, index) => timeframeRow(rows.at(index)));
}

function timeframeRow(row: Row): TimeframeRow {
  const nullable = (column: string) => (Number.isNaN(row.number(column)) ? null : row.number(column));
  return {
    tf: row.text('tf') as string,
    label: row.text('label') as string,
    baseUnit: row.text('base_unit') as string,
    tfQty: row.number('tf_qty'),
    tfDaysNominal: row.number('tf_days_nominal'),
    alignmentType: row.text('alignment_type') as string,
    calendarAnchor: row.text('calendar_anchor'),
    rollPolicy: row.text('roll_policy') as string,
    hasRollFlag: row.number('has_roll_flag') === 1,
    isIntraday: row.number('is_intraday') === 1,
    sortOrder: row.number('sort_order'),
    description: row.text('description'),
    isCanonical: row.number('is_canonical') === 1,
    calendarScheme: row.text('calendar_scheme'),
    allowPartialStart: row.number('allow_partial_start') === 1,
    allowPartialEnd: row.number('allow_partial_end') === 1,
    tfDaysMin: nullable('tf_days_min'),
    tfDaysMax: nullable('tf_days_max'),
  } as TimeframeRow;
}

/** Seeds of the golden database: its timeframes and periods, with the smoothing factors from our formulas. */
export function goldenSeeds(timeframes: readonly TimeframeRow[]): DimensionSeeds {
  const alphas = timeframes.flatMap(({ tf, tfDaysNominal }) =>
    GOLDEN_PERIODS.map((period, index): EmaAlphaRow => ({
      tf,
      period,
      tfDaysNominal,
      alphaEmaDailyspace: alphaDailySpace(period, tfDaysNominal),
      alphaBar: alphaBar(period),
      alphaBarPreviewDaily: alphaDailyEquivalent(period, tfDaysNominal),
      displayOrder: index + 1,
    })),
  );
  return { timeframes, periods: GOLDEN_PERIODS, alphas };
}
