import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B18: bars follow each other without a hole, and open when their first day opens. */
export const adjacency: Check = {
  id: 'B18',
  name: 'adjacency',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['prev_close', 'open', 'prev_day', 'day_opens'],
  explanation:
    'The last snapshot of a bar belongs to the daily bar right before the first day of the next bar. A bar opens ' +
    'at the time_open of its first daily bar if that lies in the civil day, else at the first instant of the ' +
    'day.',
  whatToDo: `Run ${rebuildCommand('bars')}.`,
  tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
  async *run(context) {
    const daily = `SELECT id, "timestamp" AS ts, lag("timestamp") OVER (PARTITION BY id ORDER BY "timestamp") AS prev_day,
        CASE WHEN time_open >= day_from AND time_open < day_until THEN time_open ELSE day_from END AS day_opens
      FROM ${context.rows.daily()} b`;
    for (const table of context.barTables) {
      const select = `WITH bars AS (
          SELECT id, tf, bar_seq, min(time_close) AS first_close, max(time_close) AS last_close, min(time_open) AS open
          FROM ${context.rows.bars(table)} t GROUP BY id, tf, bar_seq),
        pairs AS (SELECT *, lag(last_close) OVER (PARTITION BY id, tf ORDER BY bar_seq) AS prev_close FROM bars),
        daily AS (${daily})
        SELECT p.id, p.tf, p.bar_seq AS key, p.prev_close, p.open, d.prev_day, d.prev_day AS expected, p.prev_close AS actual, d.day_opens
        FROM pairs p JOIN daily d ON d.id = p.id AND d.ts = p.first_close
        WHERE p.prev_close IS NOT NULL AND (p.prev_close IS DISTINCT FROM d.prev_day OR p.open IS DISTINCT FROM d.day_opens)
        ORDER BY p.id, p.tf, p.bar_seq`;
      yield* foundRows(context, table.table, select, (row) => {
        const opens = `bar opens at ${row['open'] as string}, its first day at ${row['day_opens'] as string}`;
        return `${opens}; the bar before closed at ${row['prev_close'] as string}, the day before at ${row['prev_day'] as string}`;
      });
    }
  },
};
