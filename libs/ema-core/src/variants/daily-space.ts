import { EmaError } from '../errors.ts';
import { toFloat64 } from '../float-input.ts';
import type { VariantState } from '../stream/variant-state.ts';
import { runVariant, type VariantRows } from './variant-rows.ts';

/** Input of {@link dailySpace}. */
export interface DailySpaceInput {
  /** Daily closes, or the next chunk of them. */
  readonly x: ArrayLike<number>;
  /** Days of a bar. */
  readonly T: number;
  /** Periods in bars, ascending and distinct. */
  readonly periods: readonly number[];
  /**
   * Number of the first row of `x` in the asset's history, 1-based; default 1. It decides which rows are canonical
   * (docs/emas.md).
   */
  readonly startSeq?: number;
  /**
   * Keeps only periods for which the history up to the end of `x` is at least this many times their horizon; default 1. The
   * reference uses 3. It depends on the length of the whole series, so it cannot be combined with a `state`.
   */
  readonly minObsMultiplier?: number;
  readonly state?: VariantState;
}

/**
 * EMA over all daily closes with the horizon of `n` bars of `T` days; canonical on the rows whose number is a multiple of `T`.
 * @returns one row per day and period from the `n·T`-th daily close on
 * @throws EmaError `EMA_BAD_PERIOD`, `EMA_BAD_OPTION`, `EMA_BAD_STATE`
 * @see docs/emas.md#families
 */
export function dailySpace(input: DailySpaceInput): VariantRows {
  const { T, startSeq = 1, minObsMultiplier = 1, state } = input;
  const x = toFloat64(input.x);
  if (!Number.isSafeInteger(startSeq) || startSeq < 1) {
    throw new EmaError('EMA_BAD_OPTION', `startSeq is ${startSeq}; expected a whole number of at least 1`);
  }
  if (state !== undefined && minObsMultiplier !== 1) {
    throw new EmaError('EMA_BAD_OPTION', `minObsMultiplier is ${minObsMultiplier} together with a state; expected 1`);
  }
  const closed = Uint8Array.from(x, (_, i) => ((startSeq + i) % T === 0 ? 1 : 0));
  const spec = { variant: 'v2', periods: input.periods, tfDays: T } as const;
  const bars = Math.floor(x.length / T);
  const isKept = (n: number) => minObsMultiplier === 1 || bars >= Math.trunc(minObsMultiplier * n);
  return runVariant(spec, { x, closed, closePx: new Float64Array(0) }, state, isKept);
}
