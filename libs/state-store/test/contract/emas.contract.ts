import { expect, it } from 'vitest';
import type { Database, Session } from '../../src/connect/database.ts';
import type { FieldData } from '../../src/copy/field-data.ts';
import { readEmaSeriesNumbers } from '../../src/read/ema-series-keys.ts';
import { readEmaStates, readResetStamps, type EmaStateRow } from '../../src/read/ema-states.ts';
import { EMA_TABLES, type EmaTable } from '../../src/tables/ema-tables.ts';
import { writeEmaRejects, type EmaReject } from '../../src/write/rejects.ts';
import {
  deleteEmaStates,
  openRefreshState,
  resetEmaState,
  saveEmaWatermarks,
  writeEmaStates,
} from '../../src/write/states.ts';
import { deleteEmas, writeEmas } from '../../src/write/emas.ts';
import { addEmaSeries } from '../../src/write/series.ts';
import { storeErrorOf } from './store-error.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-01-01T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * DAY_MS;
const TABLES = Object.keys(EMA_TABLES) as EmaTable[];

const PERIODS = [6, 9];

/** Stores EMAs of one timeframe and two periods on consecutive days; every other day is a preview. */
export async function storeEmas(database: Database, id: number, table: EmaTable, days: number): Promise<void> {
  const key = { table, tf: '7D', tfDays: 7, periods: PERIODS };
  await database.transaction((tx) => addEmaSeries(tx, [key]));
  await database.transaction(async (tx) => {
    const column = (at: (day: number) => number): FieldData => ({
      numbers: Float64Array.from({ length: days }, (_, day) => at(day)),
    });
    const lengths = new Int32Array(days).fill(2);
    const values = (divisor: number): FieldData => ({
      slices: Float64Array.from({ length: days * 2 }, (_, cell) => 100 + cell / divisor),
      width: 2,
      lengths,
    });
    const data: Record<string, FieldData> = {
      ...{ id: { constant: id }, ts: column(dayTs), roll: column((day) => day & 1), ema: values(3) },
      series: { constant: (await readEmaSeriesNumbers(tx))(key) as number },
      ema_bar: EMA_TABLES[table].withBar ? values(9) : { constant: null },
    };
    const select = Int32Array.from(lengths, (_, day) => day);
    expect(await writeEmas(tx, [{ data, rows: days, select, lengths }])).toBe(2 * days);
  });
}

export function emaState(tf: string, change: Partial<EmaStateRow> = {}): EmaStateRow {
  return {
    ...{
      tf,
      paramsHash: `hash of ${tf}`,
      periods: [6, 9],
      dailyMinTs: dayTs(0),
      dailyMaxTs: dayTs(5),
      lastTs: dayTs(5),
    },
    ...{ lastCanonicalTs: dayTs(4), rowsSeen: 6, barsSeen: 2, dailyBuiltAtMs: dayTs(9) + 0.001 },
    ...{ barsBuiltAtMs: dayTs(9) + 0.999, sourceRevision: 1, resetStampMs: dayTs(8) + 0.5 },
    ...{ resume: Float64Array.from({ length: 400 }, (_, i) => (i % 7 === 0 ? NaN : Math.sqrt(i))) },
    ...change,
  };
}

