import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pgliteVersion } from './connect/catalogue-cache.ts';
import type { Database, Session } from './connect/database.ts';
import { convertAssets, isToConvert, type Conversion, type ConversionObserver } from './convert.ts';
import { BAR_CONVERSION } from './convert-bars.ts';
import { EMA_CONVERSION } from './convert-emas.ts';
import { StoreError } from './errors.ts';
import { takeAdvisoryLock } from './lock/advisory-wait.ts';

/**
 * Schema and table in which this program records its migrations. It does not use drizzle's default table, because drizzle would
 * take the entries of other programs there for its own.
 */
const RECORD_SCHEMA = 'ta_store';
const RECORD = `${RECORD_SCHEMA}.__drizzle_migrations`;

/** Drizzle's default table, which this program used up to `0005_change_key`. */
const COMMON_RECORD = 'drizzle.__drizzle_migrations';
const NEWEST_IN_COMMON_RECORD = '0005_change_key';

/** An arbitrary lock number, the same in every process, so that two programs migrate a database one after the other. */
const MIGRATION_LOCK = 7_461_001;
/** How long to wait for another program that is migrating. */
const MIGRATION_LIMIT_MS = 300_000;

/** Which migrations of this program a database has; tags such as `0002_bars`, in order. */
export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /**
   * Recorded migrations that this version does not have, because a newer version applied them; creation times of their entries.
   */
  readonly newer: readonly string[];
}

interface MigrationName {
  readonly tag: string;
  readonly createdAtMs: number;
}

interface Migration extends MigrationName {
  readonly hash: string;
  readonly statements: readonly string[];
}

interface Journal {
  readonly entries: readonly { readonly tag: string; readonly when: number }[];
}

/** The folder with the numbered SQL files; it lies beside `src` and beside the built `dist`. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));

/** All migrations without their statements; most commands need no more. */
function knownMigrations(): MigrationName[] {
  const journal = JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, 'meta', '_journal.json'), 'utf8')) as Journal;
  return journal.entries.map(({ tag, when }) => ({ tag, createdAtMs: when }));
}

/** A text that identifies an empty, migrated embedded database: PGlite's version and every migration. */
export function makeOfEmptyDatabase(): string {
  const migrations = knownMigrations().map(({ tag }) => readFileSync(join(MIGRATIONS_FOLDER, `${tag}.sql`), 'utf8'));
  return [pgliteVersion(), ...migrations].join('\n');
}

async function loadMigrations(): Promise<Migration[]> {
  const { readMigrationFiles } = await import('drizzle-orm/migrator');
  const names = knownMigrations();
  return readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map(({ hash, sql }, i) => ({
    ...names[i],
    hash,
    statements: sql,
  }));
}

/**
 * Applies the pending migrations in one transaction, and records them in this program's own schema. A second call does nothing;
 * of two concurrent processes one waits for the other. If rows of an earlier version have to be converted, this is done between
 * two migrations, in one transaction per asset. The next call continues an interrupted conversion; until it is complete, commands
 * that only read refuse the database, while plain SQL still finds the old tables.
 *
 * @param complete fills new tables in the same transaction, so that a crash cannot leave a database without its dimensions;
 * called only if a migration was applied
 * @param observe called for every asset whose EMAs or bars are converted
 * @returns tags of the migrations applied by this call
 * @throws StoreError `STORE_SCHEMA_NEWER` when a newer program migrated this database; `STORE_CONFIG` when another program has a table
 * with the name of one of ours
 */
export async function migrate(
  database: Database,
  complete?: (tx: Session) => Promise<unknown>,
  observe?: ConversionObserver,
): Promise<{ applied: string[] }> {
  const [found, isRecordOurs] = await database.session(async (session) => [
    await compare(session, knownMigrations()),
    await hasTable(session, RECORD),
  ]);
  refuseNewer(database, found);
  // in the usual case nothing is written, so the user needs no right to create tables
  if (found.pending.length === 0 && isRecordOurs) return { applied: [] };
  const migrations = await loadMigrations();
  const applied: string[] = [];
  let converted: Conversion | undefined;
  for (;;) {
    const step = await applyPending(database, migrations, converted, complete);
    applied.push(...step.applied);
    if (step.waitsFor === undefined) return { applied };
    converted = step.waitsFor;
    await convertAssets(database, converted, lockMigrations, observe);
  }
}

function lockMigrations(tx: Session): Promise<void> {
  const key = { classId: 0, objectId: MIGRATION_LOCK, parts: 1 } as const;
  return takeAdvisoryLock(tx, key, 'migrations', MIGRATION_LIMIT_MS);
}

/** The conversions, in the order of their migrations. */
const CONVERSIONS = [EMA_CONVERSION, BAR_CONVERSION];

/**
 * Applies the pending migrations, up to the first one that needs a conversion of rows before it.
 *
 * @param converted the conversion that was completed last
 */
