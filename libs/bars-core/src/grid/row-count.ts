import { NO_DAY } from '../civil-day.ts';
import { NO_LAST_DAY, type BarGrid } from './bar-grid.ts';

/** Bars of N rows each, counted from the asset's first row, whatever their dates (multi_tf, docs/bars.md#windows). */
export function rowCountGrid(rowsPerBar: number): BarGrid {
  return {
    rowsPerBar,
    slotAt: (day, rowIndex) => ({
      index: Math.floor(rowIndex / rowsPerBar),
      lastDay: NO_LAST_DAY,
      tfDays: rowsPerBar,
      effectiveFirstDay: day,
      isPartialStart: false,
      anchorOffsetDays: NO_DAY,
    }),
  };
}
