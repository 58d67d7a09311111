import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runInside, type Ended } from './kit/run-inside.ts';
import { createWorld, hasPostgres, type World } from './kit/world.ts';
import { startCli } from './resilience/rig/cli-process.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe('`ta db backup`', () => {
  let world: World;
  let dir: string;
  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', days: 30 });
    dir = world.env['DB_DIR'] as string;
  });
  afterAll(() => world.drop());
  const at = (name: string) => path.join(world.root, name);
  const ta = (words: readonly string[], env = world.env): Promise<Ended> =>
    runInside([...words], { root: world.root, env });
  const countIn = (folder: string) =>
    ta(['sql', 'SELECT count(*) AS n FROM cmc_price_histories7', '--format', 'csv'], { ...world.env, DB_DIR: folder });

  it('makes a copy that is a database with every row, for its user alone', async () => {
    const end = await ta(['db', 'backup', 'backups/first']);
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('Database: PGlite')]);
    expect(end.stdout).toMatch(/^\[OK\] Backup: .*backups\/first, \d+ tables with \d+ rows, all of them read\n/);
    const own = await countIn(dir);
    expect(await countIn(at('backups/first'))).toMatchObject({ code: 0, stdout: own.stdout });
    expect(statSync(at('backups/first')).mode & 0o777).toBe(0o700);
    expect(readdirSync(at('backups'))).toEqual(['first']);
  });

  it('is restored by copying it back, also after a run has changed the database', async () => {
    await world.sql('CREATE TABLE made_later AS SELECT 1 AS x');
    const restored = at('restored');
    cpSync(at('backups/first'), restored, { recursive: true });
    const gone = await ta(['sql', 'TABLE made_later'], { ...world.env, DB_DIR: restored });
    expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('made_later')]);
    expect((await ta(['db', 'migrate'], { ...world.env, DB_DIR: restored })).code).toBe(0);
  });

  it('copies what a killed run left, and through a link', async () => {
    const run = startCli(['db', 'migrate', '--log-dir', world.logDir], world.env);
    await run.said(/Database: /);
    run.kill('SIGKILL');
    await run.ended;
    symlinkSync(dir, at('link'));
    const end = await ta(['db', 'backup', 'backups/second'], { ...world.env, DB_DIR: at('link') });
    expect([end.code, lstatSync(at('backups/second')).isDirectory()]).toEqual([0, true]);
  });

  it('killed in the middle leaves nothing under the name, and is made by the next one', async () => {
    const place = at('backups/third');
    const run = startCli(['db', 'backup', place], world.env);
    const unfinished = at('backups/.third.unfinished');
    let isOver = false;
    const ended = run.ended.finally(() => (isOver = true));
    while (!existsSync(path.join(unfinished, 'global')) && !isOver) await sleep(2);
    run.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    expect([existsSync(place), existsSync(unfinished)]).toEqual([false, true]);
    expect((await ta(['db', 'backup', place])).code).toBe(0);
    expect([existsSync(unfinished), (await countIn(place)).code]).toEqual([false, 0]);
  });

  it('replaces nothing, and leaves nothing of a copy that cannot be opened', async () => {
    const taken = await ta(['db', 'backup', 'backups/first']);
    expect([taken.code, taken.stderr]).toEqual([4, expect.stringContaining('exists already')]);
    const inside = await ta(['db', 'backup', path.join(dir, 'copy')]);
    expect([inside.code, inside.stderr]).toEqual([4, expect.stringContaining('lies in the database itself')]);
    const damaged = at('damaged');
    cpSync(at('backups/first'), damaged, { recursive: true });
    writeFileSync(path.join(damaged, 'global/pg_control'), '');
    const end = await ta(['db', 'backup', 'backups/none'], { ...world.env, DB_DIR: damaged });
    expect(end.code).toBe(4);
    expect(readdirSync(at('backups')).filter((name) => name.includes('none'))).toEqual([]);
  });

  it('refuses a place that cannot be in one message, and leaves nothing', async () => {
    writeFileSync(at('file'), 'mine');
    symlinkSync(at('nowhere'), at('dangling'));
    const before = readdirSync(world.root);
    const places = [
      'file',
      'file/copy',
      'x'.repeat(250),
      'x'.repeat(300),
      `${'x/'.repeat(3000)}x`,
      'dangling',
      '/proc/copy',
    ];
    for (const place of places) {
      const end = await ta(['db', 'backup', place]);
      expect([place.slice(0, 20), end.code]).toEqual([place.slice(0, 20), 4]);
      expect(end.stderr).toMatch(/\[ERROR\] .*\n {2}Name a folder that does not exist yet/);
      expect(end.stderr).not.toMatch(/\b(ENOTDIR|EISDIR|ENAMETOOLONG|ENOENT|EACCES)\b/);
    }
    expect(readdirSync(world.root)).toEqual(before);
  });

  it('waits for nobody unless told, and names who has the database', async () => {
    const { acquireRunLock } = await import('@ta/state-store');
    const request = { runId: 'busy-run', command: 'test', waitMs: 0, nowMs: Date.now() };
    const lock = await acquireRunLock({ engine: 'pglite', dir, source: 'test' }, request);
    const end = await ta(['db', 'backup', 'backups/busy']);
    await lock.release();
    expect([end.code, end.stderr]).toEqual([3, expect.stringContaining('busy-run')]);
    mkdirSync(at('backups/empty'));
    expect((await ta(['db', 'backup', 'backups/empty'])).code).toBe(0);
  });

  it.skipIf(!hasPostgres())('names pg_dump for a server', async () => {
    const server = await createWorld({ engine: 'postgres', days: 1 });
    const end = await runInside(['db', 'backup', 'x'], { root: server.root, env: server.env });
    await server.drop();
    expect([end.code, end.stderr]).toEqual([2, expect.stringContaining('pg_dump')]);
    expect(await ta(['db', 'backup'])).toMatchObject({ code: 2 });
    expect(await ta(['db', 'status', 'x'])).toMatchObject({ code: 2 });
  });
});
