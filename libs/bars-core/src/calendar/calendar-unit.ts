import type { CivilDay } from '../civil-day.ts';

/**
 * A calendar unit as a numbering of civil days: unit `i` covers the days from `firstDayOf(i)` until `firstDayOf(i + 1)`.
 *
 * Floor, ceiling, offset and every-n follow from the two functions in closed form: `firstDayOf(indexOf(day))` is the floor and
 * `firstDayOf(indexOf(day) + n)` is n units later. The position of index 0 decides the phase of the fixed grid of n units; see
 * docs/bars.md#windows and `grid/anchored.ts`.
 */
export interface CalendarUnit {
  /** Index of the unit that contains the day; negative before index 0. */
  indexOf(day: CivilDay): number;
  /** First day of the unit with that index. */
  firstDayOf(index: number): CivilDay;
}
