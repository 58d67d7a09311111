import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { DatabaseTarget } from '../src/connect/database-url.ts';
import type { Database, Session } from '../src/connect/database.ts';
import { openDatabase, type OpenOptions } from '../src/connect/open-database.ts';
import { decodeCopy } from '../src/copy/decode.ts';
import { createCopyEncoder } from '../src/copy/encode.ts';
import { copyInSql, type CopyLayout } from '../src/copy/layout.ts';
import { StoreError } from '../src/errors.ts';
import { describeOnPostgres, serverUrl, withDatabase } from './contract/test-engines.ts';

const postgres = (url: string): DatabaseTarget => ({ engine: 'postgres', url, source: '--db-url' });

function changed(url: string, change: (url: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

/** Opens, expecting to fail; the error must not show the password. */
async function refusalOf(url: string, options?: OpenOptions): Promise<StoreError> {
  const error = await openDatabase(postgres(url), options).then(
    async (database) => {
      await database.close();
      return expect.fail('the database was opened');
    },
    (thrown: unknown) => thrown as StoreError,
  );
  expect(error).toBeInstanceOf(StoreError);
  expect(error.message).toMatch(/^Cannot connect to database postgresql:\/\/.* \(--db-url\): /);
  expect(error.message + String(error.stack) + JSON.stringify(error)).not.toContain(
    new URL(url).password || 'no password',
  );
  return error;
}

describeOnPostgres('failures', (test) => {
  let database: Database;
  let url: string;
  const numbers: CopyLayout = { table: 'n', fields: [{ column: 'v', type: 'int4', nullable: false }] };

  beforeAll(async () => {
    database = test().database;
    url = withDatabase(serverUrl(), new URL((test().target as { url: string }).url).pathname.slice(1));
    await database.session((s) => s.run('CREATE TABLE n (v int); CREATE TABLE private (v int)'));
  });

  describe('to connect', () => {
    it('are STORE_UNREACHABLE where nobody listens', async () => {
      const error = await refusalOf(changed(url, (u) => (u.port = '1')));
      expect([error.code, error.sqlstate]).toEqual(['STORE_UNREACHABLE', undefined]);
    });

    it('are STORE_UNREACHABLE where a host does not exist', async () => {
      expect((await refusalOf(changed(url, (u) => (u.hostname = 'nohost.invalid')))).code).toBe('STORE_UNREACHABLE');
    });

    it('are STORE_UNREACHABLE after connectTimeoutMs where somebody listens and says nothing', async () => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as AddressInfo;
      const error = await refusalOf(
        changed(url, (u) => (u.host = `127.0.0.1:${port}`)),
        { connectTimeoutMs: 300 },
      );
      silent.close();
      expect(error.code).toBe('STORE_UNREACHABLE');
    });

    it('are STORE_AUTHENTICATION with a wrong password', async () => {
      const error = await refusalOf(changed(url, (u) => (u.password = 'wrong-secret')));
      expect([error.code, error.sqlstate]).toEqual(['STORE_AUTHENTICATION', '28P01']);
    });

    it('are STORE_AUTHENTICATION without the password', async () => {
      expect((await refusalOf(changed(url, (u) => (u.password = '')))).code).toBe('STORE_AUTHENTICATION');
    });

    it('are STORE_DATABASE_MISSING for a database that is not there', async () => {
      const error = await refusalOf(withDatabase(url, 'ta_no_such_database'));
      expect([error.code, error.sqlstate]).toEqual(['STORE_DATABASE_MISSING', '3D000']);
    });
  });

  describe('of a role', () => {
    // of its own for each test: a server may still count a connection that was just closed
    const roles: string[] = [];
    const asRole = async (limit: string) => {
      const role = `ta_role_${Math.floor(performance.timeOrigin)}_${process.pid}_${roles.length}`;
      roles.push(role);
      await database.session((s) => s.run(`CREATE ROLE ${role} LOGIN PASSWORD 'role-secret' ${limit}`));
      return changed(url, (u) => {
        u.username = role;
        u.password = 'role-secret';
      });
    };
    afterAll(async () => {
      for (const role of roles) await database.session((s) => s.run(`DROP ROLE ${role}`));
    });

    it('without rights are STORE_PERMISSION', async () => {
      const limited = await openDatabase(postgres(await asRole('')));
      const work = limited.session((s) => s.query('SELECT * FROM private'));
      await expect(work).rejects.toMatchObject({ code: 'STORE_PERMISSION', sqlstate: '42501' });
      await limited.close();
    });

    it('beyond its connections are STORE_TOO_MANY_CONNECTIONS, and the first goes on', async () => {
      const one = await asRole('CONNECTION LIMIT 1');
      const limited = await openDatabase(postgres(one));
      await limited.session(async (s) => {
        const error = await refusalOf(one);
        expect([error.code, error.sqlstate]).toEqual(['STORE_TOO_MANY_CONNECTIONS', '53300']);
        const second = limited.session((other) => other.query('SELECT 1'));
        await expect(second).rejects.toMatchObject({ code: 'STORE_TOO_MANY_CONNECTIONS' });
        expect(await s.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      });
      await limited.close();
    });
  });

  describe('by time', () => {
    it('are STORE_TIMEOUT for a statement', async () => {
      const work = database.transaction(async (tx) => {
        await tx.run("SET LOCAL statement_timeout = '30ms'");
        await tx.query('SELECT pg_sleep(10)');
      });
      await expect(work).rejects.toMatchObject({ code: 'STORE_TIMEOUT', sqlstate: '57014' });
    });

    it('are STORE_TIMEOUT for a lock', async () => {
      await database.transaction(async (holder) => {
        await holder.run('LOCK TABLE private');
        const work = database.transaction(async (tx) => {
          await tx.run("SET LOCAL lock_timeout = '30ms'");
          await tx.query('SELECT * FROM private');
        });
        await expect(work).rejects.toMatchObject({ code: 'STORE_TIMEOUT', sqlstate: '55P03' });
      });
    });

    it('are STORE_CONFLICT for the one of two sessions that the server lets go of', async () => {
      await database.session((s) =>
        s.run('CREATE TABLE IF NOT EXISTS first_lock (); CREATE TABLE IF NOT EXISTS second_lock ()'),
      );
      const [first, second] = [new EventEmitter(), new EventEmitter()];
      const crossing = async (mine: string, held: EventEmitter, other: string, otherHeld: EventEmitter) => {
        const isOtherHeld = once(otherHeld, 'held');
        await database.transaction(async (tx) => {
          await tx.run(`LOCK TABLE ${mine}`);
          held.emit('held');
          await isOtherHeld;
          await tx.run(`LOCK TABLE ${other}`);
        });
      };
      const ends = await Promise.allSettled([
        crossing('first_lock', first, 'second_lock', second),
        crossing('second_lock', second, 'first_lock', first),
      ]);
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const lost = ends.find((end) => end.status === 'rejected');
      expect(lost?.reason).toMatchObject({ code: 'STORE_CONFLICT', sqlstate: '40P01' });
    });

    it('do not strike those who wait for a connection of the pool', async () => {
      // long enough for a busy machine to connect in
      const narrow = await openDatabase(postgres(url), { poolSize: 1, connectTimeoutMs: 3_000 });
      const holding = narrow.session((s) => s.query('SELECT pg_sleep(3.5)'));
      const waiting = narrow.session((s) => s.query('SELECT 1 AS one'));
      expect(await waiting).toEqual([{ one: 1 }]);
      await holding;
      await narrow.close();
    });
  });

  describe('of the connection', () => {
    const pidOf = async (s: Session) => (await s.query<{ pid: number }>('SELECT pg_backend_pid() pid'))[0].pid;
    const terminate = (pid: number) => database.session((s) => s.query('SELECT pg_terminate_backend($1, 5000)', [pid]));
    const untilAsleep = async (pid: number) => {
      const sql = `SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`;
      while ((await database.session((s) => s.query(sql, [pid]))).length === 0);
    };
    const isUsable = async () => {
      expect(await database.session((s) => s.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
      expect(await database.session((s) => s.query('SELECT count(*) n FROM n'))).toEqual([{ n: 0 }]);
    };

    it('are STORE_CONNECTION_LOST in the middle of a query', async () => {
      const work = database.transaction(async (tx) => {
        await tx.run('INSERT INTO n VALUES (1)');
        const pid = await pidOf(tx);
        await Promise.all([tx.query('SELECT pg_sleep(3600)'), untilAsleep(pid).then(() => terminate(pid))]);
      });
      await expect(work).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST', sqlstate: '57P01' });
      await isUsable();
    });

    it('are STORE_CONNECTION_LOST between two queries', async () => {
      const work = database.transaction(async (tx) => {
        await tx.run('INSERT INTO n VALUES (1)');
        await terminate(await pidOf(tx));
        await new Promise((resolve) => setTimeout(resolve, 50));
        await tx.query('SELECT 1');
      });
      await expect(work).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
      await isUsable();
    });

    it('are STORE_CONNECTION_LOST when COMMIT is all that was left to do', async () => {
      const work = database.transaction(async (tx) => {
        await tx.run('INSERT INTO n VALUES (1)');
        await terminate(await pidOf(tx));
        await new Promise((resolve) => setTimeout(resolve, 50));
      });
      await expect(work).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
      await isUsable();
    });

    it('are STORE_CONNECTION_LOST in the middle of a COPY in', async () => {
      const values = Int32Array.from({ length: 50_000 }, (_, row) => row);
      const chunk = createCopyEncoder(numbers).encode([{ numbers: values }], values.length);
      const work = database.transaction(async (tx) => {
        const pid = await pidOf(tx);
        async function* endless() {
          yield chunk;
          await terminate(pid);
          for (;;) yield chunk;
        }
        await tx.copyIn(copyInSql(numbers), endless());
      });
      await expect(work).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
      await isUsable();
    });

    it('are STORE_CONNECTION_LOST in the middle of a COPY out', async () => {
      const work = database.transaction(async (tx) => {
        const pid = await pidOf(tx);
        const sql = 'COPY (SELECT v FROM generate_series(1, 5000000) v) TO STDOUT WITH (FORMAT binary)';
        async function* interrupted() {
          let isFirst = true;
          for await (const chunk of tx.copyOut(sql)) {
            yield chunk;
            if (isFirst) await terminate(pid);
            isFirst = false;
          }
        }
        await decodeCopy(numbers, interrupted());
      });
      await expect(work).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
      await isUsable();
    });

    it('do not end the process while nobody uses the connection', async () => {
      const pid = await database.session(pidOf);
      const other = await openDatabase(postgres(url), { poolSize: 1 });
      await other.session((s) => s.query('SELECT pg_terminate_backend($1, 5000)', [pid]));
      await other.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await isUsable();
    });

    it('come after close', async () => {
      const other = await openDatabase(postgres(url));
      await other.close();
      await other.close();
      const work = other.session((s) => s.query('SELECT 1'));
      await expect(work).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
    });
  });

  describe('of a session', () => {
    it('that left a transaction open do not reach the next one', async () => {
      const narrow = await openDatabase(postgres(url), { poolSize: 1 });
      await narrow.session((s) => s.run('BEGIN; INSERT INTO n VALUES (1)'));
      expect(await narrow.session((s) => s.query('SELECT count(*) n FROM n'))).toEqual([{ n: 0 }]);
      await narrow.close();
    });
  });

  it('are not caused by unusual settings of the database', async () => {
    const name = new URL(url).pathname.slice(1);
    await database.session((s) =>
      s.run(`ALTER DATABASE ${name} SET timezone = 'Pacific/Chatham'; ALTER DATABASE ${name} SET datestyle = 'German';
             ALTER DATABASE ${name} SET extra_float_digits = -5; ALTER DATABASE ${name} SET application_name = 'other'`),
    );
    const fresh = await openDatabase(postgres(url), { applicationName: 'ta test' });
    const [row] = await fresh.session((s) =>
      s.query(`SELECT timestamptz '2024-02-01 10:00+00' ts, date '2024-02-03' d, 0.1::float8 + 0.2 f,
               current_setting('application_name') name, current_setting('TimeZone') zone`),
    );
    await fresh.close();
    const ts = new Date('2024-02-01T10:00:00Z');
    expect(row).toStrictEqual({ ts, d: '2024-02-03', f: 0.1 + 0.2, name: 'ta test', zone: 'UTC' });
  });
});
