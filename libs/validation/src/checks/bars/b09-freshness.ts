import type { Check } from '../../check.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { instantSql } from '../../sql/row-selection.ts';
import { DAILY_STATE, SOURCE_TABLE } from '../table-names.ts';

/** B09: the bars of every active asset are young enough, and there are some (operations.md 5.2). */
export const freshness: Check = {
  id: 'B09',
  name: 'freshness',
  scope: 'bars',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['last_src_ts', 'age_hours'],
  explanation:
    'For every active id with source rows there is a state row, and last_src_ts is at most --staleness-hours before the clock of ' +
    'the validation (--as-of).',
  whatToDo: 'Load newer prices, then `ta refresh --all --ids <id>`. For a historical database pass --as-of.',
  tables: () => [SOURCE_TABLE],
  async *run(context) {
    const { stalenessHours, asOfTs } = context.request;
    const age = `extract(epoch FROM ${instantSql(asOfTs)} - s.last_src_ts) / 3600`;
    const select = `SELECT a.id, s.last_src_ts, round((${age})::numeric, 1) AS age_hours, s.id IS NULL AS has_no_state
      FROM dim_assets a LEFT JOIN ${DAILY_STATE} s ON s.id = a.id
      WHERE ${context.rows.ids('a.id')} AND a.is_active AND EXISTS (SELECT FROM ${SOURCE_TABLE} h WHERE h.id = a.id)
        AND (s.last_src_ts IS NULL OR ${age} > ${stalenessHours}) ORDER BY a.id`;
    yield* foundRows(context, DAILY_STATE, select, (row) => {
      if (row['has_no_state'] === true) return 'active, with source rows, but no bars were ever built';
      if (row['last_src_ts'] === null) return 'active, with source rows, but none of them became a bar';
      return `newest bar ${row['last_src_ts'] as string} is ${row['age_hours'] as number} hours old, at most ${stalenessHours} are allowed`;
    });
  },
};
