import type { CivilDay } from '../civil-day.ts';
import type { CalendarUnit } from './calendar-unit.ts';

/** Single civil days, counted from an origin, where the grid of n calendar days starts. */
export function daysFrom(origin: CivilDay): CalendarUnit {
  return { indexOf: (day) => day - origin, firstDayOf: (index) => (origin + index) as CivilDay };
}
