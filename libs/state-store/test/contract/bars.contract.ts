import { expect, it } from 'vitest';
import type { BarFamily } from '@ta/bars-core/engine';
import type { Database } from '../../src/connect/database.ts';
import { readBarStates, type BarStateRow } from '../../src/read/bar-states.ts';
import { readClosedBars } from '../../src/read/closed-bars.ts';
import { readStamp } from '../../src/read/daily-state.ts';
import { BAR_TABLES } from '../../src/tables/bar-tables.ts';
import { writeBarRejects, type BarReject } from '../../src/write/rejects.ts';
import { deleteBarStates, writeBarStates } from '../../src/write/states.ts';
import { deleteBars, writeClosedAt } from '../../src/write/bars.ts';
import { addBarSeries } from '../../src/write/series.ts';
import { storeSnapshots } from './stored-bars.ts';
import { storeErrorOf } from './store-error.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-01-01T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * DAY_MS;
const FAMILIES = Object.keys(BAR_TABLES) as BarFamily[];

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
      inserted: await storeSnapshots(tx, id, family, 0, days),
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
    expect(bars('2D')).toStrictEqual({
      timeClose: Float64Array.of(dayTs(1), dayTs(3), dayTs(5)),
      closedAt: Float64Array.of(dayTs(1), dayTs(3), dayTs(5)),
      close: Float64Array.of(1.25, 3.25, 5.25),
    });
    expect([...bars('3D').close]).toStrictEqual([2.25, 5.25]);
    expect([...bars('9D').close]).toStrictEqual([]);
    const after = await database().session((s) => readClosedBars(s, 'cal_us', 402, dayTs(3)));
    expect([[...after('2D').close], [...after('3D').close]]).toStrictEqual([[5.25], [5.25]]);
  });

  it('a bar that is known closed later is read from the day on which it is', async () => {
    await fill(407, 'cal_us', 7);
    const closes = async (afterTs?: number) => {
      const bars = await database().session((s) => readClosedBars(s, 'cal_us', 407, afterTs));
      return Array.from(bars('2D').timeClose, (ts, i) => [ts, bars('2D').closedAt[i]]);
    };
    const tell = (closedAt: number | null) =>
      database().transaction((tx) => writeClosedAt(tx, 'cal_us', 407, { timeClose: dayTs(6), tfs: ['2D'], closedAt }));
    expect(await closes(dayTs(5))).toStrictEqual([]);
    await tell(dayTs(7));
    expect(await closes(dayTs(6))).toStrictEqual([[dayTs(6), dayTs(7)]]);
    expect((await closes()).map(([ts]) => ts)).toStrictEqual([1, 3, 5, 6].map(dayTs));
    await tell(null);
    expect(await closes(dayTs(5))).toStrictEqual([]);
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
    const again = () => database().transaction((tx) => storeSnapshots(tx, 406, 'multi_tf', 3, 4));
    expect((await storeErrorOf(again)).code).toBe('STORE_CONSTRAINT');
    const twice = () =>
      database().session((s) =>
        s.run(`UPDATE bar_rows SET closed_at = time_close WHERE id = 406 AND tf_days IS NULL AND pos_in_bar = 1`),
      );
    // the second is the name of the same index in a partition
    const names = ['bar_rows_multi_tf_closed_seq', 'bar_rows_multi_tf_h3_0_id_series_bar_seq_idx'];
    expect(names).toContain((await storeErrorOf(twice)).context.constraint);
  });

  it('a row of another table is refused, and so is a series under a number of another table', async () => {
    await fill(408, 'cal_us', 1);
    const refused = (sql: string) => storeErrorOf(() => database().session((s) => s.run(sql)));
    const stray = 'INSERT INTO bar_rows_multi_tf SELECT * FROM bar_rows_cal_us WHERE id = 408';
    expect((await refused(stray)).code).toBe('STORE_CONSTRAINT');
    const series = `INSERT INTO bar_series (series, alignment_source, tf, tf_days) VALUES (999, 'multi_tf_cal_us', '999D', 999)`;
    expect((await refused(series)).code).toBe('STORE_CONSTRAINT');
  });

  it('a series gets the next number of its table, once', async () => {
    const add = (...tfs: string[]) =>
      database().transaction((tx) =>
        addBarSeries(
          tx,
          tfs.map((tf) => ({ family: 'cal_anchor_us', tf, tfDays: 9 })),
        ),
      );
    await add('b', 'a');
    await add('a', 'c');
    const rows = await database().session((s) =>
      s.query(`SELECT tf, series - min(series) OVER () AS n FROM bar_series WHERE tf IN ('a', 'b', 'c') ORDER BY 2`),
    );
    expect(rows).toStrictEqual([
      { tf: 'a', n: 0 },
      { tf: 'b', n: 1 },
      { tf: 'c', n: 2 },
    ]);
  });

  it('a number of which there are rows is not given to another series, whoever deleted the first one', async () => {
    await fill(432, 'cal_anchor_iso', 3);
    const later: object[] = [];
    const work = database().transaction(async (tx) => {
      await tx.run(`DELETE FROM bar_series WHERE alignment_source = 'multi_tf_cal_anchor_iso'`);
      await addBarSeries(tx, [{ family: 'cal_anchor_iso', tf: 'other', tfDays: 9 }]);
      later.push(...(await tx.query(`SELECT tf FROM cmc_price_bars_multi_tf_cal_anchor_iso WHERE id = 432`)));
      throw new Error('the series are put back');
    });
    await expect(work).rejects.toThrow('the series are put back');
    expect(later).toStrictEqual([]);
  });

  it('rows are deleted by id, timeframe and instant as from a table, in the union as well, and counted', async () => {
    const run = (sql: string) => database().session((s) => s.run(sql, []));
    for (const family of FAMILIES) await fill(430, family, 5);
    await fill(431, 'multi_tf', 5);
    expect(await run(`DELETE FROM cmc_price_bars_multi_tf WHERE id = 430 AND tf = '9D'`)).toBe(0);
    expect(
      await run(`DELETE FROM cmc_price_bars_multi_tf WHERE id = 430 AND tf = '2D' AND time_close >= '2024-01-04Z'`),
    ).toBe(2);
    expect(await run(`DELETE FROM cmc_price_bars_multi_tf_u WHERE id = 430 AND alignment_source <> 'multi_tf'`)).toBe(
      40,
    );
    expect(await counted('cmc_price_bars_multi_tf_u WHERE id = 430')).toBe(8);
    expect(await counted('cmc_price_bars_multi_tf WHERE id = 431')).toBe(10);
  });

  it.each([
    ['an INSERT', `INSERT INTO cmc_price_bars_multi_tf (id, time_close, tf) VALUES (430, now(), '2D')`],
    ['an UPDATE', 'UPDATE cmc_price_bars_multi_tf_u SET close = 1 WHERE id = 431'],
  ])('%s says that rows are computed', async (_, sql) => {
    await fill(431, 'multi_tf', 5);
    const error = await storeErrorOf(() => database().session((s) => s.query(sql)));
    expect(error.message).toContain('is computed by ta');
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
