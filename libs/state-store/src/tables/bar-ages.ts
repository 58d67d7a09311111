/** Stands for NULL in {@link BarAges}. */
export const NO_AGE = -2_147_483_648;

/** Instants in the form of slim rows: each as an age or as an instant, or neither if the instant is unknown. */
export interface BarAges {
  /**
   * Seconds from the instant to the close, or negated to the millisecond after the close; {@link NO_AGE} if neither is a whole
   * number.
   */
  readonly ages: Int32Array;
  /** Epoch ms of the instants that have no age; NaN for all others. */
  readonly instants: Float64Array;
}

/**
 * Converts instants into the form of slim rows: a 4-byte age if the instant is a whole number of seconds before the close of its
 * row, or before the millisecond after the close (days close one millisecond before they end), else the instant itself. The views
 * compute the instant from it.
 *
 * @param instants epoch ms, microseconds as fraction; NaN if unknown
 */
export function agesOf(instants: Float64Array, closes: Float64Array, length: number): BarAges {
  const [ages, others] = [new Int32Array(length), new Float64Array(length)];
  for (let row = 0; row < length; row++) {
    const age = ageOf((closes[row] as number) - (instants[row] as number));
    ages[row] = age;
    others[row] = age === NO_AGE ? (instants[row] as number) : Number.NaN;
  }
  return { ages, instants: others };
}

const MOST_SECONDS = 2_147_483_647;

/**
 * The age of an instant that is `ms` before its close. Exact for instants from 1691 on, where a double represents every
 * microsecond.
 */
function ageOf(ms: number): number {
  const seconds = ms % 1000 === 0 ? ms / 1000 : (ms + 1) % 1000 === 0 ? -(ms + 1) / 1000 : Number.NaN;
  if (!(ms >= 0 && Math.abs(seconds) <= MOST_SECONDS)) return NO_AGE;
  return seconds;
}
