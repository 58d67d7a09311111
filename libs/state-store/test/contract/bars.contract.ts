import { expect, it } from 'vitest';
import type { BarFamily } from '@ta/bars-core/engine';
import type { Database } from '../../src/connect/database.ts';
import { createCopyEncoder } from '../../src/copy/encode.ts';
import type { FieldData } from '../../src/copy/field-data.ts';
import { copyInSql } from '../../src/copy/layout.ts';
import { readBarStamps, readBarStates, type BarStateRow } from '../../src/read/bar-states.ts';
import { readClosedBars } from '../../src/read/closed-bars.ts';
import { readStamp } from '../../src/read/daily-state.ts';
import { BAR_TABLES } from '../../src/tables/bar-tables.ts';
import { inLayoutOrder } from '../../src/tables/keyed-table.ts';
import { writeBarRejects, type BarReject } from '../../src/write/rejects.ts';
import { deleteBarStates, writeBarStates } from '../../src/write/states.ts';
import { deleteBars, writeClosedAt } from '../../src/write/tail.ts';
import { storeErrorOf } from './store-error.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-01-01T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * DAY_MS;
const FAMILIES = Object.keys(BAR_TABLES) as BarFamily[];

/** `days` snapshots of two timeframes, 2D and 3D, in key order: a bar closes every second and every third day. */
export function snapshotTuples(id: number, family: BarFamily, from: number, until: number): Uint8Array {
  const cells = Array.from({ length: (until - from) * 2 }, (_, i) => {
    const day = from + (i >> 1);
    const length = i % 2 === 0 ? 2 : 3;
    return { day, length, pos: (day % length) + 1 };
  });
  const column = (at: (cell: (typeof cells)[number]) => number): FieldData => ({
    numbers: Float64Array.from(cells, at),
  });
  const flag = (at: (cell: (typeof cells)[number]) => boolean): FieldData => ({
    numbers: Uint8Array.from(cells, (cell) => Number(at(cell))),
  });
  const { layout } = BAR_TABLES[family];
  const data: Record<string, FieldData> = {
    ...{ id: { constant: id }, tf: { codes: Uint8Array.from(cells, (_, i) => i % 2), labels: ['2D', '3D'] } },
    ...{ time_close: column(({ day }) => dayTs(day)), time_open: column(({ day, pos }) => dayTs(day - pos) + 1) },
    ...{ time_high: column(({ day }) => dayTs(day) - 7), time_low: column(() => NaN) },
    ...{ timestamp: column(({ day }) => dayTs(day)), last_ts_half_open: column(({ day }) => dayTs(day) + 1) },
    ...{ open: column(() => 1), high: column(() => 9), low: column(() => 0.5), close: column(({ day }) => day + 0.25) },
    ...{ volume: column(() => 0), market_cap: column(() => NaN), tf_days: column(({ length }) => length) },
    ...{ bar_seq: column(({ day, length }) => Math.floor(day / length) + 1), bar_anchor_offset: { constant: null } },
    ...{ pos_in_bar: column(({ pos }) => pos), count_days: column(({ pos }) => pos) },
    ...{ count_days_remaining: column(({ pos, length }) => length - pos), count_missing_days: { constant: 0 } },
    ...{ count_missing_days_start: { constant: 0 }, count_missing_days_end: { constant: 0 } },
    ...{ count_missing_days_interior: { constant: 0 }, is_partial_start: flag(() => false) },
    ...{ is_partial_end: flag(({ pos, length }) => pos < length), is_missing_days: flag(() => false) },
    ...{ missing_days_where: { constant: null }, first_missing_day: { constant: null } },
    ...{ last_missing_day: column(({ day }) => 19_000 + day) },
    ...{ closed_at: column(({ day, pos, length }) => (pos < length ? NaN : dayTs(day))) },
  };
  return createCopyEncoder(layout).encode(inLayoutOrder(layout, data), cells.length);
}

