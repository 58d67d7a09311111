import type { EmaOptions } from './kernel-options.ts';

/**
 * Options that reproduce the defaults of other programs (docs/emas.md; compared with the programs themselves in `test/peers`).
 *
 * - `ta`: this project and the database: the mean of the first n inputs, then `αx + (1−α)e`; a gap repeats the value.
 * - `pandas`: `ewm(span=n).mean()`: a weighted mean of all inputs so far (`adjust=True`); the past fades over a gap.
 * - `pandasUnadjusted`: `ewm(span=n, adjust=False).mean()`: starts with the first input; the past fades over a gap.
 * - `polars`: `ewmMean`: as pandas, but a gap leaves the weights unchanged and gives no value.
 * - `taLib`: `EMA(x, n)` of TA-Lib and technicalindicators: the mean of the first n inputs; leading NaN inputs are skipped, a NaN
 *   after the first number makes all later values NaN.
 * - `tradingSignals`: `EMA(n)` of trading-signals and indicatorts: starts with the first input, which already gives a value.
 *
 * EMAs that differ only in how they start converge: each input multiplies their difference by `1−α`, so at most a thousandth of
 * the initial difference is left after `3.45·(n+1)` inputs. `ta` and `tradingSignals` agree to the last bit after 10 to 20 times
 * `n+1` inputs (n from 2 to 200, 200 random walks each); the weighted means of `pandas` and `polars` converge equally fast, but
 * divide at every step and keep differing in the last bits.
 *
 * @example
 * ```ts
 * ema([1, 2, 3], 2, EMA_CONVENTIONS.pandas); // 1 1.75 2.615…
 * ```
 */
export const EMA_CONVENTIONS = {
  ta: {},
  pandas: { adjust: true, minPeriods: 1, ignoreNa: false },
  pandasUnadjusted: { adjust: false, seed: 'first', minPeriods: 1, ignoreNa: false },
  polars: { adjust: true, minPeriods: 1, ignoreNa: true, nan: 'mask' },
  taLib: { seed: 'sma', nan: 'propagate' },
  tradingSignals: { seed: 'first', minPeriods: 1 },
  /** @deprecated It is `pandas` now: pandas' own default. For `adjust=False` write `pandasUnadjusted`. */
  pandasAdjusted: { adjust: true, minPeriods: 1, ignoreNa: false },
} as const satisfies Readonly<Record<string, EmaOptions>>;
