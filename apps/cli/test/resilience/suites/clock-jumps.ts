import { describe, expect, it } from 'vitest';
import { startCli } from '../rig/cli-process.ts';
import { shiftedClock } from '../rig/clock.ts';
import { faultsOf } from '../rig/content.ts';
import { holdSession, holdTable, waitUntilBlocked } from '../rig/hold-table.ts';
import type { PostgresArena } from '../rig/postgres-arena.ts';
import { REFRESH } from '../rig/small-world.ts';

const HOUR_MS = 3_600_000;

/** The wall clock of the host is moved while a refresh runs. */
export function clockJumpsSuite(theArena: () => PostgresArena): void {
  describe('A wall clock that jumps', () => {
    for (const [how, aheadMs] of [
      ['a day ahead', 24 * HOUR_MS],
      ['an hour back', -HOUR_MS],
    ] as const) {
      it(`${how} in mid-run changes no table and no duration`, async () => {
        const place = await theArena().place('build');
        const clock = shiftedClock();
        const table = await holdTable(place.url, 'cmc_price_bars_multi_tf');
        const run = startCli([...REFRESH, ...place.args], { ...place.env, ...clock.env });
        await waitUntilBlocked(place.url);
        clock.jumpTo(aheadMs);
        await table.end();
        const end = await run.ended;
        expect([end.code, end.stderr]).toEqual([0, expect.not.stringContaining('[ERROR]')]);
        const total = Number(/Total time: ([0-9.]+)s/.exec(end.stdout)?.[1]);
        expect(total).toBeGreaterThan(0);
        expect(total).toBeLessThanOrEqual(end.seconds);
        expect(await place.inspect((session) => faultsOf(session, theArena().undisturbed))).toEqual([]);
        const ended = 'SELECT status, finished_at - started_at AS lasted FROM ops_runs';
        expect(await place.inspect((session) => session.query(ended))).toMatchObject([{ status: 'ok' }]);
        clock.remove();
        await place.drop();
      });
    }

    it('leaves the lock to the run that holds it, and the waiting for it as long as it was', async () => {
      const place = await theArena().place('daily');
      const clock = shiftedClock();
      const holder = await holdSession(place.url);
      await holder.session.query('SELECT pg_advisory_lock(7461, 1)::text');
      const waiting = startCli([...REFRESH, '--wait-lock', '2', ...place.args], { ...place.env, ...clock.env });
      await waiting.said(/Database: /);
      clock.jumpTo(-24 * HOUR_MS);
      // by the wall clock it would wait for another day, and the test for as long as it may
      const end = await waiting.ended;
      expect([end.code, end.stderr]).toEqual([3, expect.stringContaining('The run lock is not free: held by pid')]);
      await holder.end();
      clock.remove();
      await place.drop();
    });
  });
}
