import { civilDay, ymd } from '../civil-day.ts';
import type { CalendarUnit } from './calendar-unit.ts';

const MONTHS_PER_YEAR = 12;

/**
 * Units of several months, counted from January of year 0. The number of months must divide 12, so that the units restart every
 * January.
 */
export function unitOfMonths(monthsPerUnit: number): CalendarUnit {
  return {
    indexOf: (day) => {
      const { year, month } = ymd(day);
      return Math.floor((year * MONTHS_PER_YEAR + month - 1) / monthsPerUnit);
    },
    firstDayOf: (index) => {
      const monthsSinceYear0 = index * monthsPerUnit;
      const year = Math.floor(monthsSinceYear0 / MONTHS_PER_YEAR);
      return civilDay(year, monthsSinceYear0 - year * MONTHS_PER_YEAR + 1, 1);
    },
  };
}

/** Calendar months. */
export const MONTH: CalendarUnit = unitOfMonths(1);

/** Calendar quarters: January to March, April to June, July to September, October to December. */
export const QUARTER: CalendarUnit = unitOfMonths(3);
