import type { Session } from '../connect/database.ts';
import { instantText } from '../instant-text.ts';
import { idSql } from '../sql-conditions.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../tables/daily-tables.ts';
import type { KeyedTable } from '../tables/keyed-table.ts';
import { insertRows, type SelectedRows } from './insert-rows.ts';

/** What changes among the stored daily rows of one id. Instants are epoch ms. */
export interface DailyRowsChange {
  readonly bars: SelectedRows;
  /** Close instants of bars to delete first, because they vanished or are written again. */
  readonly staleBars: readonly number[];
  readonly rejects: SelectedRows;
  readonly staleRejects: readonly number[];
}

/**
 * Deletes the stale daily rows of one id and writes the new ones; every other row stays as it is, byte for byte.
 * @throws StoreError
 */
export async function replaceDailyRows(tx: Session, id: number, change: DailyRowsChange): Promise<void> {
  // delete all rows before inserting any, since a shifted bar_seq may still be used by an old row
  await deleteAt(tx, DAILY_BARS, id, change.staleBars);
  await deleteAt(tx, DAILY_REJECTS, id, change.staleRejects);
  await insertRows(tx, DAILY_BARS.layout, change.bars);
  await insertRows(tx, DAILY_REJECTS.layout, change.rejects);
}

async function deleteAt(
  tx: Session,
  { table, timeColumn }: KeyedTable,
  id: number,
  at: readonly number[],
): Promise<void> {
  if (at.length === 0) return;
  await tx.run(`DELETE FROM ${table} WHERE id = ${idSql(id)} AND "${timeColumn}" = ANY($1::timestamptz[])`, [
    at.map(instantText),
  ]);
}
