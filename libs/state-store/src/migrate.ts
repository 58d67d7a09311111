import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Database, Session } from './connect/database.ts';
import { StoreError } from './errors.ts';

/** Where drizzle keeps its record of applied migrations. */
const RECORD = 'drizzle.__drizzle_migrations';

/** Any number, the same in every process: two programs migrating one database take turns. */
const MIGRATION_LOCK = 7_461_001;

/** How a database stands to the migrations of this program; tags such as `0002_bars`, in order. */
export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** What a newer program applied and this one does not know: creation times of the records. */
  readonly newer: readonly string[];
}

interface Migration {
  readonly tag: string;
  readonly createdAtMs: number;
  readonly hash: string;
  readonly statements: readonly string[];
}

interface Journal {
  readonly entries: readonly { readonly tag: string; readonly when: number }[];
}

/** The folder with the numbered SQL files, beside `src` and beside the built `dist`. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));

function loadMigrations(): Migration[] {
  const journal = JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, 'meta', '_journal.json'), 'utf8')) as Journal;
  return readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map((file, i) => ({
    tag: journal.entries[i].tag,
    createdAtMs: file.folderMillis,
    hash: file.hash,
    statements: file.sql,
  }));
}

/**
 * Applies the pending migrations, all in one transaction, and records them where drizzle's migrator does. Migrating
 * twice does nothing the second time; two programs at once take turns.
 *
 * @param complete fills new tables in the same transaction, so that a crash leaves no database without its dimensions;
 * called when something was applied
 * @returns tags of what was applied now
 * @throws StoreError `STORE_SCHEMA_NEWER` when a newer program migrated this database
 */
export async function migrate(
  database: Database,
  complete?: (tx: Session) => Promise<unknown>,
): Promise<{ applied: string[] }> {
  const migrations = loadMigrations();
  const found = await database.session((session) => compare(session, migrations));
  refuseNewer(database, found);
  // the usual case needs neither a write nor the right to make tables
  if (found.pending.length === 0) return { applied: [] };
  return database.transaction(async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})::text`);
    await tx.run('CREATE SCHEMA IF NOT EXISTS drizzle');
    await tx.run(`CREATE TABLE IF NOT EXISTS ${RECORD} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`);
    const status = await compare(tx, migrations);
    refuseNewer(database, status);
    const pending = migrations.filter(({ tag }) => status.pending.includes(tag));
    for (const migration of pending) {
      for (const statement of migration.statements) await tx.run(statement);
      await tx.run(`INSERT INTO ${RECORD} (hash, created_at) VALUES ($1, $2)`, [migration.hash, migration.createdAtMs]);
    }
    if (pending.length > 0) await complete?.(tx);
    return { applied: pending.map(({ tag }) => tag) };
  });
}

/** Which migrations a database has and lacks. Reads only; an untouched database has none. */
export async function migrationStatus(database: Database): Promise<MigrationStatus> {
  const migrations = loadMigrations();
  return database.session((session) => compare(session, migrations));
}

/**
 * Makes sure that the database has exactly the schema this program was written for.
 *
 * @throws StoreError `STORE_SCHEMA_MISSING` when migrations are pending; `STORE_SCHEMA_NEWER` when it has unknown ones
 */
export async function assertSchema(database: Database): Promise<void> {
  const status = await migrationStatus(database);
  refuseNewer(database, status);
  if (status.pending.length === 0) return;
  const state = status.applied.length === 0 ? 'has no tables yet' : `lacks ${status.pending.join(', ')}`;
  throw new StoreError('STORE_SCHEMA_MISSING', `The database ${database.target} ${state}.`, {
    hint: 'Run `ta db migrate` on this database.',
    context: { pending: [...status.pending] },
  });
}

async function compare(session: Session, migrations: readonly Migration[]): Promise<MigrationStatus> {
  const [{ found }] = await session.query<{ found: boolean }>(`SELECT to_regclass('${RECORD}') IS NOT NULL AS found`);
  const records = found
    ? await session.query<{ created_at: number }>(`SELECT created_at FROM ${RECORD} ORDER BY created_at`)
    : [];
  const recorded = new Set(records.map((record) => record.created_at));
  const known = new Set(migrations.map(({ createdAtMs }) => createdAtMs));
  const tagsWhere = (isApplied: boolean) =>
    migrations.filter(({ createdAtMs }) => recorded.has(createdAtMs) === isApplied).map(({ tag }) => tag);
  return {
    applied: tagsWhere(true),
    pending: tagsWhere(false),
    newer: [...recorded].filter((createdAtMs) => !known.has(createdAtMs)).map(String),
  };
}

function refuseNewer(database: Database, status: MigrationStatus): void {
  if (status.newer.length === 0) return;
  throw new StoreError(
    'STORE_SCHEMA_NEWER',
    `The database ${database.target} was migrated by a newer version (${status.newer.length} unknown migration(s)).`,
    { hint: 'Use the version of the program that migrated it, or a newer one.', context: { newer: [...status.newer] } },
  );
}
