import type { Session } from '@ta/state-store';
import { allRows } from './json-rows.ts';

/** The keys that the database itself keeps unique; no check need look for duplicates of these. */
export type UniqueKeys = Awaited<ReturnType<typeof readUniqueKeys>>;

/** Reads the valid unique indexes of the public tables. */
export async function readUniqueKeys(session: Session) {
  const rows = await allRows(
    session,
    `SELECT c.relname AS "table", pg_get_expr(i.indpred, i.indrelid) AS predicate,
       (SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])) AS columns
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND i.indisunique AND i.indisvalid AND i.indisready AND i.indexprs IS NULL`,
  );
  const keys = rows.map((row) => ({
    table: row['table'] as string,
    predicate: row['predicate'] as string | null,
    columns: row['columns'] as string[],
  }));
  return {
    /**
     * @param columns the key
     * @param predicate text of the partial index's condition, for a key of some rows only
     */
    isGuaranteed: (table: string, columns: readonly string[], predicate?: string): boolean =>
      keys.some(
        (key) =>
          key.table === table &&
          (key.predicate === null || key.predicate === predicate) &&
          key.columns.every((column) => columns.includes(column)),
      ),
  };
}
