/** How far rounding may move an EMA beyond its smallest or largest input, relative to the larger absolute value of the two. */
const ROUNDING = 1e-12;

/**
 * The bounds of an EMA whose inputs lie between `min` and `max`: a weighted mean never leaves them. If all inputs are positive,
 * the bounds are widened by the factors; with prices at or below zero (spreads, oil in April 2020) they are widened for rounding
 * only.
 * @see docs/emas.md#checks-of-values
 */
export function emaBounds(min: number, max: number, loFactor = 0.5, hiFactor = 2): { lo: number; hi: number } {
  if (min > 0) return { lo: loFactor * min, hi: hiFactor * max };
  const rounding = ROUNDING * Math.max(-min, max);
  return { lo: min - rounding, hi: max + rounding };
}
