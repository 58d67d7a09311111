import type { Database, Session } from './connect/database.ts';
import { quoteIdentifier } from './copy/layout.ts';
import { StoreError } from './errors.ts';
import { BAR_TABLES } from './tables/bar-tables.ts';
import { EMA_ROWS_LAYOUT } from './tables/ema-tables.ts';

/** Largest number of partitions of a table; each partition is a file, and part of every query plan that cannot exclude it. */
export const MOST_PARTITIONS = 256;

/** The tables that grow with assets × days × timeframes; only these are partitioned. */
const EMA_ROWS = EMA_ROWS_LAYOUT.table;
const TABLES = [...Object.values(BAR_TABLES).map(({ rows }) => rows.table), EMA_ROWS];

/** The result of {@link partitionTables}. */
export interface PartitionChange {
  /** Number of tables whose number of partitions changed. */
  readonly tables: number;
  /** Number of rows that were moved. */
  readonly rows: number;
}

/** The parent and the indexes of a table of bars. */
interface Place {
  /** Parent table, `bar_rows`, and the bound under which the table is attached to it. */
  readonly parent: string;
  readonly bound: string;
  /** Statements for the indexes that the parent does not create. */
  readonly indexes: readonly string[];
}

/**
 * Splits the slim rows of each table of multi-day bars, and the packed EMAs, into hash partitions by `id`; 1 merges the
 * partitions again. Names, columns and contents stay the same; a refresh or a query of one id uses one partition. Tables with
 * rows are rewritten, which temporarily needs the disk space of the largest of them; a table cannot be read meanwhile. Each table
 * has its own transaction, so another call completes an interrupted one.
 *
 * Rights that were granted on the tables have to be granted again (`roles.sql`).
 * @throws StoreError `STORE_CONFIG` unless `partitions` is a whole number from 1 to {@link MOST_PARTITIONS};
 * `STORE_QUERY` when an object of the user (such as a view) depends on a table; that table stays unchanged
 */
export async function partitionTables(database: Database, partitions: number): Promise<PartitionChange> {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MOST_PARTITIONS) {
    throw new StoreError('STORE_CONFIG', `partitions: ${partitions}; expected 1 to ${MOST_PARTITIONS}.`);
  }
  let [tables, rows] = [0, 0];
  for (const table of TABLES) {
    const split = table === EMA_ROWS ? splitRows : partitionTable;
    const moved = await database.transaction((tx) => split(tx, table, partitions));
    if (moved === null) continue;
    tables++;
    rows += moved;
  }
  return { tables, rows };
}

/**
 * The number of hash partitions of the large tables; 1 when they are not partitioned.
 * @returns null when the tables have different numbers, because {@link partitionTables} was interrupted
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

/**
 * Partitions one table, creating the new table from the definition of the old one.
 * @returns rows moved; null if the table already had this number of partitions
 */
export async function partitionTable(tx: Session, name: string, partitions: number): Promise<number | null> {
  if ((await partitionCounts(tx)).get(name) === partitions) return null;
  const { parent, bound, indexes } = await placeOf(tx, name);
  const [table, old] = [publicName(name), publicName(`${name}_old`)];
  await tx.run(`ALTER TABLE ${parent} DETACH PARTITION ${table}`);
  await tx.run(`ALTER TABLE ${table} RENAME TO ${quoteIdentifier(`${name}_old`)}`);
  const byHash = partitions === 1 ? '' : 'PARTITION BY HASH (id)';
  await tx.run(`CREATE TABLE ${table} (LIKE ${old} INCLUDING ALL EXCLUDING INDEXES) ${byHash}`);
  if (partitions > 1) await createParts(tx, name, partitions);
  const rows = await tx.run(`INSERT INTO ${table} SELECT * FROM ${old}`, []);
  await tx.run(`DROP TABLE ${old}`);
  for (const index of indexes) await tx.run(index);
  await tx.run(`ALTER TABLE ${parent} ATTACH PARTITION ${table} ${bound}`);
  if (rows > 0) await tx.run(`ANALYZE ${table}`);
  return rows;
}

/**
 * Like {@link partitionTable}, for a table that always has partitions, at least one: the table itself stays, and so do its views
 * and rights.
 */
export async function splitRows(tx: Session, name: string, partitions: number): Promise<number | null> {
  if ((await partitionCounts(tx)).get(name) === partitions) return null;
  const table = publicName(name);
  const parts = await tx.query<{ part: string }>(
    'SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = $1::text::regclass',
    [table],
  );
  for (const { part } of parts) await tx.run(`ALTER TABLE ${table} DETACH PARTITION ${part}`);
  await createParts(tx, name, partitions);
  let rows = 0;
  for (const { part } of parts) {
    rows += await tx.run(`INSERT INTO ${table} SELECT * FROM ${part}`, []);
    await tx.run(`DROP TABLE ${part}`);
  }
  if (rows > 0) await tx.run(`ANALYZE ${table}`);
  return rows;
}

async function createParts(tx: Session, name: string, partitions: number): Promise<void> {
  for (let i = 0; i < partitions; i++) {
    const part = publicName(`${name}_h${partitions}_${i}`);
    await tx.run(
      `CREATE TABLE ${part} PARTITION OF ${publicName(name)} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${i})`,
    );
  }
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
  // PostgreSQL shows the index of a partitioned table as ON ONLY, which would leave out the partitions
  return { ...place, indexes: indexes.map(({ definition }) => definition.replace(' ON ONLY ', ' ON ')) };
}

function publicName(name: string): string {
  return `public.${quoteIdentifier(name)}`;
}