/** Writing, cutting and reading EMAs, their states and rejects. */
export function emasContract(database: () => Database): void {
  const query = (sql: string) => database().session((s) => s.query(sql));

  for (const table of TABLES) {
    it(`rows of ${table} are stored packed, and answer under its name and in the union, with their source`, async () => {
      await storeEmas(database(), 501, table, 4);
      const facts = `count(*)::int n, min(ema) ema, max(ema_bar) ema_bar, bool_or(roll_bar) roll_bar, min(period) first,
        max(period) last, min(tf) tf, max(tf_days) tf_days`;
      const [own] = await query(`SELECT ${facts} FROM cmc_ema_${table} WHERE id = 501`);
      const [union] = await query(
        `SELECT ${facts} FROM cmc_ema_multi_tf_u WHERE id = 501 AND alignment_source = '${table}'`,
      );
      const { withBar } = EMA_TABLES[table];
      expect(own).toStrictEqual({
        ...{ n: 8, ema: 100, ema_bar: withBar ? 100 + 7 / 9 : null, roll_bar: withBar ? true : null },
        ...{ first: 6, last: 9, tf: '7D', tf_days: 7 },
      });
      expect(union).toStrictEqual(own);
      expect(await query('SELECT count(*)::int n FROM ema_rows WHERE id = 501 GROUP BY series')).toContainEqual({
        n: 4,
      });
    });
  }

  it('differences are those of the rows before, and of the closes before, bit for bit', async () => {
    await storeEmas(database(), 509, 'multi_tf_cal_us', 7);
    const rows = await query(`SELECT * FROM cmc_ema_multi_tf_cal_us WHERE id = 509 AND period = 9 ORDER BY ts`);
    const value = (day: number, divisor: number) => 100 + (day * 2 + 1) / divisor;
    const step = (day: number, divisor: number, back: number) =>
      day < back ? null : value(day, divisor) - value(day - back, divisor);
    const turn = (day: number, divisor: number, back: number) =>
      day < 2 * back ? null : (step(day, divisor, back) as number) - (step(day - back, divisor, back) as number);
    const expected = (day: number) => ({
      ...{ ema: value(day, 3), d1_roll: step(day, 3, 1), d2_roll: turn(day, 3, 1) },
      ...{ d1: day % 2 === 1 ? null : step(day, 3, 2), d2: day % 2 === 1 ? null : turn(day, 3, 2) },
      ...{ ema_bar: value(day, 9), d1_roll_bar: step(day, 9, 1), d2_roll_bar: turn(day, 9, 1) },
      ...{ d1_bar: day % 2 === 1 ? null : step(day, 9, 2), d2_bar: day % 2 === 1 ? null : turn(day, 9, 2) },
    });
    expect(rows).toMatchObject([0, 1, 2, 3, 4, 5, 6].map(expected));
  });

  it('a period without values yet has no rows, and its differences begin with its first', async () => {
    await storeEmas(database(), 510, 'multi_tf', 5);
    await query(`UPDATE ema_rows SET ema = ema[1:1] WHERE id = 510 AND ts < '2024-01-03Z'`);
    const rows =
      await query(`SELECT period, extract(day FROM ts AT TIME ZONE 'UTC')::int AS day, d1_roll IS NULL AS first, d2_roll IS NULL AS second
      FROM cmc_ema_multi_tf WHERE id = 510 ORDER BY 1, 2`);
    const row = (period: number, day: number, nth: number) => ({ period, day, first: nth < 2, second: nth < 3 });
    expect(rows).toStrictEqual([
      ...[1, 2, 3, 4, 5].map((day) => row(6, day, day)),
      ...[3, 4, 5].map((day) => row(9, day, day - 2)),
    ]);
  });

  it('a tail is cut from an instant on', async () => {
    await storeEmas(database(), 502, 'multi_tf', 5);
    const cut = (fromTs: number, tfs?: string[]) =>
      database().transaction((tx) => deleteEmas(tx, 'multi_tf', 502, { fromTs, tfs }));
    expect(await cut(dayTs(3), ['9D'])).toBe(0);
    expect(await cut(dayTs(3), ['7D'])).toBe(4);
    expect(await cut(-Infinity)).toBe(6);
  });

  it('rows are deleted by id, timeframe and instant as from a table, in the union as well, and counted as they are stored', async () => {
    const run = (sql: string) => database().session((s) => s.run(sql, []));
    for (const table of TABLES) await storeEmas(database(), 511, table, 5);
    await storeEmas(database(), 512, 'multi_tf', 5);
    expect(await run(`DELETE FROM cmc_ema_multi_tf WHERE id = 511 AND tf = '9D'`)).toBe(0);
    expect(await run(`DELETE FROM cmc_ema_multi_tf WHERE id = 511 AND tf = '7D' AND ts >= '2024-01-04Z'`)).toBe(2);
    expect(await run(`DELETE FROM cmc_ema_multi_tf_u WHERE id = 511 AND alignment_source <> 'multi_tf'`)).toBe(25);
    const left = `SELECT id, count(*)::int AS n FROM cmc_ema_multi_tf_u WHERE id IN (511, 512) GROUP BY id ORDER BY id`;
    expect(await query(left)).toStrictEqual([
      { id: 511, n: 6 },
      { id: 512, n: 10 },
    ]);
  });

  it('a DELETE of some periods of a packed row is refused and says what to do', async () => {
    await storeEmas(database(), 513, 'multi_tf', 3);
    const error = await storeErrorOf(() => query('DELETE FROM cmc_ema_multi_tf WHERE id = 513 AND period = 9'));
    expect(error.message).toMatch(
      /^this DELETE leaves values of other periods.*\(id 513, .*: 1 left\): delete by id, tf and ts/,
    );
    expect(await query('SELECT count(*)::int AS n FROM cmc_ema_multi_tf WHERE id = 513')).toStrictEqual([{ n: 6 }]);
  });

  it('a DELETE of some periods is refused whatever it is joined with, and one of all periods is not', async () => {
    await storeEmas(database(), 517, 'multi_tf', 3);
    const joined = (of: string) =>
      `DELETE FROM cmc_ema_multi_tf e USING generate_series(1, 2) n WHERE e.id = 517 AND e.period IN (${of})`;
    for (const of of ['6', '9']) {
      expect((await storeErrorOf(() => query(joined(of)))).message).toMatch(/\(id 517, .*: 1 left\)/);
    }
    expect(await query('SELECT count(*)::int AS n FROM cmc_ema_multi_tf WHERE id = 517')).toStrictEqual([{ n: 6 }]);
    expect(await database().session((s) => s.run(joined('6, 9'), []))).toBe(3);
  });

  it('a DELETE inside another statement is refused, and nothing is lost', async () => {
    await storeEmas(database(), 516, 'multi_tf', 3);
    for (const returning of ['', ' RETURNING 1']) {
      const sql = `WITH gone AS (DELETE FROM cmc_ema_multi_tf WHERE id = 516${returning}) SELECT 1`;
      expect((await storeErrorOf(() => query(sql))).message).toMatch(/not supported|cannot perform/);
    }
    expect(await query('SELECT count(*)::int AS n FROM cmc_ema_multi_tf_u WHERE id = 516')).toStrictEqual([{ n: 6 }]);
  });

  it.each([
    ['an INSERT', 514, `INSERT INTO cmc_ema_multi_tf (id, ts, tf, period, ema) VALUES (514, now(), '7D', 6, 1)`],
    ['an UPDATE', 515, 'UPDATE cmc_ema_multi_tf_u SET ema = 1 WHERE id = 515'],
  ])('%s says that rows are computed', async (_, id, sql) => {
    await storeEmas(database(), id, 'multi_tf', 1);
    expect((await storeErrorOf(() => query(sql))).message).toContain('is computed by ta');
  });

  const save = (tx: Session, table: EmaTable, id: number, rows: readonly EmaStateRow[]) =>
    writeEmaStates(tx, id, new Map([[table, rows]]));
  const statesOf = async (table: EmaTable, id: number) =>
    (await database().session((s) => readEmaStates(s, id))).get(table) ?? [];

  it('states come back bit for bit, in key order', async () => {
    const unset = {
      dailyBuiltAtMs: NaN,
      barsBuiltAtMs: NaN,
      resetStampMs: NaN,
      lastCanonicalTs: NaN,
    };
    const rows = [emaState('7D'), emaState('1D', unset)];
    await database().transaction((tx) => save(tx, 'multi_tf_v2', 503, rows));
    const read = [rows[1], rows[0]].map((row) => ({ ...row, isEdited: false }));
    expect(await statesOf('multi_tf_v2', 503)).toStrictEqual(read);
    expect(await statesOf('multi_tf', 503)).toStrictEqual([]);
    await database().transaction(async (tx) => {
      await save(tx, 'multi_tf_v2', 503, [emaState('7D', { rowsSeen: 7 })]);
      await save(tx, 'multi_tf_v2', 503, []);
    });
    const stored = await statesOf('multi_tf_v2', 503);
    expect(stored.map(({ tf, rowsSeen }) => [tf, rowsSeen])).toStrictEqual([
      ['1D', 6],
      ['7D', 7],
    ]);
    expect(await database().transaction((tx) => deleteEmaStates(tx, 'multi_tf_v2', 503))).toBe(2);
  });

  it.each([
    ...['daily_min_seen', 'daily_max_seen', 'last_ts', 'last_time_close', 'last_canonical_ts'].map(
      (column) => `${column} = ${column} - interval '1 millisecond'`,
    ),
    ...['daily_full_built_at', 'bars_full_built_at', 'reset_stamp'].map((column) => `${column} = now()`),
    ...['rows_seen', 'bars_seen', 'src_revision'].map((column) => `${column} = ${column} + 1`),
    ...['last_bar_seq = 12345', `params_hash = 'other'`, 'last_ts = NULL', 'resume[20] = 7'],
  ])('a state shows that a hand has set %s', async (set) => {
    await database().transaction(async (tx) => {
      await save(tx, 'multi_tf_v2', 520, [emaState('7D')]);
      await tx.run(`UPDATE cmc_ema_state SET ${set} WHERE id = 520`);
    });
    expect((await statesOf('multi_tf_v2', 520)).map(({ isEdited }) => isEdited)).toStrictEqual([true]);
  });

  it('states of several tables are replaced at once, each in its own', async () => {
    const write = (states: Parameters<typeof writeEmaStates>[2]) =>
      database().transaction((tx) => writeEmaStates(tx, 507, states));
    await write(
      new Map([
        ['multi_tf_v2', [emaState('7D')]],
        ['multi_tf', [emaState('7D'), emaState('9D')]],
      ]),
    );
    await write(new Map([['multi_tf', [emaState('7D', { rowsSeen: 9 })]]]));
    const seen = async (table: EmaTable) => (await statesOf(table, 507)).map(({ tf, rowsSeen }) => [tf, rowsSeen]);
    expect([await seen('multi_tf_v2'), await seen('multi_tf')]).toStrictEqual([
      [['7D', 6]],
      [
        ['7D', 9],
        ['9D', 6],
      ],
    ]);
  });

  it('the state tables of the contract show one row per period', async () => {
    await database().transaction((tx) => save(tx, 'multi_tf_cal_us', 504, [emaState('7D')]));
    const rows = await query(
      `SELECT tf, period, last_canonical_ts, rows_seen, src_full_built_at::text AS stamp
       FROM cmc_ema_multi_tf_cal_us_state WHERE id = 504 ORDER BY period`,
    );
    const facts = {
      tf: '7D',
      last_canonical_ts: new Date(dayTs(4)),
      rows_seen: 6,
      stamp: '2024-01-10 23:59:59.999001+00',
    };
    expect(rows).toStrictEqual([
      { ...facts, period: 6 },
      { ...facts, period: 9 },
    ]);
  });

  it('the refresh state is opened once, and again with a new stamp after a reset', async () => {
    const open = () => database().transaction((tx) => openRefreshState(tx, 505));
    const stamp = await open();
    expect(await open()).toBe(stamp);
    expect([...(await database().session((s) => readResetStamps(s, [505])))]).toStrictEqual([[505, stamp]]);
    expect(await database().transaction((tx) => resetEmaState(tx, [505]))).toBe(1);
    expect(await open()).not.toBe(stamp);
  });

  it('watermarks follow the states: v2, multi_tf, and the least of the calendar tables', async () => {
    const watermarks = async () => {
      await database().transaction((tx) => saveEmaWatermarks(tx, 506));
      const [row] = await database().session((s) =>
        s.query<Record<string, Date | null>>(`SELECT last_load_ts_daily, last_load_ts_multi, last_load_ts_cal
          FROM cmc_ema_refresh_state WHERE id = 506`),
      );
      return row && Object.values(row).map((ts) => ts?.getTime() ?? null);
    };
    expect(await watermarks()).toBeUndefined();
    await database().transaction((tx) => openRefreshState(tx, 506));
    expect(await watermarks()).toStrictEqual([null, null, null]);
    await database().transaction(async (tx) => {
      await save(tx, 'multi_tf_v2', 506, [emaState('7D', { lastTs: dayTs(5) })]);
      await save(tx, 'multi_tf', 506, [emaState('7D', { lastTs: dayTs(4) }), emaState('9D')]);
      await save(tx, 'multi_tf_cal_us', 506, [emaState('7D', { lastTs: dayTs(3) })]);
      await save(tx, 'multi_tf_cal_anchor_iso', 506, [emaState('7D', { lastTs: dayTs(2) })]);
    });
    expect(await watermarks()).toStrictEqual([dayTs(5), dayTs(4), dayTs(2)]);
  });

  it('rejects count how often they were seen, and go when their row is computed clean', async () => {
    const reject = (day: number, change: Partial<EmaReject['violation']> = {}, tf = '7D'): EmaReject => ({
      ...{ tf, period: 9, ts: dayTs(day), close: 50 },
      violation: { series: 'ema', kind: 'out_of_price_bounds', value: 500, lo: 10, hi: 90, ...change },
    });
    const save = (rejects: EmaReject[], recomputed: { fromTs: number; tfs?: string[] }[] = []) =>
      database().transaction((tx) =>
        writeEmaRejects(tx, { table: 'multi_tf', id: 507, runId: 'run-1' }, rejects, recomputed),
      );
    const stored = () =>
      query(`SELECT extract(day FROM "timestamp")::int AS day, tf, series, violation_type AS kind, ema_value, hits
        FROM cmc_ema_multi_tf_rejects WHERE id = 507 ORDER BY 1, 2, 3, 4`);

    const infinite = { kind: 'infinity', value: Infinity, lo: undefined, hi: undefined };
    const unknown = { kind: 'nan', value: NaN, series: 'ema_bar' as const, lo: undefined, hi: undefined };
    expect(await save([reject(0), reject(1), reject(1, infinite), reject(1, unknown), reject(2, {}, '9D')])).toBe(5);
    expect(await save([reject(0)])).toBe(0);
    expect(await stored()).toStrictEqual([
      { day: 1, tf: '7D', series: 'ema', kind: 'out_of_price_bounds', ema_value: 500, hits: 2 },
      { day: 2, tf: '7D', series: 'ema', kind: 'infinity', ema_value: Infinity, hits: 1 },
      { day: 2, tf: '7D', series: 'ema', kind: 'out_of_price_bounds', ema_value: 500, hits: 1 },
      { day: 2, tf: '7D', series: 'ema_bar', kind: 'nan', ema_value: null, hits: 1 },
      { day: 3, tf: '9D', series: 'ema', kind: 'out_of_price_bounds', ema_value: 500, hits: 1 },
    ]);
    expect(await save([reject(1), reject(4)], [{ fromTs: dayTs(1), tfs: ['7D'] }])).toBe(1);
    expect((await stored()).map((row) => `${row['day']} ${row['tf']} ${row['kind']} ${row['hits']}`)).toStrictEqual([
      '1 7D out_of_price_bounds 2',
      '2 7D out_of_price_bounds 2',
      '3 9D out_of_price_bounds 1',
      '5 7D out_of_price_bounds 1',
    ]);
    expect(await save([], [{ fromTs: -Infinity }])).toBe(0);
    expect(await stored()).toStrictEqual([]);
  });

  it('a reject says where it was found, and within which bounds', async () => {
    const violation = { series: 'ema' as const, kind: 'negative', value: -1, lo: 1, hi: 2 };
    await database().transaction((tx) =>
      writeEmaRejects(tx, { table: 'multi_tf_cal_iso', id: 508, runId: 'run-2' }, [
        { tf: '7D', period: 6, ts: dayTs(0), close: NaN, violation },
      ]),
    );
    expect(
      await query(`SELECT table_name, alignment_source, bounds_info, source_bar_close, run_id
        FROM cmc_ema_multi_tf_cal_iso_rejects WHERE id = 508`),
    ).toStrictEqual([
      {
        ...{ table_name: 'cmc_ema_multi_tf_cal_iso', alignment_source: 'multi_tf_cal_iso' },
        ...{ bounds_info: { price_min: 1, price_max: 2 }, source_bar_close: null, run_id: 'run-2' },
      },
    ]);
  });
}
