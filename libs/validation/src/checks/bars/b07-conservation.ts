import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_REJECTS_TABLE, DAILY_STATE, DAILY_TABLE, dailyTableNames } from '../table-names.ts';

/** B07: every source row up to the watermark is a bar or a reject, and nothing else is stored. */
export const conservation: Check = {
  id: 'B07',
  name: 'conservation',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['n_source', 'n_bars', 'n_rejects', 'lost', 'invented', 'first_at'],
  explanation:
    'Every source row up to last_src_ts is either a daily bar or a recorded reject, never both or neither. Every ' +
    'bar and every reject has its source row.',
  whatToDo: `Source rows may have been added or deleted since the last refresh: run ${refreshCommand('all')}. If the finding stays, add --full-rebuild.`,
  tables: dailyTableNames,
  async *run(context) {
    if (!context.hasDaily) return;
    const { rows } = context;
    const select = `WITH source AS (
        SELECT s.id, s."timestamp" AS ts, st.id IS NOT NULL AND s."timestamp" <= coalesce(st.last_src_ts, 'infinity') AS is_due
        FROM ${rows.source()} s LEFT JOIN ${DAILY_STATE} st ON st.id = s.id),
      kept AS (
        SELECT id, ts, sum(bar) AS bar, sum(reject) AS reject FROM (
          SELECT id, "timestamp" AS ts, 1 AS bar, 0 AS reject FROM ${rows.daily()} b
          UNION ALL SELECT id, "timestamp", 0, 1 FROM ${rows.dailyRejects()} r) both_kinds
        GROUP BY id, ts),
      judged AS (
        SELECT coalesce(s.id, k.id) AS id, coalesce(s.ts, k.ts) AS ts, coalesce(s.is_due, false) AS is_due,
          coalesce(k.bar, 0) AS bar, coalesce(k.reject, 0) AS reject,
          coalesce(s.is_due, false) AND k.id IS NULL AS is_lost, s.id IS NULL OR k.bar + k.reject > 1 AS is_invented
        FROM source s FULL JOIN kept k ON k.id = s.id AND k.ts = s.ts)
      SELECT id, count(*) FILTER (WHERE is_due) AS n_source, sum(bar) AS n_bars, sum(reject) AS n_rejects,
        count(*) FILTER (WHERE is_lost) AS lost, count(*) FILTER (WHERE is_invented) AS invented,
        min(ts) FILTER (WHERE is_lost OR is_invented) AS first_at,
        count(*) FILTER (WHERE is_due) AS expected, sum(bar) + sum(reject) AS actual
      FROM judged GROUP BY id HAVING bool_or(is_lost OR is_invented) ORDER BY id`;
    yield* foundRows(context, DAILY_TABLE, select, (row) => {
      const { n_source, n_bars, n_rejects, lost, invented, first_at } = row as Record<string, number | string>;
      return `${n_source} source rows became ${n_bars} bars and ${n_rejects} rejects: ${lost} lost, ${invented} without or with two origins, first at ${first_at} (rejects in ${DAILY_REJECTS_TABLE})`;
    });
  },
};
