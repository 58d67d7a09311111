import { getTableColumns } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type { Session } from '../connect/database.ts';
import { quoteIdentifier } from '../copy/layout.ts';

/**
 * Rows of a table, by the properties of its schema. Numbers that are not finite are sent as text, which PostgreSQL converts back.
 */
export type SmallRow<Table extends PgTable> = Readonly<Partial<Record<Property<Table>, unknown>>>;
type Property<Table extends PgTable> = keyof Table['$inferInsert'] & string;

/** A small set of rows as one parameter, and the SQL that reads it as rows of a table. */
export interface Recordset {
  /** The columns, quoted. */
  readonly columns: readonly string[];
  /** SQL of a row source named `r` that unpacks the JSON text in parameter `$1`. */
  readonly source: string;
  /** The value of the parameter. */
  readonly json: string;
}

/** Rows as JSON, with the columns of some properties in the types of the schema. */
export function recordsetOf<Table extends PgTable>(
  table: Table,
  properties: readonly Property<Table>[],
  rows: readonly SmallRow<Table>[],
): Recordset {
  const known = getTableColumns(table);
  const named = properties.map((property) => ({ property, column: known[property] }));
  const types = named.map(({ column }) => `${quoteIdentifier(column.name)} ${column.getSQLType()}`);
  const records = rows.map((row) =>
    Object.fromEntries(named.map(({ property, column }) => [column.name, row[property]])),
  );
  return {
    columns: named.map(({ column }) => quoteIdentifier(column.name)),
    source: `jsonb_to_recordset($1::text::jsonb) AS r(${types.join(', ')})`,
    json: JSON.stringify(records, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
  };
}

/** The properties that the first of some rows has. */
export function propertiesOf<Table extends PgTable>(table: Table, [first]: readonly SmallRow<Table>[]) {
  return Object.keys(getTableColumns(table)).filter((property) => property in first) as Property<Table>[];
}

/** How rows are merged with existing ones. */
export interface MergeOptions {
  /** Columns that an existing row keeps. */
  readonly keep?: readonly string[];
  /** Further assignments of an update, SQL; the stored row is `t`, the new one `excluded`. */
  readonly also?: string;
  /** Update a row even if its values are equal, so that `also` is applied to it too. */
  readonly touchesEqual?: boolean;
}

/** The outcome of a merge; rows that were already equal are not counted. */
export interface MergeCounts {
  readonly inserted: number;
  readonly updated: number;
}

/**
 * Merges a small set of rows into a table in one statement, by its primary key: new keys are inserted, rows that differ are
 * updated, equal ones are not touched. All rows have the properties of the first. For hundreds of rows; bulk data go through
 * COPY.
 */
export async function mergeRows<Table extends PgTable>(
  session: Session,
  table: Table,
  rows: readonly SmallRow<Table>[],
  { keep = [], also, touchesEqual }: MergeOptions = {},
): Promise<MergeCounts> {
  if (rows.length === 0) return { inserted: 0, updated: 0 };
  const { columns, source, json } = recordsetOf(table, propertiesOf(table, rows), rows);
  const key = recordsetOf(table, keyOf(table), []).columns;
  const kept = keep.map(quoteIdentifier);
  const values = columns.filter((column) => !key.includes(column) && !kept.includes(column));
  const sets = values.map((column) => `${column} = excluded.${column}`);
  const assignments = also === undefined ? sets : [...sets, also];
  const [stored, given] = ['t', 'excluded'].map((row) => values.map((column) => `${row}.${column}`).join(', '));
  const differs = touchesEqual === true ? '' : `WHERE ROW(${stored}) IS DISTINCT FROM ROW(${given})`;
  const [counts] = await session.query<{ inserted: number; updated: number }>(
    `WITH merged AS (
       INSERT INTO ${quoteIdentifier(getTableConfig(table).name)} AS t (${columns.join(', ')})
       SELECT ${columns.join(', ')} FROM ${source}
       ON CONFLICT (${key.join(', ')})
       DO UPDATE SET ${assignments.join(', ')} ${differs}
       RETURNING xmax = 0 AS is_new)
     SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS updated FROM merged`,
    [json],
  );
  return counts;
}

/** The properties of the primary key. */
export function keyOf<Table extends PgTable>(table: Table) {
  const [key] = getTableConfig(table).primaryKeys;
  const isOfKey = ({ name, primary }: PgColumn) => key?.columns.some((column) => column.name === name) ?? primary;
  const columns = Object.entries<PgColumn>(getTableColumns(table));
  return columns.filter(([, column]) => isOfKey(column)).map(([property]) => property as Property<Table>);
}
