import type { Session } from '../connect/database.ts';
import { EARLIEST_INSTANT_SQL, LATEST_INSTANT_SQL } from '../instant-range.ts';
import { idSql, readObjects, whereIds, type RowColumns } from './copy-select.ts';

/** The entries of the invalidation log for one id, combined. */
export interface SourceChanges {
  /** Earliest and latest touched close instant, epoch ms; null when nothing is logged. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
  /** Numbers of rows inserted, updated and deleted, summed over the statements. */
  readonly rows: number;
}

/** No logged changes. */
export const NO_CHANGES: SourceChanges = { firstTs: null, lastTs: null, rows: 0 };

const COLUMNS: RowColumns<SourceChanges & { id: number }> = {
  id: ['int4', 'id'],
  firstTs: ['timestamptz', `greatest(min(first_ts), ${EARLIEST_INSTANT_SQL})`],
  lastTs: ['timestamptz', `least(max(last_ts), ${LATEST_INSTANT_SQL})`],
  rows: ['int8', 'sum(rows)::int8'],
};

/** The logged changes that have not been processed, by id. Ids without changes are absent. */
export async function readChanges(
  session: Session,
  ids?: readonly number[],
): Promise<ReadonlyMap<number, SourceChanges>> {
  return changesOf(session, (columns) => `SELECT ${columns} FROM cmc_price_histories7_changes ${whereIds(ids)}`);
}

/**
 * Removes the logged changes of one id from the log and returns them.
 *
 * Call it first in the item's transaction, before the source is read: a change committed later then stays in the log for
 * the next run, while everything taken out is visible to the reads that follow. A rollback puts the changes back.
 */
export async function takeChanges(session: Session, id: number): Promise<SourceChanges> {
  const taken = `DELETE FROM cmc_price_histories7_changes WHERE id = ${idSql(id)} RETURNING *`;
  const changes = await changesOf(session, (columns) => `WITH taken AS (${taken}) SELECT ${columns} FROM taken`);
  return changes.get(id) ?? NO_CHANGES;
}

async function changesOf(session: Session, select: (columns: string) => string): Promise<Map<number, SourceChanges>> {
  const grouped = (columns: string) => `${select(columns)} GROUP BY id ORDER BY id`;
  const rows = await readObjects(session, 'source changes', COLUMNS, grouped);
  return new Map(rows.map(({ id, ...changes }) => [id, changes]));
}
