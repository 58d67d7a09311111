import { expect, it } from 'vitest';
import { assertSchema, migrate } from '../../src/migrate.ts';
import { readPartitions } from '../../src/partition.ts';
import { conversionKit, IDS } from './conversion-kit.ts';
import { storeErrorOf } from './store-error.ts';
import type { TestEngine } from './test-engines.ts';

const SOURCES = [
  'multi_tf',
  'multi_tf_cal_us',
  'multi_tf_cal_iso',
  'multi_tf_cal_anchor_us',
  'multi_tf_cal_anchor_iso',
];

/** Bars of a version that stored every column, brought into slim rows. */
export function barConversionContract(engine: TestEngine): void {
  const { test, addAsset, run, query, content, pending, interrupt, expectLeftOut } = conversionKit(engine, {
    upTo: '0014_ema_views',
    view: 'cmc_price_bars_multi_tf_u',
    order: 'id, alignment_source, tf, time_close',
    async addAsset(session, id) {
      for (const source of SOURCES) {
        await session.run(oldRows(id, source));
        await session.run(`INSERT INTO cmc_price_bars_${source}_state (id, tf, tz, spec, src_full_built_at, src_revision, full_built_at, resume)
          VALUES (${id}, '30D', 'UTC', 's', now(), 0, now(), '{}')`);
      }
    },
  });

  it('are the same rows under the same names, bit for bit, in less room', async () => {
    const before = await content();
    expect(before.length).toBe(IDS.length * SOURCES.length * 90);
    const columns = () =>
      query(`SELECT attname, format_type(atttypid, atttypmod) AS type, attcollation FROM pg_attribute
        WHERE attrelid = 'cmc_price_bars_multi_tf_u'::regclass AND attnum > 0 ORDER BY attnum`);
    const named = await columns();
    const steps = await pending();
    expect(steps.slice(0, 2)).toStrictEqual(['0015_slim_bars', '0016_bar_views']);
    expect((await migrate(test().database)).applied).toStrictEqual(steps);
    expect(await content()).toStrictEqual(before);
    expect(await columns()).toStrictEqual(named);
    expect(await query('SELECT count(*)::int AS n FROM bar_rows')).toStrictEqual([{ n: before.length }]);
    expect(await query(`SELECT to_regclass('ta_store.bars_converted') AS left`)).toStrictEqual([{ left: null }]);
    expect((await migrate(test().database)).applied).toStrictEqual([]);
  });

  it('hold the instants of whole seconds before their close in four bytes, and all others in full', async () => {
    await migrate(test().database);
    const kinds =
      await query(`SELECT count(DISTINCT pos_in_bar) > 0 AS found, high_age IS NULL AS in_full, high_age < 0 AS before_the_end
      FROM bar_rows WHERE time_high IS NOT NULL OR high_age IS NOT NULL GROUP BY 2, 3 ORDER BY 2, 3`);
    expect(kinds).toStrictEqual([
      { found: true, in_full: false, before_the_end: false },
      { found: true, in_full: false, before_the_end: true },
      { found: true, in_full: true, before_the_end: null },
    ]);
  });

  it('go on where a conversion was interrupted; until then the old tables answer, and nobody changes them', async () => {
    const before = await content();
    await interrupt();
    expect(await content()).toStrictEqual(before);
    expect((await storeErrorOf(() => assertSchema(test().database))).message).toContain('lacks 0016_bar_views');
    const refused = await storeErrorOf(() => run('DELETE FROM cmc_price_bars_multi_tf WHERE id = 9'));
    expect(refused.message).toContain('is being converted to slim rows: run `ta db migrate` to its end first');
    const steps = await pending();
    expect(steps[0]).toBe('0016_bar_views');
    const told: unknown[] = [];
    const { applied } = await migrate(test().database, undefined, ({ rows, id }) => told.push([rows, id]));
    expect(applied).toStrictEqual(steps);
    expect(told).toStrictEqual([['bars', 9]]);
    expect(await content()).toStrictEqual(before);
  });

  it('of assets with a wrong value in one row are left out and built again, and those of others are kept', async () => {
    const damages = [
      'count_days = 7',
      'count_missing_days = 3',
      'count_missing_days_end = 1',
      'is_missing_days = NOT is_missing_days',
      'is_partial_end = NOT is_partial_end',
      'closed_at = NULL',
      `last_ts_half_open = time_close`,
      `"timestamp" = time_open`,
      'pos_in_bar = 100000',
      'count_days_remaining = -40000',
    ];
    const [before, among, behind] = [7, 9, 30];
    const damaged = damages.map((_, i) => (i === 0 ? 8 : 9 + i));
    for (const id of [...damaged, behind].filter((own) => !IDS.includes(own))) await addAsset(id);
    for (const [i, damage] of damages.entries())
      await run(
        `UPDATE cmc_price_bars_multi_tf_cal_us SET ${damage} WHERE id = ${damaged[i]} AND bar_seq = 1 AND pos_in_bar = 30`,
      );
    await expectLeftOut(damaged, [before, among, behind]);
    for (const source of SOURCES) {
      const states = await query(`SELECT id FROM cmc_price_bars_${source}_state ORDER BY id`);
      expect(states).toStrictEqual([{ id: before }, { id: among }, { id: behind }]);
    }
  });

  it('have as many partitions by id as before', async () => {
    await run(`ALTER TABLE cmc_price_bars_multi_tf_u DETACH PARTITION cmc_price_bars_multi_tf;
      ALTER TABLE cmc_price_bars_multi_tf RENAME TO whole;
      CREATE TABLE cmc_price_bars_multi_tf (LIKE whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY HASH (id);
      CREATE TABLE part_0 PARTITION OF cmc_price_bars_multi_tf FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE part_1 PARTITION OF cmc_price_bars_multi_tf FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      INSERT INTO cmc_price_bars_multi_tf SELECT * FROM whole;
      DROP TABLE whole;
      ALTER TABLE cmc_price_bars_multi_tf_u ATTACH PARTITION cmc_price_bars_multi_tf FOR VALUES IN ('multi_tf')`);
    const before = await content();
    await migrate(test().database);
    expect(await content()).toStrictEqual(before);
    expect(
      await query(`SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'bar_rows_multi_tf'::regclass`),
    ).toStrictEqual([{ n: 2 }]);
    // the others were not split here
    expect(await test().database.session(readPartitions)).toBeNull();
  });
}

