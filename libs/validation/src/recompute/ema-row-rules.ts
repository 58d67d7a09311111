import type { Found } from '../finding.ts';
import { foundAt } from '../sql/found-rows.ts';
import type { EmaLane } from './ema-inputs.ts';
import type { PriceBounds } from './price-bounds.ts';

/** Days of the shortest window of prices that an EMA is compared with. */
const LEAST_DAYS = 90;
/** The window is at least this many horizons (period · tf_days) of the EMA long. */
const HORIZONS = 5;

/** Days of the window of prices of each series, by timeframe and period. */
export function windowDays(lanes: readonly EmaLane[], periods: readonly number[]): number[] {
  return lanes.flatMap(({ timeframe }) =>
    periods.map((period) => Math.max(LEAST_DAYS, HORIZONS * period * timeframe.nominalDays)),
  );
}

/** Where a stored row is. */
export interface RowPlace {
  readonly id: number;
  readonly tf: string;
  readonly period: number;
  readonly key: string;
}

/** E03: a value outside half and twice the closes of its window, or outside of all closes once one was at or below 0. */
export function boundsFinding(
  table: string,
  place: RowPlace,
  ema: number,
  { lo, hi }: ReturnType<PriceBounds['of']>,
  days: number,
): Found {
  const ratio = ema > hi ? ema / hi : ema / lo;
  const bounds =
    lo > 0 ? `half of ${lo} and twice ${hi}, the closes of ${days} days` : `${lo} and ${hi}, all closes up to the day`;
  return foundAt(table, place, `ema ${ema} lies outside ${bounds}`, { actual: ema, detail: { lo, hi, ratio, ema } });
}

/**
 * E10: `roll` or `roll_bar` contradicts the bars.
 * @param roll stored flag, 1 on previews
 * @param rollBar stored flag of the second series; NaN where it is NULL
 */
export function alignmentFinding(
  table: string,
  place: RowPlace,
  roll: number,
  rollBar: number,
  isClosed: boolean,
): Found {
  const stored = { roll: roll === 1, ...(rollBar === rollBar ? { roll_bar: rollBar === 1 } : {}) };
  const flags = Object.entries(stored).map(([name, value]) => `${name} is ${value}`);
  const text = `${flags.join(', ')}, but the bar ${isClosed ? 'closes' : 'is open'} on this day`;
  const detail = { ...stored, bar: !isClosed };
  return foundAt(table, place, text, { expected: !isClosed, actual: roll === 1, detail });
}

/** E10: a row on an instant at which there is no daily bar. */
export function offGridFinding(table: string, place: RowPlace): Found {
  return foundAt(table, place, 'there is no daily bar at this instant', { detail: { bar: null } });
}
