/*
 * The EMA recurrence and its seeds.
 *
 *   e_t = α·x_t + (1−α)·e_{t−1}        in exactly this order, with 1−α computed once
 *
 * | convention                     | first value               | before it | recurrence                | NaN input                     |
 * |--------------------------------|---------------------------|-----------|---------------------------|-------------------------------|
 * | this project (the default)     | mean of n at index n−1    | NaN       | αx + (1−α)e               | seed needs n in a row; carry  |
 * | TA-Lib                         | mean of n at index n−1    | absent    | (x−e)α + e (other bits)   | `nan: 'propagate'`            |
 * | TA-Lib, Metastock mode         | x0 inside, out from n−1   | absent    | same                      | same                          |
 * | pandas ewm(adjust=False)       | x0: `seed: 'first'`       | masks     | same as ours              | `ignoreNa` as in pandas       |
 * | pandas, polars (their default) | x0: `adjust: true`        | masks     | weighted mean of the past | `ignoreNa` as in pandas       |
 *
 * The mean of the seed is a plain left-to-right sum and one division, so that a stream can carry it.
 * @see docs/emas.md#kernel
 */
import { alphaBar } from './alpha.ts';
import { EmaError } from './errors.ts';
import type { NanPolicy, Seed } from './kernel-options.ts';

/** Columns of a kernel run, one entry per series; the loops below change them in place. */
export interface Lanes {
  readonly alpha: Float64Array;
  /** `1−α`. */
  readonly beta: Float64Array;
  readonly warmup: Float64Array;
  /** Observations so far, up to the warm-up; with an SMA seed those since the last NaN. */
  readonly count: Float64Array;
  /** Sum of the seed window so far. */
  readonly sum: Float64Array;
  /** Last value; before the first one the seed value if one is given, else NaN. */
  readonly prev: Float64Array;
  /** Weight of the past, for the weighted forms only. */
  readonly weight: Float64Array;
}

/** One chunk of work: inputs and the period-major output, row `j` at `j·x.length`. */
export interface Chunk {
  readonly x: Float64Array;
  readonly out: Float64Array;
}

/**
 * Number of inputs before the first output: `minPeriods − 1`.
 * @param n period in inputs, at least 1
 * @param minPeriods length of the seed; default `n`
 * @throws EmaError `EMA_BAD_PERIOD`
 */
export function emaLookback(n: number, minPeriods: number = n): number {
  alphaBar(n); // refuses what is no period
  if (!Number.isSafeInteger(minPeriods) || minPeriods < 1) {
    throw new EmaError('EMA_BAD_PERIOD', `minPeriods is ${minPeriods}; expected a whole number of at least 1`);
  }
  return minPeriods - 1;
}

/**
 * Warms one lane up: writes NaN until the first value, then that value.
 * @returns the index in the chunk from which the plain recurrence continues (the chunk's length if the warm-up does not end in
 * it)
 */
export function warmUp(lanes: Lanes, j: number, chunk: Chunk, seed: Seed, nan: NanPolicy): number {
  const { x, out } = chunk;
  const length = x.length;
  const at = j * length;
  const warmup = lanes.warmup[j];
  let count = lanes.count[j];
  if (count >= warmup) return 0;
  const bySum = seed === 'sma';
  const propagate = nan === 'propagate';
  const alpha = lanes.alpha[j];
  const beta = lanes.beta[j];
  let sum = lanes.sum[j];
  let prev = lanes.prev[j];
  let i = 0;
  while (i < length && count < warmup) {
    const v = x[i];
    let value = NaN;
    if (v !== v && !(propagate && count > 0)) {
      if (bySum) {
        count = 0;
        sum = 0;
      }
    } else {
      count++;
      if (bySum) {
        sum += v;
        if (count === warmup) prev = sum / warmup;
      } else {
        prev = count === 1 && seed === 'first' ? v : alpha * v + beta * prev;
      }
      if (count === warmup) value = prev;
    }
    out[at + i] = value;
    i++;
  }
  lanes.count[j] = count;
  lanes.sum[j] = sum;
  lanes.prev[j] = prev;
  return i;
}

