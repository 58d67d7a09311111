import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import { StoreError } from '../errors.ts';
import type { CopyField, CopyType } from '../copy/layout.ts';

/** Types of the schema by their names in the COPY codec. */
const COPY_TYPES: Readonly<Record<string, CopyType>> = {
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  'double precision': 'float8',
  'timestamp with time zone': 'timestamptz',
  date: 'date',
  boolean: 'bool',
  text: 'text',
  'text COLLATE "C"': 'text',
  'double precision[]': 'float8[]',
  'integer[]': 'int4[]',
  jsonb: 'jsonb',
};

/**
 * Columns of a table for a COPY layout, in the given order; types and NOT NULL are taken from the schema.
 *
 * @throws StoreError `STORE_QUERY` for a name that is not a column of the table, or a type that the codec does not support
 */
export function fieldsOf(table: PgTable, ...names: string[]): CopyField[] {
  const { name: of, columns } = getTableConfig(table);
  return names.map((column) => {
    const found = columns.find(({ name }) => name === column);
    const type = found === undefined ? undefined : copyType(found);
    if (found === undefined || type === undefined) {
      throw new StoreError('STORE_QUERY', `${of}: no column ${column} that COPY can carry.`);
    }
    return { column, type, nullable: !found.notNull };
  });
}

function copyType(column: PgColumn): CopyType | undefined {
  return column.columnType === 'PgEnumColumn' ? 'enum' : COPY_TYPES[column.getSQLType()];
}
