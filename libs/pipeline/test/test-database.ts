import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dimensionSeeds } from '@ta/pipeline';
import {
  migrate,
  openDatabase,
  seedDimensions,
  type Database,
  type DatabaseEngine,
  type DatabaseTarget,
} from '@ta/state-store';
import { keepSessions } from './kept-sessions.ts';
import { copiedPglite, copiedPgliteFolder } from './pglite-copies.ts';

/** A migrated and seeded database of its own. */
export interface TestDatabase {
  readonly database: Database;
  readonly target: DatabaseTarget;
  /** Closes the database and removes it. */
  drop(): Promise<void>;
}

/** Whether PostgreSQL tests can run, which is said when they cannot; with REQUIRE_PG=1 a missing server is an error. */
export function hasPostgres(): boolean {
  const isThere = (process.env['TEST_DATABASE_URL'] ?? '') !== '';
  if (!isThere && process.env['REQUIRE_PG'] === '1') throw new Error('REQUIRE_PG=1, but TEST_DATABASE_URL is not set.');
  if (!isThere && !isSkipSaid) process.stderr.write('\nSKIPPED on PostgreSQL (TEST_DATABASE_URL is not set)\n\n');
  isSkipSaid ||= !isThere;
  return isThere;
}

let isSkipSaid = false;

/** Creates a database with all tables and the full catalogue. */
export async function createTestDatabase(engine: DatabaseEngine, poolSize = 6): Promise<TestDatabase> {
  return engine === 'pglite' ? createPglite() : createPostgres(poolSize);
}

async function createSchema(database: Database): Promise<void> {
  await migrate(database);
  await seedDimensions(database, dimensionSeeds());
}

/** An embedded database in memory with all tables and the full catalogue. */
export function schemaPglite(): Promise<Database> {
  return copiedPglite('schema', createSchema, SCHEMA_MARK);
}

/** Name of a database on a server to copy others from, with all tables and the full catalogue. */
export function schemaTemplate(server: string): Promise<string> {
  return templateDatabase(server, 'schema', createSchema);
}

/** Fills a new folder with an embedded database of all tables and a catalogue. */
export async function createPgliteFolder(dir: string, catalogue: Catalogue): Promise<void> {
  const name = `catalogue_${catalogueMark(catalogue)}`;
  await copiedPgliteFolder(dir, name, SCHEMA_MARK, schemaPglite, (database) => useCatalogue(database, catalogue));
}

/** Name of a database on a server to copy others from, with all tables and a catalogue. */
export async function catalogueTemplate(server: string, catalogue: Catalogue): Promise<string> {
  const from = await schemaTemplate(server);
  const name = `catalogue_${catalogueMark(catalogue)}`;
  return templateDatabase(server, name, (database) => useCatalogue(database, catalogue), from);
}

/** A catalogue, and how this file puts it in force, in a few letters. */
function catalogueMark(catalogue: Catalogue): string {
  const hash = createHash('md5')
    .update(JSON.stringify(catalogue))
    .update(readFileSync(import.meta.filename));
  return hash.digest('hex').slice(0, 6);
}

async function createPglite(): Promise<TestDatabase> {
  const database = await schemaPglite();
  return { database, target: { engine: 'pglite', dir: null, source: 'test' }, drop: () => database.close() };
}

async function createPostgres(poolSize: number): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'] as string;
  const name = `ta_test_${randomBytes(6).toString('hex')}`;
  const template = await schemaTemplate(server);
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const target = databaseOf(server, name);
  const database = await openDatabase(target, { poolSize });
  return {
    database,
    target,
    async drop() {
      await database.close();
      await onServer(server, `DROP DATABASE ${name}`);
    },
  };
}

/** What a schema is made of, in a few letters: a template of another schema has another name. */
const SCHEMA_MARK = markOf(
  ...['drizzle', 'src'].map((name) => path.resolve(import.meta.dirname, '../../state-store', name)),
);

