import type { Check } from '../../check.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_TABLE, multiDayTableNames } from '../table-names.ts';

/** B18: a bar opens a millisecond after the bar before it closed, where no day is missing between them (operations.md 5.2). */
export const adjacency: Check = {
  id: 'B18',
  name: 'adjacency',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['prev_close', 'open', 'prev_day'],
  explanation:
    'The last snapshot of a bar is of the daily bar right before the first day of the next bar; and where these two days are one ' +
    'day apart, time_open of the next bar is that close plus one millisecond.',
  whatToDo: 'Run `ta bars --ids <id> --full-rebuild`.',
  tables: (context) => [DAILY_TABLE, ...multiDayTableNames(context)],
  async *run(context) {
    const daily = `SELECT id, "timestamp" AS ts, lag("timestamp") OVER (PARTITION BY id ORDER BY "timestamp") AS prev_day FROM ${context.rows.daily()} b`;
    for (const table of context.barTables) {
      const select = `WITH bars AS (
          SELECT id, tf, bar_seq, min(time_close) AS first_close, max(time_close) AS last_close, min(time_open) AS open
          FROM ${context.rows.bars(table)} t GROUP BY id, tf, bar_seq),
        pairs AS (SELECT *, lag(last_close) OVER (PARTITION BY id, tf ORDER BY bar_seq) AS prev_close FROM bars),
        daily AS (${daily})
        SELECT p.id, p.tf, p.bar_seq AS key, p.prev_close, p.open, d.prev_day, d.prev_day AS expected, p.prev_close AS actual
        FROM pairs p JOIN daily d ON d.id = p.id AND d.ts = p.first_close
        WHERE p.prev_close IS NOT NULL AND (p.prev_close IS DISTINCT FROM d.prev_day
          OR (d.ts - d.prev_day = interval '1 day' AND p.open <> d.prev_day + interval '1 millisecond')) ORDER BY p.id, p.tf, p.bar_seq`;
      yield* foundRows(
        context,
        table.table,
        select,
        (row) =>
          `bar opens at ${row['open'] as string}; the bar before closed at ${row['prev_close'] as string}, the day before at ${row['prev_day'] as string}`,
      );
    }
  },
};