export function barState(tf: string, change: Partial<BarStateRow> = {}): BarStateRow {
  return {
    ...{ tf, zone: 'UTC', spec: `rolling ${tf}`, dailyMinTs: dayTs(0), dailyMaxTs: dayTs(5), lastBarSeq: 3 },
    ...{ lastCloseTs: dayTs(5), rowsSeen: 6, sourceBuiltAtMs: dayTs(9) + 0.123, sourceRevision: 2 },
    ...{ builtAtMs: dayTs(9) + 0.456, resume: Float64Array.of(1, NaN, -0, Infinity, 5e-324, 0.1) },
    ...change,
  };
}

/** Writing, cutting and reading multi-day bars, their states and guard rejects. */
export function barsContract(database: () => Database): void {
  const fill = (id: number, family: BarFamily, days: number) =>
    database().transaction(async (tx) => ({
      deleted: await deleteBars(tx, family, id, { fromTs: -Infinity }),
      inserted: await tx.copyIn(copyInSql(BAR_TABLES[family].layout), [snapshotTuples(id, family, 0, days)]),
    }));
  const counted = (sql: string) =>
    database().session(async (s) => (await s.query<{ n: number }>(`SELECT count(*) n FROM ${sql}`))[0].n);

  for (const family of FAMILIES) {
    it(`rows of ${family} are stored under its name and in the union, with their source`, async () => {
      const { table, source } = BAR_TABLES[family];
      expect(await fill(401, family, 6)).toStrictEqual({ deleted: 0, inserted: 12 });
      expect(await fill(401, family, 6)).toStrictEqual({ deleted: 12, inserted: 12 });
      expect(await counted(`${table} WHERE id = 401`)).toBe(12);
      expect(await counted(`cmc_price_bars_multi_tf_u WHERE id = 401 AND alignment_source = '${source}'`)).toBe(12);
      const [row] = await database().session((s) =>
        s.query(`SELECT close, time_low, last_missing_day, alignment_source, is_partial_end FROM ${table}
          WHERE id = 401 AND tf = '3D' AND time_close = '2024-01-03 23:59:59.999Z'`),
      );
      expect(row).toStrictEqual({
        ...{ close: 2.25, time_low: null, last_missing_day: '2022-01-10' },
        ...{ alignment_source: source, is_partial_end: false },
      });
    });
  }

  it('closed bars are read per timeframe, all in one read', async () => {
    await fill(402, 'cal_us', 7);
    const bars = await database().session((s) => readClosedBars(s, 'cal_us', 402));
    expect(bars.timeframes).toStrictEqual(['2D', '3D']);
    expect(bars.of('2D')).toStrictEqual({
      length: 3,
      timeClose: Float64Array.of(dayTs(1), dayTs(3), dayTs(5)),
      closedAt: Float64Array.of(dayTs(1), dayTs(3), dayTs(5)),
      close: Float64Array.of(1.25, 3.25, 5.25),
      barSeq: Float64Array.of(1, 2, 3),
    });
    expect([...bars.of('3D').barSeq]).toStrictEqual([1, 2]);
    expect(bars.of('9D').length).toBe(0);
    const after = await database().session((s) => readClosedBars(s, 'cal_us', 402, { afterTs: dayTs(3) }));
    expect([after.length, [...after.of('2D').barSeq], [...after.of('3D').barSeq]]).toStrictEqual([2, [3], [2]]);
  });

  it('a bar that is known closed later is read from the day on which it is', async () => {
    await fill(407, 'cal_us', 7);
    const seqs = async (afterTs?: number) => {
      const { of } = await database().session((s) => readClosedBars(s, 'cal_us', 407, { afterTs }));
      return Array.from(of('2D').barSeq, (seq, i) => [seq, of('2D').closedAt[i]]);
    };
    const tell = (closedAt: number | null) =>
      database().transaction((tx) => writeClosedAt(tx, 'cal_us', 407, { timeClose: dayTs(6), tfs: ['2D'], closedAt }));
    expect(await seqs(dayTs(5))).toStrictEqual([]);
    await tell(dayTs(7));
    expect(await seqs(dayTs(6))).toStrictEqual([[4, dayTs(7)]]);
    expect((await seqs()).map(([seq]) => seq)).toStrictEqual([1, 2, 3, 4]);
    await tell(null);
    expect(await seqs(dayTs(5))).toStrictEqual([]);
  });

  it('a tail is cut from an instant on, per timeframe, and nothing else goes', async () => {
    await fill(403, 'multi_tf', 6);
    await fill(404, 'multi_tf', 6);
    const cut = (fromTs: number, tfs?: string[]) =>
      database().transaction((tx) => deleteBars(tx, 'multi_tf', 403, { fromTs, tfs }));
    expect(await cut(-Infinity, [])).toBe(0);
    expect(await cut(dayTs(4), ['3D'])).toBe(2);
    expect(await cut(dayTs(5))).toBe(1);
    expect(await cut(-Infinity, ['2D', 'no such'])).toBe(5);
    expect(await counted('cmc_price_bars_multi_tf WHERE id = 403')).toBe(4);
    expect(await counted('cmc_price_bars_multi_tf WHERE id = 404')).toBe(12);
  });

  it('one snapshot per timeframe and day, one closed row per bar', async () => {
    await fill(406, 'multi_tf', 4);
    const again = () =>
      database().transaction((tx) =>
        tx.copyIn(copyInSql(BAR_TABLES.multi_tf.layout), [snapshotTuples(406, 'multi_tf', 3, 4)]),
      );
    expect((await storeErrorOf(again)).code).toBe('STORE_CONSTRAINT');
    const twice = () =>
      database().session((s) =>
        s.run(`UPDATE cmc_price_bars_multi_tf SET is_partial_end = false WHERE id = 406 AND tf = '2D'`),
      );
    // the second is the name of the same index in a partition
    const names = ['cmc_price_bars_multi_tf_closed_seq', 'cmc_price_bars_multi_tf_h3_0_id_tf_bar_seq_idx'];
    expect(names).toContain((await storeErrorOf(twice)).context.constraint);
  });

  it('a row of another table is refused', async () => {
    const stray = () =>
      database().session((s) =>
        s.run(
          `INSERT INTO cmc_price_bars_multi_tf SELECT (b).* FROM (SELECT b FROM cmc_price_bars_multi_tf_cal_us b LIMIT 1) x`,
        ),
      );
    await fill(407, 'cal_us', 1);
    expect((await storeErrorOf(stray)).code).toBe('STORE_CONSTRAINT');
  });

  const statesOf = async (family: BarFamily, id: number) =>
    (await database().session((s) => readBarStates(s, id))).get(family) ?? [];

  it('states come back bit for bit, in key order', async () => {
    const rows = [
      barState('3D'),
      barState('10D', { lastBarSeq: null, lastCloseTs: NaN, dailyMinTs: NaN, resume: new Float64Array(0) }),
    ];
    await database().transaction((tx) => writeBarStates(tx, 'cal_iso', 408, rows));
    const stored = await statesOf('cal_iso', 408);
    expect(stored).toStrictEqual([rows[1], rows[0]].map((row) => ({ ...row, isEdited: false })));
    expect(Object.is(stored[1].resume[2], -0)).toBe(true);
    const stamps = (await database().session((s) => readBarStamps(s, 408))).get('cal_iso') ?? [];
    expect(stamps.map(({ tf, builtAtMs }) => [tf, builtAtMs])).toStrictEqual([
      ['10D', rows[1].builtAtMs],
      ['3D', rows[0].builtAtMs],
    ]);
    expect(await statesOf('cal_us', 408)).toStrictEqual([]);
  });

  it.each([
    ...['daily_min_seen', 'daily_max_seen', 'last_time_close', 'src_full_built_at', 'full_built_at'].map(
      (column) => `${column} = ${column} - interval '1 millisecond'`,
    ),
    ...['last_bar_seq', 'rows_seen', 'src_revision'].map((column) => `${column} = ${column} + 1`),
    ...[`tz = 'Asia/Tokyo'`, `spec = 'other'`, 'resume[1] = 7', 'resume[3] = 7', 'resume[9] = 7'],
    ...[`daily_max_seen = NULL`, `daily_max_seen = 'infinity'`, `resume = resume[2:]`, `resume = '{}'`],
  ])('a state shows that a hand has set %s', async (set) => {
    const edited = await database().transaction(async (tx) => {
      await writeBarStates(tx, 'cal_us', 420, [barState('3D'), barState('9D')]);
      await tx.run(`UPDATE cmc_price_bars_multi_tf_cal_us_state SET ${set} WHERE id = 420 AND tf = '9D'`);
      return (await readBarStates(tx, 420)).get('cal_us');
    });
    expect(edited?.map(({ tf, isEdited }) => [tf, isEdited])).toStrictEqual([
      ['3D', false],
      ['9D', true],
    ]);
  });

  it('a state that an earlier version wrote has no seal, and is trusted', async () => {
    const [state] = await database().transaction(async (tx) => {
      await writeBarStates(tx, 'cal_us', 421, [barState('3D')]);
      await tx.run(`UPDATE cmc_price_bars_multi_tf_cal_us_state SET resume = '{1,2,3,4}' WHERE id = 421`);
      return (await readBarStates(tx, 421)).get('cal_us') ?? [];
    });
    expect(state).toMatchObject({ isEdited: false, resume: Float64Array.of(1, 2, 3, 4) });
  });

  it('writing states replaces those of the timeframes given and keeps the rest', async () => {
    const save = (rows: BarStateRow[]) => database().transaction((tx) => writeBarStates(tx, 'multi_tf', 409, rows));
    await save([barState('2D'), barState('3D')]);
    await save([barState('2D', { rowsSeen: 99 })]);
    await save([]);
    const seen = async () => (await statesOf('multi_tf', 409)).map(({ tf, rowsSeen }) => [tf, rowsSeen]);
    expect(await seen()).toStrictEqual([
      ['2D', 99],
      ['3D', 6],
    ]);
    expect(await database().transaction((tx) => deleteBarStates(tx, 'multi_tf', 409, ['2D']))).toBe(1);
    expect(await database().transaction((tx) => deleteBarStates(tx, 'multi_tf', 409))).toBe(1);
    expect(await seen()).toStrictEqual([]);
  });

  it('a stamp of the server survives the way through state', async () => {
    const stamp = await database().session((s) => readStamp(s));
    const row = barState('2D', { sourceBuiltAtMs: stamp, builtAtMs: stamp });
    await database().transaction((tx) => writeBarStates(tx, 'cal_anchor_us', 410, [row]));
    const [stored] = await statesOf('cal_anchor_us', 410);
    expect([stored.sourceBuiltAtMs, stored.builtAtMs]).toStrictEqual([stamp, stamp]);
  });

  it('guard rejects are one row per violation, recorded once, and go with their snapshots', async () => {
    const reject = (day: number, violations: number): BarReject => ({
      ...{ tf: '2D', barSeq: 1, ts: dayTs(day), violations, open: 1, high: NaN, low: 3, close: 2 },
    });
    const save = (...rows: BarReject[]) => database().transaction((tx) => writeBarRejects(tx, 'cal_us', 411, rows));
    expect(await save(reject(0, 5), reject(1, 2))).toBe(3);
    expect(await save(reject(0, 5), reject(1, 18))).toBe(1);
    const rows = await database().session((s) =>
      s.query(`SELECT violation_type v, repair_action r, original_high h, original_low l
        FROM cmc_price_bars_multi_tf_cal_us_rejects WHERE id = 411 ORDER BY "timestamp", v`),
    );
    expect(rows).toStrictEqual([
      { v: 'high_lt_low', r: 'values_will_be_clamped', h: null, l: 3 },
      { v: 'low_gt_oc_min', r: 'low_clamped_to_oc_min', h: null, l: 3 },
      { v: 'high_lt_oc_max', r: 'high_clamped_to_oc_max', h: null, l: 3 },
      { v: 'high_or_low_unknown', r: 'filled_from_open_close', h: null, l: 3 },
    ]);
    await database().transaction((tx) => deleteBars(tx, 'cal_us', 411, { fromTs: dayTs(1), tfs: ['2D'] }));
    expect(await counted('cmc_price_bars_multi_tf_cal_us_rejects WHERE id = 411')).toBe(2);
    await database().transaction((tx) => deleteBars(tx, 'cal_us', 411, { fromTs: -Infinity }));
    expect(await counted('cmc_price_bars_multi_tf_rejects WHERE id = 411')).toBe(0);
  });
}
