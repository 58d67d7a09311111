import type { PreviewPolicy } from '../stream/variant-spec.ts';
import type { VariantState } from '../stream/variant-state.ts';
import { runCalendarVariant, spreadBars, type BarsOverDays, type CalendarRows } from './variant-rows.ts';

/** Input of {@link calendar} and of `anchored`. */
export interface CalendarInput extends BarsOverDays {
  /** Periods in bars, ascending and distinct. */
  readonly periods: readonly number[];
  /** Nominal days of a bar. */
  readonly T: number;
  readonly previewPolicy?: PreviewPolicy;
  readonly state?: VariantState;
}

/**
 * EMAs of calendar bars, chained from day to day with the daily-space factor: `ema` starts with the first bar EMA and is never
 * reset to it later, `ema_bar` is set to the bar EMA on every close.
 * @returns one row per day and period from the `n`-th bar close on
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, `EMA_BAD_STATE`
 * @see docs/emas.md#families, docs/emas.md#smoothing-factors
 */
export function calendar(input: CalendarInput): CalendarRows {
  const { periods, T, previewPolicy } = input;
  return runCalendarVariant({ variant: 'cal', periods, tfDays: T, previewPolicy }, spreadBars(input), input.state);
}
