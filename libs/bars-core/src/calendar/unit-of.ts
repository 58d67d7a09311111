import { BarsError } from '../errors.ts';
import type { TimeframeUnit, WeekScheme } from '../timeframe.ts';
import type { CalendarUnit } from './calendar-unit.ts';
import { MONTH, QUARTER } from './month.ts';
import { weekOf } from './week.ts';
import { YEAR } from './year.ts';

/**
 * The calendar unit of a timeframe's unit and week scheme.
 *
 * @throws BarsError `BARS_BAD_TIMEFRAME` for days, and for weeks without a scheme.
 */
export function calendarUnitOf(unit: TimeframeUnit, scheme: WeekScheme | null): CalendarUnit {
  if (unit === 'W' && scheme !== null) return weekOf(scheme);
  if (unit === 'M') return MONTH;
  if (unit === 'Q') return QUARTER;
  if (unit === 'Y') return YEAR;
  throw new BarsError('BARS_BAD_TIMEFRAME', `unit ${unit} with scheme ${scheme} is no calendar unit`, {
    context: { unit, scheme },
  });
}
