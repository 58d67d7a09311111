import { expect, it } from 'vitest';
import { openDatabase } from '../../src/connect/open-database.ts';
import { assertSchema, migrate } from '../../src/migrate.ts';
import { readPartitions } from '../../src/partition.ts';
import { conversionKit, IDS } from './conversion-kit.ts';
import { storeErrorOf } from './store-error.ts';
import type { TestEngine } from './test-engines.ts';

/** EMAs of a version that stored one row per value, brought into packed rows. */
export function emaConversionContract(engine: TestEngine): void {
  const { test, addAsset, run, query, content, pending, interrupt, expectLeftOut } = conversionKit(engine, {
    upTo: '0012_market_close',
    view: 'cmc_ema_multi_tf_u',
    order: 'id, alignment_source, tf, ts, period',
    async addAsset(session, id) {
      for (const source of ['multi_tf', 'multi_tf_cal_us']) {
        await session.run(oldRows(id, source));
        await session.run(`INSERT INTO cmc_ema_state (id, alignment_source, tf, params_hash, periods, resume)
          VALUES (${id}, '${source}', '3D', 'h', '{3,5,90}', '{}')`);
      }
      await session.run(`INSERT INTO cmc_ema_refresh_state (id) VALUES (${id})`);
    },
  });

  it('are the same rows in the same tables, bit for bit, in a part of the place', async () => {
    const before = await content();
    expect(before.length).toBe(IDS.length * 2 * (40 + 38));
    const steps = await pending();
    expect(steps.slice(0, 2)).toStrictEqual(['0013_packed_emas', '0014_ema_views']);
    expect((await migrate(test().database)).applied).toStrictEqual(steps);
    expect(await content()).toStrictEqual(before);
    // the periods are those of the states: a young asset has no row of the long ones yet
    expect(await query('SELECT DISTINCT periods FROM ema_series')).toStrictEqual([{ periods: [3, 5, 90] }]);
    expect(await query('SELECT count(*)::int AS n FROM ema_rows')).toStrictEqual([{ n: IDS.length * 2 * 40 }]);
    expect(await query(`SELECT to_regclass('ta_store.ema_converted') AS left`)).toStrictEqual([{ left: null }]);
    expect((await migrate(test().database)).applied).toStrictEqual([]);
  });

  it('go on where a conversion was interrupted; until then the old tables answer, and nobody changes them', async () => {
    const before = await content();
    await interrupt();
    expect(await content()).toStrictEqual(before);
    expect((await storeErrorOf(() => assertSchema(test().database))).message).toContain('lacks 0014_ema_views');
    const refused = await storeErrorOf(() => run('DELETE FROM cmc_ema_multi_tf WHERE id = 9'));
    expect(refused.message).toContain('is being converted to packed rows: run `ta db migrate` to its end first');
    const told: number[] = [];
    const steps = await pending();
    expect(steps[0]).toBe('0014_ema_views');
    expect((await migrate(test().database, undefined, ({ id }) => told.push(id))).applied).toStrictEqual(steps);
    expect(told).toStrictEqual([9]);
    expect(await content()).toStrictEqual(before);
  });

  /** The lock of its folder keeps a second program out of an embedded database. */
  const mayOpenTwice = engine.engine === 'postgres';
  if (mayOpenTwice)
    it('at once by two programs are packed once, whoever is first', async () => {
      const before = await content();
      const other = await openDatabase(test().target, { poolSize: 1 });
      const steps = await pending();
      const told: number[] = [];
      const observe = ({ id }: { id: number }) => told.push(id);
      const both = await Promise.all([test().database, other].map((database) => migrate(database, undefined, observe)));
      await other.close();
      expect(both.flatMap(({ applied }) => applied).sort()).toStrictEqual(steps);
      expect(told.sort()).toStrictEqual(IDS);
      expect(await content()).toStrictEqual(before);
      expect(await query('SELECT count(*)::int AS n FROM ema_rows')).toStrictEqual([{ n: IDS.length * 2 * 40 }]);
    });

  it('of assets with rows that no packed row stands for are left out and built again, and those of others are kept', async () => {
    // a difference that is not that of the values, a value of another period missing, a flag of one period only
    const damages = [
      'UPDATE OLD SET d2_roll = 0 WHERE',
      'DELETE FROM OLD WHERE',
      'UPDATE OLD SET roll = NOT roll WHERE',
    ];
    const [before, among, behind] = [7, 9, 30];
    const damaged = [8, 10, 11];
    for (const id of [10, 11, behind]) await addAsset(id);
    for (const [i, damage] of damages.entries())
      await run(
        `${damage.replace('OLD', 'cmc_ema_multi_tf')} id = ${damaged[i]} AND period = 3 AND ts = '2024-01-20Z'`,
      );
    await expectLeftOut(damaged, [before, among, behind]);
    const states = await query('SELECT id FROM cmc_ema_refresh_state ORDER BY id');
    expect(states).toStrictEqual([{ id: before }, { id: among }, { id: behind }]);
  });

  it('have as many partitions by id as before', async () => {
    await run(`ALTER TABLE cmc_ema_multi_tf_u DETACH PARTITION cmc_ema_multi_tf;
      ALTER TABLE cmc_ema_multi_tf RENAME TO whole;
      CREATE TABLE cmc_ema_multi_tf (LIKE whole INCLUDING DEFAULTS) PARTITION BY HASH (id);
      CREATE TABLE part_0 PARTITION OF cmc_ema_multi_tf FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE part_1 PARTITION OF cmc_ema_multi_tf FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO cmc_ema_multi_tf SELECT * FROM whole;
      DROP TABLE whole;
      ALTER TABLE cmc_ema_multi_tf_u ATTACH PARTITION cmc_ema_multi_tf FOR VALUES IN ('multi_tf')`);
    const before = await content();
    await migrate(test().database);
    expect(await content()).toStrictEqual(before);
    expect(
      await query(`SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'ema_rows'::regclass`),
    ).toStrictEqual([{ n: 2 }]);
    // the bars were not split here
    expect(await test().database.session(readPartitions)).toBeNull();
  });
}

