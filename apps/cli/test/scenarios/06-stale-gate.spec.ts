import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeTelegram } from '../kit/fake-telegram.ts';
import { logRecords, ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, LAST_DAY, type World } from '../kit/world.ts';

const HOUR_MS = 3_600_000;
const LAST_BAR_MS = Date.parse(`${LAST_DAY}T23:59:59.999Z`);

describe.skipIf(!hasPostgres())('the stale gate (scenario 6)', () => {
  let world: World;
  let fresh: number;
  let stale: number;
  beforeAll(async () => {
    world = await createWorld({ days: 40 });
    [fresh, stale] = world.ids as [number, number];
    // the newest bar of one id is 43 hours older than the other's
    await world.sql(
      `UPDATE cmc_price_histories7 SET "timestamp" = "timestamp" - interval '43 hours', timeclose = timeclose - interval '43 hours',
       timeopen = timeopen - interval '43 hours', timehigh = timehigh - interval '43 hours', timelow = timelow - interval '43 hours'
       WHERE id = ${stale}`,
    );
    expect((await ta(world, 'refresh --bars')).code).toBe(0);
  });
  afterAll(() => world.drop());

  const emaIds = async () =>
    (await world.sql<{ id: number }>('SELECT DISTINCT id FROM cmc_ema_multi_tf_u ORDER BY id')).map(({ id }) => id);
  const at = (hours: number) => new Date(LAST_BAR_MS + hours * HOUR_MS).toISOString();

  it('names the stale id in exactly these words, and refreshes the other', async () => {
    const ended = await ta(world, `refresh --emas --ids ${fresh},${stale} --as-of ${at(6)}`);
    expect(ended.code).toBe(0);
    const lines = ended.stdout.split('\n');
    expect(lines).toContain(`[WARNING] Bars stale for IDs: [${stale}]`);
    expect(lines).toContain(`  ${stale}: 2024-06-27T04:59:59.999Z, 49.0 h, stale`);
    expect(lines).toContain('[INFO] Run with --all to refresh bars first, or pass --skip-stale-check if intended');
    expect(lines).toContain('[INFO] Running EMAs for 1 ID(s) with fresh bars');
    // no clock of the past: the fresh one would lie ahead of it
    expect(lines).toContain('[INFO] History that ends in the past, such as a downloaded file? Add --skip-stale-check');
    expect(ended.stdout.indexOf('CHECKING BAR FRESHNESS')).toBeLessThan(ended.stdout.indexOf('RUNNING EMA REFRESHERS'));
    expect(await emaIds()).toEqual([fresh]);
    expect(logRecords(world).find(({ event }) => event === 'bars_stale')).toMatchObject({
      ...{ level: 'WARN', msg: `Bars stale for IDs: [${stale}]`, staleIds: [stale], thresholdHours: 48 },
    });
  });

  it.each([
    ['just below the threshold', '--staleness-hours 49.001', 1],
    ['at exactly the threshold', '--staleness-hours 49', 1],
    ['above the threshold', '--staleness-hours 48.999', 0],
  ])('%s', async (_, flag, freshCount) => {
    const ended = await ta(world, `emas --ids ${stale} --as-of ${at(6)} ${flag} --only v2`);
    expect(ended.stdout.includes('[OK] All 1 ID(s) have fresh bars')).toBe(freshCount === 1);
    expect(ended.code).toBe(freshCount === 1 ? 0 : 1);
  });

  it('no fresh id at all fails the component', async () => {
    const ended = await ta(world, `refresh --emas --as-of ${at(100)}`);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('no IDs with fresh bars');
    expect(ended.stdout).not.toContain('RUNNING EMA REFRESHERS');
    expect(ended.stdout).not.toContain('[INFO] Running EMAs for');
    // the two ways on, each of which is one
    const [way] = ended.stdout.split('\n').filter((line) => line.includes('ends in the past'));
    expect(way).toContain('Add --skip-stale-check,');
    const asOf = /--as-of \d{4}-\d\d-\d\d$/.exec(way as string)?.[0];
    expect(asOf).toBe(`--as-of ${LAST_DAY}`);
    expect((await ta(world, `refresh --emas --ids ${fresh} ${asOf} --dry-run`)).code).toBe(0);
    expect((await ta(world, `emas --only v2 --ids ${fresh} ${asOf}`)).stdout).toContain(
      '[OK] All 1 ID(s) have fresh bars',
    );
  });

  it('--skip-stale-check lets all pass, and does nothing without EMAs but say so', async () => {
    expect((await ta(world, `refresh --emas --skip-stale-check --as-of ${at(6)}`)).code).toBe(0);
    expect(await emaIds()).toEqual([fresh, stale].sort((a, b) => a - b));
    const bars = await ta(world, 'refresh --bars --skip-stale-check');
    expect(bars.stderr).toContain('[WARNING] --skip-stale-check has no effect');
  });

  it('the guide’s query and ta state stale find the same ids', async () => {
    const query = `SELECT id, last_src_ts, EXTRACT(EPOCH FROM (now() - last_src_ts)) / 3600 as staleness_hours
      FROM cmc_price_bars_1d_state WHERE EXTRACT(EPOCH FROM (now() - last_src_ts)) / 3600 > 48 ORDER BY staleness_hours DESC;`;
    const idsOf = (text: string) => (JSON.parse(text) as { id: number }[]).map(({ id }) => id);
    const sql = await ta(world, ['sql', query, '--format', 'json']);
    const state = await ta(world, `state stale --format json --exit-code --as-of ${new Date().toISOString()}`);
    expect(idsOf(sql.stdout)).toEqual([stale, fresh]);
    expect(idsOf(state.stdout)).toEqual([stale, fresh]);
    expect(state.code).toBe(1);
  });

  it('ta state stale judges by the clock of the run, and names assets without any bar', async () => {
    await world.sql(`INSERT INTO dim_assets (id, name) VALUES (4242, 'New'), (4243, 'Left out')`);
    await world.sql('UPDATE dim_assets SET is_active = false WHERE id = 4243');
    const listed = async (line: string) => {
      const rows = JSON.parse((await ta(world, `state stale --format json ${line}`)).stdout) as Record<
        string,
        unknown
      >[];
      return rows.map(({ id, staleness_hours: hours, reason }) => [id, hours, reason]);
    };
    expect(await listed(`--as-of ${at(6)}`)).toEqual([
      [4242, null, 'no_state'],
      [stale, 49, 'stale'],
    ]);
    expect(await listed(`--as-of ${at(6)} --hours 49 --ids ${stale},4243`)).toEqual([[4243, null, 'no_state']]);
    await world.sql('DELETE FROM dim_assets WHERE id IN (4242, 4243)');
  });

  it('a row in the far future hides nothing: its asset is ahead, not fresh', async () => {
    await world.sql(
      `CREATE TABLE first_day AS SELECT * FROM cmc_price_histories7 WHERE id = ${fresh} ORDER BY "timestamp" LIMIT 1`,
    );
    await world.sql(
      `UPDATE first_day SET "timestamp" = '2999-12-31T23:59:59.999Z', timeopen = '2999-12-31Z', timehigh = '2999-12-31T12:00Z', timelow = '2999-12-31T13:00Z', timeclose = '2999-12-31T23:59:59.999Z'`,
    );
    await world.sql('INSERT INTO cmc_price_histories7 SELECT * FROM first_day');
    const telegram = await fakeTelegram();
    try {
      const ended = await ta(world, `refresh --all --ids ${fresh} --as-of ${at(60)}`, telegram.env);
      expect(ended.code).toBe(1);
      expect(ended.stdout).toContain(`[WARNING] Bars stale for IDs: [${fresh}]`);
      expect(ended.stdout).toContain(`  ${fresh}: 2999-12-31T23:59:59.999Z, 60.0 h, ahead`);
      expect(ended.stdout).not.toContain('completed successfully');
      expect(telegram.received.map(({ text }) => text).join()).toMatch(/Bars stale[^]*id \d+: ahead, newest bar/);
      const state = await ta(world, `state stale --format json --as-of ${at(6)}`);
      expect(JSON.parse(state.stdout)).toMatchObject([
        { id: stale, reason: 'stale' },
        { id: fresh, reason: 'ahead', last_src_ts: '2999-12-31T23:59:59.999Z', staleness_hours: 6 },
      ]);
    } finally {
      await telegram.close();
      await world.sql(`DELETE FROM cmc_price_histories7 WHERE "timestamp" > '2999-01-01'`);
    }
    expect((await ta(world, `refresh --all --ids ${fresh} --as-of ${at(6)}`)).code).toBe(0);
  });
});
