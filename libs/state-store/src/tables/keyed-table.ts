import type { FieldData } from '../copy/field-data.ts';
import { StoreError } from '../errors.ts';
import type { CopyField, CopyLayout, CopyType } from '../copy/layout.ts';

/**
 * What the replacement of a tail of rows needs to know about a table: its COPY layout, the column of the instant, and whether it
 * has several timeframes.
 */
export interface KeyedTable {
  readonly table: string;
  /** Column of the instant in the key; the rows from an instant on are a tail. */
  readonly timeColumn: 'timestamp' | 'time_close' | 'ts';
  /** True when rows carry different timeframes and may be cut per timeframe. */
  readonly hasTimeframes: boolean;
  /** The columns the writer supplies, in their order; all others have defaults. */
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

/** Fields whose values beyond the range of {@link CopyField} are read as ±Infinity or as unknown. */
export function beyondAs(beyond: 'infinite' | 'unknown', fields: readonly CopyField[]): CopyField[] {
  return fields.map((field) => ({ ...field, beyond }));
}

/**
 * Puts named column data into the order of a COPY layout.
 * @throws StoreError `STORE_QUERY` naming the column that has no data: a layout and its producer must agree
 */
export function inLayoutOrder(layout: CopyLayout, data: Readonly<Record<string, FieldData>>): FieldData[] {
  return layout.fields.map(({ column }) => {
    const values = data[column];
    if (values === undefined) throw new StoreError('STORE_QUERY', `${layout.table}: no data for column ${column}.`);
    return values;
  });
}
