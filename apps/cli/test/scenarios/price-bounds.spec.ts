import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corruptV2States } from '../kit/corrupt-ema-state.ts';
import { fakeTelegram, type FakeTelegram } from '../kit/fake-telegram.ts';
import { ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, type World } from '../kit/world.ts';

interface Reject {
  readonly violation_type: string;
  readonly ema_value: number;
  readonly bounds_info: { readonly price_min: number; readonly price_max: number };
}

describe.skipIf(!hasPostgres())('EMAs outside their price bounds', () => {
  let world: World;
  let telegram: FakeTelegram;
  let id: number;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 40 });
    id = world.ids[0] as number;
    telegram = await fakeTelegram();
  });
  afterAll(async () => {
    await telegram.close();
    await world.drop();
  });

  const v2Rows = () =>
    world.sql(
      `SELECT md5(string_agg(concat(ts, tf, period, ema), '' ORDER BY ts, tf, period)) AS h FROM cmc_ema_multi_tf_v2`,
    );

  it('a spike of the source is none: an EMA stays between the closes it is made of', async () => {
    await world.sql(
      `UPDATE cmc_price_histories7 SET close = close * 3, high = high * 3 WHERE "timestamp"::date = '2024-06-10'`,
    );
    const ended = await ta(world, 'refresh --all');
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('EMA validation failed')]);
  });

  it('a corrupt state is found, told, recorded with its bounds, and mended by a rebuild', async () => {
    await world.sql('CREATE TABLE kept AS SELECT * FROM cmc_price_histories7');
    await world.sql(`DELETE FROM cmc_price_histories7 WHERE "timestamp" > '2024-06-27Z'`);
    expect((await ta(world, 'refresh --all --as-of 2024-06-27')).code).toBe(0);
    await corruptV2States(world, id);
    await world.sql('INSERT INTO cmc_price_histories7 SELECT * FROM kept ON CONFLICT DO NOTHING');
    const ended = await ta(world, 'refresh --all', telegram.env);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(`EMA validation failed: price bounds violated for id ${id} (`);
    expect(ended.stderr).toContain(`see ema_rejects (ta rejects --emas --ids ${id})`);
    const listed = await ta(world, `rejects --emas --ids ${id} --list --format json`);
    const rejects = JSON.parse(listed.stdout) as Reject[];
    expect(rejects.length).toBeGreaterThan(0);
    for (const { violation_type: type, ema_value: ema, bounds_info: bounds } of rejects) {
      expect(type).toBe('out_of_price_bounds');
      expect(ema < bounds.price_min || ema > bounds.price_max).toBe(true);
    }
    const [whole] = await world.sql(
      `SELECT count(*)::int AS n FROM ema_rejects r JOIN cmc_price_bars_1d d ON d.id = r.id AND d."timestamp" = r."timestamp" AND d.close = r.source_bar_close
       JOIN cmc_ema_multi_tf_u e ON e.id = r.id AND e.tf = r.tf AND e.period = r.period AND e.ts = r."timestamp" AND e.alignment_source = r.alignment_source
         AND e.ema = r.ema_value`,
    );
    expect(whole).toEqual({ n: rejects.length });
    const counted = await ta(world, `rejects --emas --by type --format csv`);
    expect(counted.stdout).toBe(`id,violation_type,reject_count\n${id},out_of_price_bounds,${rejects.length}\n`);
    expect(telegram.received.map(({ text }) => text.split('\n')[0])).toEqual([
      '🟠 <b>[ERROR] EMA validation failed: price bounds violated</b>',
    ]);
    const wrong = await v2Rows();
    expect((await ta(world, `refresh --all --full-rebuild --ids ${id}`)).code).toBe(0);
    expect(await world.sql('SELECT 1 FROM ema_rejects')).toEqual([]);
    expect(await v2Rows()).not.toEqual(wrong);
  });
});
