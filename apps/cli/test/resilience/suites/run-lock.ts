import { describe, expect, it } from 'vitest';
import { startCli } from '../rig/cli-process.ts';
import { faultsOf, inconsistencies } from '../rig/content.ts';
import { holdSession, holdTable, waitUntilBlocked } from '../rig/hold-table.ts';
import type { PostgresArena, PostgresPlace } from '../rig/postgres-arena.ts';
import { contest } from '../rig/contest.ts';
import { refreshHere, startHere } from '../rig/run-here.ts';
import { IDS, REFRESH } from '../rig/small-world.ts';

/** One run at a time. */
export function runLockSuite(theArena: () => PostgresArena): void {
  describe('The run lock on PostgreSQL', () => {
    const start = (place: PostgresPlace, ...more: string[]) =>
      startHere([...REFRESH, ...more, ...place.args], place.env);
    const faults = (place: PostgresPlace) => place.inspect((session) => faultsOf(session, theArena().undisturbed));

    it('admits one of several refreshes started together, and turns the others away with exit code 3', async () => {
      expect(await contest(theArena(), 4)).toEqual({ worked: 1, turnedAway: 3, faults: [] });
    });

    it('keeps a refresh waiting while a state reset is at work, with --wait-lock', async () => {
      const place = await theArena().place('build');
      const table = await holdTable(place.url, 'cmc_price_bars_1d_state');
      const reset = startCli(['state', 'reset', '--bars', '--emas', '--ids', String(IDS[0])], place.env);
      await waitUntilBlocked(place.url);
      const refused = await start(place).ended;
      expect(refused.code).toBe(3);
      const waiting = start(place, '--wait-lock', '300');
      await waiting.said(/Database: /);
      await table.end();
      expect((await reset.ended).code).toBe(0);
      expect((await waiting.ended).code).toBe(0);
      expect(await faults(place)).toEqual([]);
      await place.drop();
    });

    it('that went with its connection is taken again, and the run goes on', async () => {
      const place = await theArena().place('build');
      const table = await holdTable(place.url, 'cmc_price_bars_1d_rejects');
      const run = start(place);
      await waitUntilBlocked(place.url);
      await place.inspect((session) => session.query(END_OF_LOCK_CONNECTION));
      await table.end();
      const end = await run.ended;
      expect([end.code, end.stderr]).toEqual([
        0,
        expect.stringContaining('The connection that held the run lock was lost; the lock was taken again'),
      ]);
      expect(await faults(place)).toEqual([]);
      await place.drop();
    });

    it('that another run has taken meanwhile ends the run, which writes nothing any more', async () => {
      const place = await theArena().place('build');
      const table = await holdTable(place.url, 'cmc_price_bars_1d_rejects');
      const run = start(place, '--continue-on-error');
      await waitUntilBlocked(place.url, 3);
      const other = await holdSession(place.url);
      await other.session.query(END_OF_LOCK_CONNECTION);
      await other.session.query('SELECT pg_advisory_lock(7461, 1)::text');
      await table.end();
      const end = await run.ended;
      expect(end.code).toBe(1);
      // who holds it is no run of this program: the session is named
      expect(end.stderr).toContain('The run lock is not free: held by pid');
      expect(end.stdout).toContain('DAILY REFRESH SUMMARY');
      const written = await place.inspect((session) => session.query('SELECT count(*) AS n FROM cmc_price_bars_1d'));
      expect(written).toEqual([{ n: 0 }]);
      expect(await place.inspect(inconsistencies)).toEqual([]);
      await other.end();
      expect((await refreshHere(place)).code).toBe(0);
      expect(await faults(place)).toEqual([]);
      await place.drop();
    });
  });
}

/** Ends the one connection that holds the run lock, as a firewall or an administrator would. */
const END_OF_LOCK_CONNECTION = `SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks l
  WHERE l.locktype = 'advisory' AND l.classid = 7461 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
