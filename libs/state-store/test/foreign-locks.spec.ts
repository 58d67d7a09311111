import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseTarget } from '../src/connect/database-url.ts';
import type { Database } from '../src/connect/database.ts';
import { openDatabase } from '../src/connect/open-database.ts';
import { takeAdvisoryLock } from '../src/lock/advisory-wait.ts';
import { acquireRunLock } from '../src/lock.ts';
import { storeErrorOf } from './contract/store-error.ts';

const server = process.env['TEST_DATABASE_URL'];

describe.skipIf(server === undefined)('a lock of ours in the hands of another program', () => {
  const application = `editor ${randomBytes(3).toString('hex')}`;
  let [own, foreign]: Database[] = [];
  let target: Extract<DatabaseTarget, { engine: 'postgres' }>;
  beforeAll(async () => {
    const name = `ta_foreign_${randomBytes(4).toString('hex')}`;
    const admin = await openDatabase({ engine: 'postgres', url: server as string, source: 'test' });
    await admin.session((session) => session.run(`CREATE DATABASE ${name}`));
    await admin.close();
    const url = new URL(server as string);
    url.pathname = `/${name}`;
    target = { engine: 'postgres', url: url.href, source: 'test' };
    own = await openDatabase(target, { poolSize: 1 });
    foreign = await openDatabase(target, { poolSize: 1, applicationName: application });
  });
  afterAll(async () => {
    await own?.close();
    await foreign?.close();
    const admin = await openDatabase({ engine: 'postgres', url: server as string, source: 'test' });
    await admin.session((session) =>
      session.run(`DROP DATABASE ${new URL(target.url).pathname.slice(1)} WITH (FORCE)`),
    );
    await admin.close();
  });

  const named = (pid: number) =>
    new RegExp(`held by pid ${pid} of the server \\(application "${application}", user \\w+, since \\d{4}-.*Z\\)$`);

  it('the run lock: who holds it is named, with what to do', () =>
    foreign.session(async (session) => {
      const [{ pid }] = await session.query<{ pid: number }>(
        'SELECT pg_backend_pid() AS pid FROM pg_advisory_lock(7461, 1)',
      );
      const request = { runId: 'a', command: 'refresh', waitMs: 0, nowMs: Date.now() };
      const error = await storeErrorOf(() => acquireRunLock(target, request));
      expect([error.code, error.message]).toEqual(['STORE_BUSY', expect.stringMatching(named(pid))]);
      expect(error.hint).toContain(`pg_terminate_backend(${pid})`);
      await session.run('SELECT pg_advisory_unlock_all()');
      await (await acquireRunLock(target, request)).release();
    }));

  it.each([
    ['two numbers', { classId: 7_462, objectId: 5, parts: 2 }, '7462, 5'],
    ['one number', { classId: 0, objectId: 7_461_001, parts: 1 }, '7461001'],
  ] as const)('a lock of %s is waited for so long, and taken when it comes free', async (_, key, args) => {
    await foreign.session(async (session) => {
      const [{ pid }] = await session.query<{ pid: number }>(
        `SELECT pg_backend_pid() AS pid FROM pg_advisory_lock(${args})`,
      );
      const error = await storeErrorOf(() => own.transaction((tx) => takeAdvisoryLock(tx, key, 'id 5', 200)));
      expect([error.code, error.message]).toEqual(['STORE_BUSY', expect.stringMatching(named(pid))]);
      const waiting = own.transaction((tx) => takeAdvisoryLock(tx, key, 'id 5', 60_000));
      await session.run('SELECT pg_advisory_unlock_all()');
      await waiting;
    });
  });
});
