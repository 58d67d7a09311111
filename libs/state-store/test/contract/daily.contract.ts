import type { FieldData } from '../../src/copy/field-data.ts';
import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { readDailyBars, readDailyTail } from '../../src/read/daily-bars.ts';
import { readDailyState, readDailyStates, readRevisions, readStamp } from '../../src/read/daily-state.ts';
import type { SelectedRows } from '../../src/write/insert-rows.ts';
import { replaceDailyRows } from '../../src/write/replace-daily-rows.ts';
import { deleteDaily, writeDailyState, writeDayRules, type DailyStateWrite } from '../../src/write/daily-state.ts';
import { resetBarState } from '../../src/write/states.ts';
import { upsertSourceRows } from '../../src/write/source.ts';
import { sourceBatch } from './source.contract.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-02-28T23:59:59.999Z');
const dayTs = (i: number) => FIRST + i * DAY_MS;
const civilDay = (i: number) => Math.floor(dayTs(i) / DAY_MS);

/** Daily bars of one id on the days given, as named columns. */
export function dailyColumns(id: number, days: readonly number[]): SelectedRows {
  const column = (at: (day: number) => number): FieldData => ({ numbers: Float64Array.from(days, at) });
  const flags: FieldData = { numbers: new Uint8Array(days.length) };
  return {
    rows: days.length,
    select: Int32Array.from(days, (_, i) => i),
    data: {
      ...{ id: { constant: id }, timestamp: column(dayTs), bar_seq: column((day) => day + 1) },
      ...{ day: column(civilDay), day_from: column((day) => civilDay(day) * DAY_MS) },
      ...{ day_until: column((day) => (civilDay(day) + 1) * DAY_MS) },
      ...{ time_open: column((day) => dayTs(day - 1) + 1), time_close: column(dayTs) },
      ...{ time_high: column((day) => dayTs(day) - 5), time_low: column((day) => dayTs(day) - 9) },
      ...{ open: column((day) => day + 1), high: column((day) => day + 3), low: column((day) => day + 0.5) },
      ...{ close: column((day) => day + 2), volume: column(() => NaN), market_cap: column((day) => day * 1e9) },
      ...{ is_missing_days: flags, repaired_timehigh: flags, repaired_timelow: flags },
      ...{ repaired_high: flags, repaired_low: flags },
      ...{ src_name: { constant: 'Bitcoin' }, src_load_ts: column(dayTs), src_file: { constant: null } },
    },
  };
}

/** Rejects of one id on the days given. */
export function rejectColumns(id: number, days: readonly number[]): SelectedRows {
  const column = (at: (day: number) => number): FieldData => ({ numbers: Float64Array.from(days, at) });
  const unknown: FieldData = { constant: null };
  return {
    rows: days.length,
    select: Int32Array.from(days, (_, i) => i),
    data: {
      ...{ id: { constant: id }, timestamp: column(dayTs), reason: { constant: 'null_open_close' } },
      ...{ tf: { constant: '1D' }, bar_seq: column((day) => day + 1), time_open: unknown, time_close: unknown },
      ...{ day: column(civilDay), day_from: unknown, day_until: unknown },
      ...{ time_high: unknown, time_low: unknown, open: unknown, high: column(() => 3), low: unknown },
      ...{ close: unknown, volume: unknown, market_cap: unknown, raw_high: column(() => 2), raw_low: unknown },
      ...{ raw_timehigh: unknown, raw_timelow: unknown, src_name: { constant: 'x' } },
      ...{ src_load_ts: column(dayTs), src_file: unknown },
    },
  };
}

const none = { rows: 0, select: new Int32Array(0), data: {} };

export const STATE: DailyStateWrite = {
  ...{
    zone: 'UTC',
    dayRules: 'UTC',
    tradingDays: null,
    lastSourceTs: dayTs(2),
    dailyMinSeen: dayTs(0),
    lastUpserted: 3,
    lastRepairedTimeHigh: 1,
  },
  ...{ lastRepairedTimeLow: 2, lastRejected: 4, sourceRows: 5, sourceMaxLoadTs: dayTs(2) + 0.001, revision: 0 },
  isFullBuild: true,
};

