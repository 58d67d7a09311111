import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPage } from './resilience/rig/page-load.ts';
import { createWorld, type World } from './kit/world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// built by `make test` before the tests run
const isBuilt = existsSync(path.resolve(import.meta.dirname, '../../dashboard/dist/index.html'));

describe.skipIf(!isBuilt)('the page of an embedded database', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', days: 30 });
  });
  afterAll(() => world.drop());

  it('under clients that never stop asking leaves the database to every writer that asks once', async () => {
    const plan = { unread: 10, slow: 5, steady: 4, writers: 2, lengthMs: 1_000 };
    const figures = await loadPage(world.env['DB_DIR'] as string, world.ids[0] as number, plan);
    expect(figures.waitsMs).toHaveLength(2);
    expect(figures.answered).toBeGreaterThan(0);
  });
});
