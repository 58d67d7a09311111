import { isZone } from '../../assets.ts';
import type { Check } from '../../check.ts';
import { foundRow, foundRows } from '../../sql/found-rows.ts';
import { allRows } from '../../sql/json-rows.ts';
import { instantSql } from '../../sql/row-selection.ts';
import { DAILY_STATE, DAILY_TABLE } from '../table-names.ts';

const REVISIONS = 'cmc_price_bars_1d_revisions';

/** B10: the state of the daily bars tells the truth about them (operations.md 5.2). */
export const state1d: Check = {
  id: 'B10',
  name: 'state_1d',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['last_src_ts', 'actual_max', 'field'],
  explanation:
    'last_src_ts is the newest stored daily bar; bars have a state row; last_run_ts and full_built_at are not in the future; ' +
    'the counters of the last run are not negative; the zone exists; the revisions up to the one of the state are all recorded.',
  whatToDo: 'Reset the id (`ta state reset --bars --ids <id>`) and refresh: the whole chain is rebuilt.',
  tables: () => [DAILY_STATE, DAILY_TABLE],
  async *run(context) {
    const { ids } = context.rows;
    const future = `greatest(${instantSql(context.request.asOfTs)}, now())`;
    const states = `SELECT coalesce(s.id, b.id) AS id, s.last_src_ts, b.newest AS actual_max, s.id IS NULL AS has_no_state,
        b.newest AS expected, s.last_src_ts AS actual
      FROM (SELECT * FROM ${DAILY_STATE} WHERE ${ids('id')}) s
      FULL JOIN (SELECT id, max("timestamp") AS newest FROM ${DAILY_TABLE} WHERE ${ids('id')} GROUP BY id) b ON b.id = s.id
      WHERE s.id IS NULL OR s.last_src_ts IS DISTINCT FROM b.newest ORDER BY 1`;
    yield* foundRows(context, DAILY_STATE, states, (row) => {
      if (row['has_no_state'] === true) return 'daily bars without a state row';
      return `last_src_ts is ${String(row['last_src_ts'])}, the newest daily bar is of ${String(row['actual_max'] ?? 'no day')}`;
    });
    const fields = `SELECT s.id, f.field, f.actual FROM ${DAILY_STATE} s, LATERAL (VALUES
        ('last_run_ts in the future', s.last_run_ts::text, s.last_run_ts > ${future}),
        ('full_built_at in the future', s.full_built_at::text, s.full_built_at > ${future}),
        ('last_upserted', s.last_upserted::text, s.last_upserted < 0),
        ('last_repaired_timehigh', s.last_repaired_timehigh::text, s.last_repaired_timehigh NOT BETWEEN 0 AND greatest(s.last_upserted, 0)),
        ('last_repaired_timelow', s.last_repaired_timelow::text, s.last_repaired_timelow NOT BETWEEN 0 AND greatest(s.last_upserted, 0)),
        ('last_rejected', s.last_rejected::text, s.last_rejected < 0)) f(field, actual, is_wrong)
      WHERE ${ids('s.id')} AND f.is_wrong ORDER BY s.id`;
    yield* foundRows(context, DAILY_STATE, fields, (row) => `${row['field'] as string}: ${String(row['actual'])}`);
    const revisions = `SELECT coalesce(s.id, r.id) AS id, coalesce(s.revision, 0) AS expected, r.newest AS actual, r.n
      FROM (SELECT * FROM ${DAILY_STATE} WHERE ${ids('id')}) s
      FULL JOIN (SELECT id, max(revision) AS newest, count(*) AS n FROM ${REVISIONS} WHERE ${ids('id')} GROUP BY id) r ON r.id = s.id
      WHERE coalesce(s.revision, 0) <> coalesce(r.newest, 0) OR coalesce(r.n, 0) <> coalesce(r.newest, 0) ORDER BY 1`;
    yield* foundRows(
      context,
      REVISIONS,
      revisions,
      (row) =>
        `the state is at revision ${String(row['expected'])}, recorded are ${String(row['n'] ?? 0)} up to ${String(row['actual'] ?? 0)}`,
    );
    for (const row of await allRows(
      context.session,
      `SELECT id, tz AS actual FROM ${DAILY_STATE} WHERE ${ids('id')}`,
    )) {
      const zone = row['actual'] as string;
      if (!isZone(zone)) yield foundRow(DAILY_STATE, { ...row, field: 'tz' }, `tz is ${zone}, which is no zone`);
    }
  },
};
