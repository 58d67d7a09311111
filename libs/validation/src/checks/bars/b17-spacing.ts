import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { unevenIds } from '../../sql/markets.ts';
import { LEAST_DAYS, MOST_DAYS, withDay } from '../../sql/with-day.ts';
import { multiDayTableNames } from '../table-names.ts';

/** B17: final rows follow each other at the distance of their timeframe. */
export const spacing: Check = {
  id: 'B17',
  name: 'spacing',
  severity: 'WARNING',
  kind: 'sql',
  columns: ['delta', 'min', 'max', 'previous'],
  explanation:
    'The days between two closed bars of a timeframe lie between tf_days_min and tf_days_max (or within 0.5 of ' +
    'the nominal length where these are not set), unless days are missing in the bar. Rolling bars count ' +
    'observations, so a gap stretches them, which is a WARNING only. Bars of assets with days without trading, ' +
    'and bars that close by the market, have no fixed distance: B15 and B16 check them.',
  whatToDo: `Look at B03 for the days that are missing there. Without a gap: ${rebuildCommand('bars')}.`,
  tables: multiDayTableNames,
  async *run(context) {
    for (const table of context.barTables) {
      const select = `WITH closed AS (
          SELECT id, tf, time_close, is_missing_days, day, lag(day) OVER (PARTITION BY id, tf ORDER BY time_close) AS before
          FROM ${withDay(context.rows.bars(table), 'time_close')} t WHERE NOT is_partial_end AND id <> ALL (${unevenIds(context.assets)}))
        SELECT c.id, c.tf, c.time_close AS key, c.day - c.before AS delta, c.before AS previous,
          ${LEAST_DAYS} AS min, ${MOST_DAYS} AS max, c.day - c.before AS actual
        FROM closed c JOIN dim_timeframe d ON d.tf = c.tf
        WHERE NOT c.is_missing_days AND c.day - c.before NOT BETWEEN ${LEAST_DAYS} AND ${MOST_DAYS} ORDER BY c.id, c.tf, c.time_close`;
      yield* foundRows(
        context,
        table.table,
        select,
        'closes {delta} days after the bar before, allowed are {min} to {max}',
      );
    }
  },
};
