import { calendarUnitOf } from '../calendar/unit-of.ts';
import type { CivilDay } from '../civil-day.ts';
import { BarsError } from '../errors.ts';
import type { Timeframe } from '../timeframe.ts';
import { alignedGrid, alignedWindow } from './aligned.ts';
import { anchoredGrid, anchoredWindow } from './anchored.ts';
import type { BarGrid, BarWindow } from './bar-grid.ts';
import { rowCountGrid } from './row-count.ts';

/**
 * The grid of a timeframe for an asset whose history begins on `firstDay`.
 *
 * @see docs/bars.md#windows
 */
export function gridFor(timeframe: Timeframe, firstDay: CivilDay): BarGrid {
  const { kind, quantity } = timeframe;
  if (kind === 'rolling') return rowCountGrid(quantity);
  const calendarUnit = calendarUnitOf(timeframe);
  return kind === 'aligned'
    ? alignedGrid(calendarUnit, quantity, firstDay)
    : anchoredGrid(calendarUnit, quantity, firstDay);
}

/**
 * The calendar window that contains a day, for an asset whose history begins on `firstDay`. It is computed directly, without
 * stepping through windows.
 *
 * Null for a day before the first full boundary of an aligned timeframe. The anchored grid has no beginning: days before
 * `firstDay` have negative indices there.
 *
 * @throws BarsError `BARS_BAD_TIMEFRAME` for a rolling timeframe, whose bars depend on rows and not on days.
 * @see docs/bars.md#windows
 */
export function windowOf(timeframe: Timeframe, firstDay: CivilDay, day: CivilDay): BarWindow | null {
  const { kind, quantity } = timeframe;
  if (kind === 'rolling') {
    throw new BarsError('BARS_BAD_TIMEFRAME', `timeframe ${timeframe.tf} counts rows and has no calendar windows`, {
      hint: 'Use an aligned or anchored timeframe.',
      context: { tf: timeframe.tf },
    });
  }
  const calendarUnit = calendarUnitOf(timeframe);
  return kind === 'aligned'
    ? alignedWindow(calendarUnit, quantity, firstDay, day)
    : anchoredWindow(calendarUnit, quantity, firstDay, day);
}
