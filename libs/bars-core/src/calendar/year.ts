import type { CalendarUnit } from './calendar-unit.ts';
import { unitOfMonths } from './month.ts';

/** Calendar years; the index is the year itself, so n-year windows of the fixed grid start at multiples of n. */
export const YEAR: CalendarUnit = unitOfMonths(12);
