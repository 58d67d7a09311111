import { describe, expect, it } from 'vitest';
import { insertTrigger, type InsertTrigger } from '../../../../../libs/pipeline/test/ema-edits.ts';
import type { Ended } from '../../kit/run-inside.ts';
import { faultsOf, torn } from '../rig/content.ts';
import { withDatabase, type PostgresArena, type PostgresPlace } from '../rig/postgres-arena.ts';
import { createRole, dropRole } from '../rig/role.ts';
import { refreshHere, runHere } from '../rig/run-here.ts';
import { IDS, REFRESH } from '../rig/small-world.ts';
import { startProxy } from '../rig/tcp-proxy.ts';

/** What a database does to a refresh, and what the refresh says and leaves behind. */
export function faultsSuite(theArena: () => PostgresArena): void {
  /** Nothing is torn; once the fault is gone, one plain run makes everything as if it had never been. */
  async function expectRecovery(place: PostgresPlace, env = place.env): Promise<void> {
    expect(await place.inspect(torn)).toEqual([]);
    expect(await refreshHere(place, env)).toMatchObject({ code: 0 });
    expect(await place.inspect((session) => faultsOf(session, theArena().undisturbed))).toEqual([]);
  }

  function expectFailure(end: Ended, code: number, ...texts: string[]): void {
    expect(end).toMatchObject({ code });
    for (const text of texts) expect(end.stdout + end.stderr).toContain(text);
    expect(end.stdout + end.stderr).not.toContain(new URL(theArena().url).password);
  }

  describe('A connection cut in the middle of a COPY', () => {
    it('once is made good within the run', async () => {
      const place = await theArena().place('build');
      const proxy = await startProxy(place.url, { afterBytes: 30_000, most: 1 });
      const end = await refreshHere(place, { DATABASE_URL: proxy.url });
      expect([end.code, proxy.cuts()]).toEqual([0, 1]);
      expect(end.stderr).toMatch(/\[WARNING\] id \d+: .*; trying again in 1 s/);
      await proxy.close();
      expect(await place.inspect((session) => faultsOf(session, theArena().undisturbed))).toEqual([]);
      await place.drop();
    });

    it('again and again ends the run after three more attempts, even with --continue-on-error', async () => {
      const place = await theArena().place('build');
      const proxy = await startProxy(place.url, { afterBytes: 30_000, most: Infinity });
      const end = await refreshHere(place, { DATABASE_URL: proxy.url }, '--continue-on-error');
      expectFailure(end, 1, 'trying again in 1 s', 'trying again in 4 s', 'trying again in 10 s', 'SUMMARY');
      expect(end.stderr).toMatch(/\[ERROR\] bars\/1d FAILED for id \d+: .*[Cc]onnection/);
      expect(end.stdout).toMatch(/\[SKIPPED\].*\n.*emas/);
      await proxy.close();
      await expectRecovery(place);
      await place.drop();
    });
  });

  describe('A fault of one statement', () => {
    it('by the statement timeout fails its ids with exit code 1', async () => {
      const place = await theArena().place('build');
      // long enough for every statement that waits for nobody
      await place.inspect((s) => s.run(`ALTER DATABASE ${place.name} SET statement_timeout = '15s'`));
      const dawdle = { name: 'dawdle', when: 'true', action: 'PERFORM pg_sleep(3600)' };
      for (const statement of insertTrigger('cmc_ema_multi_tf_v2', dawdle))
        await place.inspect((s) => s.run(statement));
      const end = await refreshHere(place, place.env, '--continue-on-error');
      expectFailure(end, 1, 'emas/v2 FAILED for id', 'statement timeout', 'Raise the time limit', 'SUMMARY');
      await place.inspect((s) => s.run('DROP FUNCTION dawdle CASCADE'));
      await place.inspect((s) => s.run(`ALTER DATABASE ${place.name} RESET statement_timeout`));
      expect(await countOf(place, 'cmc_ema_multi_tf_v2')).toBe(0);
      expect(await countOf(place, 'cmc_ema_multi_tf')).toBeGreaterThan(0);
      await expectRecovery(place);
      await place.drop();
    });

    it('by a full disk in the middle of a COPY keeps none of its rows, and the other ids go on', async () => {
      const place = await theArena().place('build');
      for (const statement of insertTrigger('cmc_ema_multi_tf_cal_us', diskFullAt(IDS[1] as number)))
        await place.inspect((s) => s.run(statement));
      const end = await refreshHere(place, place.env, '--continue-on-error');
      expectFailure(
        end,
        1,
        `emas/cal FAILED for id ${IDS[1]}`,
        'No space left on device',
        'Free disk space',
        'SUMMARY',
      );
      expect(await idsIn(place, 'cmc_ema_multi_tf_cal_us')).toEqual([IDS[0], IDS[2]]);
      await place.inspect((s) => s.run('DROP FUNCTION disk_full CASCADE'));
      await expectRecovery(place);
      await place.drop();
    });

    it('by a missing right on one table fails with exit code 1 and names the table', async () => {
      const place = await theArena().place('build');
      const role = await createRole(place, `${place.name}_limited`);
      await place.inspect((s) => s.run(`REVOKE INSERT ON bar_rows_cal_iso FROM ${role.name}`));
      const end = await refreshHere(place, { DATABASE_URL: role.url });
      const table = 'permission denied for table bar_rows_cal_iso';
      expectFailure(end, 1, 'bars/cal_iso FAILED', table, 'grant it the missing rights', '[STOPPED]', 'SUMMARY');
      await place.inspect((s) => s.run(`GRANT INSERT ON bar_rows_cal_iso TO ${role.name}`));
      await expectRecovery(place, { DATABASE_URL: role.url });
      await place.inspect((s) => dropRole(s, role.name));
      await place.drop();
    });
  });

  describe('A database that cannot be used from the start ends the run with exit code 4', () => {
    it('when it is read-only', async () => {
      const place = await theArena().place('daily');
      await place.inspect((s) => s.run(`ALTER DATABASE ${place.name} SET default_transaction_read_only = on`));
      expectFailure(await refreshHere(place), 4, 'read-only transaction', 'Use the primary server');
      await place.drop();
    });

    it('when the role has no rights', async () => {
      const place = await theArena().place('daily');
      const role = await createRole(place, `${place.name}_nobody`);
      await place.inspect((s) => s.run(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role.name}`));
      const end = await refreshHere(place, { DATABASE_URL: role.url });
      expectFailure(end, 4, 'permission denied for table', 'grant it the missing rights');
      await place.inspect((s) => dropRole(s, role.name));
      await place.drop();
    });

    it('when nobody listens, the password is wrong, or there is no such database', async () => {
      const changed = (change: (url: URL) => void) => {
        const url = new URL(theArena().url);
        change(url);
        return { DATABASE_URL: url.href };
      };
      const nowhere = changed((url) => (url.port = '1'));
      const stranger = changed((url) => (url.password = 'wrong'));
      const missing = { DATABASE_URL: withDatabase(theArena().url, 'ta_no_such_database') };
      const args = [...REFRESH, '--no-alerts'];
      const ends = await Promise.all([nowhere, stranger, missing].map((env) => runHere(args, env)));
      expectFailure(ends[0] as Ended, 4, 'Cannot connect to database', 'ECONNREFUSED');
      expectFailure(ends[1] as Ended, 4, 'Cannot connect to database', 'Check user and password');
      expectFailure(ends[2] as Ended, 4, 'Cannot connect to database', 'Create the database');
    });
  });
}

/** The last row of an id meets a full disk, with the error that the server gives. */
function diskFullAt(id: number): InsertTrigger {
  return {
    ...{ name: 'disk_full', when: `NEW.id = ${id} AND NEW.ts > '2024-06-20Z'` },
    action: `RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full'`,
  };
}

async function countOf(place: PostgresPlace, table: string): Promise<number> {
  const [row] = await place.inspect((s) => s.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`));
  return row?.n ?? 0;
}

async function idsIn(place: PostgresPlace, table: string): Promise<number[]> {
  const rows = await place.inspect((s) => s.query<{ id: number }>(`SELECT DISTINCT id FROM ${table} ORDER BY id`));
  return rows.map(({ id }) => id);
}
