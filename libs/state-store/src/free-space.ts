import type { Database } from './connect/database.ts';
import { quoteIdentifier } from './copy/layout.ts';

/** The result of {@link freeSpace}. */
export interface FreedSpace {
  /** Tables in which the space of dead rows can be reused. */
  readonly vacuumed: readonly string[];
  /** Tables that were rewritten without their dead rows. */
  readonly rewritten: readonly string[];
}

interface DeadRows {
  readonly table: string;
  readonly dead: number;
}

/** A table is rewritten when it has at least this many dead rows per live row, and is larger than this size. */
const DEAD_PER_LIVE = 0.5;
const WORTH_BYTES = 16 * 1024 * 1024;

/**
 * Frees the space of deleted and replaced rows in an embedded database, which has no autovacuum: it becomes reusable inside the
 * tables or, if a third of a table is dead rows (after a full rebuild), is returned to the disk. Tables without dead rows are not
 * touched. On a server nothing is done, since autovacuum does this.
 *
 * @param onRewrite called with a table before it is rewritten, which takes a second per 100 MB or so
 */
export async function freeSpace(database: Database, onRewrite: (table: string) => void): Promise<FreedSpace> {
  if (database.engine !== 'pglite') return { vacuumed: [], rewritten: [] };
  return database.session(async (session) => {
    // the statistics of the last second may not have been counted yet
    await session.query('SELECT pg_stat_force_next_flush()');
    const found = await session.query<DeadRows>(
      'SELECT relname AS "table", n_dead_tup AS dead FROM pg_stat_user_tables WHERE n_dead_tup > 0 ORDER BY relname',
    );
    const rewritten: string[] = [];
    for (const { table, dead } of found) {
      await session.run(`VACUUM ${quoteIdentifier(table)}`);
      const [{ live, bytes }] = await session.query<{ live: number; bytes: number }>(
        'SELECT reltuples AS live, pg_table_size(oid) AS bytes FROM pg_class WHERE oid = $1::regclass',
        [quoteIdentifier(table)],
      );
      if (bytes < WORTH_BYTES || dead < DEAD_PER_LIVE * live) continue;
      await database.assertRoom?.(2 * bytes); // the new table and its log, beside the old one
      onRewrite(table);
      await session.run(`VACUUM FULL ${quoteIdentifier(table)}`);
      rewritten.push(table);
    }
    return { vacuumed: found.map(({ table }) => table), rewritten };
  });
}
