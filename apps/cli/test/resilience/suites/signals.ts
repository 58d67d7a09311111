import { describe, expect, it } from 'vitest';
import { startCli, struckAfterSummary } from '../rig/cli-process.ts';
import { faultsOf, torn } from '../rig/content.ts';
import { holdSession, holdTable, waitUntilBlocked } from '../rig/hold-table.ts';
import type { PostgresArena, PostgresPlace } from '../rig/postgres-arena.ts';
import { refreshHere } from '../rig/run-here.ts';
import { REFRESH } from '../rig/small-world.ts';

/** SIGINT and SIGTERM. */
export function signalsSuite(theArena: () => PostgresArena): void {
  describe('A refresh that is told to end', () => {
    const start = (place: PostgresPlace, ...more: string[]) =>
      startCli([...REFRESH, ...more, ...place.args], place.env);

    async function expectRecovery(place: PostgresPlace): Promise<void> {
      expect(await refreshHere(place)).toMatchObject({ code: 0 });
      expect(await place.inspect((session) => faultsOf(session, theArena().undisturbed))).toEqual([]);
    }

    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      it(`by ${signal} rolls back what it is at, prints its summary, and exits with ${code}`, async () => {
        const place = await theArena().place('build');
        const table = await holdTable(place.url, 'cmc_price_bars_multi_tf_cal_us');
        const run = start(place);
        await waitUntilBlocked(place.url);
        run.kill(signal);
        await run.said(/received/);
        await table.end();
        const end = await run.ended;
        expect(end.code).toBe(code);
        expect(end.stdout).toContain('DAILY REFRESH SUMMARY');
        expect(end.stdout).toContain('interrupted');
        expect(end.stdout).toContain('[STOPPED] Interrupted; unfinished work is rolled back');
        expect(end.stdout).not.toContain('Bar builders failed');
        const [faults, rows, runs] = await place.inspect(async (session) => [
          await torn(session),
          await session.query('SELECT count(*) AS n FROM cmc_price_bars_multi_tf_cal_anchor_us'),
          await session.query('SELECT status, exit_code, finished_at IS NOT NULL AS ended FROM ops_runs'),
        ]);
        expect(faults).toEqual([]);
        expect(rows).toEqual([{ n: 0 }]);
        expect(runs).toEqual([{ status: 'interrupted', exit_code: code, ended: true }]);
        if (signal === 'SIGTERM') await expectRecovery(place);
        await place.drop();
      });
    }

    it('twice by SIGINT ends at once, though a statement is in flight', async () => {
      const place = await theArena().place('build');
      const table = await holdTable(place.url, 'cmc_price_bars_1d');
      const run = start(place);
      await waitUntilBlocked(place.url);
      run.kill('SIGINT');
      await run.said(/received/);
      run.kill('SIGINT');
      expect((await run.ended).code).toBe(130);
      await table.end();
      await expectRecovery(place);
      await place.drop();
    });

    it('after its summary, by any number of signals, ends with the exit code that it has', async () => {
      const place = await theArena().place('daily');
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const end = await struckAfterSummary(start(place), signal);
        expect([end.code, end.signal]).toEqual([0, null]);
      }
      const runs = await place.inspect((session) => session.query('SELECT status, exit_code FROM ops_runs'));
      expect(runs).toEqual([
        { status: 'ok', exit_code: 0 },
        { status: 'ok', exit_code: 0 },
      ]);
      await place.drop();
    });

    it('while it waits for the run lock leaves at once, with the exit code of the signal', async () => {
      const place = await theArena().place('build');
      const other = await holdSession(place.url);
      await other.session.query('SELECT pg_advisory_lock(7461, 1)::text');
      const waiting = start(place, '--wait-lock', '3600');
      await waiting.said(/Database: /);
      waiting.kill('SIGTERM');
      const end = await waiting.ended;
      expect(end.code).toBe(143);
      await other.end();
      await place.drop();
    });
  });
}
