import { TIMEFRAME_CATALOGUE, type TimeframeName } from './timeframe-catalog.ts';

/** A timeframe that `barsOf` makes bars of: any of the catalogue but the day itself. */
export type BarTimeframe = Exclude<TimeframeName, '1D'>;

/** The timeframes of {@link BarTimeframe}, in the order of the catalogue. */
export const TIMEFRAMES: readonly BarTimeframe[] = Object.freeze(
  TIMEFRAME_CATALOGUE.map(({ tf }) => tf as TimeframeName).filter((tf) => tf !== '1D'),
);

/**
 * Timeframes that somebody may have meant by a name that there is not: those of as many units, in every alignment, and for
 * weeks also the rolling days (`1W`: `1W_CAL_ISO`, `1W_CAL_US`, …, `7D`).
 * @param typed the name that there is not
 * @param known the names there are
 * @returns in the order of `known`; empty when the text begins as no timeframe does
 */
export function nearTimeframes(typed: string, known: readonly string[]): string[] {
  const [, count, unit] = /^([1-9][0-9]{0,5})([DWMQY])/i.exec(typed.trim()) ?? [];
  if (count === undefined || unit === undefined) return [];
  const begin = `${count}${unit.toUpperCase()}`;
  const inDays = unit.toUpperCase() === 'W' ? `${Number(count) * 7}D` : begin;
  const near = known.filter((tf) => tf !== typed && tf.startsWith(begin));
  return [...near, ...known.filter((tf) => tf === inDays && !near.includes(tf) && tf !== typed)];
}

/** Whether a text, typed by somebody, is the name of a timeframe. */
export function isTimeframe(text: string): text is BarTimeframe {
  return (TIMEFRAMES as readonly string[]).includes(text);
}
