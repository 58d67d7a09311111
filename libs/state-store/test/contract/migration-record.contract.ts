import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate as migrateWithDrizzle } from 'drizzle-orm/pglite/migrator';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { assertSchema, migrate, migrationStatus } from '../../src/migrate.ts';
import { storeErrorOf } from './store-error.ts';
import { emptyAgain, migrateAsEarlier } from './earlier-version.ts';
import { hasServer, type TestDatabase, type TestEngine } from './test-engines.ts';

/** Another program, with drizzle's own migrator, in the database of ours. */
export function migrationRecordContract(engine: TestEngine): void {
  let test: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    test = await engine.create();
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await emptyAgain(test.database);
    folder = mkdtempSync(path.join(tmpdir(), 'ta-other-program-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  // migrations of ours are dated 2025
  const dates = [['dated before ours', Date.UTC(2020, 0)] as const, ['dated after ours', Date.UTC(2099, 0)] as const];
  // the statements are the same on both engines: where a server has both dates, PGlite has the later one
  if (engine.engine === 'pglite' && hasServer()) dates.shift();
  describe.each(dates)('another program with drizzle, %s', (_, when) => {
    it('may be first', async () => {
      await migrateOther(test.database, folder, when);
      const { pending } = await migrationStatus(test.database);
      expect((await migrate(test.database)).applied).toStrictEqual(pending);
      await expectBoth(test.database);
    });

    it('may come second', async () => {
      await migrate(test.database);
      await migrateOther(test.database, folder, when);
      await expectBoth(test.database);
    });

    it('may have shared the common record with an earlier version of ours', async () => {
      await migrateOther(test.database, folder, when);
      await migrateAsEarlier(test.database);
      const { applied } = await migrationStatus(test.database);
      expect([applied[0], applied.at(-1)]).toStrictEqual(['0000_source', '0005_change_key']);

      const later = await migrate(test.database);
      expect(later.applied).not.toContain('0005_change_key');
      await expectBoth(test.database);
      const records = await rows(test.database, 'SELECT created_at AS at FROM drizzle.__drizzle_migrations');
      expect(records).toStrictEqual([{ at: when }]);
    });
  });

  it('a table of another program that has the name of one of ours is named, and stays', async () => {
    await test.database.session((session) => session.run('CREATE TABLE public.dim_assets (id uuid)'));
    const error = await storeErrorOf(() => migrate(test.database));
    expect([error.code, error.message]).toEqual([
      'STORE_CONFIG',
      `The database ${test.database.target} is that of another program: relation "dim_assets" already exists`,
    ]);
    expect(error.hint).toContain('database of its own');
    expect((await migrationStatus(test.database)).applied).toEqual([]);
  });

  it('a database of an earlier version is moved over, and a later program with drizzle gets its tables', async () => {
    await migrateAsEarlier(test.database);
    await migrate(test.database);
    await migrateOther(test.database, folder, Date.UTC(2020, 0));
    await expectBoth(test.database);
  });
}

/** The migrator that drizzle gives to every program, with one migration of that day. */
async function migrateOther(database: Database, folder: string, when: number): Promise<void> {
  mkdirSync(path.join(folder, 'meta'));
  const entries = [{ idx: 0, version: '7', when, tag: '0000_other', breakpoints: true }];
  writeFileSync(
    path.join(folder, 'meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  );
  writeFileSync(path.join(folder, '0000_other.sql'), 'CREATE TABLE public.of_another_program (id integer)');
  await database.session((session) =>
    migrateWithDrizzle(session.orm as unknown as PgliteDatabase, { migrationsFolder: folder }),
  );
}

async function expectBoth(database: Database): Promise<void> {
  expect(await migrationStatus(database)).toMatchObject({ pending: [], newer: [] });
  expect((await migrate(database)).applied).toStrictEqual([]);
  await assertSchema(database);
  expect(await rows(database, "SELECT to_regclass('of_another_program') IS NOT NULL AS there")).toStrictEqual([
    { there: true },
  ]);
}

function rows(database: Database, sql: string): Promise<Record<string, unknown>[]> {
  return database.session((session) => session.query(sql));
}
