import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeTelegram } from './kit/fake-telegram.ts';
import { runInside } from './kit/run-inside.ts';
import { startCli } from './resilience/rig/cli-process.ts';
import { AS_OF_MS, createWorld, FEW_TIMEFRAMES, type World } from './kit/world.ts';

describe('the end of a run', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({
      engine: 'pglite',
      ids: [1],
      days: 20,
      timeframes: FEW_TIMEFRAMES,
      isKeptOpen: true,
    });
  });
  afterAll(() => world.drop());
  const inside = (env: Readonly<Record<string, string>> = {}, nowMs = AS_OF_MS) => ({
    root: world.root,
    env: { ...world.env, ...env },
    nowMs,
  });

  it('is not called interrupted by a signal that came when all its work was done', async () => {
    const telegram = await fakeTelegram();
    const others = new Set(process.listeners('SIGINT'));
    let isStruck = false;
    // as a signal would, but for the run alone: this process has other listeners, and a second signal ends it
    const onWarning = (line: string) => {
      if (isStruck || !line.includes('alert')) return;
      isStruck = true;
      for (const listener of process.listeners('SIGINT')) if (!others.has(listener)) listener('SIGINT');
    };
    telegram.answerNext({ status: 403, body: { ok: false, error_code: 403, description: 'Forbidden' } });
    const env = { ...telegram.env, TELEGRAM_MIN_SEVERITY: 'INFO' };
    const ended = await runInside(['refresh', '--all'], { ...inside(env), onWarning });
    await telegram.close();
    expect(ended.stderr).toContain('SIGINT received');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('[OK] All components completed successfully!');
    expect(ended.stdout).not.toContain('[STOPPED]');
  });

  it('with --log-level error does not warn of bars that are stale', async () => {
    const ended = await runInside(['refresh', '--all', '--log-level', 'error', '--as-of', '2024-09-01'], inside());
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^={70}\nDAILY REFRESH SUMMARY/);
    expect(ended.stderr).toBe('');
  });

  it('is resumed with the commands that --dry-run shows', async () => {
    const line = 'refresh --all --ids 1 --full-rebuild --on-backfill warn --as-of 2024-09-01';
    expect((await runInside(line.split(' '), inside({}, AS_OF_MS + 60_000))).code).toBe(1);
    const { stdout } = await runInside(['refresh', '--resume', '--dry-run', '--validate'], inside());
    const asked = '--ids 1 --full-rebuild --as-of 2024-09-02T00:00:00.000Z';
    expect(stdout).toContain(`ta bars --builders 1d ${asked} --on-backfill warn\n`);
    expect(stdout).toContain(`ta emas --only cal ${asked}`);
    expect(stdout).toContain('IDs: 1 (1 id(s))\n');
    expect(stdout).toContain('validator check --profile fast --ids 1 --seed 19968 --as-of 2024-09-02T00:00:00.000Z\n');
  });

  it('leaves nothing of a dry run that could not copy the database', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ta-run-end-'));
    const dir = path.join(folder, 'pg');
    mkdirSync(dir);
    execFileSync('mkfifo', [path.join(dir, 'no-file')]);
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    const ended = await runInside(['refresh', '--all', '--dry-run'], inside({ DB_DIR: dir }));
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    expect(readdirSync(folder)).toEqual(['pg']);
    rmSync(folder, { recursive: true });
    expect(ended.stderr).toMatch(/\[WARNING\] The embedded database could not be copied .*; plan without counts/);
    expect(ended.code).toBe(0);
  });

  it('leaves nothing of a dry run that is told to end', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ta-run-end-'));
    const dir = path.join(folder, 'pg');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'PG_VERSION'), '');
    const run = startCli(['refresh', '--all', '--dry-run'], { TA_HOME: folder, DB_DIR: dir, TMPDIR: folder });
    const watcher = watch(folder, (_, name) => {
      if (name?.startsWith('ta-dry-run-') === true) run.kill('SIGINT');
    });
    expect((await run.ended).code).toBe(130);
    watcher.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('ta-dry-run-'))).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('keeps logs as LOG_RETENTION_DAYS says, after a demo too', async () => {
    const old = path.join(world.root, '.logs', 'refresh-2020-01-01.log');
    mkdirSync(path.dirname(old), { recursive: true });
    writeFileSync(old, '');
    const ended = await runInside(['demo', '--days', '10'], inside({ LOG_RETENTION_DAYS: '0' }));
    expect(ended.code, ended.stderr).toBe(0);
    expect(existsSync(old)).toBe(true);
  });

  it('is listed no fewer than once', async () => {
    for (const limit of ['-1', '0', '1.5']) {
      const { code, stderr } = await runInside(['runs', 'list', '--limit', limit], inside());
      expect([code, stderr]).toEqual([2, expect.stringContaining('--limit: expected a whole number of at least 1')]);
    }
  });
});
