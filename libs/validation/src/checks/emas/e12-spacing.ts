import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { unevenIds } from '../../sql/markets.ts';
import { LEAST_DAYS, MOST_DAYS, withDay } from '../../sql/with-day.ts';
import { DAILY_TABLE, emaTableNames } from '../table-names.ts';

/** E12: canonical rows follow each other at the distance of their timeframe. */
export const spacing: Check = {
  id: 'E12',
  name: 'spacing',
  severity: 'WARNING',
  kind: 'sql',
  columns: ['delta', 'min', 'max', 'previous'],
  explanation:
    'The days between two canonical rows of a timeframe (of its shortest period) lie between tf_days_min and ' +
    'tf_days_max (or within 0.5 of the nominal length where these are not set), unless daily bars are missing ' +
    'between them. A calendar bar without its last day never closes, so the EMA spans two bars there. Assets ' +
    'with days without trading, and bars that close by the market, have no fixed distance: E06 and E10 check ' +
    'them.',
  whatToDo: `Look at B03 and B20 for the days that are missing there. Without a gap: ${rebuildCommand('emas')}.`,
  tables: emaTableNames,
  async *run(context) {
    // one period is enough: all periods of a timeframe close on the same days, which E06 and E10 check
    const [shortest] = context.selectedPeriods;
    if (shortest === undefined) return;
    for (const table of context.emaTables) {
      const select = `WITH canonical AS (
          SELECT id, tf, period, ts, day, lag(ts) OVER series AS previous, lag(day) OVER series AS before
          FROM ${withDay(context.rows.emas(table), 'ts')} t WHERE NOT roll AND period = ${shortest}
            AND id <> ALL (${unevenIds(context.assets)}) WINDOW series AS (PARTITION BY id, tf, period ORDER BY ts)),
        wide AS (
          SELECT c.id, c.tf, c.period, c.ts, c.previous, c.day - c.before AS delta,
            ${LEAST_DAYS} AS min, ${MOST_DAYS} AS max
          FROM canonical c JOIN dim_timeframe d ON d.tf = c.tf WHERE c.day - c.before NOT BETWEEN ${LEAST_DAYS} AND ${MOST_DAYS})
        SELECT w.id, w.tf, w.period, w.ts AS key, w.delta, w.min, w.max, w.previous, w.delta AS actual FROM wide w
        WHERE NOT EXISTS (SELECT 1 FROM ${DAILY_TABLE} b WHERE b.id = w.id AND b."timestamp" > w.previous AND b."timestamp" <= w.ts AND b.is_missing_days)
        ORDER BY w.id, w.tf, w.period, w.ts`;
      yield* foundRows(
        context,
        table.table,
        select,
        '{delta} days after the canonical row before, allowed are {min} to {max}',
      );
    }
  },
};
