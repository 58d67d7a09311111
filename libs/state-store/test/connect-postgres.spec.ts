import pg from 'pg';
import { expect, it } from 'vitest';
import type { DatabaseTarget } from '../src/connect/database-url.ts';
import { openDatabase } from '../src/connect/open-database.ts';
import { acquireRunLock } from '../src/lock.ts';
import { copyContract } from './contract/copy.contract.ts';
import { sessionContract } from './contract/session.contract.ts';
import { describeOnPostgres, type TheDatabase } from './contract/test-engines.ts';

describeOnPostgres('connection', (test) => {
  sessionContract(test);
  copyContract(test);
});

/** Runs a function while every new connection to the database of a suite begins with these settings. */
async function withSettings(
  test: TheDatabase,
  settings: readonly string[],
  work: (target: DatabaseTarget) => Promise<void>,
): Promise<void> {
  const { database, target } = test();
  const alter = (what: string) =>
    database.session(async (session) => {
      const [{ name }] = await session.query<{ name: string }>('SELECT current_database() AS name');
      await session.run(`ALTER DATABASE ${name} ${what}`);
    });
  for (const setting of settings) await alter(`SET ${setting}`);
  try {
    await work(target);
  } finally {
    await alter('RESET ALL');
  }
}

describeOnPostgres('settings of a server', (test) => {
  it('do not change what is read and written', async () => {
    await test().database.session((session) => session.run('CREATE SCHEMA app; CREATE TABLE app.ours (n int)'));
    await test().database.session((session) => session.run('CREATE TABLE public.ours (n int)'));
    const odd = [
      "TimeZone = 'Asia/Tokyo'",
      "DateStyle = 'German'",
      'extra_float_digits = -5',
      'search_path = app',
      'bytea_output = escape',
      'array_nulls = off',
      'escape_string_warning = off',
      'standard_conforming_strings = off',
    ];
    await withSettings(test, odd, async (target) => {
      const database = await openDatabase(target, { poolSize: 1 });
      try {
        await database.session(async (session) => {
          const [row] = await session.query(
            `SELECT timestamptz '2024-02-29 23:59:59.999+00' AS ts, 0.1::float8 AS f, '\\x00ff'::bytea AS b, $1::text[] AS w,
               'a\\b' AS t, 'ours'::regclass::oid = 'public.ours'::regclass::oid AS "isOurs"`,
            [['NULL', null]],
          );
          expect(row).toEqual({
            ...{ ts: new Date('2024-02-29T23:59:59.999Z'), f: 0.1, b: '\\x00ff', w: ['NULL', null] },
            ...{ t: 'a\\b', isOurs: true },
          });
        });
      } finally {
        await database.close();
      }
    });
  });

  it('do not change the isolation of transactions', () =>
    withSettings(test, ['default_transaction_isolation = serializable'], async (target) => {
      const database = await openDatabase(target, { poolSize: 1 });
      try {
        const isolation = () => database.transaction((tx) => tx.query('SHOW transaction_isolation'));
        expect(await isolation()).toEqual([{ transaction_isolation: 'read committed' }]);
      } finally {
        await database.close();
      }
    }));

  it('do not end the idle connection that holds the run lock', () =>
    withSettings(test, [`idle_session_timeout = '1s'`], async (target) => {
      const lock = await acquireRunLock(target, { runId: 'long', command: 'refresh', waitMs: 0, nowMs: 0 });
      // it becomes idle later than the lock, so that the server would end it later
      const other = new pg.Client((target as { url: string }).url);
      try {
        const ended = new Promise((resolve) => void other.on('error', resolve));
        await other.connect();
        await ended;
        expect(await lock.isHeld()).toBe(true);
      } finally {
        await other.end();
        await lock.release();
      }
    }));
});
