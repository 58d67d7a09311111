import type { Session } from '../connect/database.ts';
import { changesOf, NO_CHANGES, type SourceChanges } from '../read/changes.ts';
import { idSql, instantSql } from '../sql-conditions.ts';

/**
 * Removes the logged changes of one id from the log and returns them.
 *
 * Call it first in the item's transaction, before the source is read: a change committed later then stays in the log for the next
 * run, while the changes taken out are visible to the reads that follow. A rollback puts them back.
 */
export async function takeChanges(session: Session, id: number): Promise<SourceChanges> {
  const taken = `DELETE FROM cmc_price_histories7_changes WHERE id = ${idSql(id)} RETURNING *`;
  const changes = await changesOf(session, (columns) => `WITH taken AS (${taken}) SELECT ${columns} FROM taken`);
  return changes.get(id) ?? NO_CHANGES;
}

/** A range of the source that the next refresh has to read again. */
export interface SourceStretch {
  readonly id: number;
  /** Earliest and latest close instant concerned, epoch ms. */
  readonly firstTs: number;
  readonly lastTs: number;
  /** Number of rows concerned; 0 if unknown. */
  readonly rows: number;
}

/**
 * Adds ranges to the invalidation log, as a trigger of the source would do: for changes that were taken out of the log but
 * not processed, and for changes made while the triggers were disabled.
 */
export async function logChanges(tx: Session, stretches: readonly SourceStretch[]): Promise<void> {
  if (stretches.length === 0) return;
  const rows = stretches.map(
    ({ id, firstTs, lastTs, rows: count }) =>
      `(${idSql(id)}, ${instantSql(firstTs)}, ${instantSql(lastTs)}, 'update', ${Math.trunc(count)})`,
  );
  await tx.run(
    `INSERT INTO cmc_price_histories7_changes (id, first_ts, last_ts, kind, rows) VALUES ${rows.join(', ')}`,
  );
}

/**
 * Deletes the log entries of ids that have neither an asset, nor prices, nor daily bars: no refresh can process them, and none
 * are needed, because prices that are added later are logged again.
 *
 * @param ids ids that are not in `dim_assets`
 * @returns the number of deleted entries
 */
export async function forgetChanges(session: Session, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0;
  return session.run(
    `DELETE FROM cmc_price_histories7_changes c WHERE c.id IN (${ids.map(idSql).join(', ')})
       AND NOT EXISTS (SELECT 1 FROM dim_assets a WHERE a.id = c.id)
       AND NOT EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = c.id)
       AND NOT EXISTS (SELECT 1 FROM cmc_price_bars_1d_state s WHERE s.id = c.id)`,
  );
}
