import type { Check } from '../../check.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { lastRunSql } from '../last-run.ts';
import { DAILY_REJECTS_TABLE, SOURCE_TABLE } from '../table-names.ts';

const GUARD_REJECTS = 'cmc_price_bars_multi_tf_rejects';

/** B21: rejected source rows, and how many of them are new. */
export const rejects: Check = {
  id: 'B21',
  name: 'rejects',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['reason', 'n_new', 'n_total', 'percent'],
  explanation:
    'Rejects by id and reason, of the last run and in total. WARNING: any new one. ERROR: an id with at least 5 ' +
    'rejects that are more than 1 % of its source rows (earlier rows of a day that has a later one do not ' +
    'count). Snapshots that the guard of the multi-day bars clamped are reported as well: with sound daily bars ' +
    'there are none.',
  whatToDo: 'Look at them with `ta rejects --bars --ids <id>`, correct the source rows and refresh.',
  tables: () => [SOURCE_TABLE],
  async *run(context) {
    const { rows, request } = context;
    const { minCount, maxPercent } = request.rejectLimit;
    const since = lastRunSql();
    const perReason = `SELECT id, reason AS key, reason, count(*) FILTER (WHERE rejected_at >= ${since}) AS n_new, count(*) AS n_total,
        'WARNING' AS severity, count(*) AS actual
      FROM ${rows.dailyRejects()} r GROUP BY id, reason HAVING count(*) FILTER (WHERE rejected_at >= ${since}) > 0 ORDER BY id, reason`;
    yield* foundRows(context, DAILY_REJECTS_TABLE, perReason, '{n_new} new rejects, {n_total} in total');
    const share = `SELECT r.id, r.n AS n_total, round(100.0 * r.n / greatest(s.n, 1), 2) AS percent, r.n AS actual
      FROM (SELECT id, count(*) AS n FROM ${rows.dailyRejects()} x WHERE reason <> 'superseded_by_later_row' GROUP BY id) r
      LEFT JOIN (SELECT id, count(*) AS n FROM ${rows.source()} x GROUP BY id) s ON s.id = r.id
      WHERE r.n >= ${minCount} AND r.n > ${maxPercent} / 100.0 * coalesce(s.n, 0) ORDER BY r.id`;
    yield* foundRows(
      context,
      DAILY_REJECTS_TABLE,
      share,
      `{n_total} rejects are {percent} % of the source rows, more than ${maxPercent} % allowed`,
    );
    const names = context.barTables.map(({ table }) => `'${table}'`).join(', ') || `''`;
    const guard = `SELECT id, tf, table_name, violation_type AS key, violation_type AS reason, count(*) AS n_total, 'WARNING' AS severity
      FROM ${GUARD_REJECTS} WHERE ${rows.ids('id')} AND table_name IN (${names}) GROUP BY id, tf, table_name, violation_type ORDER BY id, tf`;
    yield* foundRows(context, GUARD_REJECTS, guard, '{n_total} snapshots of {table_name} were clamped');
  },
};
