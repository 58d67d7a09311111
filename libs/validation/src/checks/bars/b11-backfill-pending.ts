import { isBeyondSql } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { refreshCommand } from '../../commands-to-type.ts';
import { foundRows } from '../../sql/found-rows.ts';
import { DAILY_STATE, SOURCE_TABLE } from '../table-names.ts';

const LOG = 'cmc_price_histories7_changes';

/** B11: the source has no changes that the state does not know. */
export const backfillPending: Check = {
  id: 'B11',
  name: 'backfill_pending',
  severity: 'ERROR',
  kind: 'sql',
  columns: ['source_min', 'state_min', 'n_source', 'n_state', 'source_load', 'state_load', 'n_changes'],
  explanation:
    'The oldest source row, the number of source rows up to last_src_ts and their newest load time are those ' +
    'that the last refresh saw. If not, the invalidation log is incomplete: a loader may have disabled the ' +
    'triggers that write it. Entries of the log that no refresh has read yet are a WARNING.',
  whatToDo: `Run ${refreshCommand('all')}; if a loader bypassed the triggers, add --full-rebuild. Prices of an id that is not in dim_assets are ignored: import them to add the asset, or see with \`ta assets remove <id>\` what is stored of the id and how to remove it. If the id has no prices either, a refresh of all ids clears the entries.`,
  tables: () => [SOURCE_TABLE, DAILY_STATE],
  async *run(context) {
    const { ids } = context.rows;
    // rows whose instant is out of range are rejects, and the figures of the state leave them out
    const isCounted = `WHERE NOT ${isBeyondSql('h."timestamp"')}`;
    const select = `SELECT s.id, h.source_min, s.daily_min_seen AS state_min, h.n_source, s.src_row_count AS n_state,
        h.source_load, s.src_max_load_ts AS state_load, s.src_row_count AS expected, h.n_source AS actual
      FROM ${DAILY_STATE} s LEFT JOIN (
        SELECT h.id, min(h."timestamp") FILTER (${isCounted}) AS source_min, count(*) FILTER (WHERE h."timestamp" <= st.last_src_ts) AS n_source,
          max(h.load_ts) FILTER (${isCounted} AND NOT ${isBeyondSql('h.load_ts')}) AS source_load
        FROM ${SOURCE_TABLE} h JOIN ${DAILY_STATE} st ON st.id = h.id WHERE ${ids('h.id')} GROUP BY h.id) h ON h.id = s.id
      WHERE ${ids('s.id')} AND (h.source_min IS DISTINCT FROM s.daily_min_seen
        OR coalesce(h.n_source, 0) IS DISTINCT FROM s.src_row_count OR h.source_load IS DISTINCT FROM s.src_max_load_ts) ORDER BY s.id`;
    yield* foundRows(
      context,
      DAILY_STATE,
      select,
      'source: {n_source} rows from {source_min}, loaded until {source_load}; ' +
        'state: {n_state} rows from {state_min}, loaded until {state_load}',
    );
    const pending = `SELECT id, count(*) AS n_changes, min(first_ts) AS key, 'WARNING' AS severity FROM ${LOG} WHERE ${ids('id')} GROUP BY id ORDER BY id`;
    yield* foundRows(context, LOG, pending, '{n_changes} change(s) of the source that no refresh has read yet');
  },
};
