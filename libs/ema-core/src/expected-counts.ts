/**
 * Canonical rows of a series of period `n` after `barsClosed` closed bars: `max(0, barsClosed − n + 1)`. For v2, `barsClosed` is
 * the number of whole bars of `T` rows.
 * @see emas.md D12
 */
export function expectedCanonicalRows(barsClosed: number, n: number): number {
  return Math.max(0, barsClosed - n + 1);
}

/**
 * Canonical rows of a series of period `n` whose day lies in a range, both ends included.
 * @param closeTsMs ascending epoch ms of all bar closes since the first bar
 * @param firstTsMs first instant of the range
 * @param lastTsMs last instant of the range
 * @see emas.md D12
 */
export function expectedCanonicalRowsBetween(
  closeTsMs: ArrayLike<number>,
  n: number,
  firstTsMs: number,
  lastTsMs: number,
): number {
  const seedIndex = n - 1;
  const from = firstPast(closeTsMs, (tsMs) => tsMs >= firstTsMs);
  const until = firstPast(closeTsMs, (tsMs) => tsMs > lastTsMs);
  return Math.max(0, until - Math.max(seedIndex, from));
}

/**
 * All rows, canonical and preview, of a series of period `n`: the daily rows from its `n`-th bar close on.
 * @param closeIndex ascending positions of the bar closes among the daily rows
 * @param dailyRows number of daily rows
 * @see emas.md D10
 */
export function expectedRows(closeIndex: ArrayLike<number>, dailyRows: number, n: number): number {
  return closeIndex.length < n ? 0 : dailyRows - closeIndex[n - 1];
}

/**
 * All rows of a v2 series of period `n` and `tfDays` days: the daily rows from number `n·T` on.
 * @see emas.md 1.2, D10
 */
export function expectedDailySpaceRows(dailyRows: number, n: number, tfDays: number): number {
  return Math.max(0, dailyRows - n * tfDays + 1);
}

/**
 * Canonical rows in `days` days by arithmetic alone: `floor(days/T)`, 0 if there are fewer days than one bar or `T` is not
 * positive. No warm-up, no calendar: an estimate.
 * @see emas.md 2.2 and D12
 */
export function approximateExpected(days: number, tfDays: number): number {
  return tfDays > 0 && days >= tfDays ? Math.floor(days / tfDays) : 0;
}

/** Position of the first entry that `isPast` accepts; its length if none does. Accepted entries follow refused ones. */
function firstPast(ascending: ArrayLike<number>, isPast: (value: number) => boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPast(ascending[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
