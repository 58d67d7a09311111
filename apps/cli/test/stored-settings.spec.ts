import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../libs/pipeline/test/content-digest.ts';
import { insertTrigger } from '../../../libs/pipeline/test/ema-edits.ts';
import { runInside, type Ended } from './kit/run-inside.ts';
import { AS_OF, AS_OF_MS, copyWorld, createWorld, hasPostgres, type World } from './kit/world.ts';

const NEW_YORK = 'America/New_York';

describe.skipIf(!hasPostgres())('settings that decide the numbers', () => {
  // each test begins with a copy of one of them
  let [fresh, built, inNewYork]: (World | undefined)[] = [];
  let world: World;
  let bad: number;
  const begin = async (start: World | undefined) => {
    world = await copyWorld(start as World);
    bad = world.ids[0] as number;
  };
  beforeAll(async () => {
    fresh = await createWorld({ days: 30 });
    await begin(fresh);
    await good('refresh --all');
    built = world;
    await begin(fresh);
    await good(`refresh --all --tz ${NEW_YORK} --periods 10,21`);
    inNewYork = world;
  });
  afterEach(() => world.drop());
  afterAll(() => Promise.all([fresh, built, inNewYork].map((one) => one?.drop())));

  const ta = (line: string): Promise<Ended> =>
    runInside(line.split(' '), {
      root: world.root,
      env: { ...world.env, REFRESH_AS_OF: AS_OF },
      nowMs: AS_OF_MS,
    });
  const good = async (line: string): Promise<Ended> => {
    const ended = await ta(line);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    return ended;
  };
  /** A resumed run that is asked for something else than the run it resumes. */
  const expectRefused = async (line: string) => {
    const ended = await ta(line);
    expect([line, ended.code, ended.stderr]).toEqual([line, 2, expect.stringContaining('differs from run')]);
  };
  const stored = async () => {
    const rows = await world.sql<{ name: string; value: unknown }>('SELECT name, value FROM ops_settings');
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  const zones = () => world.sql('SELECT id, tz FROM cmc_price_bars_1d_state ORDER BY id');
  const inZone = (tz: string) => world.ids.map((id) => ({ id, tz }));
  const digest = () =>
    world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));
  const expectSame = async (before: Awaited<ReturnType<typeof digest>>) => {
    const after = await digest();
    for (const id of world.ids) expect(differingTables(before.get(id) as never, after.get(id) as never)).toEqual([]);
  };
  /** Makes every write of an id into a table fail. */
  const breakTable = async (table: string) => {
    const refusal = { name: 'refuse', when: `NEW.id = ${bad}`, action: `RAISE EXCEPTION 'malformed row'` };
    for (const statement of insertTrigger(table, refusal)) await world.sql(statement);
  };
  const mend = () => world.sql('DROP FUNCTION refuse CASCADE');

  it('the first refresh writes them, and a run that forgets its flags goes by them', async () => {
    await begin(fresh);
    await good(`refresh --all --tz america/new_york --periods 10,21`);
    expect(await stored()).toMatchObject({
      ...{ zone: NEW_YORK, periods: [10, 21] },
      timeframes: { '1d': { '1D': expect.any(String) }, multi_tf: { '7D': expect.any(String) } },
    });
    const before = await digest();
    const plain = await good('refresh --all');
    expect(plain.stdout).toContain('bars written 0, EMAs written 0');
    expect(await zones()).toEqual(inZone(NEW_YORK));
    await good('refresh --all --full-rebuild');
    await good(`bars --full-rebuild --ids ${bad}`);
    await good('refresh --all --tz US/Eastern --periods 21,10');
    await expectSame(before);
  });

  it.each([
    ['other periods', '--full-rebuild --periods 3,9', ''],
    ['another zone', `--full-rebuild --tz ${NEW_YORK}`, ''],
    ['one timeframe less', '', `UPDATE dim_timeframe SET is_canonical = false WHERE tf = '2D'`],
  ])('says which inactive assets %s leave as they are, and what to do', async (_, flags, change) => {
    await begin(built);
    const [first] = world.ids;
    await world.sql(`UPDATE dim_assets SET is_active = false WHERE id = ${first}`);
    if (change !== '') await world.sql(change);
    const { stderr } = await good(`refresh --all ${flags}`.trim());
    const advice = `ta refresh --all --ids ${first} --skip-stale-check`;
    expect(stderr).toContain(`Asset ${first} is inactive and keeps the bars and EMAs of the former settings`);
    expect(stderr).toContain(advice);
    // said once: by the run that changes the settings
    expect((await good('refresh --all')).stderr).not.toContain('inactive');
    await good(advice.slice('ta '.length));
    const mended = await digest();
    await good(`refresh --all --ids ${first} --full-rebuild`);
    await expectSame(mended);
  });

  it('a flag that says otherwise is refused with both values, and changes nothing', async () => {
    await begin(inNewYork);
    const before = await digest();
    for (const [line, ...values] of [
      ['refresh --all --tz UTC', 'UTC', NEW_YORK],
      ['refresh --all --dry-run --tz UTC', 'UTC', NEW_YORK],
      ['bars --tz UTC', 'UTC', NEW_YORK],
      [`refresh --all --tz UTC --full-rebuild --ids ${world.ids.join(',')}`, 'UTC', NEW_YORK],
      ['refresh --all --tz UTC --full-rebuild --shard 0/2', 'UTC', NEW_YORK],
      ['emas --periods 10', 'periods', '10,21'],
      ['emas --periods lut', 'lut', '10,21'],
      ['settings --tz UTC', 'UTC', NEW_YORK],
      ['refresh --all --periods 9 --tz Asia/Tokyo', '9', '10,21', 'Asia/Tokyo', NEW_YORK],
    ] as const) {
      const ended = await ta(line);
      expect(ended.code, line).toBe(2);
      for (const value of values) expect(ended.stderr).toContain(value);
      expect(ended.stderr).toContain('--full-rebuild');
    }
    expect(await stored()).toMatchObject({ zone: NEW_YORK, periods: [10, 21] });
    await expectSame(before);
  });

  it('they change with a full rebuild of all ids', async () => {
    await begin(built);
    await good(`refresh --all --tz ${NEW_YORK} --full-rebuild`);
    expect([await zones(), await stored()]).toMatchObject([inZone(NEW_YORK), { zone: NEW_YORK, periods: 'lut' }]);
    await good('settings --tz Asia/Tokyo --periods 10,21 --full-rebuild');
    expect([await zones(), await stored()]).toMatchObject([
      inZone('Asia/Tokyo'),
      { zone: 'Asia/Tokyo', periods: [10, 21] },
    ]);
    expect(await world.sql('SELECT DISTINCT period FROM cmc_ema_multi_tf_u ORDER BY 1')).toEqual([
      { period: 10 },
      { period: 21 },
    ]);
    const shown = await good('settings --format csv');
    expect(shown.stdout).toMatch(/^zone,Asia\/Tokyo,\S+,\S+Z$/m);
    expect(shown.stdout).toMatch(/^periods,"10,21",/m);
  });

  it('a change that stops half-way is finished by the next plain run', async () => {
    await begin(built);
    await breakTable('cmc_price_bars_1d_state');
    expect((await ta(`refresh --all --tz ${NEW_YORK} --full-rebuild --continue-on-error`)).code).toBe(1);
    await mend();
    await good('refresh --all');
    expect(await zones()).toEqual(inZone(NEW_YORK));
  });

  it('a database older than its settings takes them from its bars and EMAs', async () => {
    await begin(inNewYork);
    await world.sql('DELETE FROM ops_settings');
    const before = await digest();
    expect((await ta('refresh --all --tz UTC')).code).toBe(2);
    await good('refresh --all');
    expect(await stored()).toMatchObject({ zone: NEW_YORK, periods: [10, 21] });
    await expectSame(before);
  });

  it('a database whose assets were built in several zones needs one to be named', async () => {
    await begin(built);
    await world.sql('DELETE FROM ops_settings');
    await world.sql(`UPDATE cmc_price_bars_1d_state SET tz = '${NEW_YORK}' WHERE id = ${bad}`);
    const ended = await ta('refresh --all');
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(`more than one zone: ${NEW_YORK} and UTC`)]);
    await good('refresh --all --tz UTC --full-rebuild');
    expect(await zones()).toEqual(inZone('UTC'));
  });

  it('a change of the timeframe catalogue is told and remembered', async () => {
    await begin(built);
    await world.sql(`UPDATE dim_timeframe SET is_canonical = false WHERE tf = '7D'`);
    const ended = await good('refresh --all');
    expect(ended.stderr).toContain('[WARNING] The timeframe catalogue has changed since the last run: -multi_tf 7D');
    expect(ended.stderr).toContain(
      'rows of timeframes that are no longer built stay as they are, until you delete them',
    );
    expect((await good('refresh --all')).stderr).not.toContain('catalogue');
  });

  it('a resumed run takes zone, periods, full rebuild and days from the run it resumes', async () => {
    await begin(fresh);
    await good(`refresh --all --tz ${NEW_YORK}`);
    const before = await world.sql(`SELECT id, full_built_at FROM cmc_price_bars_1d_state ORDER BY id`);
    await breakTable('cmc_ema_multi_tf_cal_iso');
    const failed = await ta(`refresh --all --continue-on-error --full-rebuild --tz ${NEW_YORK}`);
    expect(failed.code).toBe(1);
    await mend();
    const stamps = () => world.sql<{ at: Date }>('SELECT full_built_at AS at FROM cmc_price_bars_1d_state ORDER BY id');
    const rebuilt = await stamps();
    expect(rebuilt).not.toEqual(before);

    expect((await ta('refresh --resume --tz UTC')).stderr).toMatch(/--tz: UTC differs from run \S+, which has America/);
    const others = ['--periods 10', '--lookback-days 5', '--on-backfill warn', '--skip cal_us', '--only v2', '--bars'];
    for (const flag of [...others, `--ids ${bad}`]) await expectRefused(`refresh --resume ${flag}`);
    await expectRefused('emas --resume');
    const resumed = await good('refresh --resume --json');
    const { args, components } = JSON.parse(resumed.stdout) as {
      args: { zone: string; fullRebuild: boolean; resumed: string[] };
      components: { steps: { ids: { ok: number } }[] }[];
    };
    expect(args).toMatchObject({ zone: NEW_YORK, fullRebuild: true, resumed: [expect.any(String)] });
    const [asked] = await world.sql<{ args: object }>(`SELECT args FROM ops_runs WHERE run_id = '${args.resumed[0]}'`);
    expect({ ...args, resumed: undefined, asOf: undefined }).toEqual({ ...asked?.args, asOf: undefined });
    // bars were finished; of the EMAs one asset was left
    expect(components.map(({ steps }) => Math.max(...steps.map(({ ids }) => ids.ok)))).toEqual([0, 1]);
    expect(await stamps()).toEqual(rebuilt);
    expect(await zones()).toEqual(inZone(NEW_YORK));
    const after = await digest();
    await good('refresh --all --full-rebuild');
    await expectSame(after);
  });

  it('a resumed run of days of EMAs takes these days', async () => {
    await begin(built);
    const dates = () => world.sql('SELECT max(ts)::date::text AS day FROM cmc_ema_multi_tf');
    const [last] = await dates();
    await world.sql('DELETE FROM cmc_ema_refresh_state');
    await breakTable('cmc_ema_multi_tf_cal_iso');
    expect((await ta('emas --end 2024-06-20 --continue-on-error --full-rebuild')).code).toBe(1);
    await mend();
    const others = [
      '--end 2024-06-21',
      '--start 2024-01-01',
      '--cal-scheme us',
      '--anchor-scheme iso',
      '--no-validate-output',
    ];
    for (const flag of others) await expectRefused(`emas --resume ${flag}`);
    await good('emas --resume');
    expect(await dates()).toEqual([{ day: '2024-06-20' }]);
    await good('refresh --all');
    expect(await dates()).toEqual([last]);
  });

  it('a flag of a resumed run is compared with that run also where it says what is usual', async () => {
    await begin(built);
    const failWith = (args: object) =>
      world.sql(`UPDATE ops_runs SET status = 'failed', args = args || '${JSON.stringify(args)}'`);
    await failWith({ onBackfill: 'warn', lookbackDays: 5, builders: ['1d'], refreshers: ['cal'] });
    const builders = '1d,multi_tf,cal_us,cal_iso,cal_anchor_us,cal_anchor_iso';
    for (const flag of [
      '--on-backfill rebuild',
      '--lookback-days 3',
      `--builders ${builders}`,
      '--only multi_tf,cal,cal_anchor,v2',
    ])
      await expectRefused(`refresh --resume ${flag}`);
    await good('refresh --resume --on-backfill warn');
    await failWith({ components: ['emas'], judgeEmas: false, emaTables: ['cmc_ema_multi_tf_cal_us'] });
    for (const flag of ['--validate-output', '--cal-scheme both']) await expectRefused(`emas --resume ${flag}`);
    await good('emas --resume --no-validate-output');
  });
});
