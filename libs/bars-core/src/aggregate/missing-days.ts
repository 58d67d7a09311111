import { formatCivilDay, NO_DAY, type CivilDay } from '../civil-day.ts';
import { countTradingDays, isTradingDay, type TradingDays } from '../trading-days.ts';

/** The largest number of missing days that a bar's text lists; further ones are only counted (docs/bars.md#snapshots). */
export const LISTED_DAYS_LIMIT = 50;

/**
 * The missing days of one bar to date: trading days without a row. Changed in place when a row follows a gap.
 *
 * The text is kept up to date, so a long bar formats each missing day once instead of at every row.
 */
export interface MissingDays {
  count: number;
  /** How many missing days come before the bar's first observed row. */
  startCount: number;
  /** First and last missing day, or {@link NO_DAY}. */
  firstDay: number;
  lastDay: number;
  /** The first {@link LISTED_DAYS_LIMIT} missing days, ascending. */
  readonly listedDays: number[];
  /** ISO dates of `listedDays`, comma-separated. */
  listedText: string;
  /** Column `missing_days_where`: null when no day is missing. */
  text: string | null;
}

/** No day is missing. */
export function createMissingDays(): MissingDays {
  return { count: 0, startCount: 0, firstDay: NO_DAY, lastDay: NO_DAY, listedDays: [], listedText: '', text: null };
}

/** Forgets all days, for the next bar. */
export function clearMissingDays(missing: MissingDays): void {
  missing.count = 0;
  missing.startCount = 0;
  missing.firstDay = NO_DAY;
  missing.lastDay = NO_DAY;
  missing.listedDays.length = 0;
  missing.listedText = '';
  missing.text = null;
}

/**
 * Adds the trading days from `firstDay` to `lastDay`, which come after all days added before. The cost grows only with the listed
 * days and with the non-trading days at both ends of the range.
 */
export function addMissingDays(missing: MissingDays, firstDay: number, lastDay: number, trading: TradingDays): void {
  const count = countTradingDays(trading, firstDay, lastDay);
  if (count === 0) return;
  let [first, last] = [firstDay, lastDay];
  while (!isTradingDay(trading, first)) first++;
  while (!isTradingDay(trading, last)) last--;
  if (missing.count === 0) missing.firstDay = first;
  missing.lastDay = last;
  missing.count += count;
  for (let day = first; day <= last && missing.listedDays.length < LISTED_DAYS_LIMIT; day++) {
    if (isTradingDay(trading, day)) listDay(missing, day);
  }
  missing.text = textOf(missing);
}

/** Fills an empty `missing` from stored numbers and rebuilds its text. */
export function restoreMissingDays(
  missing: MissingDays,
  listedDays: ArrayLike<number>,
  count: number,
  startCount: number,
  lastDay: number,
): void {
  for (let position = 0; position < listedDays.length; position++) listDay(missing, listedDays[position]);
  missing.count = count;
  missing.startCount = startCount;
  missing.firstDay = count === 0 ? NO_DAY : missing.listedDays[0];
  missing.lastDay = lastDay;
  missing.text = textOf(missing);
}

function listDay(missing: MissingDays, day: number): void {
  missing.listedText += (missing.listedDays.length === 0 ? '' : ',') + formatCivilDay(day as CivilDay);
  missing.listedDays.push(day);
}

function textOf({ count, listedDays, listedText }: MissingDays): string | null {
  if (count === 0) return null;
  return count === listedDays.length ? listedText : `${listedText}...(+${count - listedDays.length} more)`;
}
