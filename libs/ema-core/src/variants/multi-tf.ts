import type { PreviewPolicy } from '../stream/variant-spec.ts';
import type { VariantState } from '../stream/variant-state.ts';
import { runVariant, spreadBars, type BarsOverDays, type VariantRows } from './variant-rows.ts';

/** Input of {@link multiTf}. */
export interface MultiTfInput extends BarsOverDays {
  /** Periods in bars, ascending and distinct. */
  readonly periods: readonly number[];
  /** Nominal days of a bar; only identifies the state, the values do not depend on it. Default 1. */
  readonly T?: number;
  readonly previewPolicy?: PreviewPolicy;
  readonly state?: VariantState;
}

/**
 * EMA of bar closes, with memoryless previews on the days between: on such a day the value is the bar EMA as it would be if the
 * bar closed on that day.
 * @returns one row per day and period from the `n`-th bar close on
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, `EMA_BAD_STATE`
 * @see docs/emas.md#families
 */
export function multiTf(input: MultiTfInput): VariantRows {
  const { periods, T = 1, previewPolicy } = input;
  return runVariant({ variant: 'multi_tf', periods, tfDays: T, previewPolicy }, spreadBars(input), input.state);
}
