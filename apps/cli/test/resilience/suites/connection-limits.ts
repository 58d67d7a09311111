import { describe, expect, it } from 'vitest';
import { startCli } from '../rig/cli-process.ts';
import { faultsOf } from '../rig/content.ts';
import { holdTable, waitUntilBlocked } from '../rig/hold-table.ts';
import type { PostgresArena, PostgresPlace } from '../rig/postgres-arena.ts';
import { createRole, dropRole, type Role } from '../rig/role.ts';
import { runHere, startHere } from '../rig/run-here.ts';
import { REFRESH } from '../rig/small-world.ts';

/** Limits of a role stand for a full server: the server refuses with the same SQLSTATE. */
export function connectionLimitsSuite(theArena: () => PostgresArena): void {
  const refresh = (place: PostgresPlace, role: Role, ...more: string[]) =>
    startHere([...REFRESH, ...more, ...place.args], { DATABASE_URL: role.url });

  async function withRole(limit: number, test: (place: PostgresPlace, role: Role) => Promise<void>): Promise<void> {
    const place = await theArena().place('build');
    const role = await createRole(place, `${place.name}_role`, limit);
    await test(place, role);
    await place.inspect((session) => dropRole(session, role.name));
    await place.drop();
  }

  const expectEqual = async (place: PostgresPlace) =>
    expect(await place.inspect((session) => faultsOf(session, theArena().undisturbed))).toEqual([]);

  describe('Too few connections', () => {
    it('lower the concurrency with a warning, and the run is complete', () =>
      withRole(4, async (place, role) => {
        const end = await refresh(place, role).ended;
        expect(end).toMatchObject({ code: 0 });
        expect(end.stderr).toContain(
          '[WARNING] Too many database connections: 2/4 in use, 6 needed; going on with --concurrency 2.',
        );
        expect(end.stderr).toContain('Close other clients, lower --concurrency, or raise max_connections');
      }));

    it('end the run with exit code 4 when there is none after five more attempts', () =>
      withRole(0, async (place, role) => {
        // it waits for half a minute: as a process of its own, beside the others
        const end = await startCli([...REFRESH, ...place.args], { DATABASE_URL: role.url }).ended;
        expect(end).toMatchObject({ code: 4 });
        for (const seconds of [1, 2, 4, 8, 16]) expect(end.stderr).toContain(`trying again in ${seconds} s`);
        expect(end.stderr).toMatch(/\[ERROR\] Too many database connections: none is free, 6 needed/);
        expect(end.stderr).toContain('Close other clients, lower --concurrency, or raise max_connections');
      }));

    it('are waited for, at the start, and two suffice', () =>
      withRole(0, async (place, role) => {
        const run = refresh(place, role);
        await run.said(/trying again in 1 s/);
        await place.inspect((session) => session.run(`ALTER ROLE ${role.name} CONNECTION LIMIT 2`));
        expect(await run.ended).toMatchObject({ code: 0 });
        await expectEqual(place);
      }));

    it('are waited for, in the middle of a run', () =>
      withRole(10, async (place, role) => {
        const table = await holdTable(place.url, 'cmc_price_bars_1d_state');
        const run = refresh(place, role);
        await waitUntilBlocked(place.url);
        await place.inspect((session) => session.run(`ALTER ROLE ${role.name} CONNECTION LIMIT 2`));
        await table.end();
        const end = await run.ended;
        expect(end).toMatchObject({ code: 0 });
        expect(end.stderr).toMatch(/\[WARNING\] id \d+: .*too many connections.*; trying again in 1 s/);
        await expectEqual(place);
      }));
  });

  describe('A run', () => {
    it('never has more connections than its concurrency and two', () =>
      withRole(4, async (place, role) => {
        const end = await refresh(place, role, '--concurrency', '2').ended;
        expect(end).toMatchObject({ code: 0 });
        expect(end.stderr).not.toContain('Too many database connections');
      }));

    it('of a command that only reads needs one', () =>
      withRole(1, async (_place, role) => {
        const end = await runHere(['state', 'show'], { DATABASE_URL: role.url });
        expect(end).toMatchObject({ code: 0 });
      }));
  });
}
