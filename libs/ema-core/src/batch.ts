import { toFloat64, type EmaInput } from './float-input.ts';
import type { EmaOptions, EmaSpec } from './kernel-options.ts';
import { specOf, type EmaParameter } from './parameter.ts';
import { createState, push, type EmaState } from './state.ts';

/** Result of {@link emaBatch}. */
export interface EmaBatchResult {
  /** Period-major: the series of spec `j` at `[j·len, (j+1)·len)`; NaN where there is no value. */
  readonly values: Float64Array;
  /** Per spec the index of the first value; −1 if there is none. */
  readonly firstValid: Int32Array;
  /** State after the last input, from which {@link push} can continue. */
  readonly state: EmaState;
}

/**
 * Computes `k` EMAs of a whole series.
 * @param x inputs, length `len`
 * @param specs periods, optionally with their own smoothing factors and seed lengths
 * @param out receives the values; at least `k·len` long, allocated if left out
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, `EMA_NAN_INPUT`
 * @see docs/emas.md#kernel
 */
export function emaBatch(
  x: EmaInput,
  specs: readonly EmaSpec[],
  options: EmaOptions = {},
  out?: Float64Array,
): EmaBatchResult {
  const state = createState(specs, options);
  const input = toFloat64(x);
  const values = push(state, input, out);
  const firstValid = new Int32Array(specs.length);
  for (let j = 0; j < specs.length; j++) firstValid[j] = firstDefined(values, j * input.length, input.length);
  return { values, firstValid, state };
}

/**
 * Computes one EMA of a whole series; by default the mean of the first `n` inputs at index `n−1`, then `αx + (1−α)e`.
 * @param x inputs; null, undefined and NaN are "no value"; an infinite one leaves no later value finite
 * @param parameter a period, or `{ span }`, `{ alpha }`, `{ com }`, `{ halfLife }`, `{ wilder }`
 * @param options how the EMA starts and how missing values are handled; `EMA_CONVENTIONS` has the options of other programs
 * @returns values of the length of `x`, NaN before the first one
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_ALPHA`, `EMA_BAD_OPTION`, `EMA_BAD_INPUT`, `EMA_NAN_INPUT`
 * @example
 * ```ts
 * ema([10, 11, 12, 13, 14, 15], 3); // NaN NaN 11 12 13 14
 * ema(closes, { wilder: 14 });
 * ```
 */
export function ema(x: EmaInput, parameter: EmaParameter, options: EmaOptions = {}): Float64Array {
  return push(createState([specOf(parameter, options)], options), x);
}

function firstDefined(values: Float64Array, at: number, length: number): number {
  for (let i = 0; i < length; i++) if (values[at + i] === values[at + i]) return i;
  return -1;
}
