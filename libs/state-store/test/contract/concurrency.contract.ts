import { describe, expect, it } from 'vitest';
import { acquireRunLock } from '../../src/lock.ts';
import type { Shard } from '../../src/lock/run-lock.ts';
import { lockItem } from '../../src/lock/item-lock.ts';
import { readLockedRuns } from '../../src/lock/server-lock.ts';
import { assertSchema, migrate, migrationStatus } from '../../src/migrate.ts';
import type { Session } from '../../src/connect/database.ts';
import { renameAsset } from '../../src/write/assets.ts';
import { takeChanges } from '../../src/write/changes.ts';
import { storeErrorOf } from './store-error.ts';
import type { TheDatabase } from './test-engines.ts';

/** What several connections to one server may do at the same time. */
export function concurrencyContract(test: TheDatabase): void {
  const request = (runId: string, waitMs = 0) => ({
    ...{ runId, command: 'refresh', waitMs, nowMs: Date.parse('2024-01-01T06:00:00Z') },
  });
  const acquire = (runId: string, waitMs?: number) => acquireRunLock(test().target, request(runId, waitMs));

  it('two programs migrating one database take turns', async () => {
    const runs = await Promise.all([migrate(test().database), migrate(test().database)]);
    const { applied } = await migrationStatus(test().database);
    expect(runs.map((run) => run.applied.length).sort()).toStrictEqual([0, applied.length]);
    await assertSchema(test().database);
  });

  it('a change committed while a refresh runs stays in the log for the next one', async () => {
    const { database } = test();
    const insert = (day: number) =>
      `INSERT INTO cmc_price_histories7 (id, "timestamp", name) VALUES (1, '2024-01-0${day} 23:59:59.999Z', 'x')`;
    await database.session((s) => s.run(insert(2)));
    await database.transaction(async (loader) => {
      // logged before the refresh looks, committed after it: its change_id is smaller than the newest one taken
      await loader.run(insert(1));
      await database.session((s) => s.run(insert(3)));
      expect((await database.transaction((tx) => takeChanges(tx, 1))).rows).toBe(2);
    });
    expect(await database.transaction((tx) => takeChanges(tx, 1))).toMatchObject({
      ...{ rows: 1, firstTs: Date.parse('2024-01-01T23:59:59.999Z') },
    });
  });

  it('a change committed while its asset is renamed stays in the log', async () => {
    const { database } = test();
    const insert = (day: number) =>
      `INSERT INTO cmc_price_histories7 (id, "timestamp", name) VALUES (2, '2024-01-0${day} 23:59:59.999Z', 'x')`;
    await database.session((s) => s.run(`INSERT INTO dim_assets (id, name) VALUES (2, 'x')`));
    await database.session((s) => s.run(insert(1)));
    await database.transaction((tx) => takeChanges(tx, 2));
    await database.transaction(async (tx) => {
      // another program comes in between as soon as the log was looked at
      const query: Session['query'] = async (sql, params) => {
        const rows = await tx.query(sql, params);
        await database.session((s) => s.run(insert(2)));
        return rows as never;
      };
      const member = (name: string | symbol): unknown => Reflect.get(tx, name) as unknown;
      const disturbed = new Proxy(tx, {
        get: (_, name) => {
          const found = name === 'query' ? query : member(name);
          return typeof found === 'function' ? (found as (...of: unknown[]) => unknown).bind(tx) : found;
        },
      });
      expect(await renameAsset(disturbed, 2, 'y')).toBe(true);
    });
    expect((await database.transaction((tx) => takeChanges(tx, 2))).rows).toBe(1);
  });

  it('one run at a time: the second is told who holds the lock', async () => {
    const lock = await acquire('run-a');
    expect([lock.warning, await lock.isHeld()]).toStrictEqual([null, true]);
    const error = await storeErrorOf(() => acquire('run-b'));
    expect(error.code).toBe('STORE_BUSY');
    expect(error.message).toBe(
      `Another refresh is running (run run-a, pid ${process.pid}, since 2024-01-01T06:00:00.000Z)`,
    );
    await lock.release();
    await lock.release();
    expect(await lock.isHeld()).toBe(false);
    await (await acquire('run-b')).release();
  });

  it('waiting takes the lock when it comes free', async () => {
    const lock = await acquire('run-a');
    const waiting = acquire('run-b', 30_000);
    setTimeout(() => void lock.release(), 300);
    await (await waiting).release();
  });

  it('a lost connection loses the lock, and says so', async () => {
    const lock = await acquire('run-a');
    await test().database.session((s) =>
      s.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ta run-a %'`),
    );
    expect(await lock.isHeld()).toBe(false);
    const next = await acquire('run-b', 10_000);
    expect(await next.isHeld()).toBe(true);
    await next.release();
    await lock.release();
  });

  it('a lock lost with its connection is taken again by its run, unless another run has it', async () => {
    const lock = await acquire('run-a');
    const cut = () =>
      test().database.session((s) =>
        s.query(
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'ta run-a %'`,
        ),
      );
    await cut();
    // workers that ask together take it once
    expect(await Promise.all([lock.secure(), lock.secure()])).toStrictEqual([true, true]);
    expect([await lock.secure(), await lock.isHeld()]).toStrictEqual([false, true]);
    await cut();
    const other = await acquire('run-b');
    const error = await storeErrorOf(() => lock.secure());
    expect([error.code, error.message]).toStrictEqual(['STORE_BUSY', expect.stringContaining('run run-b')]);
    await other.release();
    expect(await lock.secure()).toBe(true);
    await lock.release();
  });

  describe('parts of the ids', () => {
    const shard = (index: number, count: number): Shard => ({ index, count });
    const acquirePart = (runId: string, part: Shard) =>
      acquireRunLock(test().target, { ...request(runId), shard: part });
    const refusal = async (work: () => Promise<unknown>) => {
      const { code, message } = await storeErrorOf(work);
      return [code, /run (\S+),/.exec(message)?.[1]];
    };

    it('of one split run side by side, each once', async () => {
      const locks = [await acquirePart('run-a', shard(0, 3)), await acquirePart('run-b', shard(1, 3))];
      expect(await Promise.all(locks.map((lock) => lock.isHeld()))).toStrictEqual([true, true]);
      expect(await test().database.session(readLockedRuns)).toStrictEqual(new Set(['run-a', 'run-b']));
      expect(await refusal(() => acquirePart('run-c', shard(1, 3)))).toStrictEqual(['STORE_BUSY', 'run-b']);
      for (const lock of locks) await lock.release();
      expect(await test().database.session(readLockedRuns)).toStrictEqual(new Set());
    });

    it('and the whole keep each other away', async () => {
      const part = await acquirePart('run-a', shard(0, 2));
      expect(await refusal(() => acquire('run-b'))).toStrictEqual(['STORE_BUSY', 'run-a']);
      await part.release();
      const whole = await acquire('run-b');
      expect(await refusal(() => acquirePart('run-a', shard(0, 2)))).toStrictEqual(['STORE_BUSY', 'run-b']);
      await whole.release();
      await (await acquirePart('run-a', shard(0, 2))).release();
    });

    it('of two splits keep each other away: they may have ids in common', async () => {
      const part = await acquirePart('run-a', shard(0, 2));
      expect(await refusal(() => acquirePart('run-b', shard(1, 3)))).toStrictEqual(['STORE_BUSY', 'run-a']);
      const other = await acquirePart('run-c', shard(1, 2));
      await part.release();
      expect(await refusal(() => acquirePart('run-b', shard(1, 64)))).toStrictEqual(['STORE_BUSY', 'run-c']);
      await other.release();
      await (await acquirePart('run-b', shard(63, 64))).release();
    });

    it('that lost their lock take it again, unless a run of the whole came between', async () => {
      const part = await acquirePart('run-a', shard(0, 2));
      const cut = () =>
        test().database.session((s) =>
          s.query(
            `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'ta run-a %'`,
          ),
        );
      await cut();
      expect([await part.isHeld(), await part.secure(), await part.isHeld()]).toStrictEqual([false, true, true]);
      await cut();
      const whole = await acquire('run-b');
      expect(await refusal(() => part.secure())).toStrictEqual(['STORE_BUSY', 'run-b']);
      await whole.release();
      await part.release();
    });
  });

  it('two transactions never work on one id at a time', async () => {
    const { database } = test();
    const order: string[] = [];
    let second: Promise<void> = Promise.resolve();
    await database.transaction(async (tx) => {
      await lockItem(tx, 1);
      second = database.transaction(async (other) => {
        await lockItem(other, 1);
        order.push('second');
      });
      await database.transaction((another) => lockItem(another, 2));
      order.push('first');
    });
    await second;
    expect(order).toStrictEqual(['first', 'second']);
  });

  it('the lock of another database does not matter', async () => {
    const lock = await acquire('run-a');
    const other = { ...test().target, url: process.env.TEST_DATABASE_URL } as Parameters<typeof acquireRunLock>[0];
    await (await acquireRunLock(other, request('run-b'))).release();
    await lock.release();
  });

  it('a lock on a server that does not answer fails as a connection does', async () => {
    const nowhere = { engine: 'postgres' as const, url: 'postgresql://u:secret@127.0.0.1:1/db', source: 'test' };
    const error = await storeErrorOf(() => acquireRunLock(nowhere, request('run-a')));
    expect(error.code).toBe('STORE_UNREACHABLE');
    expect(error.message).toContain('postgresql://u:***@127.0.0.1:1/db (test)');
    expect(error.message).not.toContain('secret');
  });
}
