import { expect, it } from 'vitest';
import type { Database, Session } from '../../src/connect/database.ts';
import { createCopyEncoder } from '../../src/copy/encode.ts';
import type { FieldData } from '../../src/copy/field-data.ts';
import { copyInSql } from '../../src/copy/layout.ts';
import { readEmaRefreshStates, readEmaStates, type EmaStateRow } from '../../src/read/ema-states.ts';
import { EMA_TABLES, type EmaTable } from '../../src/tables/ema-tables.ts';
import { inLayoutOrder } from '../../src/tables/keyed-table.ts';
import { writeEmaRejects, type EmaReject } from '../../src/write/rejects.ts';
import {
  deleteEmaStates,
  openRefreshState,
  resetEmaState,
  saveEmaWatermarks,
  writeEmaStates,
} from '../../src/write/states.ts';
import { deleteEmas } from '../../src/write/tail.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-01-01T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * DAY_MS;
const TABLES = Object.keys(EMA_TABLES) as EmaTable[];

/** EMAs of one timeframe and two periods on consecutive days, in key order. */
export function emaTuples(id: number, table: EmaTable, days: number): Uint8Array {
  const { layout } = EMA_TABLES[table];
  const rows = days * 2;
  const column = (at: (row: number) => number): FieldData => ({
    numbers: Float64Array.from({ length: rows }, (_, row) => at(row)),
  });
  const data: Record<string, FieldData> = {
    ...{ id: { constant: id }, ts: column((row) => dayTs(row >> 1)), tf: { constant: '7D' } },
    ...{ period: column((row) => (row % 2 === 0 ? 6 : 9)), tf_days: { constant: 7 }, roll: column((row) => row & 1) },
    ...{ ema: column((row) => 100 + row / 3), d1: column(() => NaN), d2: column(() => NaN) },
    ...{ d1_roll: column((row) => row / 7), d2_roll: column(() => -0), ema_bar: column((row) => 100 + row / 9) },
    ...{ d1_bar: column(() => NaN), d2_bar: column(() => NaN), d1_roll_bar: column(() => 1) },
    ...{ d2_roll_bar: column(() => 2), roll_bar: column((row) => row & 1) },
  };
  return createCopyEncoder(layout).encode(inLayoutOrder(layout, data), rows);
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
    ...{ lastCanonicalTs: dayTs(4), lastBarSeq: 2, rowsSeen: 6, barsSeen: 2, dailyBuiltAtMs: dayTs(9) + 0.001 },
    ...{ barsBuiltAtMs: dayTs(9) + 0.999, sourceRevision: 1, resetStampMs: dayTs(8) + 0.5 },
    ...{ resume: Float64Array.from({ length: 400 }, (_, i) => (i % 7 === 0 ? NaN : Math.sqrt(i))) },
    ...change,
  };
}

/** Writing, cutting and reading EMAs, their states and rejects. */
export function emasContract(database: () => Database): void {
  const query = (sql: string) => database().session((s) => s.query(sql));
  const fill = (id: number, table: EmaTable, days: number) =>
    database().session((s) => s.copyIn(copyInSql(EMA_TABLES[table].layout), [emaTuples(id, table, days)]));

  for (const table of TABLES) {
    it(`rows of ${table} are stored under its name and in the union, with their source`, async () => {
      expect(await fill(501, table, 3)).toBe(6);
      const facts = `count(*)::int n, min(ema) ema, max(ema_bar) ema_bar, bool_or(roll_bar) roll_bar, max(d1_roll) d1`;
      const [own] = await query(`SELECT ${facts} FROM cmc_ema_${table} WHERE id = 501`);
      const [union] = await query(
        `SELECT ${facts} FROM cmc_ema_multi_tf_u WHERE id = 501 AND alignment_source = '${table}'`,
      );
      const { withBar } = EMA_TABLES[table];
      expect(own).toStrictEqual({
        ...{ n: 6, ema: 100, ema_bar: withBar ? 100 + 5 / 9 : null, roll_bar: withBar ? true : null, d1: 5 / 7 },
      });
      expect(union).toStrictEqual(own);
    });
  }

  it('a tail is cut from an instant on', async () => {
    await fill(502, 'multi_tf', 5);
    const cut = (fromTs: number, tfs?: string[]) =>
      database().transaction((tx) => deleteEmas(tx, 'multi_tf', 502, { fromTs, tfs }));
    expect(await cut(dayTs(3), ['9D'])).toBe(0);
    expect(await cut(dayTs(3), ['7D'])).toBe(4);
    expect(await cut(-Infinity)).toBe(6);
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
      lastBarSeq: null,
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
    expect(await database().session((s) => readEmaRefreshStates(s, [505]))).toMatchObject([
      { id: 505, builtAtMs: stamp },
    ]);
    expect(await database().transaction((tx) => resetEmaState(tx, [505]))).toBe(1);
    expect(await open()).not.toBe(stamp);
  });

  it('watermarks follow the states: v2, multi_tf, and the least of the calendar tables', async () => {
    const watermarks = async () => {
      await database().transaction((tx) => saveEmaWatermarks(tx, 506));
      const [row] = await database().session((s) => readEmaRefreshStates(s, [506]));
      return row && [row.lastLoadTsDaily, row.lastLoadTsMulti, row.lastLoadTsCal];
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
      database().transaction((tx) => writeEmaRejects(tx, 'multi_tf', 507, 'run-1', rejects, recomputed));
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
      writeEmaRejects(tx, 'multi_tf_cal_iso', 508, 'run-2', [
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