/** Writing and reading daily bars, rejects, state and revisions. */
export function dailyContract(database: () => Database): void {
  const write = (id: number, bars: SelectedRows, rejects: SelectedRows = none, staleBars: number[] = []) =>
    database().transaction((tx) => replaceDailyRows(tx, id, { bars, rejects, staleBars, staleRejects: [] }));
  const barsOf = (id: number, afterTs?: number) => database().session((s) => readDailyBars(s, id, afterTs));

  it('bars come back as columns, ascending, NULL as NaN', async () => {
    await write(301, dailyColumns(301, [0, 1, 3]));
    const bars = await barsOf(301);
    expect(bars).toStrictEqual({
      ...{ length: 3, ts: Float64Array.of(dayTs(0), dayTs(1), dayTs(3)), barSeq: Float64Array.of(1, 2, 4) },
      day: Int32Array.of(civilDay(0), civilDay(1), civilDay(3)),
      dayFrom: Float64Array.of(civilDay(0), civilDay(1), civilDay(3)).map((day) => day * DAY_MS),
      dayUntil: Float64Array.of(civilDay(0), civilDay(1), civilDay(3)).map((day) => (day + 1) * DAY_MS),
      timeOpen: Float64Array.of(dayTs(-1) + 1, dayTs(0) + 1, dayTs(2) + 1),
      ...{ open: Float64Array.of(1, 2, 4), high: Float64Array.of(3, 4, 6), low: Float64Array.of(0.5, 1.5, 3.5) },
      ...{ close: Float64Array.of(2, 3, 5), volume: Float64Array.of(NaN, NaN, NaN) },
      ...{ marketCap: Float64Array.of(0, 1e9, 3e9) },
      ...{ timeHigh: Float64Array.of(dayTs(0) - 5, dayTs(1) - 5, dayTs(3) - 5) },
      ...{ timeLow: Float64Array.of(dayTs(0) - 9, dayTs(1) - 9, dayTs(3) - 9) },
    });
    expect([...(await barsOf(301, dayTs(0))).barSeq]).toStrictEqual([2, 4]);
    expect((await barsOf(399)).length).toBe(0);
  });

  it('replacing rows leaves the others untouched, updated_at included', async () => {
    await write(302, dailyColumns(302, [0, 1, 2]));
    const stamps = () =>
      database().session((s) =>
        s.query<{ t: string }>(`SELECT updated_at::text t FROM cmc_price_bars_1d WHERE id = 302 ORDER BY "timestamp"`),
      );
    const before = await stamps();
    const changed = dailyColumns(302, [0, 1, 2]);
    await write(302, { ...changed, select: Int32Array.of(1) }, none, [dayTs(1)]);
    const after = await stamps();
    expect([after[0], after[2]]).toStrictEqual([before[0], before[2]]);
    expect(after[1]).not.toStrictEqual(before[1]);
  });

  it('a tail says what lies before it and what is stored from there on', async () => {
    await database().transaction((tx) => upsertSourceRows(tx, sourceBatch(303, 5)));
    await write(303, dailyColumns(303, [0, 1, 3, 4]), rejectColumns(303, [2]));
    const tail = await database().session((s) => readDailyTail(s, 303, { fromTs: dayTs(2) }));
    expect(tail).toMatchObject({ rowsBefore: 2, previousBarTs: dayTs(1), previousBarDay: civilDay(1) });
    expect([...tail.bars.number('timestamp')]).toStrictEqual([dayTs(3), dayTs(4)]);
    expect(tail.rejects.text('reason')).toStrictEqual(['null_open_close']);
    expect([...tail.rejects.number('raw_high')]).toStrictEqual([2]);

    const after = await database().session((s) => readDailyTail(s, 303, { afterTs: dayTs(3) }));
    expect(after).toMatchObject({ rowsBefore: 4, previousBarTs: dayTs(3), previousBarDay: civilDay(3) });
    expect([...after.bars.number('timestamp')]).toStrictEqual([dayTs(4)]);

    const all = await database().session((s) => readDailyTail(s, 303, { fromTs: -Infinity }));
    expect(all).toMatchObject({ rowsBefore: 0, previousBarTs: null, previousBarDay: null });
    expect(all.bars.length).toBe(4);
    const nothing = await database().session((s) => readDailyTail(s, 398, { fromTs: dayTs(0) }));
    expect(nothing).toMatchObject({ rowsBefore: 0, previousBarTs: null });
  });

  it('state comes back as written; an id without state has none', async () => {
    await write(304, dailyColumns(304, [1, 2]));
    await database().transaction((tx) => writeDailyState(tx, 304, STATE));
    const state = await database().session((s) => readDailyState(s, 304));
    const { isFullBuild: _, lastUpserted, lastRepairedTimeHigh, lastRepairedTimeLow, lastRejected, ...written } = STATE;
    expect(state).toMatchObject({ id: 304, ...written, firstBarTs: dayTs(1) });
    const counts = await database().session((s) =>
      s.query(`SELECT last_upserted, last_repaired_timehigh, last_repaired_timelow, last_rejected, last_run_ts <= now() AS ran
        FROM cmc_price_bars_1d_state WHERE id = 304`),
    );
    expect(counts.map((row) => Object.values(row))).toStrictEqual([
      [lastUpserted, lastRepairedTimeHigh, lastRepairedTimeLow, lastRejected, true],
    ]);
    await database().transaction((tx) => writeDayRules(tx, 304, '1:2:3:f'));
    const { dayRules: _rules, ...others } = written;
    const byOtherRules = await database().session((s) => readDailyState(s, 304));
    expect(byOtherRules).toMatchObject({ ...others, dayRules: '1:2:3:f', fullBuiltAtMs: state?.fullBuiltAtMs });
    expect(await database().session((s) => readDailyState(s, 397))).toBeNull();
    expect([...(await database().session((s) => readDailyStates(s, [304, 397]))).keys()]).toStrictEqual([304]);
  });

  it('a build from scratch gets a new stamp and forgets revisions; other refreshes keep the stamp', async () => {
    const id = 305;
    const save = (change: Partial<DailyStateWrite>) =>
      database().transaction((tx) => writeDailyState(tx, id, { ...STATE, ...change }));
    const stampOf = async () => (await database().session((s) => readDailyState(s, id)))?.fullBuiltAtMs;
    const revisions = () => database().session(async (s) => (await readRevisions(s, [id])).get(id) ?? []);

    await save({});
    const stamp = await stampOf();
    await save({ isFullBuild: false, revision: 1, revisedFromTs: dayTs(1) });
    await save({ isFullBuild: false, revision: 1, revisedFromTs: null });
    await save({ isFullBuild: false, revision: 2, revisedFromTs: dayTs(0) });
    expect(await stampOf()).toBe(stamp);
    expect(await revisions()).toStrictEqual([
      { id, revision: 1, firstTs: dayTs(1) },
      { id, revision: 2, firstTs: dayTs(0) },
    ]);
    await save({});
    expect(await stampOf()).not.toBe(stamp);
    expect(await revisions()).toStrictEqual([]);
  });

  it('a reset forgets the state and keeps the data', async () => {
    await write(306, dailyColumns(306, [0]));
    await database().transaction((tx) => writeDailyState(tx, 306, STATE));
    expect(await database().transaction((tx) => resetBarState(tx, [306, 396]))).toBe(1);
    expect(await database().session((s) => readDailyState(s, 306))).toBeNull();
    expect((await barsOf(306)).length).toBe(1);
  });

  it('an id whose source is gone loses everything daily', async () => {
    await write(307, dailyColumns(307, [0, 1]), rejectColumns(307, [2]));
    await database().transaction((tx) => writeDailyState(tx, 307, STATE));
    expect(await database().transaction((tx) => deleteDaily(tx, 307))).toBe(2);
    const tail = await database().session((s) => readDailyTail(s, 307, { fromTs: -Infinity }));
    expect([tail.bars.length, tail.rejects.length]).toStrictEqual([0, 0]);
  });

  it('a stamp is a number that the database gives back unchanged', async () => {
    for (let i = 0; i < 20; i++) {
      const same = await database().transaction(async (tx) => {
        const stamp = await readStamp(tx);
        await writeDailyState(tx, 308, { ...STATE, sourceMaxLoadTs: stamp });
        return (await readDailyState(tx, 308))?.sourceMaxLoadTs === stamp;
      });
      expect(same).toBe(true);
    }
  });
}
