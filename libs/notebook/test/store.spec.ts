import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ema } from '@ta/ema-core';
import { filledDatabase } from '../../dashboard-server/test/kit/filled-database.ts';
import { hasPostgres, type TestDatabase } from '../../pipeline/test/test-database.ts';
import { openStore, storeOf, type BarsRequest, type EmasRequest, type Store } from '../src/open-store.ts';

const id = 900_001;
const good = { id, family: 'cal_iso', tf: '1W_CAL_ISO', periods: [3] };

describe('a store', () => {
  let test: TestDatabase;
  let store: Store;
  beforeAll(async () => {
    test = await filledDatabase(hasPostgres() ? 'postgres' : 'pglite');
    store = storeOf(test.database);
  });
  afterAll(() => test?.drop());

  it('has the same names for bars and for EMAs, and leads to the EMA of closed bars first', async () => {
    for (const choice of [
      { family: 'multi_tf', tf: '1D' },
      { family: 'multi_tf', tf: '7D' },
      { family: 'cal_iso', tf: '1W_CAL_ISO' },
    ] as const) {
      const bars = await store.bars({ id, ...choice, rows: 'closed' });
      const emas = await store.emas({ id, ...choice, periods: [3, 9] });
      const isIn = new Set(emas.timeClose);
      expect(emas.length).toBeGreaterThan(10);
      expect([...bars.timeClose].filter((ts) => isIn.has(ts))).toEqual([...emas.timeClose]);
      // pandas' 9-week EMA, seeded with the mean: what the library gives for the closes of closed bars
      const computed = new Map([...ema(bars.close, 9)].map((value, i) => [bars.timeClose[i], value]));
      const stored = emas.of(9);
      for (let i = 0; i < emas.length; i++) {
        if (!Number.isNaN(stored[i])) expect(stored[i]).toBe(computed.get(emas.timeClose[i]));
      }
      expect(stored.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(5);
    }
    const snapshots = await store.emas({
      id,
      family: 'cal_iso',
      tf: '1W_CAL_ISO',
      periods: [3],
      rows: 'snapshots',
      columns: ['ema'],
    });
    expect(new Set(snapshots.isPartialEnd)).toEqual(new Set([0, 1]));
    expect(snapshots.of(3).length).toBe(snapshots.length);
  });

  it.each([
    [{ untilTs: '2020-12-28' }, 'untilTs is "2020-12-28", not a number of ms since 1970: Date.parse("2020-12-28")'],
    [{ fromTs: new Date(0) }, 'fromTs is a Date, not a number of ms since 1970: date.getTime()'],
    [{ fromTs: Number.NaN }, `fromTs is null, not a number of ms since 1970: Date.parse('2020-12-28')`],
  ])('takes instants alone for bounds: %j', async (bounds, message) => {
    const request = { ...good, ...(bounds as object) } as unknown as EmasRequest & BarsRequest;
    const { periods: _, ...bars } = request;
    await expect(store.emas(request)).rejects.toMatchObject({ code: 'NOTEBOOK_BAD_INSTANT', message });
    await expect(store.bars(bars)).rejects.toMatchObject({ code: 'NOTEBOOK_BAD_INSTANT', message });
  });

  it('says what is no list of periods or columns, and what is no request', async () => {
    const emasOf = (request: unknown) => store.emas(request as EmasRequest);
    const code = 'NOTEBOOK_UNKNOWN_NAME';
    const message = 'periods is 9, not a list: [9]';
    await expect(emasOf({ ...good, periods: 9 })).rejects.toMatchObject({ code, message });
    const columns = { code, message: 'columns is "ema", not a list: ["ema"]' };
    await expect(emasOf({ ...good, columns: 'ema' })).rejects.toMatchObject(columns);
    const nothing = { code, message: expect.stringContaining('nothing is chosen; choose by id, family, tf') };
    await expect(emasOf(undefined)).rejects.toMatchObject(nothing);
    await expect(store.bars(null as never)).rejects.toMatchObject(nothing);
  });

  it('is opened where there is a database, and makes none in a mistyped folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ta-notebook-'));
    for (const place of [join(folder, 'pgg'), folder]) {
      await expect(openStore(place)).rejects.toMatchObject({
        code: 'STORE_CONFIG',
        message: `There is no database in ${place}`,
        hint: expect.stringContaining('Check the name of the folder') as string,
      });
    }
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it.each([
    [{ ...good, id: 1 }, /^id is 1; there are .*900001 \(.*\), 900002/],
    [{ ...good, id: '900001' }, /^id is "900001"; there are/],
    [{ ...good, id: undefined }, /^id is missing/],
    [{ ...good, family: 'cal' }, /^family is "cal"; there are multi_tf, cal_iso, cal_us/],
    [{ ...good, source: 'cal_iso' }, /^there is no "source" to choose by; there are id, family, tf/],
    [{ ...good, tf: '1W' }, /^tf of cal_iso is "1W"; near are 1W_CAL_ISO/],
    [{ ...good, tf: '1W_CAL_US' }, /^tf of cal_iso is "1W_CAL_US"; near are 1W_CAL_ISO/],
    [{ ...good, rows: 'all' }, /^rows is "all"; there are/],
  ])('%j is refused for bars and EMAs alike', async (request, message) => {
    const refusal = { code: 'NOTEBOOK_UNKNOWN_NAME', message: expect.stringMatching(message) as string };
    await expect(store.emas(request as never)).rejects.toMatchObject(refusal);
    const { periods: _periods, ...bars } = request;
    await expect(store.bars(bars as never)).rejects.toMatchObject(refusal);
  });

  it.each([
    [{ ...good, periods: [21] }, /^period is 21; there are 3, 9$/],
    [{ ...good, periods: undefined }, /^periods is missing; there are 3, 9$/],
    [{ ...good, periods: [] }, /^periods is \[\]/],
    [{ ...good, columns: ['ema_bars'] }, /^column is "ema_bars"; there are ema,/],
    [{ ...good, family: 'multi_tf', tf: '7D', columns: ['ema_bar'] }, /^column is "ema_bar"; there are ema,/],
  ])('%j is refused for EMAs', async (request, message) => {
    await expect(store.emas(request as never)).rejects.toMatchObject({
      code: 'NOTEBOOK_UNKNOWN_NAME',
      message: expect.stringMatching(message) as string,
    });
  });

  it('knows the periods of the settings where they name some', async () => {
    const run = (sql: string) => test.database.session((session) => session.run(sql));
    await run(`INSERT INTO ops_settings (name, value, run_id) VALUES ('periods', '[3, 33]', 'run')`);
    try {
      expect((await store.emas({ ...good, periods: [3] } as EmasRequest)).length).toBeGreaterThan(0);
      await expect(store.emas({ ...good, periods: [9] } as EmasRequest)).rejects.toThrow(
        'period is 9; there are 3, 33',
      );
    } finally {
      await run(`DELETE FROM ops_settings WHERE name = 'periods'`);
    }
  });

  it('says so when a timeframe is known and nothing of it is stored; an empty stretch of days is empty', async () => {
    await expect(store.bars({ id, family: 'multi_tf', tf: '400D' })).rejects.toMatchObject({
      code: 'NOTEBOOK_NO_ROWS',
    });
    await expect(store.emas({ id: 900_003, family: 'multi_tf', tf: '1D', periods: [3] })).rejects.toMatchObject({
      code: 'NOTEBOOK_NO_ROWS',
    });
    expect((await store.bars({ id, family: 'multi_tf', tf: '1D', fromTs: Date.UTC(2030) })).length).toBe(0);
  });

  it('values are asked for by a period and a column that were read', async () => {
    const emas = await store.emas({
      id,
      family: 'cal_iso',
      tf: '1W_CAL_ISO',
      periods: [3],
      columns: ['ema_bar', 'ema'],
    });
    expect(emas.of(3)).toEqual(emas.of(3, 'ema_bar'));
    expect(() => emas.of(9)).toThrow(/^period is 9; there are 3$/);
    expect(() => emas.of(3, 'd1')).toThrow(/^column is "d1"; there are ema_bar, ema$/);
  });
});
