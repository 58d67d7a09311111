import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openOnce } from '../kit/open-once.ts';
import { failureText, runCampaign } from './rig/campaign.ts';
import { runCli, startCli } from './rig/cli-process.ts';
import { shiftedClock } from './rig/clock.ts';
import { faultsOf } from './rig/content.ts';
import { copyFolder, inFolder, pgliteArena, type PgliteArena } from './rig/pglite-arena.ts';
import { refreshHere } from './rig/run-here.ts';
import { REFRESH } from './rig/small-world.ts';
import { mountTinyDisk } from './rig/tiny-disk.ts';

const { seed: SEED = 0 } = fc.readConfigureGlobal();

/** Opens the database of a folder once for all that is done there in this process. */
async function keptOpen(dir: string, work: () => Promise<void>): Promise<void> {
  const close = openOnce(dir);
  try {
    await work();
  } finally {
    await close();
  }
}

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe('A refresh on PGlite on disk', () => {
  let arena: PgliteArena;
  beforeAll(async () => {
    arena = await pgliteArena(['daily']);
  });
  afterAll(() => arena?.close());

  it('struck by kill -9 is finished by the next run as if nothing had happened, whenever it was', async () => {
    const figures = await runCampaign(arena, {
      ...{ scenarios: ['daily'], strikes: 2, kinds: ['kill'], mostInARow: 2, seed: SEED },
    });
    expect(failureText(figures)).toEqual([]);
    expect(figures.strikes).toBe(2);
  });

  it('of two started together works once; the other, and a reader, leave with exit code 3 and touch nothing', async () => {
    const place = await arena.place('daily');
    const runs = [0, 1].map(() => startCli([...REFRESH, ...place.args], place.env));
    // the one that works stands still until the others have been told, however slowly they start
    let isTold = false;
    for (const run of runs) void run.said(/RUNNING BAR BUILDERS/).then(() => isTold || run.kill('SIGSTOP'));
    const refused = await Promise.race(runs.map((run) => run.ended));
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.stderr).toMatch(/\[ERROR\] Another refresh is running \(run \S+, pid \d+, since \S+Z\)/);
    for (const run of runs) run.kill('SIGSTOP');
    // whatever its own clock says
    const clock = shiftedClock();
    clock.jumpTo(86_400_000);
    const reader = await runCli(['sql', 'SELECT 1 AS one'], { ...place.env, ...clock.env });
    clock.remove();
    expect(reader.stderr).toMatch(/\[INFO\] Another refresh is running .*; waiting for it, \d+ s of at most 5 s/);
    expect(reader).toMatchObject({ code: 3, stderr: expect.stringContaining('Another refresh is running') as string });
    isTold = true;
    for (const run of runs) run.kill('SIGCONT');
    const codes = (await Promise.all(runs.map((run) => run.ended))).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 3]);
    expect(await place.inspect((session) => faultsOf(session, arena.undisturbed))).toEqual([]);
    await place.drop();
  });

  it('by SIGTERM rolls back what it is at, prints its summary, exits with 143, and lets go of the folder', async () => {
    const place = await arena.place('daily');
    const run = startCli([...REFRESH, '--full-rebuild', ...place.args], place.env);
    await run.said(/RUNNING BAR BUILDERS/);
    run.kill('SIGTERM');
    const end = await run.ended;
    expect([end.code, end.stdout]).toEqual([143, expect.stringContaining('DAILY REFRESH SUMMARY')]);
    expect((await readdir(path.dirname(place.dir))).sort()).toEqual(['logs', 'pg']);
    await keptOpen(place.dir, async () => {
      const runs = 'SELECT status, exit_code FROM ops_runs ORDER BY started_at DESC LIMIT 1';
      expect(await place.inspect((session) => session.query(runs))).toEqual([
        { status: 'interrupted', exit_code: 143 },
      ]);
      expect(await refreshHere(place)).toMatchObject({ code: 0 });
      expect(await place.inspect((session) => faultsOf(session, arena.undisturbed))).toEqual([]);
    });
    await place.drop();
  });

  it('on a full disk says so, and is finished once there is room', async (context) => {
    const disk = await mountTinyDisk('120m', arena.root);
    if (disk === null) return context.skip('mounting a small disk needs more rights');
    try {
      const template = await arena.place('daily');
      const dir = path.join(disk.dir, 'pg');
      copyFolder(template.dir, dir);
      const env = { DB_DIR: dir };
      // room for the rows, none for the next file of the log
      await disk.fill(20 << 20);
      const early = await refreshHere(template, env);
      expect([early.code, early.stderr]).toEqual([4, expect.stringContaining('20 MB are free, a write needs 128 MB')]);
      await disk.fill(256 * 1024);
      const end = await runCli([...REFRESH, ...template.args], env);
      expect([1, 4]).toContain(end.code);
      expect(end.stdout + end.stderr).toMatch(/No space left on device|ENOSPC|disk/i);
      await disk.resize('800m');
      await keptOpen(dir, async () => {
        expect(await refreshHere(template, env)).toMatchObject({ code: 0 });
        expect(await inFolder(dir, (db) => db.session((session) => faultsOf(session, arena.undisturbed)))).toEqual([]);
      });
      await template.drop();
    } finally {
      await disk.unmount();
    }
  });

  it('is possible after the making of the database itself was killed', async () => {
    const env = { DB_DIR: path.join(arena.root, 'killed-early', 'pg') };
    const run = startCli(['db', 'migrate'], env);
    await run.said(/Database: /);
    while (!(await readdir(env.DB_DIR).catch((): string[] => [])).includes('global')) await sleep(5);
    run.kill('SIGKILL');
    await run.ended;
    const end = await runCli(['db', 'migrate'], env);
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('Took over the lock of a run that is gone')]);
    const looked = await inFolder(env.DB_DIR, (db) =>
      db.session((session) => session.query('SELECT count(*) > 0 AS ok FROM dim_timeframe')),
    );
    expect(looked).toEqual([{ ok: true }]);
  });
});
