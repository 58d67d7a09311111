import type { Session } from '../connect/database.ts';
import type { ColumnTable } from '../copy/column-table.ts';
import { copyDecoder } from '../copy/decode.ts';
import { copyOutSql, type CopyField, type CopyLayout, type CopyType } from '../copy/layout.ts';

/**
 * Reads columns of a table through binary COPY. `tail` is the SQL after FROM; COPY takes no parameters, so it must contain only
 * constants and quoted literals.
 */
export async function copyTable(session: Session, layout: CopyLayout, tail: string): Promise<ColumnTable> {
  return readCopy(session, layout, copyOutSql(layout, tail));
}

/**
 * Reads the result of a SELECT through binary COPY. Stamps (instants with microseconds that are compared for equality)
 * are always read this way, so that equal instants give equal numbers everywhere.
 */
export async function copyQuery(
  session: Session,
  name: string,
  fields: readonly CopyField[],
  select: string,
): Promise<ColumnTable> {
  return readCopy(session, { table: name, fields }, `COPY (${select}) TO STDOUT WITH (FORMAT binary)`);
}

async function readCopy(session: Session, layout: CopyLayout, sql: string): Promise<ColumnTable> {
  const decoder = copyDecoder(layout);
  await session.read(sql, (chunk) => decoder.push(chunk));
  return decoder.finish();
}

/**
 * For each property of a row, the type and the SQL of its column. NULL becomes null in text and with `?`, and NaN in other number
 * columns.
 */
export type RowColumns<Row> = { readonly [K in keyof Row]: readonly [type: CopyType | `${CopyType}?`, sql: string] };

/**
 * Reads rows as objects through {@link copyQuery}; `bool` is a boolean.
 *
 * @param select makes the statement from the SQL of the columns
 * @param beyond how instants outside the years 0001 to 9999 are read, see {@link CopyField}
 */
export async function readObjects<Row>(
  session: Session,
  name: string,
  columns: RowColumns<Row>,
  select: (columns: string) => string,
  beyond?: CopyField['beyond'],
): Promise<Row[]> {
  const entries = Object.entries<readonly [type: string, sql: string]>(columns);
  const fields = entries.map(([column, [type]]) => ({
    ...{ column, type: type.replace('?', '') as CopyType },
    ...{ nullable: true, beyond },
  }));
  const rows = await copyQuery(session, name, fields, select(entries.map(([, [, sql]]) => sql).join(', ')));
  const valuesOf = (property: string, type: string): ArrayLike<unknown> => {
    if (type.startsWith('text')) return rows.text(property);
    const numbers = rows.number(property);
    if (type === 'bool') return Array.from(numbers, (value) => value === 1);
    return type.endsWith('?') ? Array.from(numbers, nullIfNaN) : numbers;
  };
  const values = entries.map(([property, [type]]) => [property, valuesOf(property, type)] as const);
  return Array.from(
    { length: rows.length },
    (_, row) => Object.fromEntries(values.map(([property, column]) => [property, column[row]])) as Row,
  );
}

/** NaN as null, which means unknown in plain objects. */
export function nullIfNaN(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Groups values by key, keeping their order. */
export function groupedBy<K, V>(values: readonly V[], keyOf: (value: V, index: number) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const [index, value] of values.entries()) {
    const key = keyOf(value, index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
