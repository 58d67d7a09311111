import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { changedTables, hashTables, RECORDS } from '../kit/hash.ts';
import { ta } from '../kit/ta.ts';
import { copyWorld, createWorld, hasPostgres, type World } from '../kit/world.ts';

describe.skipIf(!hasPostgres())('backfill and untraced changes (scenario 10)', () => {
  let fresh: World;
  let world: World;
  let touched: number;
  let other: number;
  beforeAll(async () => {
    fresh = await createWorld({ days: 40 });
    await fresh.sql('CREATE TABLE kept AS SELECT * FROM cmc_price_histories7');
  });
  beforeEach(async () => {
    world = await copyWorld(fresh);
    [touched, other] = world.ids as [number, number];
  });
  afterEach(() => world?.drop());
  afterAll(() => fresh?.drop());

  const digest = () =>
    world.use(async (session) => digestContent(session, await readContentColumns(session), world.ids));
  const restore = () => world.sql('INSERT INTO cmc_price_histories7 SELECT * FROM kept ON CONFLICT DO NOTHING');

  /** Compares with a build from nothing. */
  const expectFullBuild = async () => {
    const incremental = await digest();
    expect((await ta(world, 'refresh --all --full-rebuild')).code).toBe(0);
    const full = await digest();
    for (const id of world.ids)
      expect(differingTables(incremental.get(id) as never, full.get(id) as never)).toEqual([]);
  };

  it('earlier and interior days are announced and rebuilt, for that id alone', async () => {
    await world.sql(
      `DELETE FROM cmc_price_histories7 WHERE id = ${touched} AND ("timestamp" < '2024-05-25Z' OR "timestamp"::date = '2024-06-10')`,
    );
    expect((await ta(world, 'refresh --all')).code).toBe(0);
    const before = await digest();
    await restore();
    const ended = await ta(world, 'refresh --all');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(
      `[WARNING] Backfill detected for ID ${touched}: source starts 2024-05-20, state starts 2024-05-25 (rebuilt in this run)`,
    );
    const after = await digest();
    expect(differingTables(before.get(other) as never, after.get(other) as never)).toEqual([]);
    const [seq] = await world.sql(
      `SELECT min(bar_seq) AS least, max(bar_seq) AS most, count(*) AS n FROM cmc_price_bars_1d WHERE id = ${touched}`,
    );
    expect(seq).toEqual({ least: 1, most: 40, n: 40 });
    await expectFullBuild();
  });

  it('--on-backfill fail fails the item and changes nothing', async () => {
    await world.sql(`DELETE FROM cmc_price_histories7 WHERE id = ${touched} AND "timestamp" < '2024-05-25Z'`);
    await ta(world, 'refresh --all');
    await restore();
    const before = await world.use((session) => hashTables(session, RECORDS));
    const ended = await ta(world, 'refresh --bars --on-backfill fail');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`Backfill detected for ID ${touched}`);
    expect(changedTables(before, await world.use((session) => hashTables(session, RECORDS)))).toEqual([]);
  });

  it('--on-backfill warn takes in new rows only, tells at every run, and leaves the rebuild to a later one', async () => {
    await world.sql(
      `DELETE FROM cmc_price_histories7 WHERE id = ${touched} AND ("timestamp"::date = '2024-06-10' OR "timestamp" > '2024-06-26Z')`,
    );
    await ta(world, 'refresh --all');
    await restore();
    const history = `SELECT md5(string_agg(t::text, '' ORDER BY "timestamp")) AS hash FROM cmc_price_bars_1d t WHERE id = ${touched} AND "timestamp" < '2024-06-26Z'`;
    const before = await world.sql(history);
    for (const day of ['first', 'second']) {
      const ended = await ta(world, 'refresh --all --on-backfill warn');
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stderr, day).toContain(
        `Backfill detected for ID ${touched}: 1 source rows added before the watermark`,
      );
    }
    expect(await world.sql(history)).toEqual(before);
    const [seq] = await world.sql(
      `SELECT max(bar_seq) AS most, count(*) AS n, max("timestamp") AS last FROM cmc_price_bars_1d WHERE id = ${touched}`,
    );
    expect(seq).toEqual({ most: 39, n: 39, last: new Date('2024-06-28T23:59:59.999Z') });
    expect((await ta(world, 'refresh --all')).code).toBe(0);
    await expectFullBuild();
  });

  it('--deep-check finds what was changed while the triggers were off', async () => {
    await ta(world, 'refresh --all');
    await world.use(async (session) => {
      await session.run('ALTER TABLE cmc_price_histories7 DISABLE TRIGGER USER');
      await session.run(`DELETE FROM cmc_price_histories7 WHERE id = ${touched} AND "timestamp"::date = '2024-06-10'`);
      await session.run(
        `UPDATE cmc_price_histories7 SET close = close * 1.001, high = high * 1.01, load_ts = now() WHERE id = ${other} AND "timestamp"::date = '2024-06-12'`,
      );
      await session.run('ALTER TABLE cmc_price_histories7 ENABLE TRIGGER USER');
    });
    expect((await ta(world, 'refresh --all')).stderr).not.toContain('without an entry in the change log');
    const ended = await ta(world, 'refresh --all --deep-check');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(
      `Source of ID ${touched} changed without an entry in the change log (39 rows up to the watermark, 40 in the state`,
    );
    expect(ended.stderr).toContain(
      `Source of ID ${other} changed without an entry in the change log (rows loaded after the newest load time in the state); read again from 2024-06-12`,
    );
    expect((await ta(world, 'refresh --all --deep-check')).stderr).not.toContain('without an entry in the change log');
    await expectFullBuild();
  });
});
