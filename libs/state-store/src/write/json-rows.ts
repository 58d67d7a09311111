import type { Session } from '../connect/database.ts';
import { quoteIdentifier } from '../copy/layout.ts';

/** Columns of a small set of rows with their SQL types, in the order of the table's columns to fill. */
export type JsonColumns = Readonly<Record<string, string>>;

/** A row by column name. Numbers that are not finite are sent as text, which the SQL type converts back. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** How rows are merged with existing ones. */
export interface JsonMerge {
  readonly table: string;
  readonly columns: JsonColumns;
  readonly key: readonly string[];
  /** Columns that an existing row keeps. */
  readonly keep?: readonly string[];
  /** Further assignments of an update, SQL; the stored row is `t`, the new one `excluded`. */
  readonly also?: string;
  /** Update the row even where its values are the same (`also` then counts how often). */
  readonly touchesEqual?: boolean;
}

/** The outcome of a merge; rows that were already equal are not counted. */
export interface MergeCounts {
  readonly inserted: number;
  readonly updated: number;
}

/** SQL of a row source named `r` that unpacks the JSON text in parameter `$n`. */
export function recordsetSql(columns: JsonColumns, parameter = 1): string {
  const types = Object.entries(columns).map(([name, type]) => `${quoteIdentifier(name)} ${type}`);
  return `jsonb_to_recordset($${parameter}::text::jsonb) AS r(${types.join(', ')})`;
}

/** The JSON text for {@link recordsetSql}. */
export function recordsetText(rows: readonly JsonRow[]): string {
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/**
 * Merges a small set of rows into a table in one statement: new keys are inserted, rows that differ are updated, equal ones
 * are not touched. For hundreds of rows; bulk data go through COPY.
 */
export async function mergeJsonRows(
  session: Session,
  merge: JsonMerge,
  rows: readonly JsonRow[],
): Promise<MergeCounts> {
  if (rows.length === 0) return { inserted: 0, updated: 0 };
  const names = Object.keys(merge.columns);
  const columns = names.map(quoteIdentifier).join(', ');
  const values = names.filter((name) => !merge.key.includes(name) && !(merge.keep ?? []).includes(name));
  const stored = values.map((name) => `t.${quoteIdentifier(name)}`).join(', ');
  const given = values.map((name) => `excluded.${quoteIdentifier(name)}`).join(', ');
  const sets = values.map((name) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  const assignments = merge.also === undefined ? sets : [...sets, merge.also];
  const differs = merge.touchesEqual === true ? '' : `WHERE ROW(${stored}) IS DISTINCT FROM ROW(${given})`;
  const [counts] = await session.query<{ inserted: number; updated: number }>(
    `WITH merged AS (
       INSERT INTO ${quoteIdentifier(merge.table)} AS t (${columns})
       SELECT ${columns} FROM ${recordsetSql(merge.columns)}
       ON CONFLICT (${merge.key.map(quoteIdentifier).join(', ')})
       DO UPDATE SET ${assignments.join(', ')} ${differs}
       RETURNING xmax = 0 AS is_new)
     SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS updated FROM merged`,
    [recordsetText(rows)],
  );
  return counts;
}
