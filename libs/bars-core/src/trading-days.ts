import { firstIndexAtOrAfter } from './ascending.ts';
import { ONE_DAY_MS, type CivilDay } from './civil-day.ts';
import { BarsError } from './errors.ts';
import { hashOf } from './text-hash.ts';

/**
 * When a bar closes. `calendar`: with the row of its last calendar day, if there is one. `market`: with its last row, whatever
 * its day.
 *
 * @see docs/markets.md
 */
export type CloseRule = 'calendar' | 'market';

/** All close rules. */
export const CLOSE_RULES: readonly CloseRule[] = Object.freeze(['calendar', 'market'] as const);

/** The trading days of one asset, and the rule by which its bars close. A plain value, created by {@link tradingDays}. */
export interface TradingDays {
  readonly closeRule: CloseRule;
  /** Seven flags, Sunday first: whether the asset trades on that weekday. */
  readonly weekdays: readonly boolean[];
  /** Days without trading that fall on a trading weekday, ascending and distinct. */
  readonly holidays: Int32Array;
}

/** Input of {@link tradingDays}. */
export interface TradingDaysSpec {
  readonly closeRule: CloseRule;
  /** Weekdays as {@link parseWeekdays} reads them. */
  readonly weekdays: string;
  /** Days without trading, in any order. */
  readonly holidays: Iterable<CivilDay>;
}

const WEEKDAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const DAYS_PER_WEEK = 7;
/** 1970-01-01, day 0, was a Thursday. */
const WEEKDAY_OF_DAY_0 = 4;

/** The weekdays of an asset that trades every day. */
export const ALL_WEEKDAYS = 'Mon-Sun';

/**
 * Reads weekdays: names of three letters and ranges of them, such as `Mon-Fri`, `Sun-Thu` or `Mon,Wed,Fri-Sat`.
 *
 * @returns seven flags, Sunday first
 * @throws BarsError `BARS_BAD_OPTION`
 */
export function parseWeekdays(text: string): boolean[] {
  const refuse = (problem: string): never => {
    throw new BarsError('BARS_BAD_OPTION', `weekdays are ${JSON.stringify(text)}; ${problem}`, {
      hint: `Names and ranges of ${WEEKDAY_NAMES.join(', ')}, such as Mon-Fri or Sun-Thu.`,
      context: { weekdays: text },
    });
  };
  if (typeof text !== 'string') refuse('expected a text');
  const flags = new Array<boolean>(DAYS_PER_WEEK).fill(false);
  for (const part of text.split(',')) {
    const ends = part.trim().split('-').map(weekdayNamed);
    if (ends.length > 2 || ends.some((weekday) => weekday < 0)) refuse(`${JSON.stringify(part)} is not a weekday`);
    const [first, last = first] = ends;
    for (let weekday = first; ; weekday = (weekday + 1) % DAYS_PER_WEEK) {
      flags[weekday] = true;
      if (weekday === last) break;
    }
  }
  return flags;
}

function weekdayNamed(name: string): number {
  return WEEKDAY_NAMES.findIndex((known) => known.toLowerCase() === name.trim().toLowerCase());
}

/** Weekdays as text that {@link parseWeekdays} reads: ranges from Monday on, so that equal sets of days give equal texts. */
export function weekdaysText(flags: readonly boolean[]): string {
  const parts: string[] = [];
  const fromMonday = Array.from({ length: DAYS_PER_WEEK }, (_, i) => (i + 1) % DAYS_PER_WEEK);
  for (let at = 0; at < DAYS_PER_WEEK; at++) {
    if (!flags[fromMonday[at]]) continue;
    let end = at;
    while (end + 1 < DAYS_PER_WEEK && flags[fromMonday[end + 1]]) end++;
    const [first, last] = [WEEKDAY_NAMES[fromMonday[at]], WEEKDAY_NAMES[fromMonday[end]]];
    parts.push(at === end ? first : `${first}-${last}`);
    at = end;
  }
  return parts.join(',');
}

/**
 * Creates the trading rules of an asset from an operator's input.
 *
 * @throws BarsError `BARS_BAD_OPTION` for an unknown close rule or unknown weekdays
 */