async function applyPending(
  database: Database,
  migrations: readonly Migration[],
  converted: Conversion | undefined,
  complete?: (tx: Session) => Promise<unknown>,
): Promise<{ applied: string[]; waitsFor?: Conversion }> {
  return database.transaction(async (tx) => {
    await lockMigrations(tx);
    await takeRecordOver(tx, migrations);
    const status = await compare(tx, migrations);
    refuseNewer(database, status);
    const applied: string[] = [];
    for (const migration of migrations.filter(({ tag }) => status.pending.includes(tag))) {
      const conversion = CONVERSIONS.find(({ switchTag }) => switchTag === migration.tag);
      if (conversion !== undefined && conversion !== converted && (await isToConvert(tx, conversion))) {
        return { applied, waitsFor: conversion };
      }
      for (const statement of migration.statements) {
        await tx.run(statement).catch((error: unknown) => {
          throw isTaken(error) ? ofAnotherProgram(database, error) : error;
        });
      }
      await recordMigration(tx, migration);
      applied.push(migration.tag);
    }
    if (applied.length > 0) await complete?.(tx);
    return { applied };
  });
}

/** The migrations that a database has, and those that it lacks. Only reads; a new database has none. */
export async function migrationStatus(database: Database): Promise<MigrationStatus> {
  return database.session((session) => compare(session, knownMigrations()));
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

async function compare(session: Session, migrations: readonly MigrationName[]): Promise<MigrationStatus> {
  const recorded = (await hasTable(session, RECORD))
    ? new Set(await createdAtOf(session, RECORD))
    : new Set((await commonRecordOfOurs(session, migrations)).map(({ createdAtMs }) => createdAtMs));
  const known = new Set(migrations.map(({ createdAtMs }) => createdAtMs));
  const tagsWhere = (isApplied: boolean) =>
    migrations.filter(({ createdAtMs }) => recorded.has(createdAtMs) === isApplied).map(({ tag }) => tag);
  return {
    applied: tagsWhere(true),
    pending: tagsWhere(false),
    newer: [...recorded].filter((createdAtMs) => !known.has(createdAtMs)).map(String),
  };
}

async function hasTable(session: Session, name: string): Promise<boolean> {
  const [{ found }] = await session.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [name]);
  return found;
}

async function createdAtOf(session: Session, record: string): Promise<number[]> {
  const rows = await session.query<{ created_at: number }>(`SELECT created_at FROM ${record} ORDER BY created_at`);
  return rows.map((row) => row.created_at);
}

/** The entries of an earlier version of this program in drizzle's default table, without those of other programs. */
async function commonRecordOfOurs<M extends MigrationName>(
  session: Session,
  migrations: readonly M[],
): Promise<readonly M[]> {
  // the first migration creates the table of prices: without that table, all entries belong to other programs
  if (!(await hasTable(session, COMMON_RECORD)) || !(await hasTable(session, 'public.cmc_price_histories7'))) return [];
  const recorded = new Set(await createdAtOf(session, COMMON_RECORD));
  const newest = migrations.findIndex(({ tag }) => tag === NEWEST_IN_COMMON_RECORD);
  return migrations.slice(0, newest + 1).filter(({ createdAtMs }) => recorded.has(createdAtMs));
}

/** Creates this program's own table, and moves the entries of an earlier version from drizzle's default table into it. */
async function takeRecordOver(tx: Session, migrations: readonly Migration[]): Promise<void> {
  if (await hasTable(tx, RECORD)) return;
  await tx.run(`CREATE SCHEMA IF NOT EXISTS ${RECORD_SCHEMA}`);
  await tx.run(`CREATE TABLE ${RECORD} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`);
  for (const migration of await commonRecordOfOurs(tx, migrations)) {
    await recordMigration(tx, migration);
    await tx.run(`DELETE FROM ${COMMON_RECORD} WHERE created_at = $1`, [migration.createdAtMs]);
  }
}

async function recordMigration(tx: Session, { hash, createdAtMs }: Migration): Promise<void> {
  await tx.run(`INSERT INTO ${RECORD} (hash, created_at) VALUES ($1, $2)`, [hash, createdAtMs]);
}

/** SQLSTATE of a table, another object, or a function that exists already. */
const TAKEN = ['42P07', '42710', '42723'];

function isTaken(error: unknown): error is StoreError {
  return error instanceof StoreError && TAKEN.includes(error.sqlstate ?? '');
}

function ofAnotherProgram({ target }: Database, { message, sqlstate, context, cause }: StoreError): StoreError {
  return new StoreError('STORE_CONFIG', `The database ${target} is that of another program: ${message}`, {
    ...{ sqlstate, context, cause },
    hint: 'Give this program a database of its own: createdb NAME, and NAME in the database URL.',
  });
}

function refuseNewer(database: Database, status: MigrationStatus): void {
  if (status.newer.length === 0) return;
  throw new StoreError(
    'STORE_SCHEMA_NEWER',
    `The database ${database.target} was migrated by a newer version (${status.newer.length} unknown migration(s)).`,
    { hint: 'Use the version of the program that migrated it, or a newer one.', context: { newer: [...status.newer] } },
  );
}
