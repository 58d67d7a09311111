import type { EmaOptions } from './kernel-options.ts';

/**
 * The conventions of other programs, to be given as options (emas.md 7). After about 3.45·(n+1) inputs all of them agree
 * to a thousandth, but never bit for bit.
 *
 * - `ta`: this project and the database: the mean of the first n inputs, then `αx + (1−α)e`; a gap repeats the value.
 * - `taLib`: TA-Lib's EMA in its default compatibility: the same start, a NaN makes everything after it NaN.
 * - `pandas`: `ewm(span=n, adjust=False).mean()`: starts with the first input; the past fades over a gap.
 * - `pandasAdjusted`: `ewm(span=n).mean()`, pandas' own default: a weighted mean of all inputs so far.
 *
 * @example
 * ```ts
 * ema([1, 2, 3], 2, EMA_CONVENTIONS.pandas); // 1 1.666… 2.555…
 * ```
 */
export const EMA_CONVENTIONS = {
  ta: {},
  taLib: { seed: 'sma', nan: 'propagate' },
  pandas: { seed: 'first', minPeriods: 1, ignoreNa: false },
  pandasAdjusted: { adjust: true, minPeriods: 1, ignoreNa: false },
} as const satisfies Readonly<Record<string, EmaOptions>>;
