import { TIMEFRAME_CATALOGUE, type TimeframeName } from './timeframe-catalog.ts';

/** A timeframe that `barsOf` makes bars of: any of the catalogue but the day itself. */
export type BarTimeframe = Exclude<TimeframeName, '1D'>;

/** The timeframes of {@link BarTimeframe}, in the order of the catalogue. */
export const TIMEFRAMES: readonly BarTimeframe[] = Object.freeze(
  TIMEFRAME_CATALOGUE.map(({ tf }) => tf as TimeframeName).filter((tf) => tf !== '1D'),
);

/** Whether a text, typed by somebody, is the name of a timeframe. */
export function isTimeframe(text: string): text is BarTimeframe {
  return (TIMEFRAMES as readonly string[]).includes(text);
}
