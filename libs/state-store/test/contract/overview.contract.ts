import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { readDailyState } from '../../src/read/daily-state.ts';
import { readBarsOverview, readDailyOverview, readEmasOverview, type EmaSpecs } from '../../src/read/overview.ts';
import { EMA_TABLES } from '../../src/tables/ema-tables.ts';
import { writeDailyState } from '../../src/write/daily-state.ts';
import { upsertSourceRows } from '../../src/write/source.ts';
import { openRefreshState, writeBarStates, writeEmaStates } from '../../src/write/states.ts';
import { barState } from './bars.contract.ts';
import { STATE } from './daily.contract.ts';
import { emaState } from './emas.contract.ts';
import { sourceBatch } from './source.contract.ts';

/** State of all ids at a glance. */
export function overviewContract(database: () => Database): void {
  it('agrees with the states themselves, stamps included', async () => {
    const id = 601;
    await database().transaction(async (tx) => {
      await upsertSourceRows(tx, sourceBatch(id, 1));
      await writeDailyState(tx, id, { ...STATE, revision: 4 });
      await writeBarStates(tx, 'cal_iso', id, [
        barState('9D', { builtAtMs: 1e12 + 0.25 }),
        barState('10D', { sourceRevision: 1 }),
      ]);
      const states = [emaState('9D'), emaState('10D', { lastTs: 86_400_000, periods: [7] })];
      await writeEmaStates(tx, id, new Map([['multi_tf_cal_us', states]]));
      await openRefreshState(tx, id);
    });
    const daily = await database().session((s) => readDailyState(s, id));
    const overviewOf = async (barSpecs: [string, string][], hashes: [string, string][], periods: number[]) => {
      const none = Object.keys(EMA_TABLES).map((table) => [table, new Map()]);
      const specs = { ...(Object.fromEntries(none) as EmaSpecs['paramsHashes']), multi_tf_cal_us: new Map(hashes) };
      return database().session(async (s) => ({
        bars: (await readBarsOverview(s, 'cal_iso', new Map(barSpecs), [id])).get(id),
        emas: (await readEmasOverview(s, { paramsHashes: specs, periods }, [id])).multi_tf_cal_us.get(id),
      }));
    };
    const barSpecs: [string, string][] = [
      ['9D', 'rolling 9D'],
      ['10D', 'rolling 10D'],
    ];
    const hashes: [string, string][] = [
      ['9D', 'hash of 9D'],
      ['10D', 'hash of 10D'],
    ];
    const { bars, emas } = await overviewOf(barSpecs, hashes, emaState('9D').periods as number[]);

    expect((await database().session((s) => readDailyOverview(s, [id]))).get(id)).toStrictEqual({
      // its newest bar is stored nowhere
      ...{ zone: 'UTC', dayRules: 'UTC', fullBuiltAtMs: Number.NaN, revision: 4, lastSourceTs: STATE.lastSourceTs },
    });
    await database().transaction((tx) => writeDailyState(tx, id, { ...STATE, lastSourceTs: null }));
    const agreeing = await database().session((s) => readDailyState(s, id));
    expect((await database().session((s) => readDailyOverview(s, [id]))).get(id)).toMatchObject({
      ...{ fullBuiltAtMs: agreeing?.fullBuiltAtMs, lastSourceTs: null },
    });
    expect([daily?.newestBarTs, agreeing?.fullBuiltAtMs]).toEqual([Number.NaN, expect.any(Number)]);
    const bar = barState('9D');
    expect(bars).toStrictEqual({
      ...{ isAsSpecified: true, zone: ['UTC', 'UTC'] },
      ...{ sourceBuiltAtMs: [bar.sourceBuiltAtMs, bar.sourceBuiltAtMs], sourceRevision: [1, 2] },
      ...{ dailyMaxTs: [bar.dailyMaxTs, bar.dailyMaxTs], newestBuiltAtMs: bar.builtAtMs },
    });
    const none = await database().session((s) => readBarsOverview(s, 'multi_tf', new Map(barSpecs), [id]));
    expect(none.size).toBe(0);
    const ema = emaState('9D');
    expect(emas).toStrictEqual({
      ...{ isAsSpecified: false, sourceRevision: [1, 1] },
      ...{ dailyBuiltAtMs: [ema.dailyBuiltAtMs, ema.dailyBuiltAtMs], lastTs: [86_400_000, ema.lastTs] },
      ...{ resetStampMs: [ema.resetStampMs, ema.resetStampMs], newestBarsBuiltAtMs: ema.barsBuiltAtMs },
    });
    await database().transaction((tx) => writeEmaStates(tx, id, new Map([['multi_tf_cal_us', [emaState('10D')]]])));
    const isAsSpecified = async (...expected: Parameters<typeof overviewOf>) => {
      const found = await overviewOf(...expected);
      return [found.bars?.isAsSpecified, found.emas?.isAsSpecified];
    };
    const periods = [...ema.periods];
    expect(await isAsSpecified(barSpecs, hashes, periods)).toEqual([true, true]);
    // one more, one less, another one, another period, none at all
    expect(await isAsSpecified([...barSpecs, ['8D', 'x']], [...hashes, ['8D', 'x']], periods)).toEqual([false, false]);
    expect(await isAsSpecified([barSpecs[0]], [hashes[0]], periods)).toEqual([false, false]);
    expect(await isAsSpecified([barSpecs[0], ['10D', 'x']], [hashes[0], ['10D', 'x']], periods)).toEqual([
      false,
      false,
    ]);
    expect(await isAsSpecified(barSpecs, hashes, [...periods, 99])).toEqual([true, false]);
    expect(await isAsSpecified([], [], periods)).toEqual([false, false]);
  });
}
