import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { storeBars } from './stored-bars.ts';

const ID = 901;
const DAYS = 9;
/** Bars of each table: timeframe, days of a bar, and what is added to closes, so that a row tells where it comes from. */
const BARS = [
  ['multi_tf', '2D', 2, 0],
  ['multi_tf_cal_iso', '1W_CAL_ISO', 4, 1000],
  ['multi_tf_cal_iso', '1M_CAL', 5, 2000],
  ['multi_tf_cal_us', '1W_CAL_US', 4, 3000],
  ['multi_tf_cal_us', '1M_CAL', 5, 4000],
  ['multi_tf_cal_anchor_iso', '1W_CAL_ANCHOR_ISO', 4, 5000],
  ['multi_tf_cal_anchor_iso', '1M_CAL_ANCHOR', 5, 6000],
  ['multi_tf_cal_anchor_us', '1W_CAL_ANCHOR_US', 4, 7000],
  ['multi_tf_cal_anchor_us', '1M_CAL_ANCHOR', 5, 8000],
] as const;

/** The view for researchers: closed bars only, the EMA of closed bars, and no timeframe twice. */
export function closedEmasContract(database: () => Database): void {
  const ask = <R = Record<string, unknown>>(sql: string) => database().session((s) => s.query<R>(sql));
  const close = (day: number) => new Date(Date.parse('2024-01-01T23:59:59.999Z') + (day - 1) * 86_400_000);

  beforeAll(async () => {
    const ts = `timestamptz '2024-01-01 23:59:59.999Z' + (day - 1) * interval '1 day'`;
    await database().transaction(async (tx) => {
      await tx.run(`INSERT INTO cmc_price_bars_1d (id, "timestamp", bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, is_missing_days, day, day_from, day_until)
        SELECT ${ID}, ${ts}, day, ${ts}, ${ts}, ${ts}, ${ts}, day, day, day, day, false, date '2024-01-01' + day - 1, ${ts}, ${ts}
        FROM generate_series(1, ${DAYS}) day`);
      for (const [source, tf, days, more] of BARS) {
        await storeBars(tx, ID, 'multi_tf', (table) =>
          tx.run(`INSERT INTO ${table} (id, alignment_source, tf, tf_days, bar_seq, time_open, time_close, "timestamp", last_ts_half_open, open, high, low, close,
            pos_in_bar, count_days, count_days_remaining, count_missing_days, count_missing_days_start, count_missing_days_interior, is_partial_start, is_partial_end, is_missing_days, closed_at)
          SELECT ${ID}, '${source}', '${tf}', ${days}, (day - 1) / ${days} + 1, ${ts}, ${ts}, ${ts}, ${ts}, day, day, day, day + ${more}, 1, 1, 0, 0, 0, 0, false, day % ${days} <> 0, false, CASE WHEN day % ${days} = 0 THEN ${ts} END
          FROM generate_series(1, ${DAYS}) day`),
        );
      }
      for (const [source, tf, days, more] of [
        ...BARS,
        ['multi_tf', '1D', 1, 0],
        ['multi_tf_v2', '1D', 1, 9000],
        ['multi_tf_v2', '2D', 2, 9000],
      ] as const) {
        await tx.run(
          `INSERT INTO ema_series (alignment_source, tf, tf_days, periods) VALUES ('${source}', '${tf}', ${days}, '{1,5}')`,
        );
        const values = (of: string) => `ARRAY[${of} + 1 / 10.0, ${of} + 5 / 10.0]`;
        await tx.run(`INSERT INTO ema_rows (id, series, ts, ema, ema_bar, roll)
          SELECT ${ID}, series, ${ts}, ${values(`day + ${more}`)}, ${source.includes('cal') ? `ARRAY[-(day + ${more}), -(day + ${more})]` : 'NULL'}, day % ${days} <> 0
          FROM generate_series(1, ${DAYS}) day, ema_series WHERE day > 1 AND alignment_source = '${source}' AND tf = '${tf}' AND periods = '{1,5}'`);
      }
    });
  });

  it('has a row per closed bar and period, with the EMA of closed bars', async () => {
    const rows = await ask(
      `SELECT * FROM closed_emas WHERE asset = ${ID} AND period = 5 ORDER BY timeframe, closed_at`,
    );
    const row = (timeframe: string, day: number, price: number, ema: number) => ({
      ...{ asset: ID, timeframe, closed_at: close(day), close: price, period: 5, ema },
    });
    expect(rows).toStrictEqual([
      ...[2, 3, 4, 5, 6, 7, 8, 9].map((day) => row('1D', day, day, day + 0.5)),
      row('1M_CAL', 5, 2005, -2005),
      row('1M_CAL_ANCHOR', 5, 6005, -6005),
      ...[4, 8].map((day) => row('1W_CAL_ANCHOR_ISO', day, 5000 + day, -(5000 + day))),
      ...[4, 8].map((day) => row('1W_CAL_ANCHOR_US', day, 7000 + day, -(7000 + day))),
      ...[4, 8].map((day) => row('1W_CAL_ISO', day, 1000 + day, -(1000 + day))),
      ...[4, 8].map((day) => row('1W_CAL_US', day, 3000 + day, -(3000 + day))),
      ...[2, 4, 6, 8].map((day) => row('2D', day, day, day + 0.5)),
    ]);
  });

  it('names its columns in information_schema, each with an explanation', async () => {
    const columns = await ask<{ name: string; explained: number }>(
      `SELECT column_name AS name, length(col_description('closed_emas'::regclass, ordinal_position)) AS explained
       FROM information_schema.columns WHERE table_name = 'closed_emas' ORDER BY ordinal_position`,
    );
    expect(columns.map(({ name }) => name)).toStrictEqual(
      ...[['asset', 'timeframe', 'closed_at', 'close', 'period', 'ema']],
    );
    expect(columns.every(({ explained }) => explained > 10)).toBe(true);
  });

  it('finds one asset, timeframe and period by the indexes, whatever else is stored', async () => {
    let plan: Record<string, string>[] = [];
    const rolledBack = new Error('the rows of the plan are taken back');
    const planned = database().transaction(async (tx) => {
      // as many rows as an asset has, counted, so that those of one timeframe are worth an index
      await tx.run(`INSERT INTO bar_series (series, alignment_source, tf, tf_days)
        SELECT (ordinality - 1) * 1000 + 900 + i, source, 'plan' || i, 1
        FROM unnest(enum_range(NULL::bar_alignment_source)) WITH ORDINALITY AS o (source), generate_series(1, 40) i`);
      await tx.run(`INSERT INTO ema_series (alignment_source, tf, tf_days, periods)
        SELECT source, 'plan' || i, 1, '{5}' FROM unnest(enum_range(NULL::ema_alignment_source)) source, generate_series(1, 40) i`);
      await tx.run(`CREATE TEMPORARY TABLE days ON COMMIT DROP AS
        SELECT day, timestamptz '2023-11-01Z' + day * interval '1 day' AS ts FROM generate_series(1, 100) day`);
      await tx.run(`INSERT INTO bar_rows (id, series, time_close, open, high, low, close, closed_at, bar_seq, pos_in_bar)
        SELECT ${ID}, series, ts, 1, 1, 1, 1, ts, day, 1 FROM bar_series, days WHERE tf LIKE 'plan%'`);
      await tx.run(
        `INSERT INTO ema_rows (id, series, ts, roll, ema) SELECT ${ID}, series, ts, false, '{1}' FROM ema_series, days WHERE tf LIKE 'plan%'`,
      );
      await tx.run('ANALYZE bar_series, bar_rows, ema_series, ema_rows');
      for (const off of ['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin']) {
        await tx.run(`SET LOCAL ${off} = off`);
      }
      plan = await tx.query<Record<string, string>>(
        `EXPLAIN SELECT closed_at, ema FROM closed_emas WHERE asset = ${ID} AND timeframe = '1W_CAL_ISO' AND period = 5`,
      );
      throw rolledBack;
    });
    await expect(planned).rejects.toBe(rolledBack);
    const lines = plan.map((line) => Object.values(line).join());
    const conditions = lines.filter((line) => line.includes('Index Cond'));
    expect(lines.filter((line) => line.includes('Seq Scan'))).toStrictEqual([]);
    expect(conditions.length).toBeGreaterThan(1);
    // both series by timeframe, EMAs by asset and series, bars by asset with series or instant: of no other is a row looked at
    for (const line of conditions)
      expect(line).toMatch(/\(id = 901\).*\((series|"timestamp"|time_close) = |\(tf = |\(series = /);
    const packed = conditions.filter((line) => line.includes('(ts = '));
    expect(packed.length).toBeGreaterThan(0);
    for (const line of packed) expect(line).toMatch(/\(id = 901\).*\(series = /);
  });
}
