import { StoreError } from '../errors.ts';
import type { CopyField, CopyLayout } from './layout.ts';

/**
 * Writes one field of many rows. Rows are `select[from…from+count)`, or `from…from+count` when `select` is null.
 * Fields are written one after the other over a block of rows (not row after row), so that each loop does one thing.
 */
export interface FieldWriter {
  /** Adds each row's bytes, length word included, to `sizes[0…count)`. */
  measure(select: Int32Array | null, from: number, count: number, sizes: Int32Array): void;
  /** Writes each row's bytes at `at[0…count)` and moves `at` behind them. */
  write(target: WriteTarget, select: Int32Array | null, from: number, count: number, at: Int32Array): void;
}

/** The output block under two views. */
export interface WriteTarget {
  bytes: Buffer;
  view: DataView;
}

/** Where a field's values come from, for messages. */
export interface FieldPlace {
  table: string;
  field: CopyField;
}

/** The error for a missing value in a column that is NOT NULL. */
export function nullRefused(place: FieldPlace, row: number): StoreError {
  const { table, field } = place;
  return new StoreError('STORE_NULL', `${table}.${field.column} (${field.type}, not null): no value in row ${row}.`, {
    hint: 'Reject the row before writing, or declare the field nullable if the column is.',
    context: { table, column: field.column, row },
  });
}

/** The error for a value that the column's type cannot represent. */
export function outOfRange(place: FieldPlace, row: number, expectation: string): StoreError {
  const { table, field } = place;
  return new StoreError('STORE_RANGE', `${table}.${field.column} (${field.type}): row ${row} must be ${expectation}.`, {
    context: { table, column: field.column, row },
  });
}

/** The error for data whose shape does not match the layout. */
export function wrongShape(layout: CopyLayout, column: string | undefined, expectation: string): StoreError {
  const name = column === undefined ? layout.table : `${layout.table}.${column}`;
  return new StoreError('STORE_QUERY', `COPY data of ${name}: ${expectation}.`, {
    context: { table: layout.table, column },
  });
}
