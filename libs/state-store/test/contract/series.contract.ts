import { expect, it } from 'vitest';
import type { BarFamily } from '@ta/bars-core/engine';
import type { Database } from '../../src/connect/database.ts';
import { readBarSeries, type BarSeries, type BarSeriesRequest } from '../../src/read/bar-series.ts';
import { readEmaSeries } from '../../src/read/ema-series.ts';
import { BAR_TABLES } from '../../src/tables/bar-tables.ts';
import { storeEmas } from './emas.contract.ts';
import { storeErrorOf } from './store-error.ts';
import { storeSnapshots } from './stored-bars.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-01-01T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * DAY_MS;

/** Reading stored bars and EMAs as columns; plain SQL says what must come out. */
export function seriesContract(database: () => Database): void {
  const read = (request: BarSeriesRequest) => database().session((s) => readBarSeries(s, request));
  const run = (sql: string) => database().session((s) => s.run(sql));

  /** Nine days of 2D and 3D bars of which some lost their closing row: the closing day is missing. */
  const fill = async (id: number, family: BarFamily, unclosed: readonly string[] = []): Promise<void> => {
    await database().transaction((tx) => storeSnapshots(tx, id, family, 0, 9));
    for (const which of unclosed) {
      await run(`DELETE FROM ${BAR_TABLES[family].table} WHERE id = ${id} AND NOT is_partial_end AND ${which}`);
    }
  };

  /** The last snapshot of every bar, by plain SQL. */
  const lastOfEachBar = (id: number, family: BarFamily, tf: string, more = '') =>
    database().session((s) =>
      s.query<{ bar_seq: number; time_close: Date; close: number; is_partial_end: boolean }>(
        `SELECT * FROM (SELECT DISTINCT ON (bar_seq) bar_seq, time_close, close, is_partial_end
           FROM ${BAR_TABLES[family].table} WHERE id = $1 AND tf = $2 ${more} ORDER BY bar_seq, time_close DESC) b
         ORDER BY time_close`,
        [id, tf],
      ),
    );
  const shown = (bars: BarSeries) =>
    Array.from({ length: bars.length }, (_, i) => ({
      bar_seq: bars.barSeq[i],
      time_close: new Date(bars.timeClose[i]),
      close: bars.close[i],
      is_partial_end: bars.isPartialEnd[i] === 1,
    }));

  const holes: readonly (readonly [string, readonly string[]])[] = [
    ['nowhere', []],
    ['in the middle', ['bar_seq = 2']],
    ['at the beginning', ['bar_seq = 1']],
    ['at the end', ['bar_seq >= 3']],
    ['everywhere', ['true']],
  ];
  for (const [index, [where, unclosed]] of holes.entries()) {
    it(`a bar without a closing row is shown by its last snapshot: ${where}`, async () => {
      const id = 701 + index;
      await fill(id, 'cal_iso', unclosed);
      for (const tf of ['2D', '3D']) {
        const wanted = await lastOfEachBar(id, 'cal_iso', tf);
        expect(wanted.length).toBe(tf === '2D' ? 5 : 3);
        const bars = await read({ id, source: 'cal_iso', tf });
        expect(shown(bars)).toStrictEqual(wanted);
        // the newest rows only
        expect(shown(await read({ id, source: 'cal_iso', tf, limit: 2 }))).toStrictEqual(wanted.slice(-2));
        const closed = await read({ id, source: 'cal_iso', tf, rows: 'closed' });
        expect(shown(closed)).toStrictEqual(wanted.filter((bar) => !bar.is_partial_end));
        const from = await read({ id, source: 'cal_iso', tf, fromTs: dayTs(4), untilTs: dayTs(7) });
        const inside = `AND time_close >= '2024-01-05 23:59:59.999Z' AND time_close < '2024-01-08 23:59:59.999Z'`;
        expect(shown(from)).toStrictEqual(await lastOfEachBar(id, 'cal_iso', tf, inside));
      }
    });
  }

  it('every stored snapshot is read when snapshots are asked for, with NULL as NaN and flags as 0 and 1', async () => {
    await fill(710, 'multi_tf');
    const bars = await read({ id: 710, source: 'multi_tf', tf: '2D', rows: 'snapshots' });
    expect(Array.from(bars.isPartialEnd)).toStrictEqual([1, 0, 1, 0, 1, 0, 1, 0, 1]);
    expect(Array.from(bars.timeClose)).toStrictEqual(Array.from({ length: 9 }, (_, day) => dayTs(day)));
    expect(Array.from(bars.marketCap)).toStrictEqual(new Array(9).fill(NaN));
    expect(Array.from(bars.volume)).toStrictEqual(new Array(9).fill(0));
    expect((await read({ id: 710, source: 'multi_tf', tf: '9D' })).length).toBe(0);
  });

  it('daily bars say how many days are missing before them', async () => {
    await run(`INSERT INTO cmc_price_bars_1d (id, "timestamp", bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, is_missing_days, day, day_from, day_until)
      SELECT 711, '2024-01-01 23:59:59.999Z'::timestamptz + d * interval '1 day', row_number() OVER (ORDER BY d), now(), now(), now(), now(),
        d, d + 2, d - 1, d + 1, d IN (4, 5), date '2024-01-01' + d, now(), now() FROM unnest(ARRAY[0, 1, 4, 6]) d`);
    const bars = await read({ id: 711, source: '1d', tf: '1D' });
    expect(Array.from(bars.timeClose)).toStrictEqual([0, 1, 4, 6].map(dayTs));
    expect(Array.from(bars.missingDays)).toStrictEqual([0, 0, 2, 0]);
    expect(Array.from(bars.isMissingDays)).toStrictEqual([0, 0, 1, 0]);
    expect(Array.from((await read({ id: 711, source: '1d', tf: '1D', limit: 2 })).missingDays)).toStrictEqual([2, 0]);
    expect((await storeErrorOf(() => read({ id: 711, source: '1d', tf: '7D' }))).code).toBe('STORE_RANGE');
    expect((await storeErrorOf(() => read({ id: 711, source: '1d', tf: '1D', limit: 0 }))).code).toBe('STORE_RANGE');
  });

  it('EMAs of several periods come side by side, every row where SQL finds it', async () => {
    await storeEmas(database(), 721, 'multi_tf_cal_us', 6);
    await run(`UPDATE ema_rows SET ema = ema[1:1] WHERE id = 721 AND ts < '2024-01-03Z'`);
    const request = { id: 721, table: 'multi_tf_cal_us', tf: '7D', periods: [9, 6, 9] } as const;
    const emas = await database().session((s) =>
      readEmaSeries(s, { ...request, columns: ['ema', 'd1_roll', 'ema_bar'] }),
    );
    expect(emas.periods).toStrictEqual([6, 9]);
    expect(Array.from(emas.ts)).toStrictEqual([0, 1, 2, 3, 4, 5].map(dayTs));
    expect(Array.from(emas.of(6))).toStrictEqual([0, 2, 4, 6, 8, 10].map((row) => 100 + row / 3));
    expect(Array.from(emas.of(9))).toStrictEqual([NaN, NaN, ...[5, 7, 9, 11].map((row) => 100 + row / 3)]);
    expect(Array.from(emas.of(9, 'ema_bar')).slice(2)).toStrictEqual([5, 7, 9, 11].map((row) => 100 + row / 9));
    expect(Array.from(emas.of(6, 'd1_roll'))).toStrictEqual(
      [0, 2, 4, 6, 8, 10].map((row) => (row === 0 ? NaN : 100 + row / 3 - (100 + (row - 2) / 3))),
    );
    expect((await storeErrorOf(() => Promise.resolve().then(() => emas.of(7)))).code).toBe('STORE_QUERY');

    const at = await database().session((s) => readEmaSeries(s, { ...request, at: [dayTs(1), dayTs(4), dayTs(99)] }));
    expect(Array.from(at.ts)).toStrictEqual([dayTs(1), dayTs(4)]);
    expect(Array.from(at.of(9))).toStrictEqual([NaN, 103]);
    const one = await database().session((s) => readEmaSeries(s, { ...request, periods: [9], at: [dayTs(4)] }));
    expect(Array.from(one.of(9))).toStrictEqual([103]);
    const canonical = await database().session((s) => readEmaSeries(s, { ...request, rows: 'canonical' }));
    expect(Array.from(canonical.ts)).toStrictEqual([0, 2, 4].map(dayTs));
    expect(Array.from(canonical.of(9))).toStrictEqual([NaN, 100 + 5 / 3, 103]);
    const part = { ...request, fromTs: dayTs(2), untilTs: dayTs(4) };
    const range = await database().session((s) => readEmaSeries(s, part));
    expect(Array.from(range.ts)).toStrictEqual([2, 3].map(dayTs));
  });

  it('columns and periods that a table cannot have are refused before a query runs', async () => {
    const request = { id: 721, table: 'multi_tf', tf: '7D', periods: [9] } as const;
    const of = (change: object) =>
      storeErrorOf(() => database().session((s) => readEmaSeries(s, { ...request, ...change })));
    expect((await of({ columns: ['ema_bar'] })).code).toBe('STORE_RANGE');
    expect((await of({ columns: ['ema; DROP TABLE x'] })).code).toBe('STORE_RANGE');
    expect((await of({ periods: [0] })).code).toBe('STORE_RANGE');
    expect((await of({ id: 1e10 })).code).toBe('STORE_RANGE');
    const quoted = await database().session((s) => readEmaSeries(s, { ...request, tf: `7D' OR '1'='1` }));
    expect(quoted.length).toBe(0);
  });
}
