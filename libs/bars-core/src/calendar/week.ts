import type { CivilDay } from '../civil-day.ts';
import type { WeekScheme } from '../timeframe.ts';
import type { CalendarUnit } from './calendar-unit.ts';

const DAYS_PER_WEEK = 7;
/** 1970-01-01, day 0, was a Thursday; weekdays count from Sunday = 0. */
const WEEKDAY_OF_DAY_0 = 4;

/**
 * Weeks that start on a weekday (Sunday = 0 … Saturday = 6).
 *
 * Week 0 starts on the first such weekday on or after 1970-01-01. That is 1970-01-04 for Sundays and 1970-01-05 for
 * Mondays, the reference days of the fixed grid of several weeks (docs/bars.md#windows). Weeks never restart at New Year.
 */
export function weekStartingOn(weekday: number): CalendarUnit {
  const referenceDay = (weekday - WEEKDAY_OF_DAY_0 + DAYS_PER_WEEK) % DAYS_PER_WEEK;
  return {
    indexOf: (day) => Math.floor((day - referenceDay) / DAYS_PER_WEEK),
    firstDayOf: (index) => (referenceDay + index * DAYS_PER_WEEK) as CivilDay,
  };
}

const WEEKS: Readonly<Record<WeekScheme, CalendarUnit>> = { ISO: weekStartingOn(1), US: weekStartingOn(0) };

/** The week of a scheme: ISO weeks run Monday to Sunday, US weeks Sunday to Saturday. The only place that defines this. */
export function weekOf(scheme: WeekScheme): CalendarUnit {
  return WEEKS[scheme];
}
