import type { Session } from '../connect/database.ts';
import { idSql, instantSql } from '../read/copy-select.ts';

/** A stretch of the source that the next refresh has to read again. */
export interface SourceStretch {
  readonly id: number;
  /** Earliest and latest close instant concerned, epoch ms. */
  readonly firstTs: number;
  readonly lastTs: number;
  /** How many rows are known to be concerned; 0 when that is not known. */
  readonly rows: number;
}

/**
 * Puts stretches into the invalidation log, as a trigger of the source would have done: for changes that were taken out but
 * not taken in, and for changes that no trigger saw.
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
