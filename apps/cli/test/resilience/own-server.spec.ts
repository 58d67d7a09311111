import fc from 'fast-check';
import { startPostgres, type PostgresServer } from '@ta/tools';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasPostgres } from '../../../../libs/pipeline/test/test-database.ts';
import { failureText, runCampaign } from './rig/campaign.ts';
import { faultsOf, torn } from './rig/content.ts';
import { failOver, groundOf, LOGIN } from './rig/failover.ts';
import { inDatabase, postgresArena, type PostgresArena } from './rig/postgres-arena.ts';
import { refreshHere } from './rig/run-here.ts';
import { mountTinyDisk } from './rig/tiny-disk.ts';

const { seed: SEED = 0 } = fc.readConfigureGlobal();

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

// the server of TEST_DATABASE_URL belongs to others: this one may be killed
describe.skipIf(!hasPostgres())('On a PostgreSQL server of its own, a refresh', () => {
  let server: PostgresServer;
  let arena: PostgresArena;
  beforeAll(async () => {
    server = await startPostgres({ ...LOGIN, settings: { fsync: 'off' } });
    arena = await postgresArena(server.url, ['build']);
  });
  afterAll(async () => {
    await arena?.close();
    await server?.stop();
  });

  it('whose server is stopped with -m immediate goes on when it is back, or is finished by the next run', async () => {
    const plan = { scenarios: ['build'], strikes: 2, kinds: ['server'], mostInARow: 2, seed: SEED, server } as const;
    const figures = await runCampaign(arena, plan);
    expect(failureText(figures)).toEqual([]);
    expect(figures.strikes).toBe(2);
  });

  it('that is killed together with its server is finished by the next run', async () => {
    const kinds = ['both'] as const;
    const plan = { scenarios: ['build'], strikes: 1, kinds, mostInARow: 1, seed: SEED + 1, server } as const;
    expect(failureText(await runCampaign(arena, plan))).toEqual([]);
  });

  it('whose disk is full says so with exit code 1, keeps nothing of the step, and is finished once there is room', async (context) => {
    const disk = await mountTinyDisk('64k', server.dataDir);
    if (disk === null) return context.skip('mounting a small disk needs more rights');
    const place = await arena.place('build');
    const inServer = (sql: string) => inDatabase(server.url, (session) => session.run(sql));
    await inServer(`CREATE TABLESPACE tiny LOCATION '${disk.dir}'`);
    try {
      await place.inspect((session) => session.run(`ALTER TABLE ema_rows_h1_0 SET TABLESPACE tiny`));
      const end = await refreshHere(place);
      expect(end).toMatchObject({ code: 1 });
      expect(end.stderr).toMatch(/emas\/multi_tf FAILED for id \d+: could not extend file.*No space left on device/);
      expect(end.stderr).toContain('Free disk space');
      expect(await place.inspect(torn)).toEqual([]);
      await disk.resize('200m');
      expect(await refreshHere(place)).toMatchObject({ code: 0 });
      expect(await place.inspect((session) => faultsOf(session, arena.undisturbed))).toEqual([]);
    } finally {
      await place.drop();
      await inServer('DROP TABLESPACE tiny');
      await disk.unmount();
    }
  });

  // the last: the pair begins with a copy of this server
  it('whose server dies while a standby follows it is finished on the promoted standby, and nothing that was acknowledged is lost', async () => {
    const ground = await groundOf(server, arena, ['build']);
    try {
      const { faults, exitCode } = await failOver(ground, 'build', 0.5, 'crash');
      expect(faults).toEqual([]);
      expect([0, 1, 4]).toContain(exitCode);
    } finally {
      await server.restart();
    }
  });
});
