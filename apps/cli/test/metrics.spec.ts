import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInside } from './kit/run-inside.ts';
import { AS_OF, AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

describe.skipIf(!hasPostgres())('metrics of a run', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 40 });
    // 2 gaps, 3 rows with a high below their prices, a newest row without a close
    await world.use(async (session) => {
      await session.run(
        `DELETE FROM cmc_price_histories7 WHERE "timestamp"::date IN ('2024-05-30', '2024-06-10', '2024-06-11')`,
      );
      await session.run(
        `UPDATE cmc_price_histories7 SET high = least(open, close) * 0.9 WHERE "timestamp"::date IN ('2024-06-02', '2024-06-03', '2024-06-04')`,
      );
      await session.run(`UPDATE cmc_price_histories7 SET close = NULL WHERE "timestamp"::date = '2024-06-28'`);
    });
  });
  afterAll(() => world.drop());

  it('count what SQL counts: 2 gaps, 3 repairs, 1 reject, and every row written', async () => {
    const inside = { root: world.root, env: world.env, nowMs: AS_OF_MS };
    const ended = await runInside(['refresh', '--all', '--as-of', AS_OF], inside);
    expect(ended.code, ended.stderr).toBe(0);
    const [{ bars, emas }] = (await world.sql(
      `SELECT (SELECT count(*) FROM cmc_price_bars_1d) + (SELECT count(*) FROM cmc_price_bars_multi_tf_u) AS bars,
         (SELECT count(*) FROM cmc_ema_multi_tf_u) AS emas`,
    )) as [{ bars: number; emas: number }];
    expect(ended.stdout).toContain(`bars written ${bars}, EMAs written ${emas}, rows processed `);
    expect(ended.stdout).toContain('gaps flagged 2, repairs logged 3, rejects counted 1, backfills 0');
    const rejects = await runInside(['rejects', '--format', 'csv'], inside);
    expect(rejects.stdout).toMatch(/,cmc_price_bars_1d,\w+,1$/m);
    const gaps = await runInside(['gaps', '--list', '--format', 'csv'], inside);
    expect(gaps.stdout.split('\n').map((line) => line.split(',').at(-1))).toEqual(['missing_days', '1', '2', '']);
  });

  it('of rejects count each reject of a multi-day bar once', async () => {
    const inside = { root: world.root, env: world.env, nowMs: AS_OF_MS };
    await world.use(async (session) => {
      await session.run(
        `INSERT INTO cmc_price_bars_multi_tf_rejects (id, table_name, tf, bar_seq, "timestamp", violation_type, repair_action)
         SELECT id, t, '7D', 1, now(), 'high_lt_low', 'values_will_be_clamped' FROM (SELECT min(id) AS id FROM dim_assets) a,
           unnest(ARRAY['cmc_price_bars_multi_tf', 'cmc_price_bars_multi_tf_cal_iso', 'cmc_price_bars_multi_tf_cal_us']) t`,
      );
    });
    const counts = await runInside(['rejects', '--bars', '--format', 'csv'], inside);
    const ofBars = counts.stdout.split('\n').filter((line) => line.includes('high_lt_low'));
    expect(ofBars.map((line) => line.split(',').slice(1).join(' '))).toEqual([
      'cmc_price_bars_multi_tf high_lt_low 1',
      'cmc_price_bars_multi_tf_cal_iso high_lt_low 1',
      'cmc_price_bars_multi_tf_cal_us high_lt_low 1',
    ]);
    const list = await runInside(['rejects', '--bars', '--list', '--format', 'csv'], inside);
    expect(list.stdout.split('\n').filter((line) => line.includes('high_lt_low')).length).toBe(3);
  });
});