/** Ninety days of bars of thirty: gaps, a partial start, instants of every kind, late closings, values of every kind. */
function oldRows(id: number, source: string): string {
  const isCalendar = source !== 'multi_tf';
  const close = `timestamptz '2024-01-01 23:59:59.999Z' + day * interval '1 day'`;
  return `INSERT INTO cmc_price_bars_multi_tf_u (id, alignment_source, tf, tf_days, bar_seq, pos_in_bar, time_open, time_close, "timestamp",
      last_ts_half_open, time_high, time_low, open, high, low, close, volume, market_cap, count_days, count_days_remaining, count_missing_days,
      count_missing_days_start, count_missing_days_interior, is_missing_days, missing_days_where, first_missing_day, last_missing_day,
      bar_anchor_offset, is_partial_start, is_partial_end, closed_at, ingested_at)
    SELECT ${id}, '${source}', CASE WHEN day % 2 = 0 THEN '30D' ELSE '31D' END, 30 + day % 3 / 2, bar + 1, pos, ${close} - pos * interval '1 day' + interval '1 millisecond', ${close}, ${close},
      ${close} + interval '1 millisecond',
      CASE day % 5 WHEN 0 THEN ${close} WHEN 1 THEN ${close} - interval '90 minutes' WHEN 2 THEN ${close} - interval '1.234567 seconds'
        WHEN 3 THEN ${close} + interval '1 hour' WHEN 4 THEN CASE WHEN day < 50 THEN ${close} - interval '419 minutes 59.999 seconds' END END,
      ${close} - pos * interval '1 day' + interval '1 millisecond' + day % 2 * interval '7 hours',
      CASE WHEN day = 30 THEN '-0'::float8 ELSE sqrt(day) END, day + 0.1, -day, 1 / (day + 1.0), CASE WHEN day % 7 > 0 THEN day END,
      CASE WHEN day % 11 = 0 THEN 'NaN'::float8 WHEN day % 3 > 0 THEN 1e300 * day END,
      pos, CASE WHEN pos = 30 THEN 0 ELSE 30 - pos END, CASE WHEN bar = 1 THEN 3 ELSE 0 END, CASE WHEN bar = 1 THEN 1 ELSE 0 END,
      CASE WHEN bar = 1 THEN 2 ELSE 0 END, bar = 1, CASE WHEN bar = 1 THEN '2024-01-31,2024-02-03' END,
      CASE WHEN bar = 1 THEN date '2024-01-31' END, CASE WHEN bar = 1 THEN date '2024-02-03' END,
      ${source.includes('anchor') ? 'bar * 30' : 'NULL'}, ${isCalendar ? 'bar = 0' : 'false'}, pos <> 30,
      CASE WHEN pos = 30 THEN ${close} WHEN pos = 29 AND bar = 2 THEN ${close} + interval '1 day' END,
      timestamptz '2024-06-01Z' + day * interval '1 microsecond'
    FROM (SELECT day, day / 30 AS bar, day % 30 + 1 AS pos FROM generate_series(0, 89) day) d`;
}
