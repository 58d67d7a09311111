import type { CalendarUnit } from '../calendar/calendar-unit.ts';
import type { CivilDay } from '../civil-day.ts';
import type { BarGrid, BarWindow } from './bar-grid.ts';

/**
 * Bars of `quantity` units each on one grid for all assets, counted from the unit's index 0 (cal_anchor_*, docs/bars.md).
 *
 * Weeks count from 1970; groups of months restart every January, because their number divides the year; groups of years start at
 * multiples of the quantity. The asset's first bar may be partial at its start. Bars are numbered from the asset's first window.
 */
export function anchoredGrid(unit: CalendarUnit, quantity: number, firstDay: CivilDay): BarGrid {
  const firstWindow = anchoredWindow(unit, quantity, firstDay, firstDay);
  return {
    rowsPerBar: Infinity,
    slotAt: (day) => {
      const window = anchoredWindow(unit, quantity, firstDay, day);
      return {
        index: window.index,
        lastDay: window.lastDay,
        tfDays: window.lastDay - window.firstDay + 1,
        effectiveFirstDay: Math.max(window.firstDay, firstDay),
        isPartialStart: firstDay > window.firstDay,
        anchorOffsetDays: window.firstDay - firstWindow.firstDay,
      };
    },
  };
}

/** The window of a day; its index counts from the window of `firstDay`. */
export function anchoredWindow(unit: CalendarUnit, quantity: number, firstDay: CivilDay, day: CivilDay): BarWindow {
  const gridIndex = Math.floor(unit.indexOf(day) / quantity);
  return {
    index: gridIndex - Math.floor(unit.indexOf(firstDay) / quantity),
    firstDay: unit.firstDayOf(gridIndex * quantity),
    lastDay: (unit.firstDayOf((gridIndex + 1) * quantity) - 1) as CivilDay,
  };
}