/** Runs the plain recurrence of one warm lane over `[from, until)` of the chunk, NaN inputs included. */
export function runOne(lanes: Lanes, j: number, chunk: Chunk, from: number, until: number): void {
  const { x, out } = chunk;
  const at = j * x.length;
  const a = lanes.alpha[j];
  const b = lanes.beta[j];
  let e = lanes.prev[j];
  for (let i = from; i < until; i++) {
    e = a * x[i] + b * e;
    out[at + i] = e;
  }
  lanes.prev[j] = e;
}

/**
 * {@link runOne} for the four lanes `j … j+3` in one pass. A single lane waits for its own multiplication and addition at
 * every step; four independent ones fill that wait. The arithmetic of each lane is the same, bit for bit.
 */
export function runFour(lanes: Lanes, j: number, chunk: Chunk, from: number, until: number): void {
  const { x, out } = chunk;
  const length = x.length;
  const at0 = j * length;
  const at1 = at0 + length;
  const at2 = at1 + length;
  const at3 = at2 + length;
  const { alpha, beta, prev } = lanes;
  const a0 = alpha[j];
  const a1 = alpha[j + 1];
  const a2 = alpha[j + 2];
  const a3 = alpha[j + 3];
  const b0 = beta[j];
  const b1 = beta[j + 1];
  const b2 = beta[j + 2];
  const b3 = beta[j + 3];
  let e0 = prev[j];
  let e1 = prev[j + 1];
  let e2 = prev[j + 2];
  let e3 = prev[j + 3];
  for (let i = from; i < until; i++) {
    const v = x[i];
    e0 = a0 * v + b0 * e0;
    e1 = a1 * v + b1 * e1;
    e2 = a2 * v + b2 * e2;
    e3 = a3 * v + b3 * e3;
    out[at0 + i] = e0;
    out[at1 + i] = e1;
    out[at2 + i] = e2;
    out[at3 + i] = e3;
  }
  prev[j] = e0;
  prev[j + 1] = e1;
  prev[j + 2] = e2;
  prev[j + 3] = e3;
}

/** Writes the output of a warm lane for a NaN input at `i`: the last value again, or NaN if `mask`. */
export function holdAt(lanes: Lanes, j: number, chunk: Chunk, i: number, mask: boolean): void {
  chunk.out[j * chunk.x.length + i] = mask ? NaN : lanes.prev[j];
}

/**
 * Runs one lane in its weighted form from index `from` to the end of the chunk: the weighted mean of the whole past (`adjust`),
 * or the plain recurrence whose past also decays over NaN inputs (`ignoreNa` false). A lane with an SMA seed must be warm; with
 * other seeds it may be new. The order of operations is that of pandas' `ewm`.
 */
export function runWeighted(
  lanes: Lanes,
  j: number,
  chunk: Chunk,
  from: number,
  options: { adjust: boolean; ignoreNa: boolean; nan: NanPolicy; seed: Seed },
): void {
  const { x, out } = chunk;
  const length = x.length;
  const at = j * length;
  const { adjust, ignoreNa } = options;
  const propagate = options.nan === 'propagate';
  const mask = options.nan === 'mask';
  const startsAtFirst = options.seed === 'first';
  const warmup = lanes.warmup[j];
  const alpha = lanes.alpha[j];
  const beta = lanes.beta[j];
  let count = lanes.count[j];
  let e = lanes.prev[j];
  let weight = lanes.weight[j];
  for (let i = from; i < length; i++) {
    const v = x[i];
    const observed = v === v || (propagate && count > 0);
    if (count === 0 && startsAtFirst) {
      if (observed) e = v;
    } else if (observed || !ignoreNa) {
      weight *= beta;
      if (observed) {
        if (adjust) {
          // equal values stay equal: the division below could lose the last bit
          if (e !== v) e = (weight * e + v) / (weight + 1);
          weight += 1;
        } else {
          e = weight === beta ? alpha * v + beta * e : (weight * e + alpha * v) / (weight + alpha);
          weight = 1;
        }
      }
    }
    if (observed && count < warmup) count++;
    out[at + i] = count < warmup || (mask && !observed) ? NaN : e;
  }
  lanes.count[j] = count;
  lanes.prev[j] = e;
  lanes.weight[j] = weight;
}
