import type { Session } from '../connect/database.ts';
import { createCopyEncoder } from '../copy/encode.ts';
import type { FieldData } from '../copy/field-data.ts';
import { copyInSql, type CopyLayout } from '../copy/layout.ts';
import { inLayoutOrder } from '../tables/keyed-table.ts';

/** Column data of rows just built, by stored column name. */
export type BuiltColumns = Readonly<Record<string, FieldData>>;

/** Rows as named columns, of which only the selected ones are written. */
export interface SelectedRows {
  /** Must contain every field of the table's layout. */
  readonly data: BuiltColumns;
  /** Number of rows in the data. */
  readonly rows: number;
  /** Indexes of the rows to write, in this order. */
  readonly select: Int32Array;
}

/** Copies the selected rows in. @throws StoreError */
export async function insertRows(tx: Session, layout: CopyLayout, { data, rows, select }: SelectedRows): Promise<void> {
  if (select.length === 0) return;
  await tx.later(copyInSql(layout), createCopyEncoder(layout).encodeChunks(inLayoutOrder(layout, data), rows, select));
}

/**
 * Copies the selected rows of these chunks in; each chunk is requested only after the one before it was encoded.
 * @throws StoreError
 */
export async function insertChunks(tx: Session, layout: CopyLayout, chunks: Iterable<SelectedRows>): Promise<void> {
  await tx.later(copyInSql(layout), tuplesOf(layout, chunks));
}

function* tuplesOf(layout: CopyLayout, chunks: Iterable<SelectedRows>): Generator<Uint8Array> {
  const encoder = createCopyEncoder(layout);
  for (const { data, rows, select } of chunks) {
    if (select.length > 0) yield encoder.encode(inLayoutOrder(layout, data), rows, select);
  }
}
