import type { DailySeries } from '@ta/bars-core/engine';
import type { Row } from '../rows.ts';

/** High and low of a snapshot with their instants, by column name. */
export interface Extremes {
  readonly high: number;
  readonly time_high: number;
  readonly low: number;
  readonly time_low: number;
}

interface Running {
  value: number;
  instant: number;
  isBroken: boolean;
}

/**
 * High and low of a bar to date before any guard, as the reference computes them: a strictly better value replaces the running
 * one. The first known value after an unknown one always replaces the instant, even if the running value stays (docs/golden.md).
 *
 * @param positions rows of the bar up to the snapshot
 */
export function runningExtremes(rows: DailySeries, positions: readonly number[]): Extremes {
  const high: Running = { value: Number.NaN, instant: Number.NaN, isBroken: true };
  const low: Running = { value: Number.NaN, instant: Number.NaN, isBroken: true };
  for (const row of positions) {
    const at = (instant: number) => (Number.isNaN(instant) ? rows.ts[row] : instant);
    advance(high, rows.high[row], at(rows.timeHigh[row]), rows.high[row] > high.value, Math.max);
    advance(low, rows.low[row], at(rows.timeLow[row]), rows.low[row] < low.value, Math.min);
  }
  return { high: high.value, time_high: high.instant, low: low.value, time_low: low.instant };
}

function advance(
  running: Running,
  value: number,
  instant: number,
  isBetter: boolean,
  best: (a: number, b: number) => number,
): void {
  if (Number.isNaN(value)) {
    if (Number.isNaN(running.instant)) running.instant = instant;
    running.isBroken = true;
    return;
  }
  if (isBetter || running.isBroken) running.instant = instant;
  running.value = Number.isNaN(running.value) ? value : best(running.value, value);
  running.isBroken = false;
}

/**
 * The reference's guard: it replaces a low that is unknown, above open or close, or later than the snapshot, and a high that is
 * unknown or below open or close.
 */
export function referenceGuard(row: Row, { high, time_high, low, time_low }: Extremes): Extremes {
  const { open, close, timeOpen, timeClose, most, least } = sides(row);
  const lowInstant = open <= close ? timeOpen : timeClose;
  const isLowReplaced = !Number.isNaN(least) && (time_low > timeClose || !(low <= least));
  const isHighReplaced = !Number.isNaN(most) && !(high >= most);
  return {
    high: isHighReplaced ? most : high,
    time_high,
    low: isLowReplaced ? least : low,
    time_low: isLowReplaced ? lowInstant : time_low,
  };
}

/** Our guard (docs/bars.md#guard, docs/bars.md#daily-bars): both sides alike, and no instant decides a price. */
export function ourGuard(row: Row, { high, time_high, low, time_low }: Extremes): Extremes {
  const { open, close, timeOpen, timeClose, most, least } = sides(row);
  const isHighReplaced = !(high >= most);
  const isLowReplaced = !(low <= least);
  return {
    high: isHighReplaced ? most : high,
    time_high: isHighReplaced ? (close >= open ? timeClose : timeOpen) : time_high,
    low: isLowReplaced ? least : low,
    time_low: isLowReplaced ? (open <= close ? timeOpen : timeClose) : time_low,
  };
}

function sides(row: Row) {
  const open = row.number('open');
  const close = row.number('close');
  const known = [open, close].filter((value) => !Number.isNaN(value));
  return {
    open,
    close,
    timeOpen: row.number('time_open'),
    timeClose: row.number('time_close'),
    most: known.length === 0 ? Number.NaN : Math.max(...known),
    least: known.length === 0 ? Number.NaN : Math.min(...known),
  };
}
