import type { CivilDay } from '../civil-day.ts';
import { BarsError } from '../errors.ts';
import type { Timeframe } from '../timeframe.ts';
import type { CalendarUnit } from './calendar-unit.ts';
import { daysFrom } from './day.ts';
import { MONTH, QUARTER } from './month.ts';
import { weekOf, weekStartingOn } from './week.ts';
import { YEAR } from './year.ts';

/**
 * The calendar unit of a timeframe.
 *
 * @throws BarsError `BARS_BAD_TIMEFRAME` for days without an origin, and for weeks with neither a scheme nor a weekday.
 */
export function calendarUnitOf(
  timeframe: Pick<Timeframe, 'unit' | 'scheme'> & Partial<Pick<Timeframe, 'weekStart' | 'origin'>>,
): CalendarUnit {
  const { unit, scheme, weekStart, origin } = timeframe;
  if (unit === 'W' && scheme !== null) return weekOf(scheme);
  if (unit === 'W' && weekStart !== undefined) return weekStartingOn(weekStart);
  if (unit === 'D' && origin !== undefined) return daysFrom(origin as CivilDay);
  if (unit === 'M') return MONTH;
  if (unit === 'Q') return QUARTER;
  if (unit === 'Y') return YEAR;
  throw new BarsError('BARS_BAD_TIMEFRAME', `unit ${unit} with scheme ${scheme} is not a calendar unit`, {
    context: { unit, scheme },
  });
}
