import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startCli } from './resilience/rig/cli-process.ts';
import { loadPage, MOST_PAGE_MB, takeTurns } from './resilience/rig/page-load.ts';
import { createWorld, type World } from './kit/world.ts';

/** EMAs that the small catalogue has. */
const EMAS = 'multi_tf:2,multi_tf:5';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// built by `make test` before the tests run
const isBuilt = existsSync(path.resolve(import.meta.dirname, '../../dashboard/dist/index.html'));

describe.skipIf(!isBuilt)('the page of an embedded database', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', days: 5 });
  });
  afterAll(() => world.drop());

  it('under clients that never stop asking leaves the database to every writer that asks once, in little memory', async () => {
    const dir = world.env['DB_DIR'] as string;
    const load = { unread: 60, slow: 40, steady: 4, regular: 1, ids: world.ids, emas: EMAS };
    const figures = await loadPage(dir, load, (traffic) => takeTurns(dir, 2, 4_000, traffic));
    expect(figures.result).toHaveLength(2);
    expect(figures.answered).toBeGreaterThan(0);
    // the system tells it on Linux
    if (process.platform === 'linux') expect(figures.mostMb).toBeLessThan(MOST_PAGE_MB);
  });

  it('leaves it to every command that needs it', async () => {
    const commands = [
      ['validator', 'history'],
      ['cli', 'sql', 'SELECT 1 AS one'],
      ['cli', 'db', 'migrate', '--log-dir', world.logDir],
      ['validator', 'check', '--as-of', '2024-06-28', '--profile', 'fast'],
    ] as const;
    const load = { unread: 0, slow: 0, steady: 3, regular: 1, ids: world.ids, emas: EMAS };
    const { result } = await loadPage(world.env['DB_DIR'] as string, load, async () => {
      const ends = [];
      for (const [app, ...words] of commands) ends.push(await startCli(words, world.env, app).ended);
      return ends;
    });
    // nothing is built here, which the check says with 1; a database that it cannot have would be 3
    expect(result.map(({ code }) => code)).toEqual([0, 0, 0, 1]);
    expect(result[3]?.stdout).toContain('Validation failed');
  });
});
