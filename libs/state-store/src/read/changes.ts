import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { EARLIEST_INSTANT_SQL, LATEST_INSTANT_SQL } from '../instant-range.ts';
import { required } from '../tables/keyed-table.ts';
import { copyQuery, idSql, whereIds } from './copy-select.ts';

/** What the invalidation log holds of one id. */
export interface SourceChanges {
  readonly id: number;
  /** Earliest and latest touched close instant, epoch ms; null when nothing is logged. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
  /** Rows inserted, updated and deleted, added over the statements. */
  readonly rows: number;
}

const FIELDS = [...required('int4', 'id'), ...required('timestamptz', 'first', 'last'), ...required('int8', 'rows')];

const groupedSql = (from: string) =>
  `SELECT id, greatest(min(first_ts), ${EARLIEST_INSTANT_SQL}), least(max(last_ts), ${LATEST_INSTANT_SQL}), sum(rows)::int8
   FROM ${from} GROUP BY id ORDER BY id`;

/** What is logged and not yet processed, one entry per id, ascending. Ids without changes are absent. */
export async function readChanges(session: Session, ids?: readonly number[]): Promise<SourceChanges[]> {
  const select = groupedSql(`cmc_price_histories7_changes ${whereIds(ids)}`);
  return changesOf(await copyQuery(session, 'source changes', FIELDS, select));
}

/**
 * Takes the logged changes of one id out of the log and returns them.
 *
 * Call it first in the item's transaction, before the source is read: a change committed later then stays in the log for
 * the next run, while everything taken out is visible to the reads that follow. A rollback puts the changes back.
 */
export async function takeChanges(session: Session, id: number): Promise<SourceChanges> {
  const taken = `DELETE FROM cmc_price_histories7_changes WHERE id = ${idSql(id)} RETURNING *`;
  const select = `WITH taken AS (${taken}) ${groupedSql('taken')}`;
  const [changes] = changesOf(await copyQuery(session, 'source changes', FIELDS, select));
  return changes ?? { id, firstTs: null, lastTs: null, rows: 0 };
}

function changesOf(rows: ColumnTable): SourceChanges[] {
  return rows.objects<SourceChanges>({ id: 'id', firstTs: 'first', lastTs: 'last', rows: 'rows' });
}
