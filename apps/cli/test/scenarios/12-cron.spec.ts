import { acquireRunLock, type DatabaseTarget } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedTables, hashTables } from '../kit/hash.ts';
import { taProcess } from '../kit/ta.ts';
import { AS_OF, createWorld, hasPostgres, type World } from '../kit/world.ts';
import { startCli } from '../resilience/rig/cli-process.ts';

describe.skipIf(!hasPostgres())('unattended runs (scenario 12)', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 20 });
  });
  afterAll(() => world.drop());

  it('an overlapping start exits with 3 and writes nothing; --wait-lock waits', async () => {
    const target: DatabaseTarget = { engine: 'postgres', url: world.url, source: 'test' };
    const request = { runId: 'first-run', command: 'refresh', waitMs: 0, nowMs: Date.now() };
    const lock = await acquireRunLock(target, request);
    const before = await world.use((session) => hashTables(session));
    const second = await taProcess(world, 'refresh --all');
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(/\[ERROR\] Another refresh is running \(run first-run, pid \d+, since \d{4}-/);
    expect(changedTables(before, await world.use((session) => hashTables(session)))).toEqual([]);
    const args = ['refresh', '--all', '--wait-lock', '100', '--as-of', AS_OF, '--log-dir', world.logDir];
    const waiting = startCli(args, world.env);
    await waiting.said(
      /\[INFO\] Another refresh is running \(run first-run, .*\); waiting for it, \d+ s of at most 100 s/,
    );
    await lock.release();
    expect(await waiting.ended).toMatchObject({ code: 0 });
  });

  it('without a terminal there is no colour, no progress bar and no question', async () => {
    const { code, stdout, stderr } = await taProcess(world, 'refresh --all --full-rebuild', { NO_COLOR: '' });
    expect(code).toBe(0);

    expect(stdout + stderr).not.toMatch(/\u001b|\r/);
    expect(stderr).toContain('[WARNING] Full rebuild processes entire history for 1 id(s)');
  });
});
