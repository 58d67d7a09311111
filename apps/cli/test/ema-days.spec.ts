import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../libs/pipeline/test/content-digest.ts';
import { changedEmas } from '../../../libs/pipeline/test/ema-edits.ts';
import { corruptV2States } from './kit/corrupt-ema-state.ts';
import { runInside } from './kit/run-inside.ts';
import { AS_OF, AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

describe.skipIf(!hasPostgres())('days and judgement of ta emas', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 60 });
    expect((await run('refresh --bars')).code).toBe(0);
  });
  afterAll(() => world.drop());

  const run = (line: string) =>
    runInside([...line.split(' '), '--as-of', AS_OF], { root: world.root, env: world.env, nowMs: AS_OF_MS });
  const good = async (line: string) => {
    const ended = await run(line);
    expect(ended.code, ended.stderr).toBe(0);
    return ended;
  };
  const digest = () =>
    world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));
  const lastDays = () =>
    world.sql<{ source: string; last: string }>(
      `SELECT alignment_source::text AS source, max(ts)::date::text AS last FROM cmc_ema_multi_tf_u GROUP BY 1 ORDER BY 1`,
    );
  const written = async (line: string) => {
    const { stdout } = await good(`${line} --json`);
    return (JSON.parse(stdout) as { counts: { emasWritten: number } }).counts.emasWritten;
  };
  /** How many rows `cmc_ema_multi_tf` has at the instants that fit. */
  const emasOf = async (ts: string) =>
    (await world.sql<{ n: number }>(`SELECT count(*) AS n FROM cmc_ema_multi_tf WHERE ts ${ts}`))[0]?.n;
  /** Compares with a build from nothing. */
  const expectFullBuild = async () => {
    const before = await digest();
    await good('emas --full-rebuild');
    const after = await digest();
    for (const id of world.ids) expect(differingTables(before.get(id) as never, after.get(id) as never)).toEqual([]);
  };

  it('--end takes in no later day, and the next run goes on from there as if nothing had been', async () => {
    await good('emas --end 2024-06-10');
    expect(new Set((await lastDays()).map(({ last }) => last))).toEqual(new Set(['2024-06-10']));
    expect(await written('emas --end 2024-06-10')).toBe(0);
    await good('emas');
    expect(new Set((await lastDays()).map(({ last }) => last))).toEqual(new Set(['2024-06-28']));
    await expectFullBuild();
  });

  it('--end before what is there takes nothing back, unless all is rebuilt', async () => {
    expect(await written('emas --end 2024-06-01')).toBe(0);
    expect((await lastDays())[0]?.last).toBe('2024-06-28');
    await good('emas --end 2024-06-01 --full-rebuild');
    expect(new Set((await lastDays()).map(({ last }) => last))).toEqual(new Set(['2024-06-01']));
    await good('emas');
    await expectFullBuild();
  });

  it('--end before the first bar does nothing', async () => {
    expect(await written('emas --end 2020-01-01')).toBe(0);
    expect((await lastDays())[0]?.last).toBe('2024-06-28');
  });

  it('--start computes from that day on again, replaces the rows that were damaged, and none before', async () => {
    const rowsBefore = `SELECT md5(string_agg(r::text, '' ORDER BY r.series, r.ts)) AS h
      FROM ema_rows r JOIN ema_series s ON s.series = r.series WHERE s.alignment_source = 'multi_tf' AND r.ts < '2024-06-20Z'`;
    const damaged = { table: 'cmc_ema_multi_tf', ts: `> '2024-06-20Z'` };
    await world.sql(changedEmas(damaged, 'ema', (ema) => `${ema} * 2`));
    const before = await world.sql(rowsBefore);
    const forecast = await good('emas --start 2024-06-20 --dry-run');
    expect(forecast.stdout).toContain('[DRY RUN] v2: ta emas --only v2 --ids all --as-of');
    expect(forecast.stdout).toContain('ids: 1 (full: 0, incremental: 0, backfill: 1, up-to-date: 0)');
    expect(await written('emas --start 2024-06-20')).toBe(await emasOf(damaged.ts));
    expect(await world.sql(rowsBefore)).toEqual(before);
    await expectFullBuild();
    expect(await written('emas --start 2025-01-01')).toBe(0);
  });

  it('--start and --end together replace what differs, and leave the days beyond as they are stored', async () => {
    const day = `BETWEEN '2024-06-03Z' AND '2024-06-04Z'`;
    await world.sql(changedEmas({ table: 'cmc_ema_multi_tf', ts: day }, 'ema', (ema) => `${ema} * 2`));
    expect(await written('emas --start 2024-06-01 --end 2024-06-05')).toBe(await emasOf(day));
    expect(await written('emas --start 2024-06-01 --end 2024-06-05')).toBe(0);
    await expectFullBuild();
  });

  it('--no-validate-output writes what is out of bounds without a word, and judges again without it', async () => {
    const behindWithCorruptState = async () => {
      await good('emas --only v2 --full-rebuild --no-validate-output --end 2024-06-27');
      await corruptV2States(world, world.ids[0] as number);
    };
    await behindWithCorruptState();
    const unjudged = await good('emas --only v2 --no-validate-output');
    expect(unjudged.stderr).not.toContain('EMA validation failed');
    expect(await world.sql('SELECT 1 FROM ema_rejects')).toEqual([]);
    await behindWithCorruptState();
    const judged = await good('emas --only v2');
    expect(judged.stderr).toContain('EMA validation failed: price bounds violated');
    const [{ n }] = (await world.sql('SELECT count(*) AS n FROM ema_rejects')) as [{ n: number }];
    expect(n).toBeGreaterThan(0);
    await good('emas --only v2 --full-rebuild --no-validate-output');
    expect(await world.sql('SELECT count(*) AS n FROM ema_rejects')).toEqual([{ n }]);
  });
});
