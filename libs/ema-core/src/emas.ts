import { emaBatch } from './batch.ts';
import { EmaError } from './errors.ts';
import type { EmaOptions } from './kernel-options.ts';
import { createState, push } from './state.ts';

/**
 * EMAs of one series for many periods, in one pass.
 * @param x inputs, closes usually; NaN is "no value"
 * @param periods each at least 1 and given once
 * @returns per period a series as long as `x`, NaN before its first value
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`, `EMA_NAN_INPUT`
 * @example
 * ```ts
 * emas([10, 11, 12, 13], [2, 3]).get(3); // NaN NaN 11 12
 * ```
 */
export function emas(
  x: ArrayLike<number>,
  periods: readonly number[],
  options: EmaOptions = {},
): Map<number, Float64Array> {
  assertDistinct(periods);
  const { values } = emaBatch(
    x,
    periods.map((n) => ({ n })),
    options,
  );
  return new Map(periods.map((n, j) => [n, values.subarray(j * x.length, (j + 1) * x.length)]));
}

/** EMAs that take one close at a time. */
export interface EmaStream {
  readonly periods: readonly number[];
  /** Takes the next close and returns the EMAs after it, in the order of `periods`; NaN while a seed is not complete. */
  next(close: number): Float64Array;
}

/**
 * The same EMAs close by close: bit for bit what {@link emas} gives for the whole series.
 * @throws EmaError as {@link emas}
 * @example
 * ```ts
 * const stream = emaStream([2, 3]);
 * for (const close of closes) console.log(...stream.next(close));
 * ```
 */
export function emaStream(periods: readonly number[], options: EmaOptions = {}): EmaStream {
  assertDistinct(periods);
  const state = createState(
    periods.map((n) => ({ n })),
    options,
  );
  const input = new Float64Array(1);
  return {
    periods: [...periods],
    next(close) {
      input[0] = close;
      return push(state, input);
    },
  };
}

function assertDistinct(periods: readonly number[]): void {
  if (periods.length > 0 && new Set(periods).size === periods.length) return;
  throw new EmaError('EMA_BAD_PERIOD', `periods are [${periods.join(', ')}]; expected one or more, each given once`);
}
