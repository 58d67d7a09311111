/** The greater of two prices; NaN means not known and is ignored, as PostgreSQL's GREATEST ignores NULL. */
export function greatestKnown(left: number, right: number): number {
  return right > left || Number.isNaN(left) ? right : left;
}

/** The smaller of two prices; NaN means not known and is ignored, as PostgreSQL's LEAST ignores NULL. */
export function leastKnown(left: number, right: number): number {
  return right < left || Number.isNaN(left) ? right : left;
}
