import type { CalendarInput } from './calendar.ts';
import { runCalendarVariant, spreadBars, type CalendarRows } from './variant-rows.ts';

/**
 * EMAs of anchored calendar bars: as `calendar`, but chained with the daily-equivalent factor, whose `T` daily steps decay the
 * old state exactly as much as one bar. A partial first bar counts as a full one.
 * @returns one row per day and period from the `n`-th bar close on
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, `EMA_BAD_STATE`
 * @see docs/emas.md#families, docs/emas.md#smoothing-factors
 */
export function anchored(input: CalendarInput): CalendarRows {
  const { periods, T, previewPolicy } = input;
  const spec = { variant: 'cal_anchor', periods, tfDays: T, previewPolicy } as const;
  return runCalendarVariant(spec, spreadBars(input), input.state);
}
