import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { barTableNames, DAILY_TABLE, SOURCE_TABLE } from '../table-names.ts';

/** B12: bars are numbered in the order of time, without unexplained holes. */
export const barSeq: Check = {
  id: 'B12',
  name: 'bar_seq',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['rule', 'before', 'first_close', 'last_close'],
  explanation:
    'Daily bars: bar_seq is the number of the source row among all source rows of the id, so rejects leave ' +
    'holes. Rolling bars are numbered 1, 2, 3 …; calendar bars skip a number only for a window without any day. ' +
    'Bars do not overlap in time.',
  whatToDo: `Rebuild the id with ${rebuildCommand('all')}.`,
  tables: barTableNames,
  async *run(context) {
    const { rows } = context;
    if (context.hasDaily) {
      const daily = `SELECT b.id, b."timestamp" AS key, s.seq AS expected, b.bar_seq AS actual, 'rank among source rows' AS rule
        FROM ${rows.daily()} b JOIN (
          SELECT id, "timestamp" AS ts, row_number() OVER (PARTITION BY id ORDER BY "timestamp") AS seq
          FROM ${SOURCE_TABLE} WHERE ${rows.ids('id')}) s ON s.id = b.id AND s.ts = b."timestamp"
        WHERE b.bar_seq IS DISTINCT FROM s.seq ORDER BY b.id, b."timestamp"`;
      yield* foundRows(context, DAILY_TABLE, daily, 'bar_seq is {actual}, the source row has number {expected}');
    }
    for (const table of context.barTables) {
      const isRolling = table.family === 'multi_tf';
      // an empty calendar window uses up a number; the lengths of months and years differ by less than a tenth
      const allowed = isRolling
        ? '1'
        : '1 + greatest(0, floor(extract(epoch FROM first_close - before_close) / 86400 / (0.9 * shortest)))';
      const select = `WITH bars AS (
          SELECT id, tf, bar_seq, min(time_close) AS first_close, max(time_close) AS last_close, min(tf_days) AS shortest
          FROM ${rows.bars(table)} t GROUP BY id, tf, bar_seq),
        steps AS (
          SELECT *, lag(bar_seq) OVER series AS before, lag(last_close) OVER series AS before_close FROM bars
          WINDOW series AS (PARTITION BY id, tf ORDER BY bar_seq)),
        judged AS (
          SELECT *, CASE
            WHEN before IS NULL AND ${rows.isFromStart} AND (bar_seq < 1 OR (bar_seq > 1 AND ${isRolling})) THEN 'first number'
            WHEN first_close <= before_close THEN 'order'
            WHEN bar_seq - before > ${allowed} THEN 'hole' END AS rule FROM steps)
        SELECT id, tf, bar_seq AS key, before, first_close, last_close, rule, bar_seq AS actual FROM judged WHERE rule IS NOT NULL`;
      yield* foundRows(context, table.table, select, (row) => {
        const [seq, before] = [row['actual'] as number, row['before'] as number | null];
        if (row['rule'] === 'order')
          return `bar ${seq} begins at ${row['first_close'] as string}, before bar ${before} has ended`;
        return before === null ? `the first bar has number ${seq}` : `bar ${seq} follows bar ${before}`;
      });
    }
  },
};
