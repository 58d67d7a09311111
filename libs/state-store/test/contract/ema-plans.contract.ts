import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/migrate.ts';
import type { TestDatabase, TestEngine } from './test-engines.ts';

/** Assets and days that make the packed rows more than what is read whole because it is small. */
const [FIRST_ID, ASSETS, DAYS] = [7001, 10, 200];
const TS = `timestamptz '2024-03-01 23:59:59.999Z'`;

/** Questions to the views, and the columns of the key that each has to be answered by. */
const SAVED: readonly [string, string, RegExp][] = [
  [
    'one series',
    `SELECT ts, ema FROM cmc_ema_multi_tf WHERE id = 7003 AND tf = '7D' AND period = 5 ORDER BY ts`,
    /\(id = 7003\) AND \(series = /,
  ],
  [
    'one series from a day on',
    `SELECT ts, ema, d1, d2_roll FROM cmc_ema_multi_tf_u WHERE id = 7003 AND alignment_source = 'multi_tf' AND tf = '7D' AND period = 5 AND ts >= ${TS}`,
    /\(id = 7003\) AND \(series = .*\(ts >= /,
  ],
  [
    'one value',
    `SELECT ema_bar FROM cmc_ema_multi_tf_cal_iso WHERE id = 7003 AND tf = '14D' AND period = 3 AND ts = ${TS}`,
    /\(id = 7003\) AND \(series = .*\(ts = /,
  ],
  [
    'the newest values of a timeframe',
    `SELECT period, ema FROM cmc_ema_multi_tf_v2 WHERE id = 7003 AND tf = '7D' ORDER BY ts DESC, period LIMIT 2`,
    /\(id = 7003\) AND \(series = /,
  ],
  [
    'one day of an asset',
    `SELECT tf, period, ema FROM cmc_ema_multi_tf_u WHERE id = 7003 AND ts = ${TS}`,
    /\(id = 7003\).*\(ts = /,
  ],
  [
    'one day of some assets',
    `SELECT id, ema FROM cmc_ema_multi_tf WHERE id IN (7003, 7005, 7008) AND tf = '7D' AND period = 3 AND ts = ${TS}`,
    /\(id = ANY .*\(series = .*\(ts = /,
  ],
  [
    'one day of every asset there is',
    `SELECT a.id, e.ema FROM dim_assets a JOIN cmc_ema_multi_tf e ON e.id = a.id WHERE e.tf = '7D' AND e.period = 3 AND e.ts = ${TS}`,
    /\(series = .*\(ts = /,
  ],
  ['all values of an asset', `SELECT count(*) FROM cmc_ema_multi_tf_u WHERE id = 7003`, /\(id = 7003\)/],
];

/** Conditions on the views reach the key of the packed rows, in the plan that the server chooses by itself. */
export function emaPlansContract(engine: TestEngine): void {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await engine.create();
    await migrate(test.database);
    await test.database.transaction(async (tx) => {
      await tx.run(
        `INSERT INTO dim_assets (id, symbol, name) SELECT ${FIRST_ID} + i, 'P' || i, 'Plan ' || i FROM generate_series(0, ${ASSETS - 1}) i`,
      );
      await tx.run(`INSERT INTO ema_series (alignment_source, tf, tf_days, periods)
        SELECT source, tf, tf_days, '{3,5}' FROM unnest(enum_range(NULL::ema_alignment_source)) source, (VALUES ('7D', 7), ('14D', 14)) t (tf, tf_days)`);
      await tx.run(`INSERT INTO ema_rows (id, series, ts, roll, ema, ema_bar)
        SELECT ${FIRST_ID} + i, series, timestamptz '2024-01-01 23:59:59.999Z' + day * interval '1 day', day % 7 <> 0, ARRAY[day, day + 0.5], ARRAY[day, day - 0.5]
        FROM generate_series(0, ${ASSETS - 1}) i, ema_series, generate_series(1, ${DAYS}) day WHERE periods = '{3,5}' ORDER BY 1, 2, 3`);
    });
    await test.database.session((session) => session.run('ANALYZE'));
  });
  afterAll(() => test.drop());

  it.each(SAVED)('%s is found by the key', async (_, sql, condition) => {
    const plan = await test.database.session((session) => session.query<Record<string, string>>(`EXPLAIN ${sql}`));
    const lines = plan.map((line) => Object.values(line).join());
    const text = lines.join('\n');
    expect(text).not.toMatch(/Seq Scan on ema_rows/);
    expect(
      lines.filter((line) => line.includes('Index Cond')).some((line) => condition.test(line)),
      text,
    ).toBe(true);
  });
}
