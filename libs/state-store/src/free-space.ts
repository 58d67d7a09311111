import type { Database } from './connect/database.ts';
import { quoteIdentifier } from './copy/layout.ts';

/** What {@link freeSpace} did. */
export interface FreedSpace {
  /** Tables whose dead rows make room for new ones. */
  readonly vacuumed: readonly string[];
  /** Tables written anew, without what was dead in them. */
  readonly rewritten: readonly string[];
}

interface DeadRows {
  readonly table: string;
  readonly dead: number;
}

/** A table is written anew when so many of its rows are dead for each live one, and it is larger than that. */
const DEAD_PER_LIVE = 0.5;
const WORTH_BYTES = 16 * 1024 * 1024;

/**
 * Gives back what this process has deleted and replaced in an embedded database, which no autovacuum looks after: room in
 * the tables, or room on the disk where a third of a table is dead (a full rebuild). Tables of which nothing was deleted are not touched.
 * A server does this by itself: nothing happens there.
 *
 * @param onRewrite called with a table before it is rewritten, which takes a second per 100 MB or so
 */
export async function freeSpace(database: Database, onRewrite: (table: string) => void): Promise<FreedSpace> {
  if (database.engine !== 'pglite') return { vacuumed: [], rewritten: [] };
  return database.session(async (session) => {
    // counts of the last second may not be there yet
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
