import { EmaError } from './errors.ts';
import { toFloat64 } from './float-input.ts';

/** Verdict of {@link validateBounds}: the first failing check of a value. */
export const BOUNDS_CODE = Object.freeze({
  ok: 0,
  nan: 1,
  infinity: 2,
  negative: 3,
  outOfPriceBounds: 4,
  outOfStatisticalBounds: 5,
});

/** Lower and upper bound per row; NaN means that there is no bound. */
export interface Bounds {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/** Further bounds of {@link validateBounds}. */
export interface ValidateBoundsOptions {
  /** Statistical bounds, checked last; a number holds for all rows. */
  readonly statistical?: { readonly lo: number | Float64Array; readonly hi: number | Float64Array };
}

/**
 * Judges values, first failing check wins: NaN, infinite, negative (0 passes, and so does what a lower bound below 0 lets through),
 * outside the price bounds, outside the statistical bounds. Bounds are inclusive; a NaN bound is no bound.
 * @param v values, length `len`
 * @param lo lower price bound, one for all or one per value
 * @param hi upper price bound, one for all or one per value
 * @returns one {@link BOUNDS_CODE} per value
 * @throws EmaError `EMA_BAD_INPUT`
 * @see emas.md 2.1 and D11
 */
export function validateBounds(
  v: ArrayLike<number>,
  lo: number | Float64Array,
  hi: number | Float64Array,
  options: ValidateBoundsOptions = {},
): Uint8Array {
  const values = toFloat64(v);
  const length = values.length;
  const priceLo = boundAt('lo', lo, length);
  const priceHi = boundAt('hi', hi, length);
  const statLo = boundAt('statistical.lo', options.statistical?.lo ?? NaN, length);
  const statHi = boundAt('statistical.hi', options.statistical?.hi ?? NaN, length);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value !== value) out[i] = BOUNDS_CODE.nan;
    else if (value === Infinity || value === -Infinity) out[i] = BOUNDS_CODE.infinity;
    else if (value < 0 && !(priceLo(i) < 0)) out[i] = BOUNDS_CODE.negative;
    else if (value < priceLo(i) || value > priceHi(i)) out[i] = BOUNDS_CODE.outOfPriceBounds;
    else if (value < statLo(i) || value > statHi(i)) out[i] = BOUNDS_CODE.outOfStatisticalBounds;
  }
  return out;
}

/** What rounding may add to an EMA beyond its least or greatest input, relative to the greater of their sizes. */
const ROUNDING = 1e-12;

/**
 * The bounds of an EMA whose inputs lie between `min` and `max`: a weighted mean never leaves them. Where all inputs are positive
 * they are widened by the factors; prices at or below zero (spreads, oil in April 2020) leave room for rounding only.
 * @see emas.md D11 (3); spec README, ruling 18
 */
export function emaBounds(min: number, max: number, loFactor = 0.5, hiFactor = 2): { lo: number; hi: number } {
  if (min > 0) return { lo: loFactor * min, hi: hiFactor * max };
  const rounding = ROUNDING * Math.max(-min, max);
  return { lo: min - rounding, hi: max + rounding };
}

/**
 * Bounds from all closes seen so far: {@link emaBounds} of `x[from … i]`. NaN before `from`.
 * @param x closes, length `len`; NaN entries are passed over
 * @param from first row that counts, the start of the seed window
 * @see emas.md D11 (3)
 */
export function expandingBounds(x: ArrayLike<number>, from: number, loFactor = 0.5, hiFactor = 2): Bounds {
  const closes = toFloat64(x);
  const lo = new Float64Array(closes.length).fill(NaN);
  const hi = new Float64Array(closes.length).fill(NaN);
  let min = Infinity;
  let max = -Infinity;
  for (let i = Math.max(0, from); i < closes.length; i++) {
    const close = closes[i];
    if (close < min) min = close;
    if (close > max) max = close;
    if (min <= max) {
      const bounds = emaBounds(min, max, loFactor, hiFactor);
      lo[i] = bounds.lo;
      hi[i] = bounds.hi;
    }
  }
  return { lo, hi };
}

/**
 * Bounds from the recent past: mean ± `k` sample standard deviations of the previous `window` values strictly before each row
 * (NaN ones not counted). NaN where there are fewer than `min` of them. Takes `len·window` steps: each row is summed afresh, so
 * that no rounding builds up.
 * @throws EmaError `EMA_BAD_OPTION`
 * @see emas.md 2.1 and D11 (4)
 */
export function rollingSigmaBounds(v: ArrayLike<number>, window = 100, k = 3, min = 10): Bounds {
  if (!(Number.isSafeInteger(window) && window >= 1)) {
    throw new EmaError('EMA_BAD_OPTION', `window is ${window}; expected a whole number of at least 1`);
  }
  const values = toFloat64(v);
  const lo = new Float64Array(values.length).fill(NaN);
  const hi = new Float64Array(values.length).fill(NaN);
  const ring = new Float64Array(window);
  let seen = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.min(seen, window);
    if (size >= min && size >= 2) {
      const { mean, deviation } = sampleMoments(ring, seen - size, size);
      lo[i] = mean - k * deviation;
      hi[i] = mean + k * deviation;
    }
    if (values[i] === values[i]) ring[seen++ % window] = values[i];
  }
  return { lo, hi };
}

function sampleMoments(ring: Float64Array, first: number, size: number): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += ring[(first + i) % ring.length];
  const mean = sum / size;
  let squares = 0;
  for (let i = 0; i < size; i++) {
    const delta = ring[(first + i) % ring.length] - mean;
    squares += delta * delta;
  }
  return { mean, deviation: Math.sqrt(squares / (size - 1)) };
}

function boundAt(name: string, bound: number | Float64Array, length: number): (i: number) => number {
  if (typeof bound === 'number') return () => bound;
  if (bound.length !== length) {
    throw new EmaError('EMA_BAD_INPUT', `${name} has ${bound.length} entries; expected ${length}`);
  }
  return (i) => bound[i];
}
