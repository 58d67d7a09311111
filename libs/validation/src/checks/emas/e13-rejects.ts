import type { Check } from '../../check.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { lastRunSql } from '../last-run.ts';
import { emaTableNames } from '../table-names.ts';

const REJECTS = 'ema_rejects';

/** E13: EMA values that were out of bounds when they were written. */
export const rejects: Check = {
  id: 'E13',
  name: 'rejects',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['type', 'n_new', 'n_total', 'table_name'],
  explanation:
    'Rejects since the last successful run, by id, tf and kind: nan, infinity, negative and out_of_price_bounds ' +
    'are an ERROR, out_of_statistical_bounds is a WARNING. A reject whose table does not fit its ' +
    'alignment_source is an ERROR as well.',
  whatToDo:
    'Look at them with `ta rejects --emas --ids <id>`: an EMA outside the prices it is made of is a fault of the data or the program.',
  tables: emaTableNames,
  async *run(context) {
    const names = context.emaTables.map(({ table }) => `'${table}'`).join(', ') || `''`;
    const isNew = `last_seen_at >= ${lastRunSql()}`;
    const select = `SELECT id, tf, violation_type AS key, violation_type AS type, table_name, count(*) FILTER (WHERE ${isNew}) AS n_new,
        count(*) AS n_total, CASE violation_type WHEN 'out_of_statistical_bounds' THEN 'WARNING' ELSE 'ERROR' END AS severity
      FROM ${REJECTS} WHERE ${context.rows.ids('id')} AND table_name IN (${names})
      GROUP BY id, tf, violation_type, table_name HAVING count(*) FILTER (WHERE ${isNew}) > 0 ORDER BY id, tf, violation_type`;
    yield* foundRows(context, REJECTS, select, '{n_new} new rejects in {table_name}, {n_total} in total');
    const misplaced = `SELECT id, tf, period, "timestamp" AS key, table_name, alignment_source AS type FROM ${REJECTS}
      WHERE ${context.rows.ids('id')} AND table_name <> 'cmc_ema_' || alignment_source ORDER BY id, tf, period`;
    yield* foundRows(context, REJECTS, misplaced, 'reject of {table_name} under alignment_source {type}');
  },
};
