import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, vi } from 'vitest';

import { openDatabase, type OpenOptions } from '../../src/connect/open-database.ts';
import type { DatabaseTarget } from '../../src/connect/database-url.ts';
import type { Database, DatabaseEngine } from '../../src/connect/database.ts';

/** An empty database of its own for one test file. */
export interface TestDatabase {
  database: Database;
  target: DatabaseTarget;
  /** Closes the database and removes it; fails when connections were left open. */
  drop(): Promise<void>;
}

/** Where a contract suite runs. */
export interface TestEngine {
  engine: DatabaseEngine;
  create(options?: OpenOptions): Promise<TestDatabase>;
  /** Makes a database that others are copies of. */
  template(make: (database: Database) => Promise<unknown>): Promise<TestTemplate>;
}

/** What a database was when it was made: copying costs a fraction of making. */
export interface TestTemplate {
  copy(): Promise<TestDatabase>;
  drop(): Promise<void>;
}

const MEMORY: DatabaseTarget = { engine: 'pglite', dir: null, source: 'test' };

/** PGlite in memory: starts in seconds, so one per test file. */
export const pgliteEngine: TestEngine = {
  engine: 'pglite',
  async create() {
    const database = await openDatabase(MEMORY);
    return { database, target: MEMORY, drop: () => database.close() };
  },
  async template(make) {
    const made = await PGlite.create();
    const database = await openMade(made);
    await make(database);
    await made.exec('CHECKPOINT');
    const image = await made.dumpDataDir('none');
    await database.close();
    return {
      async copy() {
        const copy = await openMade(await PGlite.create({ loadDataDir: image }));
        return { database: copy, target: MEMORY, drop: () => copy.close() };
      },
      drop: () => Promise.resolve(),
    };
  },
};

/** Opens what is in memory already through the product's own door, which begins with nothing. */
async function openMade(made: PGlite): Promise<Database> {
  const create = vi.spyOn(PGlite, 'create').mockResolvedValueOnce(made);
  try {
    return await openDatabase(MEMORY);
  } finally {
    create.mockRestore();
  }
}

/** The server of TEST_DATABASE_URL, on which every test file makes its own database. */
export const postgresEngine: TestEngine = {
  engine: 'postgres',
  create: (options) => createOnServer('', options),
  async template(make) {
    const { database, target, drop } = await createOnServer('');
    try {
      await make(database);
    } finally {
      // a database that is in use is no template
      await database.close();
    }
    const name = new URL((target as { url: string }).url).pathname.slice(1);
    return { copy: () => createOnServer(`TEMPLATE ${name} STRATEGY file_copy`), drop };
  },
};

async function createOnServer(like: string, options: OpenOptions = {}): Promise<TestDatabase> {
  const name = `ta_test_${randomBytes(6).toString('hex')}`;
  const server: DatabaseTarget = { engine: 'postgres', url: serverUrl(), source: 'TEST_DATABASE_URL' };
  const run = async (sql: string): Promise<void> => {
    const admin = await openDatabase(server, { poolSize: 1 });
    try {
      await admin.session((session) => session.run(sql));
    } finally {
      await admin.close();
    }
  };
  await run(`CREATE DATABASE ${name} ${like}`);
  const target: DatabaseTarget = { ...server, url: withDatabase(server.url, name) };
  const database = await openDatabase(target, options);
  return {
    database,
    target,
    async drop() {
      await database.close();
      await run(`DROP DATABASE ${name}`);
    },
  };
}

/** The same server URL with another database name. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Whether suites on PostgreSQL run. */
export function hasServer(): boolean {
  return (process.env.TEST_DATABASE_URL ?? '') !== '';
}

/** URL of the server that PostgreSQL tests use. */
export function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined || url === '') throw new Error('TEST_DATABASE_URL is not set.');
  return url;
}

/** The database of the running suite. */
export type TheDatabase = () => TestDatabase;

/**
 * Declares suites that need PostgreSQL, on one database: runs them when TEST_DATABASE_URL is set; else says that they
 * are skipped, or fails when REQUIRE_PG=1.
 */
export function describeOnPostgres(
  title: string,
  suites: (test: TheDatabase) => void,
  options: OpenOptions = {},
): void {
  const isThere = hasServer();
  if (!isThere && process.env.REQUIRE_PG === '1') {
    throw new Error(`${title}: REQUIRE_PG=1, but TEST_DATABASE_URL is not set.`);
  }
  if (!isThere) console.warn(`SKIPPED on PostgreSQL: ${title} (TEST_DATABASE_URL is not set)`);
  describe.skipIf(!isThere)(`${title} on PostgreSQL`, () => onOneDatabase(postgresEngine, suites, options));
}

/** Declares suites on one PGlite in memory. */
export function describeOnPglite(title: string, suites: (test: TheDatabase) => void): void {
  describe(`${title} on PGlite`, () => onOneDatabase(pgliteEngine, suites));
}

function onOneDatabase(engine: TestEngine, suites: (test: TheDatabase) => void, options?: OpenOptions): void {
  let test: TestDatabase | undefined;
  beforeAll(async () => {
    test = await engine.create(options);
  });
  afterAll(() => test?.drop());
  suites(() => {
    if (test === undefined) throw new Error('The database is open inside tests and hooks only.');
    return test;
  });
}
