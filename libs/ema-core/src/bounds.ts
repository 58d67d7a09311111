/** What rounding may add to an EMA beyond its least or greatest input, relative to the greater of their sizes. */
const ROUNDING = 1e-12;

/**
 * The bounds of an EMA whose inputs lie between `min` and `max`: a weighted mean never leaves them. Where all inputs are positive
 * they are widened by the factors; prices at or below zero (spreads, oil in April 2020) leave room for rounding only.
 * @see docs/emas.md#checks-of-values
 */
export function emaBounds(min: number, max: number, loFactor = 0.5, hiFactor = 2): { lo: number; hi: number } {
  if (min > 0) return { lo: loFactor * min, hi: hiFactor * max };
  const rounding = ROUNDING * Math.max(-min, max);
  return { lo: min - rounding, hi: max + rounding };
}
