import { EmaError } from './errors.ts';

/**
 * The 17 EMA periods, in bars of the timeframe, ascending, that every variant computes.
 * @see docs/emas.md#families
 */
export const EMA_PERIODS: readonly number[] = Object.freeze([
  6, 9, 10, 12, 14, 17, 20, 21, 26, 30, 50, 52, 77, 100, 200, 252, 365,
]);

/**
 * Checks a list of EMA periods: at least one, whole numbers of at least 1, strictly ascending.
 * The order matters: it makes the seeded periods always a prefix of the list.
 * @throws EmaError `EMA_BAD_PERIOD`
 */
export function assertPeriods(periods: readonly number[]): void {
  if (periods.length === 0) {
    throw new EmaError('EMA_BAD_PERIOD', 'periods is empty; expected at least one period');
  }
  let previous = 0;
  for (const period of periods) {
    if (!Number.isSafeInteger(period) || period <= previous) {
      throw new EmaError(
        'EMA_BAD_PERIOD',
        `periods contains ${period} after ${previous}; expected whole numbers of at least 1, strictly ascending`,
        { hint: 'sort the list and drop duplicates', context: { periods: [...periods] } },
      );
    }
    previous = period;
  }
}