export function tradingDays({ closeRule, weekdays, holidays }: TradingDaysSpec): TradingDays {
  if (!CLOSE_RULES.includes(closeRule)) {
    throw new BarsError('BARS_BAD_OPTION', `close rule is ${JSON.stringify(closeRule)}; expected calendar or market`);
  }
  const flags = parseWeekdays(weekdays);
  const distinct = Int32Array.from(new Set(holidays)).sort();
  return { closeRule, weekdays: flags, holidays: distinct.filter((day) => flags[weekdayOf(day)]) };
}

/** The default rules: the asset trades every day, and its bars close with their last calendar day. */
export const EVERY_DAY: TradingDays = tradingDays({ closeRule: 'calendar', weekdays: ALL_WEEKDAYS, holidays: [] });

/** Whether the asset trades on a day. */
export function isTradingDay(trading: TradingDays, day: number): boolean {
  return trading.weekdays[weekdayOf(day)] && !hasHoliday(trading, day);
}

function hasHoliday({ holidays }: TradingDays, day: number): boolean {
  return holidays[firstIndexAtOrAfter(holidays, day)] === day;
}

/** The number of trading days from `firstDay` to `lastDay`, both inclusive; 0 when `lastDay` is before `firstDay`. */
export function countTradingDays({ weekdays, holidays }: TradingDays, firstDay: number, lastDay: number): number {
  if (lastDay < firstDay) return 0;
  const days = lastDay - firstDay + 1;
  const weeks = Math.floor(days / DAYS_PER_WEEK);
  let count = 0;
  for (const isTraded of weekdays) if (isTraded) count += weeks;
  for (let day = firstDay + weeks * DAYS_PER_WEEK; day <= lastDay; day++) if (weekdays[weekdayOf(day)]) count++;
  if (holidays.length === 0) return count;
  return count - (firstIndexAtOrAfter(holidays, lastDay + 1) - firstIndexAtOrAfter(holidays, firstDay));
}

/**
 * THE close rule: the number of days of a bar that are still to come after one of its days; 0 means that the bar closes on that
 * day. The rule `calendar` counts calendar days, `market` counts trading days.
 *
 * @param lastDay the bar's last calendar day
 * @see docs/markets.md
 */
export function daysLeft(trading: TradingDays, day: number, lastDay: number): number {
  return trading.closeRule === 'calendar' ? lastDay - day : countTradingDays(trading, day + 1, lastDay);
}

/**
 * The part of the time between two instants (epoch ms) that lies on non-trading days (UTC), in milliseconds; the day of the first
 * instant is not counted. Checks of staleness subtract it from the age of an asset. 0 for an asset that trades every day.
 */
export function restingMs(trading: TradingDays, fromMs: number, untilMs: number): number {
  const [first, last] = [Math.floor(fromMs / ONE_DAY_MS), Math.floor(untilMs / ONE_DAY_MS)];
  if (last <= first) return 0;
  const whole = last - first - 1 - countTradingDays(trading, first + 1, last - 1);
  return whole * ONE_DAY_MS + (isTradingDay(trading, last) ? 0 : untilMs - last * ONE_DAY_MS);
}

/**
 * A text of all trading rules that affect bars; comparing it shows whether stored bars were built by the same rules.
 *
 * @returns null for the default rules; else close rule, weekdays, and number and hash of the holidays
 */
export function tradingDaysText(trading: TradingDays): string | null {
  const { closeRule, weekdays, holidays } = trading;
  if (closeRule === 'calendar' && weekdays.every(Boolean) && holidays.length === 0) return null;
  const closed = holidays.length === 0 ? '' : `;${holidays.length}:${hashOf(holidays.join(' '))}`;
  return `${closeRule};${weekdaysText(weekdays)}${closed}`;
}

function weekdayOf(day: number): number {
  const weekday = (day + WEEKDAY_OF_DAY_0) % DAYS_PER_WEEK;
  return weekday < 0 ? weekday + DAYS_PER_WEEK : weekday;
}
