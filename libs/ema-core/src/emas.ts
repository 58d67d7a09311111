import { EmaError } from './errors.ts';
import { toFloat64 } from './float-input.ts';
import type { EmaOptions } from './kernel-options.ts';
import { createState, push, type EmaState } from './state.ts';

/**
 * Periods computed at once, as many as the kernel takes in one pass. Each series is then copied into memory of its own: asking the
 * system for one large buffer per call takes many times as long as the EMAs do, and a kept series would hold all of them.
 */
const PERIODS_TOGETHER = 4;

/**
 * EMAs of one series for many periods.
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
  const input = toFloat64(x);
  const { length } = input;
  const together = new Float64Array(Math.min(PERIODS_TOGETHER, periods.length) * length);
  const series = new Map<number, Float64Array>();
  for (let at = 0; at < periods.length; at += PERIODS_TOGETHER) {
    const some = periods.slice(at, at + PERIODS_TOGETHER);
    push(stateOf(some, options), input, together);
    some.forEach((n, j) => series.set(n, together.slice(j * length, (j + 1) * length)));
  }
  return series;
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
  const state = stateOf(periods, options);
  const input = new Float64Array(1);
  return {
    periods: [...periods],
    next(close) {
      input[0] = close;
      return push(state, input);
    },
  };
}

function stateOf(periods: readonly number[], options: EmaOptions): EmaState {
  return createState(
    periods.map((n) => ({ n })),
    options,
  );
}

function assertDistinct(periods: readonly number[]): void {
  if (periods.length > 0 && new Set(periods).size === periods.length) return;
  throw new EmaError('EMA_BAD_PERIOD', `periods are [${periods.join(', ')}]; expected one or more, each given once`);
}