/** Forty days of an asset with two periods of three, the second seeded two days later, as an earlier version stored them. */
function oldRows(id: number, source: string): string {
  const series = (name: string, column: string) => `
    CASE WHEN NOT roll THEN ${name} - lag(${name}) OVER c END AS d1${column},
    CASE WHEN NOT roll THEN ${name} - lag(${name}) OVER c - (lag(${name}) OVER c - lag(${name}, 2) OVER c) END AS d2${column},
    ${name} - lag(${name}) OVER r AS d1_roll${column},
    ${name} - lag(${name}) OVER r - (lag(${name}) OVER r - lag(${name}, 2) OVER r) AS d2_roll${column}`;
  const isCalendar = source !== 'multi_tf';
  const bar = isCalendar ? 'ema * 1.1' : 'NULL::float8';
  return `INSERT INTO cmc_ema_multi_tf_u (id, alignment_source, tf, tf_days, period, ts, roll, roll_bar, ema, ema_bar,
      d1, d2, d1_roll, d2_roll, d1_bar, d2_bar, d1_roll_bar, d2_roll_bar, ingested_at)
    SELECT ${id}, '${source}', '3D', 3, period, ts, roll, ${isCalendar ? 'roll' : 'NULL'}, ema, bar,
      ${series('ema', '')}, ${series('bar', '_bar')}, timestamptz '2024-06-01Z' + day * interval '1 microsecond'
    FROM (
      SELECT *, ${bar} AS bar FROM (
        SELECT day, period, timestamptz '2024-01-01Z' + day * interval '1 day' AS ts, day % 3 <> 0 AS roll,
          CASE WHEN day = 30 THEN '-0'::float8 WHEN day > 35 THEN 7 ELSE sqrt(day * ${id} + period) END AS ema
        FROM generate_series(1, 40) day, unnest(ARRAY[3, 5]) period WHERE day > 2 OR period = 3
      ) value
    ) stored
    WINDOW r AS (PARTITION BY period ORDER BY ts), c AS (PARTITION BY period, roll ORDER BY ts)`;
}
