import type { DailySeries } from '../daily-series.ts';

/**
 * Price, volume and extreme instants (epoch ms UTC) of one bar to date; NaN is "not known". Changed in place, one call per daily
 * row.
 *
 * The close is not stored, because it is the close of the current row.
 */
export type OhlcvAccumulator = ReturnType<typeof createOhlcv>;

/** An accumulator without rows. */
export function createOhlcv() {
  return { open: NaN, high: NaN, low: NaN, volume: NaN, marketCap: NaN, timeHigh: NaN, timeLow: NaN };
}

/** Empties the accumulator for a bar whose first row has this open; an unknown open stays unknown until the bar ends. */
export function startOhlcv(bar: OhlcvAccumulator, open: number): void {
  bar.open = open;
  bar.high = NaN;
  bar.low = NaN;
  bar.volume = NaN;
  bar.marketCap = NaN;
  bar.timeHigh = NaN;
  bar.timeLow = NaN;
}

/**
 * Adds the next daily row to a bar (docs/bars.md#snapshots).
 *
 * Unknown prices are skipped, an unknown volume adds nothing (the volume of the bar is unknown if no row has one: docs/bars.md),
 * and an unknown market cap leaves the last known one. Among rows that tie for an extreme, the earliest instant to date wins. A
 * row whose instant of the extreme is unknown counts with its close instant.
 */
export function addToOhlcv(bar: OhlcvAccumulator, rows: DailySeries, row: number): void {
  const high = rows.high[row];
  const low = rows.low[row];
  const volume = rows.volume[row];
  const marketCap = rows.marketCap[row];
  const highAtMs = Number.isNaN(rows.timeHigh[row]) ? rows.ts[row] : rows.timeHigh[row];
  const lowAtMs = Number.isNaN(rows.timeLow[row]) ? rows.ts[row] : rows.timeLow[row];
  if (high > bar.high || (Number.isNaN(bar.high) && !Number.isNaN(high))) {
    bar.high = high;
    bar.timeHigh = highAtMs;
  } else if (high === bar.high && highAtMs < bar.timeHigh) {
    bar.timeHigh = highAtMs;
  }
  if (low < bar.low || (Number.isNaN(bar.low) && !Number.isNaN(low))) {
    bar.low = low;
    bar.timeLow = lowAtMs;
  } else if (low === bar.low && lowAtMs < bar.timeLow) {
    bar.timeLow = lowAtMs;
  }
  if (!Number.isNaN(volume)) bar.volume = Number.isNaN(bar.volume) ? volume : bar.volume + volume;
  if (!Number.isNaN(marketCap)) bar.marketCap = marketCap;
}
