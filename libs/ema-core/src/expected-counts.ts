/**
 * Number of rows, canonical and preview, of a series of period `n`: the daily rows from the `n`-th bar close on.
 * @param closeIndex ascending positions of the bar closes among the daily rows
 * @param dailyRows number of daily rows
 * @see docs/emas.md#families
 */
export function expectedRows(closeIndex: ArrayLike<number>, dailyRows: number, n: number): number {
  return closeIndex.length < n ? 0 : dailyRows - closeIndex[n - 1];
}

/**
 * Number of rows of a v2 series of period `n` and `tfDays` days: the daily rows from number `n·T` on.
 * @see docs/emas.md#families
 */
export function expectedDailySpaceRows(dailyRows: number, n: number, tfDays: number): number {
  return Math.max(0, dailyRows - n * tfDays + 1);
}
