import { TIMEFRAME_CATALOGUE, type TimeframeName } from './timeframe-catalog.ts';

/** A timeframe for which `barsOf` builds bars: any of the catalogue except `1D`. */
export type BarTimeframe = Exclude<TimeframeName, '1D'>;

/** The timeframes of {@link BarTimeframe}, in the order of the catalogue. */
export const TIMEFRAMES: readonly BarTimeframe[] = Object.freeze(
  TIMEFRAME_CATALOGUE.map(({ tf }) => tf as TimeframeName).filter((tf) => tf !== '1D'),
);

/**
 * Suggestions for an unknown timeframe name: all timeframes with the same quantity and unit, in every alignment, and for weeks
 * also the rolling days (`1W`: `1W_CAL_ISO`, `1W_CAL_US`, …, `7D`).
 * @param typed the unknown name
 * @param known the existing names
 * @returns names in the order of `known`; empty when the text does not begin with a quantity and a unit
 */
export function nearTimeframes(typed: string, known: readonly string[]): string[] {
  const [, count, unit] = /^([1-9][0-9]{0,5})([DWMQY])/i.exec(typed.trim()) ?? [];
  if (count === undefined || unit === undefined) return [];
  const begin = `${count}${unit.toUpperCase()}`;
  const inDays = unit.toUpperCase() === 'W' ? `${Number(count) * 7}D` : begin;
  const near = known.filter((tf) => tf !== typed && tf.startsWith(begin));
  return [...near, ...known.filter((tf) => tf === inDays && !near.includes(tf) && tf !== typed)];
}

/** Whether a text is the name of a timeframe, for example user input. */
export function isTimeframe(text: string): text is BarTimeframe {
  return (TIMEFRAMES as readonly string[]).includes(text);
}
