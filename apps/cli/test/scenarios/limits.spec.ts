import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corruptV2States } from '../kit/corrupt-ema-state.ts';
import { ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, type World } from '../kit/world.ts';

describe.skipIf(!hasPostgres())('time limits and strict runs', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ days: 60, badRows: { everyDays: 15 } });
  });
  afterAll(() => world.drop());

  it('--timeout-bars ends the bars within seconds, rolls back what is in flight, and the EMAs do not run', async () => {
    await world.use(async (session) => {
      await session.run(
        `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3600); RETURN NEW; END $$`,
      );
      await session.run(
        `CREATE TRIGGER dawdle BEFORE INSERT ON cmc_price_bars_1d FOR EACH ROW EXECUTE FUNCTION dawdle()`,
      );
    });
    const ended = await ta(world, 'refresh --all --timeout-bars 2 --json');
    await world.sql('DROP FUNCTION dawdle CASCADE');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('[TIMEOUT] bars: timed out after 2s');
    expect(ended.stderr).toMatch(/- bars: \d+\.\ds \(Timed out after 2s\)/);
    expect(ended.stderr).toContain('[STOPPED] Bar builders failed');
    const { components } = JSON.parse(ended.stdout) as { components: { status: string }[] };
    expect(components.map(({ status }) => status)).toEqual(['timeout', 'skipped']);
    expect(await world.sql('SELECT id FROM cmc_price_bars_1d_state')).toEqual([]);
  });

  it('--fail-on-rejects keeps the bars and fails the run', async () => {
    const ended = await ta(world, 'bars --fail-on-rejects');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/\[FAILED\] Failed builders:\n {2}- 1d: \d+\.\ds \(\d+ rejects\)/);
    expect((await world.sql('SELECT 1 FROM cmc_price_bars_1d LIMIT 1')).length).toBe(1);
    expect((await ta(world, 'bars --fail-on-rejects')).code).toBe(0);
  });

  it('--fail-on-validation fails on EMAs out of bounds, which are stored and told either way', async () => {
    const id = world.ids[0] as number;
    expect((await ta(world, 'refresh --all')).code).toBe(0);
    const behindWithCorruptState = async () => {
      expect((await ta(world, `emas --only v2 --full-rebuild --end 2024-06-27`)).code).toBe(0);
      await corruptV2States(world, id);
    };
    await behindWithCorruptState();
    const calm = await ta(world, 'emas --only v2');
    expect(calm.stderr).toContain(`EMA validation failed: price bounds violated for id ${id} (`);
    expect(calm.stderr).toContain(`see ema_rejects (ta rejects --emas --ids ${id})`);
    expect(calm.code).toBe(0);
    const rejects = await ta(world, `rejects --emas --ids ${id} --by tf --format json`);
    expect((JSON.parse(rejects.stdout) as { reject_count: number }[])[0]?.reject_count).toBeGreaterThan(0);
    const query =
      'SELECT id, COUNT(*) as reject_count FROM cmc_ema_multi_tf_v2_rejects GROUP BY id ORDER BY reject_count DESC;';
    expect((await ta(world, ['sql', query, '--format', 'csv'])).stdout).toMatch(new RegExp(`^id,reject_count\n${id},`));
    await behindWithCorruptState();
    const strict = await ta(world, 'emas --only v2 --fail-on-validation');
    expect(strict.stdout).toMatch(/\[FAILED\] Failed refreshers:\n {2}- v2: \d+\.\ds \(\d+ rejects\)/);
    expect(strict.code).toBe(1);
  });

  it('--log-level error leaves errors and the summary, --quiet warnings too', async () => {
    const calm = await ta(world, 'refresh --all --log-level error --full-rebuild');
    expect(calm.stderr).not.toMatch(/\[WARNING\]|\[INFO\]|Database:/);
    expect(calm.stdout).toMatch(/^={70}\nDAILY REFRESH SUMMARY/);
    const quiet = await ta(world, 'refresh --all --quiet --full-rebuild');
    expect(quiet.stderr).toContain('[WARNING] Full rebuild');
    expect(quiet.stdout).toMatch(/^={70}\nDAILY REFRESH SUMMARY/);
  });
});