function markOf(...folders: readonly string[]): string {
  const hash = createHash('md5').update(JSON.stringify(dimensionSeeds()));
  const entries = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  for (const entry of entries) {
    if (entry.isFile()) hash.update(readFileSync(path.join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * Name of the database on a server that others are copied from; makes it unless it is there. A copy takes a tenth of the time.
 * @param name of the template among those of this schema
 * @param make fills a new database
 * @param from another template that it begins as a copy of; empty without
 */
export async function templateDatabase(
  server: string,
  name: string,
  make: (database: Database) => Promise<unknown>,
  from?: string,
): Promise<string> {
  const template = `ta_template_${name}_${SCHEMA_MARK}`;
  const made = templates.get(`${server} ${template}`) ?? makeTemplate(server, template, make, from);
  templates.set(`${server} ${template}`, made);
  await made.catch((error: unknown) => {
    templates.delete(`${server} ${template}`);
    throw error;
  });
  return template;
}

/** Templates that are known to be there. */
const templates = new Map<string, Promise<void>>();

async function makeTemplate(
  server: string,
  template: string,
  make: (database: Database) => Promise<unknown>,
  from: string | undefined,
): Promise<void> {
  const admin = await openDatabase({ engine: 'postgres', url: server, source: 'test' }, { poolSize: 1 });
  try {
    await admin.session(async (session) => {
      // files of tests run side by side
      await session.query(`SELECT pg_advisory_lock(hashtext('${template}'))::text`);
      if ((await session.query(`SELECT FROM pg_database WHERE datname = '${template}'`)).length > 0) return;
      await session.run(`DROP DATABASE IF EXISTS ${template}_new`);
      const copied = from === undefined ? '' : ` TEMPLATE ${from} STRATEGY file_copy`;
      await session.run(`CREATE DATABASE ${template}_new${copied}`);
      const database = await openDatabase(databaseOf(server, `${template}_new`), { poolSize: 1 });
      try {
        await make(database);
      } finally {
        await database.close();
      }
      await session.run(`ALTER DATABASE ${template}_new RENAME TO ${template}`);
    });
  } finally {
    await admin.close();
  }
}

/** A database on the same server. */
export function databaseOf(server: string, name: string): Extract<DatabaseTarget, { engine: 'postgres' }> {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { engine: 'postgres', url: url.href, source: 'test' };
}

/** Runs a statement on a server, outside of any transaction. */
export async function onServer(url: string, sql: string): Promise<void> {
  if (url === process.env['TEST_DATABASE_URL']) keepSessions(url);
  const admin = await openDatabase({ engine: 'postgres', url, source: 'TEST_DATABASE_URL' }, { poolSize: 1 });
  try {
    await admin.session((session) => session.run(sql));
  } finally {
    await admin.close();
  }
}

/** Empties every table but the dimensions: row by row, since new files for all tables and indexes take ten times as long. */
export async function clearDatabase(database: Database): Promise<void> {
  await database.session(async (session) => {
    const tables = await session.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition AND relname NOT LIKE 'dim\\_%' AND relname <> 'ema_alpha_lookup'`,
    );
    // the source first: emptying it is logged, and the log goes with the rest
    const names = ['cmc_price_histories7', 'dim_assets', ...tables.map(({ name }) => name)];
    await session.run(names.map((name) => `DELETE FROM ${name}`).join('; '));
  });
}

/** A choice of timeframes and periods. */
export interface Catalogue {
  readonly timeframes: readonly string[];
  readonly periods: readonly number[];
}

/** A few timeframes of every kind and family, and periods short enough to be seeded within weeks. */
export const SMALL_CATALOGUE: Catalogue = {
  timeframes: [
    ...['1D', '2D', '3D', '7D'],
    ...['1W_CAL_ISO', '2W_CAL_ISO', '1W_CAL_US', '1M_CAL', '3M_CAL', '1Y_CAL'],
    ...['1W_CAL_ANCHOR_ISO', '1W_CAL_ANCHOR_US', '2W_CAL_ANCHOR_US', '1M_CAL_ANCHOR', '1Y_CAL_ANCHOR'],
  ],
  periods: [1, 2, 5],
};

/** Makes a catalogue the one in force. */
export async function useCatalogue(database: Database, { timeframes, periods }: Catalogue): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.run('UPDATE dim_timeframe SET is_canonical = tf = ANY($1::text[])', [timeframes]);
    await tx.run('DELETE FROM dim_period; DELETE FROM ema_alpha_lookup');
    await tx.run('INSERT INTO dim_period (period, label) SELECT period, period::text FROM unnest($1::int[]) period', [
      periods,
    ]);
    await tx.run(
      `INSERT INTO ema_alpha_lookup
         (tf, period, tf_days_nominal, alpha_ema_dailyspace, alpha_bar, alpha_bar_preview_daily, display_order)
       SELECT tf, period, tf_days_nominal, 2.0 / (period * tf_days_nominal + 1), 2.0 / (period + 1),
         1 - power(1 - 2.0::float8 / (period + 1), 1.0::float8 / tf_days_nominal), rank() OVER (PARTITION BY tf ORDER BY period)
       FROM dim_timeframe CROSS JOIN dim_period WHERE NOT is_intraday`,
    );
  });
}
