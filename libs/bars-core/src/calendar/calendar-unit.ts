import type { CivilDay } from '../civil-day.ts';

/**
 * A calendar unit as a numbering of civil days: unit `i` covers the days from `firstDayOf(i)` until `firstDayOf(i + 1)`.
 *
 * Floor, ceiling, offset and every-n follow from the two functions in closed form: `firstDayOf(indexOf(day))` is the floor
 * and `firstDayOf(indexOf(day) + n)` is n units later. Where index 0 lies decides the phase of the fixed grid of n units,
 * see docs/bars.md#windows and `grid/anchored.ts`.
 */
export interface CalendarUnit {
  /** Number of the unit that holds the day; negative before index 0. */
  indexOf(day: CivilDay): number;
  /** First day of the unit of that number. */
  firstDayOf(index: number): CivilDay;
}
