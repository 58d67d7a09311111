import type { Database, Session } from './connect/database.ts';
import { quoteIdentifier } from './copy/layout.ts';
import { StoreError } from './errors.ts';
import { BAR_TABLES } from './tables/bar-tables.ts';
import { EMA_TABLES } from './tables/ema-tables.ts';

/** Most partitions a table may have: each of them is a file, and an entry of every plan that cannot leave it out. */
export const MOST_PARTITIONS = 256;

/** The tables that grow with assets times days times timeframes; all others stay whole. */
const TABLES = [...Object.values(BAR_TABLES), ...Object.values(EMA_TABLES)].map(({ table }) => table);

/** What {@link partitionTables} did. */
export interface PartitionChange {
  /** Tables that have another number of partitions now. */
  readonly tables: number;
  /** Rows that were put into them. */
  readonly rows: number;
}

/** Where a table of the contract hangs, and what hangs on it. */
interface Place {
  /** Parent table, such as `cmc_ema_multi_tf_u`, and the bound under which the table is attached to it. */
  readonly parent: string;
  readonly bound: string;
  /** Statements that make the indexes which the parent does not make. */
  readonly indexes: readonly string[];
}

/**
 * Gives each table of multi-day bars and EMAs a number of hash partitions by `id`; 1 makes it whole again. Names, columns
 * and contents stay; a refresh or a query of one id touches one partition. A table with rows is written anew: it takes
 * the disk space of its largest table for the time, and nobody reads that table meanwhile. One transaction per table, so
 * what was interrupted is completed by another call.
 *
 * Rights that were granted on the tables have to be granted again (`roles.sql`).
 * @throws StoreError `STORE_CONFIG` unless `partitions` is a whole number from 1 to {@link MOST_PARTITIONS};
 * `STORE_QUERY` when something that is not ours, a view for instance, depends on a table: that table stays as it was
 */
export async function partitionTables(database: Database, partitions: number): Promise<PartitionChange> {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MOST_PARTITIONS) {
    throw new StoreError('STORE_CONFIG', `partitions: ${partitions}; expected 1 to ${MOST_PARTITIONS}.`);
  }
  let [tables, rows] = [0, 0];
  for (const table of TABLES) {
    const moved = await database.transaction((tx) => partitionTable(tx, table, partitions));
    if (moved === null) continue;
    tables++;
    rows += moved;
  }
  return { tables, rows };
}

/**
 * How many hash partitions the big tables have, 1 when they are whole.
 * @returns null when they differ: a {@link partitionTables} was interrupted
 */
export async function readPartitions(session: Session): Promise<number | null> {
  const counts = await partitionCounts(session);
  const different = new Set(TABLES.map((table) => counts.get(table)));
  return different.size === 1 ? (counts.get(TABLES[0]) ?? null) : null;
}

async function partitionCounts(session: Session): Promise<Map<string, number>> {
  const rows = await session.query<{ name: string; count: number }>(
    `SELECT c.relname AS name, CASE c.relkind WHEN 'p' THEN count(i.inhrelid)::int ELSE 1 END AS count
     FROM pg_class c LEFT JOIN pg_inherits i ON i.inhparent = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[]) GROUP BY c.relname, c.relkind`,
    [TABLES],
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** Rows moved, or null when the table was as wanted. The new table is made from the old one, not from a second text. */
async function partitionTable(tx: Session, name: string, partitions: number): Promise<number | null> {
  if ((await partitionCounts(tx)).get(name) === partitions) return null;
  const { parent, bound, indexes } = await placeOf(tx, name);
  const [table, old] = [publicName(name), publicName(`${name}_old`)];
  await tx.run(`ALTER TABLE ${parent} DETACH PARTITION ${table}`);
  await tx.run(`ALTER TABLE ${table} RENAME TO ${quoteIdentifier(`${name}_old`)}`);
  const byHash = partitions === 1 ? '' : 'PARTITION BY HASH (id)';
  await tx.run(`CREATE TABLE ${table} (LIKE ${old} INCLUDING ALL EXCLUDING INDEXES) ${byHash}`);
  for (let i = 0; partitions > 1 && i < partitions; i++) {
    const part = publicName(`${name}_h${partitions}_${i}`);
    await tx.run(`CREATE TABLE ${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${i})`);
  }
  const rows = await tx.run(`INSERT INTO ${table} SELECT * FROM ${old}`, []);
  await tx.run(`DROP TABLE ${old}`);
  for (const index of indexes) await tx.run(index);
  await tx.run(`ALTER TABLE ${parent} ATTACH PARTITION ${table} ${bound}`);
  if (rows > 0) await tx.run(`ANALYZE ${table}`);
  return rows;
}

async function placeOf(tx: Session, name: string): Promise<Place> {
  const [place] = await tx.query<{ parent: string; bound: string }>(
    `SELECT i.inhparent::regclass::text AS parent, pg_get_expr(c.relpartbound, c.oid) AS bound
     FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = $1::text::regclass`,
    [publicName(name)],
  );
  if (place === undefined) {
    throw new StoreError('STORE_QUERY', `${name} is not attached to its parent table.`, {
      hint: '`validator check --checks E11` says where it belongs.',
    });
  }
  const indexes = await tx.query<{ definition: string }>(
    `SELECT pg_get_indexdef(x.indexrelid) AS definition FROM pg_index x
     WHERE x.indrelid = $1::text::regclass AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = x.indexrelid)
     ORDER BY x.indexrelid`,
    [publicName(name)],
  );
  // the index of a partitioned table shows itself as one that the partitions lack
  return { ...place, indexes: indexes.map(({ definition }) => definition.replace(' ON ONLY ', ' ON ')) };
}

function publicName(name: string): string {
  return `public.${quoteIdentifier(name)}`;
}
