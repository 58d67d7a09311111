import type { Session } from '../connect/database.ts';

/** The disk space of a table with its indexes; partitions by id are counted with their table. */
export interface TableSize {
  readonly table: string;
  readonly bytes: number;
}

/** The sizes of all tables of the database, largest first; on a Citus cluster only of the data on this server. */
export async function readTableSizes(session: Session): Promise<TableSize[]> {
  return session.query<TableSize>(
    `SELECT coalesce(whole.relname, part.relname) AS "table", sum(pg_total_relation_size(part.oid))::float8 AS bytes
     FROM pg_class part
     LEFT JOIN pg_inherits i ON i.inhrelid = part.oid
     LEFT JOIN pg_class whole ON whole.oid = i.inhparent AND (whole.relispartition OR whole.relname = 'ema_rows')
     WHERE part.relkind IN ('r', 'm') AND part.relnamespace = 'public'::regnamespace
     GROUP BY 1 ORDER BY 2 DESC, 1`,
  );
}

/** Bytes of the write-ahead log of an embedded database; null on a server, whose databases share one log. */
export async function readLogBytes(session: Session): Promise<number | null> {
  if (session.engine !== 'pglite') return null;
  const [{ bytes }] = await session.query<{ bytes: number }>(
    'SELECT coalesce(sum(size), 0)::float8 AS bytes FROM pg_ls_waldir()',
  );
  return bytes;
}
