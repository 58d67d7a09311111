import type { CalendarUnit } from '../calendar/calendar-unit.ts';
import { NO_DAY, type CivilDay } from '../civil-day.ts';
import type { BarGrid, BarWindow } from './bar-grid.ts';

/**
 * Bars of `quantity` units each, counted from the asset's first full boundary (cal_*, docs/bars.md#windows).
 *
 * The boundary is the first unit that starts on or after the asset's first day, whatever the quantity. Rows before it are in
 * no bar, so no bar is ever partial at its start.
 */
export function alignedGrid(unit: CalendarUnit, quantity: number, firstDay: CivilDay): BarGrid {
  return {
    rowsPerBar: Infinity,
    slotAt: (day) => {
      const window = alignedWindow(unit, quantity, firstDay, day);
      return (
        window && {
          index: window.index,
          lastDay: window.lastDay,
          tfDays: window.lastDay - window.firstDay + 1,
          effectiveFirstDay: window.firstDay,
          isPartialStart: false,
          anchorOffsetDays: NO_DAY,
        }
      );
    },
  };
}

/** The window of a day, or null before the first full boundary. */
export function alignedWindow(
  unit: CalendarUnit,
  quantity: number,
  firstDay: CivilDay,
  day: CivilDay,
): BarWindow | null {
  const unitOfFirstDay = unit.indexOf(firstDay);
  const firstFullUnit = unit.firstDayOf(unitOfFirstDay) === firstDay ? unitOfFirstDay : unitOfFirstDay + 1;
  const index = Math.floor((unit.indexOf(day) - firstFullUnit) / quantity);
  if (index < 0) return null;
  return {
    index,
    firstDay: unit.firstDayOf(firstFullUnit + index * quantity),
    lastDay: (unit.firstDayOf(firstFullUnit + (index + 1) * quantity) - 1) as CivilDay,
  };
}
