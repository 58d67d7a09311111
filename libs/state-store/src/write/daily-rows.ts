import type { Session } from '../connect/database.ts';
import { createCopyEncoder } from '../copy/encode.ts';
import type { FieldData } from '../copy/field-data.ts';
import { copyInSql } from '../copy/layout.ts';
import { instantText } from '../instant-text.ts';
import { idSql } from '../read/copy-select.ts';
import { DAILY_BARS, DAILY_REJECTS } from '../tables/daily-tables.ts';
import { inLayoutOrder, type KeyedTable } from '../tables/keyed-table.ts';

/** Rows as named columns, of which only the selected ones are written. */
export interface SelectedRows {
  /** Column data by column name; every field of the table's layout must be there. */
  readonly data: Readonly<Record<string, FieldData>>;
  /** Rows that the data hold. */
  readonly rows: number;
  /** Indexes of the rows to write, ascending. */
  readonly select: Int32Array;
}

/** What changes among the stored daily rows of one id. Instants are epoch ms. */
export interface DailyRowsChange {
  readonly bars: SelectedRows;
  /** Close instants of bars to delete first. */
  readonly staleBars: readonly number[];
  readonly rejects: SelectedRows;
  readonly staleRejects: readonly number[];
}

/**
 * Deletes the stale daily rows of one id and writes the new ones; every other row stays as it is, byte for byte.
 * @throws StoreError
 */
export async function replaceDailyRows(tx: Session, id: number, change: DailyRowsChange): Promise<void> {
  // all deletions come before all insertions: a shifted bar_seq must not meet its old holder
  await deleteAt(tx, DAILY_BARS, id, change.staleBars);
  await deleteAt(tx, DAILY_REJECTS, id, change.staleRejects);
  await insert(tx, DAILY_BARS, change.bars);
  await insert(tx, DAILY_REJECTS, change.rejects);
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

async function insert(tx: Session, { layout }: KeyedTable, { data, rows, select }: SelectedRows): Promise<void> {
  if (select.length === 0) return;
  await tx.copyIn(copyInSql(layout), createCopyEncoder(layout).encodeChunks(inLayoutOrder(layout, data), rows, select));
}
