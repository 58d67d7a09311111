import { readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedTables, hashTables, RECORDS } from './kit/hash.ts';
import { runInside, type Ended } from './kit/run-inside.ts';
import { AS_OF, AS_OF_MS, createWorld, hasPostgres, type World } from './kit/world.ts';

describe.skipIf(!hasPostgres())('flags of refresh, bars and emas', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ days: 30 });
  });
  afterAll(() => world.drop());

  const run = (line: string): Promise<Ended> =>
    runInside([...line.split(' '), '--as-of', AS_OF], { root: world.root, env: world.env, nowMs: AS_OF_MS });
  /** Every table; packed EMAs under the names of the contract. */
  const hash = () =>
    world.use(async (session) => {
      const tables = await hashTables(session, [
        ...RECORDS,
        '%changes',
        '%_state',
        '%_revisions',
        'ema_rows%',
        'ema_series',
        'bar_series',
      ]);
      const emas = await session.query<{ name: string; h: string }>(
        `SELECT 'cmc_ema_' || s.alignment_source AS name, md5(string_agg(r::text, '' ORDER BY r.id, r.series, r.ts)) AS h
         FROM ema_rows r JOIN ema_series s ON s.series = r.series GROUP BY 1`,
      );
      return { ...tables, ...Object.fromEntries(emas.map(({ name, h }) => [name, h])) };
    });
  /** Tables of rows that a command changed. */
  const touched = async (line: string): Promise<string[]> => {
    const before = await hash();
    const ended = await run(line);
    expect(ended.code, ended.stderr).toBe(0);
    return changedTables(before, await hash());
  };

  it('--builders runs the named ones in canonical order, --skip leaves one out', async () => {
    expect(await touched('bars --builders multi_tf,1d')).toEqual(['bar_rows_multi_tf', 'cmc_price_bars_1d']);
    const rest = await touched('bars --skip cal_us');
    expect(rest).toContain('bar_rows_cal_anchor_us');
    expect(rest).not.toContain('bar_rows_cal_us');
    expect(await touched('refresh --bars')).toEqual(['bar_rows_cal_us']);
  });

  it.each([
    ['emas --only multi_tf', ['cmc_ema_multi_tf']],
    ['emas --only cal --cal-scheme iso', ['cmc_ema_multi_tf_cal_iso']],
    ['emas --only cal', ['cmc_ema_multi_tf_cal_us']],
    ['emas --only cal_anchor --anchor-scheme us', ['cmc_ema_multi_tf_cal_anchor_us']],
    ['emas --only cal_anchor', ['cmc_ema_multi_tf_cal_anchor_iso']],
    ['refresh --emas --only v2', ['cmc_ema_multi_tf_v2']],
    ['refresh --emas', []],
  ])('ta %s touches its tables only', async (line, tables) => {
    expect(await touched(line)).toEqual(tables);
  });

  it('--ids and --full-rebuild rebuild that id alone, to the same rows', async () => {
    const [id, other] = world.ids as [number, number];
    const stamp = (of: number) => world.sql(`SELECT full_built_at FROM cmc_price_bars_1d_state WHERE id = ${of}`);
    const before = [await stamp(id), await stamp(other)];
    const rows = () =>
      world.sql(
        `SELECT md5(string_agg(concat(id, ts, tf, period, ema, roll), '' ORDER BY id, alignment_source, ts, tf, period)) AS h FROM cmc_ema_multi_tf_u`,
      );
    const values = await rows();
    const ended = await run(`refresh --all --full-rebuild --ids ${id},,${id},`);
    expect(ended.stderr).toContain(`[INFO] Duplicate ids ignored: [${id}]`);
    expect(ended.stderr).toContain('[WARNING] Full rebuild processes entire history for 1 id(s)');
    expect(await stamp(id)).not.toEqual(before[0]);
    expect(await stamp(other)).toEqual(before[1]);
    expect(await rows()).toEqual(values);
  });

  it('one disjoint run after the other is the same as one run', async () => {
    const rows = () =>
      world.use((session) =>
        hashTables(session, [...RECORDS, '%changes', '%_state', '%_revisions', '%bars%', 'bar_rows%', 'ema_rows%']),
      );
    const [id, other] = world.ids as [number, number];
    await run(`refresh --all --full-rebuild --ids ${id}`);
    await run(`refresh --all --full-rebuild --ids ${other}`);
    const apart = await rows();
    await run('refresh --all --full-rebuild');
    expect(await rows()).toEqual(apart);
  });

  it('--verbose prints a line per id and step, and nothing does without', async () => {
    const line = new RegExp(`^\\d\\d:\\d\\d:\\d\\d DEBUG: \\[bars/1d\\] id ${world.ids[0]}: noop`, 'm');
    expect((await run('refresh --bars --verbose')).stdout).toMatch(line);
    expect((await run('refresh --bars --log-level debug')).stdout).toMatch(line);
    expect((await run('refresh --bars')).stdout).not.toMatch(line);
    const nx = { root: world.root, env: { ...world.env, NX_VERBOSE_LOGGING: 'true' }, nowMs: AS_OF_MS };
    expect((await runInside(['refresh', '--bars'], nx)).stdout).toMatch(line);
  });

  it('--verbose shows the stack of a failure, and nothing does without', async () => {
    await world.sql('ALTER TABLE bar_rows_cal_us RENAME TO hidden');
    const [verbose, plain] = [await run('bars --full-rebuild --verbose'), await run('bars --full-rebuild')];
    await world.sql('ALTER TABLE hidden RENAME TO bar_rows_cal_us');
    expect([verbose.code, plain.code]).toEqual([1, 1]);
    expect(verbose.stdout).toMatch(/ERROR: \[bars\/cal_us\] id \d+: failed\n(.*\n)+ +at /);
    expect(plain.stdout + plain.stderr).not.toMatch(/\n\s+at /);
    expect((await run('bars')).code).toBe(0);
  });

  it('says what is redundant or without effect', async () => {
    expect((await run('refresh --all --bars')).stderr).toContain('[WARNING] redundant target flag');
    expect((await run('refresh --all --skip-stale-check --staleness-hours 3')).stderr).toContain('is ignored');
  });

  it('drops unknown ids where that is wished', async () => {
    const ended = await run(`refresh --all --ids 999999,${world.ids[0]} --allow-unknown-ids`);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('[WARNING] Unknown asset ids: [999999] (not in dim_assets); dropped');
  });

  it('all is every active asset, and a named inactive one is processed', async () => {
    const [id, other] = world.ids as [number, number];
    await world.sql(`UPDATE dim_assets SET is_active = false WHERE id = ${id}`);
    const idsOf = async (line: string) => (JSON.parse((await run(line)).stdout) as { ids: number[] }).ids;
    expect(await idsOf('refresh --all --json')).toEqual([other]);
    expect(await idsOf(`refresh --all --json --ids ${id}`)).toEqual([id]);
    await world.sql('UPDATE dim_assets SET is_active = false');
    const none = await run('refresh --all');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('[ERROR] No active assets in dim_assets')]);
    expect(none.stderr).toContain(`are inactive (is_active): name those to refresh, e.g. --ids ${id}`);
    expect(none.stderr).not.toContain('Import prices');
    await world.sql('UPDATE dim_assets SET is_active = true');
  });

  it('an id without source rows is a warning, not a failure', async () => {
    await world.sql(`INSERT INTO dim_assets (id, name) VALUES (4242, 'Empty')`);
    const ended = await run('refresh --bars --ids 4242');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('[WARNING] id 4242 has no rows in cmc_price_histories7');
    expect(ended.stdout).toContain('no_source 1');
    await world.sql('DELETE FROM dim_assets WHERE id = 4242');
  });

  it('prices without an asset are named by every run of all, however well it ends', async () => {
    await world.sql(
      `INSERT INTO cmc_price_histories7 (id, name, "timestamp", open, close) VALUES (4243, 'x', '2024-06-03', 1, 1)`,
    );
    for (const line of ['refresh --all', 'bars']) {
      const ended = await run(line);
      expect(ended.code, line).toBe(0);
      expect(ended.stderr).toContain('[WARNING] Prices of ids [4243] are ignored: not in dim_assets (id, name)');
    }
    await world.sql('DELETE FROM cmc_price_histories7 WHERE id = 4243');
    expect((await run('refresh --all')).stderr).not.toContain('dim_assets');
    await world.sql('DELETE FROM cmc_price_histories7_changes WHERE id = 4243');
  });

  it('the document of --json has its promised parts', async () => {
    const document = JSON.parse((await run('refresh --all --json')).stdout) as Record<string, unknown>;
    expect(document).toMatchObject({
      ...{
        schema: 1,
        exitCode: 0,
        status: 'ok',
        staleIds: [],
        failedItems: [],
        asOf: new Date(AS_OF_MS).toISOString(),
      },
      ...{ quality: { gaps: 0, repairs: 0, rejects: 0, backfills: 0 }, alerts: { sent: 0, suppressed: 0, failed: 0 } },
    });
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining(['runId', 'startedAt', 'finishedAt', 'args', 'components']),
    );
  });

  it.each(['Pacific/Auckland', 'America/Los_Angeles', 'UTC'])(
    'the log carries the civil date of the host in %s',
    async (zone) => {
      const before = process.env['TZ'];
      process.env['TZ'] = zone;
      try {
        rmSync(world.logDir, { recursive: true, force: true });
        await run('refresh --bars');
        const date = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(AS_OF_MS);
        expect(readdirSync(world.logDir)).toEqual([`refresh-${date}.log`]);
      } finally {
        process.env['TZ'] = before;
      }
    },
  );

  it('a log that cannot be written costs a warning', async () => {
    const ended = await run('refresh --bars --log-file /dev/null/no.log');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('[WARNING] cannot write log file /dev/null/no.log (');
  });
});
