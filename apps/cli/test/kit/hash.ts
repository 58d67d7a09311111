import type { Session } from '@ta/state-store';

/**
 * One hash per table of the database, every column included, in the order of the names: whatever changed shows.
 *
 * @param without tables to leave out, as SQL LIKE patterns
 */
export async function hashTables(session: Session, without: readonly string[] = []): Promise<Record<string, string>> {
  return perTable(session, without, `coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '')`);
}

/**
 * A mark per table that changes with every row written or deleted, and costs less than a hash: the number of rows and
 * the newest transaction that made or locked one.
 */
export function markTables(session: Session): Promise<Record<string, string>> {
  return perTable(session, [], `concat_ws(' ', count(*), max(xmin::text::int8), max(xmax::text::int8))`);
}

async function perTable(session: Session, without: readonly string[], value: string): Promise<Record<string, string>> {
  const tables = await session.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
     AND NOT relname LIKE ANY($1::text[]) ORDER BY relname`,
    [[...without]],
  );
  const parts = tables.map(({ name }) => `SELECT '${name}' AS name, ${value} AS value FROM "${name}" t`);
  const rows = await session.query<{ name: string; value: string }>(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map((row) => [row.name, row.value]));
}

/** Names of the tables whose hashes differ. */
export function changedTables(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
}

/** Tables that hold the result of a refresh, as opposed to its records. */
export const RECORDS = ['ops_%'];
