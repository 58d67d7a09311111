import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, type World } from '../kit/world.ts';

describe.skipIf(!hasPostgres())('adding an asset (scenario 5)', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 30 });
  });
  afterAll(() => world.drop());

  it('an id that is not in dim_assets is a usage error', async () => {
    const ended = await ta(world, 'refresh --all --ids 1234');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('Unknown asset ids: [1234] (not in dim_assets)');
  });

  it('once it is there with prices, it is built, counted and part of all', async () => {
    await world.use(async (session) => {
      await session.run(`INSERT INTO dim_assets (id, name) VALUES (1234, 'New')`);
      await session.run(
        `INSERT INTO cmc_price_histories7 (id, "timestamp", name, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap)
         SELECT 1234, "timestamp", 'New', timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap FROM cmc_price_histories7`,
      );
    });
    expect((await ta(world, 'refresh --all --ids 1234')).code).toBe(0);
    for (const table of ['cmc_price_bars_1d', 'cmc_ema_multi_tf_u']) {
      const counted = await ta(world, ['sql', `SELECT COUNT(*) FROM ${table} WHERE id = 1234;`, '--format', 'json']);
      expect(counted.code, counted.stderr).toBe(0);
      expect((JSON.parse(counted.stdout) as [{ count: number }])[0].count).toBeGreaterThan(0);
    }
    const shown = await ta(world, 'state show --ids 1234 --format csv');
    expect(shown.stdout).toMatch(/^id,last_src_ts,.*\n1234,2024-06-28T23:59:59\.999Z,/);
    const counts = await ta(world, 'state show --ids 1234 --counts --format json');
    expect(JSON.parse(counts.stdout)).toMatchObject([{ id: 1234, bars_1d: 30 }]);
    const all = await ta(world, 'refresh --all --ids all --json');
    expect((JSON.parse(all.stdout) as { ids: number[] }).ids).toEqual([...world.ids, 1234].sort((a, b) => a - b));
  });
});
