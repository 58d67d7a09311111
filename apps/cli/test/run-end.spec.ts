import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeTelegram } from './kit/fake-telegram.ts';
import { runInside } from './kit/run-inside.ts';
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
    const onWarning = (line: string) => void (line.includes('alert') && process.emit('SIGINT', 'SIGINT'));
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
    expect(stdout).toContain('validator check --profile fast --ids 1 --as-of 2024-09-02T00:00:00.000Z\n');
  });

  it('is listed no fewer than once', async () => {
    for (const limit of ['-1', '0', '1.5']) {
      const { code, stderr } = await runInside(['runs', 'list', '--limit', limit], inside());
      expect([code, stderr]).toEqual([2, expect.stringContaining('--limit: expected a whole number of at least 1')]);
    }
  });
});
