import type { BarTable } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { marketIds } from '../../sql/markets.ts';
import { withDay } from '../../sql/with-day.ts';

/** The day after the close must begin a unit of the calendar. This SQL does not use the program's own calendar. */
const BEGINS_UNIT = `CASE d.base_unit
    WHEN 'W' THEN extract(isodow FROM c.next) = CASE d.calendar_scheme WHEN 'ISO' THEN 1 ELSE 7 END
    WHEN 'M' THEN extract(day FROM c.next) = 1
    WHEN 'Q' THEN extract(day FROM c.next) = 1 AND extract(month FROM c.next) IN (1, 4, 7, 10)
    ELSE extract(doy FROM c.next) = 1 END`;

/** On the fixed grid, the day after the close must begin a whole window, counted from the reference days of docs/bars.md#windows. */
const BEGINS_WINDOW = `CASE d.base_unit
    WHEN 'W' THEN (c.next - CASE d.calendar_scheme WHEN 'ISO' THEN date '1970-01-05' ELSE date '1970-01-04' END) % (7 * d.tf_qty) = 0
    WHEN 'M' THEN (extract(month FROM c.next)::int - 1) % d.tf_qty = 0
    WHEN 'Q' THEN (extract(month FROM c.next)::int - 1) % (3 * d.tf_qty) = 0
    ELSE extract(year FROM c.next)::int % d.tf_qty = 0 END`;

/** B19: a final row closes on the last day of its calendar window. */
export const calendarEdge: Check = {
  id: 'B19',
  name: 'calendar_edge',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['day', 'begins'],
  explanation:
    'The day after a closed bar begins a week (ISO: Monday, US: Sunday), month, quarter or year; in the anchored ' +
    'tables it also begins a window of the fixed grid. Rolling bars have no such edge, and bars that close by ' +
    'the market end with their last trading day: B15 and B16 check these.',
  whatToDo: `Run ${rebuildCommand('bars')}.`,
  tables: (context) => calendarTables(context.barTables).map(({ table }) => table),
  async *run(context) {
    for (const table of calendarTables(context.barTables)) {
      const isAnchored = table.family.startsWith('cal_anchor');
      const select = `SELECT c.id, c.tf, c.time_close AS key, c.next - 1 AS day, d.base_unit AS begins
        FROM (SELECT id, tf, time_close, day + 1 AS next
              FROM ${withDay(context.rows.bars(table), 'time_close')} t
              WHERE NOT is_partial_end AND id <> ALL (${marketIds(context.assets)})) c
        JOIN dim_timeframe d ON d.tf = c.tf
        WHERE NOT (${BEGINS_UNIT}${isAnchored ? ` AND ${BEGINS_WINDOW}` : ''}) ORDER BY c.id, c.tf, c.time_close`;
      yield* foundRows(context, table.table, select, 'closes on {day}, which is not the last day of a window');
    }
  },
};

function calendarTables(tables: readonly BarTable[]): readonly BarTable[] {
  return tables.filter(({ family }) => family !== 'multi_tf');
}
