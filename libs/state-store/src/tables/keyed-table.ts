import type { FieldData } from '../copy/field-data.ts';
import { StoreError } from '../errors.ts';
import type { CopyField, CopyLayout, CopyType } from '../copy/layout.ts';

/**
 * The facts about a table that reading or replacing a range of its rows needs: its COPY layout, the column of the instant, and
 * whether it has several timeframes.
 */
export interface KeyedTable {
  readonly table: string;
  /** Column of the instant in the key. */
  readonly timeColumn: 'timestamp' | 'time_close' | 'ts';
  /** True when the rows are of several timeframes, which can be selected by the column `tf`. */
  readonly hasTimeframes: boolean;
  /**
   * The columns to read, in COPY order. For the daily tables these are also the columns that the writer supplies; all others have
   * defaults.
   */
  readonly layout: CopyLayout;
}

/** Fields of one type, not nullable, for a COPY layout. */
export function required(type: CopyType, ...columns: string[]): CopyField[] {
  return columns.map((column) => ({ column, type, nullable: false }));
}

/** Fields of one type, nullable, for a COPY layout. */
export function nullable(type: CopyType, ...columns: string[]): CopyField[] {
  return columns.map((column) => ({ column, type, nullable: true }));
}

/** Fields whose values outside the range of `beyond` in {@link CopyField} are read as ±Infinity or as unknown. */
export function beyondAs(beyond: 'infinite' | 'unknown', fields: readonly CopyField[]): CopyField[] {
  return fields.map((field) => ({ ...field, beyond }));
}

/**
 * Puts named column data into the order of a COPY layout.
 * @throws StoreError `STORE_QUERY` naming a column of the layout that has no data
 */
export function inLayoutOrder(layout: CopyLayout, data: Readonly<Record<string, FieldData>>): FieldData[] {
  return layout.fields.map(({ column }) => {
    const values = data[column];
    if (values === undefined) throw new StoreError('STORE_QUERY', `${layout.table}: no data for column ${column}.`);
    return values;
  });
}
