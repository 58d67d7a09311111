import type { Session } from '../connect/database.ts';

/** A table or column that a statement can use. */
export interface KnownName {
  readonly name: string;
  /** Its table. */
  readonly of: string;
}

/** SQL for the tables and views that can be used without a schema name. */
const VISIBLE = `pg_table_is_visible(c.oid) AND relkind IN ('r', 'p', 'v', 'm') AND relnamespace <> 'pg_catalog'::regnamespace`;

/** All visible tables and views, by name. */
export function readTableNames(session: Session): Promise<KnownName[]> {
  return session.query(`SELECT relname AS name, relname AS of FROM pg_class c WHERE ${VISIBLE} ORDER BY relname`);
}

/** Columns of all visible tables and views, by table and position. */
export function readColumnNames(session: Session): Promise<KnownName[]> {
  return session.query(
    `SELECT attname AS name, relname AS of FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
     WHERE ${VISIBLE} AND attnum > 0 AND NOT attisdropped ORDER BY relname, attnum`,
  );
}

/** Labels of `dim_timeframe`. */
export async function readTimeframeLabels(session: Session): Promise<string[]> {
  const rows = await session.query<{ tf: string }>('SELECT tf FROM dim_timeframe');
  return rows.map(({ tf }) => tf);
}
