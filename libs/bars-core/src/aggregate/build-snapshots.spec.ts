import { describe, expect, it } from 'vitest';
import {
  dayNumber,
  instant,
  plainRow,
  seriesD,
  seriesDPrime,
  seriesOf,
  type PlainRow,
} from '../../test/fixtures/plain-row.ts';
import { fullBuild, plainSnapshots, timeframe, type PlainSnapshot } from '../../test/fixtures/plain-snapshot.ts';
import { createDailySeries } from '../daily-series.ts';
import { barStateFacts, openBarState } from './bar-state.ts';
import { buildSnapshots } from './build-snapshots.ts';
import { createSnapshotColumns } from './snapshot-columns.ts';

/** Tables of docs/bars.md: bar, snapshot, time_open, open, high, low, close, volume, hi@, lo@, PE, n, rem, miss; days of January 2024. */
type Line = [
  bar: number,
  snapshot: number,
  timeOpen: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
  highOn: number | null,
  lowOn: number | null,
  isPartialEnd: boolean,
  countDays: number,
  remaining: number,
  missing: number,
];

const january = (day: number): string => `2024-01-${String(day).padStart(2, '0')}`;

function snapshotOn(snapshots: readonly PlainSnapshot[], day: number): PlainSnapshot {
  const timeClose = instant(january(day), '23:59:59.999');
  const found = snapshots.filter((snapshot) => snapshot.timeClose === timeClose);
  expect(found).toHaveLength(1);
  return found[0];
}

function expectLine(snapshots: readonly PlainSnapshot[], line: Line): void {
  const [
    barSeq,
    day,
    timeOpen,
    open,
    high,
    low,
    close,
    volume,
    highOn,
    lowOn,
    isPartialEnd,
    countDays,
    remaining,
    missing,
  ] = line;
  expect(snapshotOn(snapshots, day)).toMatchObject({
    barSeq,
    timeOpen: instant(january(timeOpen), '00:00:00.000'),
    open,
    high,
    low,
    close,
    volume,
    ...(highOn === null ? {} : { timeHigh: instant(january(highOn), '15:00:00.000') }),
    ...(lowOn === null ? {} : { timeLow: instant(january(lowOn), '05:00:00.000') }),
    marketCap: 1_001 + day - 3,
    isPartialEnd,
    posInBar: countDays,
    countDays,
    countDaysRemaining: remaining,
    countMissingDays: missing,
    isMissingDays: missing > 0,
    guarded: 0,
  });
}

const [t, f] = [true, false];

describe('multi_tf 7D on series D', () => {
  const snapshots = fullBuild(seriesOf(seriesD()), timeframe('7D'));

  it.each<Line>([
    [1, 3, 3, 100, 110, 95, 100.5, 10, 3, 3, t, 1, 6, 0],
    [1, 5, 3, 100, 112, 94, 102.5, 60, 4, 5, t, 3, 4, 0],
    [1, 7, 3, 100, 115, 94, 104.5, 150, 6, 5, t, 5, 2, 0],
    [1, 9, 3, 100, 115, 94, 106.5, 280, 6, 5, f, 7, 0, 0],
    [2, 15, 10, 107, 120, 93, 112.5, 630, 10, 10, t, 6, 1, 0],
    [2, 17, 10, 107, 120, 92, 114.5, 780, 10, 17, f, 7, 0, 1],
    [3, 22, 18, 115, 122, 92, 119.5, 900, 22, 20, t, 5, 2, 0],
  ])('bar %i as of 01-%i', (...line) => {
    expectLine(snapshots, line);
  });

  it('has 19 snapshots, closed on 01-09 and 01-17', () => {
    expect(snapshots).toHaveLength(19);
    expect(
      snapshots.filter((snapshot) => !snapshot.isPartialEnd).map(({ sourceRow }) => seriesD()[sourceRow].day),
    ).toStrictEqual([dayNumber('2024-01-09'), dayNumber('2024-01-17')]);
    expect(new Set(snapshots.map(({ tfDays }) => tfDays))).toStrictEqual(new Set([7]));
  });

  it('names the missing day inside of bar 2', () => {
    expect(snapshotOn(snapshots, 17)).toMatchObject({
      countMissingDaysStart: 0,
      countMissingDaysInterior: 1,
      missingDaysWhere: '2024-01-16',
      firstMissingDay: dayNumber('2024-01-16'),
      lastMissingDay: dayNumber('2024-01-16'),
      barAnchorOffset: null,
      isPartialStart: false,
    });
    expect(snapshotOn(snapshots, 18)).toMatchObject({
      missingDaysWhere: null,
      firstMissingDay: null,
      lastMissingDay: null,
    });
  });
});

describe('cal_us on series D', () => {
  const oneWeek = fullBuild(seriesOf(seriesD()), timeframe('1W_CAL_US'));
  const twoWeeks = fullBuild(seriesOf(seriesD()), timeframe('2W_CAL_US'));

  it.each<Line>([
    [1, 7, 7, 104, 115, 94, 104.5, 50, 7, 7, t, 1, 6, 0],
    [1, 13, 7, 104, 120, 93, 110.5, 560, 10, 10, f, 7, 0, 0],
    [2, 15, 14, 111, 113, 97, 112.5, 250, 14, 14, t, 2, 5, 0],
    [2, 17, 14, 111, 118, 92, 114.5, 400, 17, 17, t, 3, 3, 1],
    [2, 20, 14, 111, 121, 92, 117.5, 910, 19, 17, f, 6, 0, 1],
    [3, 22, 21, 118, 122, 94, 119.5, 390, 22, 22, t, 2, 5, 0],
  ])('1W_CAL_US bar %i as of 01-%i', (...line) => {
    expectLine(oneWeek, line);
  });

  it('1W_CAL_US drops 01-03 to 01-06', () => {
    expect(oneWeek.map(({ sourceRow }) => sourceRow)).toStrictEqual(Array.from({ length: 15 }, (_, at) => at + 4));
  });

  it('1W_CAL_US names the missing day on 01-17', () => {
    expect(snapshotOn(oneWeek, 17)).toMatchObject({
      missingDaysWhere: '2024-01-16',
      firstMissingDay: dayNumber('2024-01-16'),
      lastMissingDay: dayNumber('2024-01-16'),
    });
  });

  it('2W_CAL_US closes on 01-20 and starts bar 2 on 01-21', () => {
    expectLine(twoWeeks, [1, 20, 7, 104, 121, 92, 117.5, 1_470, null, null, f, 13, 0, 1]);
    expect(snapshotOn(twoWeeks, 21)).toMatchObject({ barSeq: 2, countDaysRemaining: 13, tfDays: 14 });
    expect(twoWeeks).toHaveLength(15);
  });
});

describe('cal_iso 1W_CAL_ISO on series D', () => {
  const snapshots = fullBuild(seriesOf(seriesD()), timeframe('1W_CAL_ISO'));

  it.each<Line>([
    [1, 8, 8, 105, 109, 99, 105.5, 60, null, null, t, 1, 6, 0],
    [1, 14, 8, 105, 120, 93, 111.5, 630, null, null, f, 7, 0, 0],
    [2, 15, 15, 112, 113, 99, 112.5, 130, null, null, t, 1, 6, 0],
    [2, 17, 15, 112, 118, 92, 114.5, 280, null, null, t, 2, 4, 1],
    [2, 21, 15, 112, 121, 92, 118.5, 980, null, null, f, 6, 0, 1],
    [3, 22, 22, 119, 122, 94, 119.5, 200, null, null, t, 1, 6, 0],
  ])('bar %i as of 01-%i', (...line) => {
    expectLine(snapshots, line);
  });
});

describe('cal_anchor_us 2W_CAL_ANCHOR_US on series D', () => {
  const snapshots = fullBuild(seriesOf(seriesD()), timeframe('2W_CAL_ANCHOR_US'));

  it.each<[offset: number, isPartialStart: boolean, ...line: Line]>([
    [0, t, 1, 4, 3, 100, 112, 95, 101.5, 30, null, null, t, 2, 2, 0],
    [0, t, 1, 6, 3, 100, 115, 94, 103.5, 100, null, null, f, 4, 0, 0],
    [14, f, 2, 15, 7, 104, 120, 93, 112.5, 810, null, null, t, 9, 5, 0],
    [14, f, 2, 17, 7, 104, 120, 92, 114.5, 960, null, null, t, 10, 3, 1],
    [14, f, 2, 20, 7, 104, 121, 92, 117.5, 1_470, null, null, f, 13, 0, 1],
    [28, f, 3, 22, 21, 118, 122, 94, 119.5, 390, null, null, t, 2, 12, 0],
  ])('offset %i, partial start %s: bar %i as of 01-%i', (barAnchorOffset, isPartialStart, ...line) => {
    expectLine(snapshots, line);
    expect(snapshotOn(snapshots, line[1])).toMatchObject({ barAnchorOffset, isPartialStart, tfDays: 14 });
  });
});

describe('cal_anchor_iso on series D', () => {
  const weeks = fullBuild(seriesOf(seriesD()), timeframe('1W_CAL_ANCHOR_ISO'));
  const months = fullBuild(seriesOf(seriesD()), timeframe('1M_CAL_ANCHOR'));

  it.each<[offset: number, isPartialStart: boolean, ...line: Line]>([
    [0, t, 1, 7, 3, 100, 115, 94, 104.5, 150, null, null, f, 5, 0, 0],
    [7, f, 2, 14, 8, 105, 120, 93, 111.5, 630, null, null, f, 7, 0, 0],
    [14, f, 3, 21, 15, 112, 121, 92, 118.5, 980, null, null, f, 6, 0, 1],
    [21, f, 4, 22, 22, 119, 122, 94, 119.5, 200, null, null, t, 1, 6, 0],
  ])('1W: offset %i, partial start %s: bar %i as of 01-%i', (barAnchorOffset, isPartialStart, ...line) => {
    expectLine(weeks, line);
    expect(snapshotOn(weeks, line[1])).toMatchObject({ barAnchorOffset, isPartialStart, tfDays: 7 });
  });

  it('1M is one bar, partial at both ends on every row', () => {
    expect(months).toHaveLength(19);
    for (const snapshot of months) {
      expect(snapshot).toMatchObject({
        barSeq: 1,
        tfDays: 31,
        isPartialStart: true,
        isPartialEnd: true,
        barAnchorOffset: 0,
      });
    }
    expectLine(months, [1, 22, 3, 100, 122, 92, 119.5, 1_960, null, null, t, 19, 9, 1]);
  });
});

describe('a scheduled end day that is missing, series D′', () => {
  const aligned = fullBuild(seriesOf(seriesDPrime()), timeframe('1W_CAL_US'));
  const anchored = fullBuild(seriesOf(seriesDPrime()), timeframe('1W_CAL_ANCHOR_US'));

  it('leaves the bar without a closed snapshot', () => {
    const bar1 = aligned.filter(({ barSeq }) => barSeq === 1);
    expect(bar1[bar1.length - 1]).toMatchObject({
      timeClose: instant('2024-01-12', '23:59:59.999'),
      countDays: 6,
      countDaysRemaining: 1,
      isPartialEnd: true,
    });
    expect(bar1.every(({ isPartialEnd }) => isPartialEnd)).toBe(true);
  });

  it('starts the next bar with its first observed day, the day before missing at its start', () => {
    expect(snapshotOn(aligned, 15)).toMatchObject({
      barSeq: 2,
      open: 112,
      timeOpen: instant('2024-01-15', '00:00:00.000'),
      countDays: 1,
      countDaysRemaining: 5,
      countMissingDays: 1,
      countMissingDaysStart: 1,
      countMissingDaysInterior: 0,
      missingDaysWhere: '2024-01-14',
    });
  });

  it('counts the missing start in anchored bars too', () => {
    expect(snapshotOn(anchored, 15)).toMatchObject({ barSeq: 3, countMissingDays: 1, countMissingDaysStart: 1 });
  });
});

describe('unknown values and ties', () => {
  const day0 = dayNumber('2024-01-01');
  const fourDays = [110, 112, null, 115].map((high, at): PlainRow =>
    plainRow(day0 + at, {
      open: 100 + at,
      close: 100.5 + at,
      high,
      low: 95,
      volume: at === 2 ? null : 10 * (at + 1),
      marketCap: at === 1 ? null : 1_001 + at,
    }),
  );

  it('skips an unknown high, adds nothing for an unknown volume, keeps the last known market cap', () => {
    const snapshots = fullBuild(seriesOf(fourDays), timeframe('4D'));
    expect(snapshots.map(({ high }) => high)).toStrictEqual([110, 112, 112, 115]);
    expect(snapshots.map(({ volume }) => volume)).toStrictEqual([10, 30, 30, 70]);
    expect(snapshots.map(({ marketCap }) => marketCap)).toStrictEqual([1_001, 1_001, 1_003, 1_004]);
  });

  it('places a tied extreme at the earlier stamp, but never before the tie is seen', () => {
    const rows = [
      plainRow(day0, { high: 120, timeHigh: instant('2024-01-01', '15:00:00.000') }),
      plainRow(day0 + 1, { high: 120, timeHigh: instant('2024-01-01', '09:00:00.000') }),
    ];
    const snapshots = fullBuild(seriesOf(rows), timeframe('4D'));
    expect(snapshots.map(({ timeHigh }) => timeHigh)).toStrictEqual([
      instant('2024-01-01', '15:00:00.000'),
      instant('2024-01-01', '09:00:00.000'),
    ]);
  });

  it('takes the close instant where an extreme has none', () => {
    const rows = [plainRow(day0, { timeHigh: null, timeLow: null })];
    expect(fullBuild(seriesOf(rows), timeframe('2D'))[0]).toMatchObject({
      timeHigh: instant('2024-01-01', '23:59:59.999'),
      timeLow: instant('2024-01-01', '23:59:59.999'),
    });
  });

  it('keeps an unknown open until the bar ends, and nothing else of a row without prices', () => {
    const nothing = { open: null, high: null, low: null, close: null };
    const rows = [
      plainRow(day0, nothing),
      plainRow(day0 + 1, { high: 130, low: 80 }),
      plainRow(day0 + 2, { open: 101 }),
    ];
    const snapshots = fullBuild(seriesOf(rows), timeframe('2D'));
    expect(snapshots[0]).toMatchObject({ ...nothing, timeHigh: null, timeLow: null, volume: 10, guarded: 0 });
    expect(snapshots[1]).toMatchObject({ open: null, high: 130, low: 80, close: 105, guarded: 0 });
    expect(snapshots[2]).toMatchObject({ barSeq: 2, open: 101 });
  });

  it('keeps the running extremes over a row without prices in the middle of a bar', () => {
    const rows = [
      plainRow(day0, { high: 130, low: 80 }),
      plainRow(day0 + 1, { open: null, high: null, low: null, close: null }),
    ];
    expect(fullBuild(seriesOf(rows), timeframe('2D'))[1]).toMatchObject({
      high: 130,
      low: 80,
      close: null,
      guarded: 0,
    });
  });

  it('clamps one snapshot and not the bar', () => {
    const rows = [plainRow(day0, { high: 101, close: 105 }), plainRow(day0 + 1, { open: 100, high: 103, close: 100 })];
    const [first, second] = fullBuild(seriesOf(rows), timeframe('2D'));
    expect(first).toMatchObject({ high: 105, guarded: 2, originalHigh: 101 });
    expect(second).toMatchObject({ high: 103, guarded: 0 });
  });
});

describe('windows without data', () => {
  it('use up a number in aligned and anchored bars', () => {
    const rows = [plainRow(dayNumber('2024-01-01')), plainRow(dayNumber('2024-01-24'))]; // Mondays; two weeks without rows
    for (const tf of ['1W_CAL_ISO', '1W_CAL_ANCHOR_ISO']) {
      expect(fullBuild(seriesOf(rows), timeframe(tf)).map(({ barSeq }) => barSeq)).toStrictEqual([1, 4]);
    }
  });
});

describe('the engine', () => {
  const series = seriesOf(seriesD());
  const sevenDays = timeframe('7D');

  it('gives nothing for no rows and leaves the state as it was', () => {
    const state = openBarState(sevenDays);
    const out = createSnapshotColumns(0);
    buildSnapshots(createDailySeries(0), sevenDays, { state, from: 0, until: 0, out });
    expect(out.length).toBe(0);
    expect(state).toStrictEqual(openBarState(sevenDays));
    expect(barStateFacts(state)).toStrictEqual({
      rowsSeen: 0,
      closedBars: 0,
      firstDay: null,
      lastDay: null,
      lastTs: NaN,
      lastBarSeq: null,
    });
  });

  it('appends, so that timeframes and pieces can share a buffer', () => {
    const [days, weeks] = [timeframe('7D'), timeframe('1W_CAL_US')];
    const out = createSnapshotColumns(2 * series.length);
    const dayState = openBarState(days);
    buildSnapshots(series, days, { state: dayState, from: 0, until: 7, out });
    buildSnapshots(series, days, { state: dayState, from: 7, until: series.length, out });
    buildSnapshots(series, weeks, { state: openBarState(weeks), from: 0, until: series.length, out });
    expect(plainSnapshots(out)).toStrictEqual([...fullBuild(series, days), ...fullBuild(series, weeks)]);
  });

  it('counts the room that is left in the buffer', () => {
    const out = createSnapshotColumns(20);
    out.length = 2;
    const options = { state: openBarState(sevenDays), from: 0, until: 19, out };
    expect(() => buildSnapshots(series, sevenDays, options)).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_RANGE' }),
    );
    expect(out.length).toBe(2);
  });

  it('tells how far it has come', () => {
    const state = openBarState(sevenDays);
    buildSnapshots(series, sevenDays, { state, from: 0, until: series.length, out: createSnapshotColumns(32) });
    expect(barStateFacts(state)).toStrictEqual({
      rowsSeen: 19,
      closedBars: 2,
      firstDay: dayNumber('2024-01-03'),
      lastDay: dayNumber('2024-01-22'),
      lastTs: instant('2024-01-22', '23:59:59.999'),
      lastBarSeq: 3,
    });
  });

  it('has seen rows but no bar before the first full boundary', () => {
    const tenYears = timeframe('10Y_CAL');
    const state = openBarState(tenYears);
    const out = createSnapshotColumns(32);
    buildSnapshots(series, tenYears, { state, from: 0, until: series.length, out });
    expect(out.length).toBe(0);
    expect(barStateFacts(state)).toMatchObject({ rowsSeen: 19, lastBarSeq: null });
  });

  it.each([
    ['BARS_BAD_RANGE', -1, 3, 32],
    ['BARS_BAD_RANGE', 3, 2, 32],
    ['BARS_BAD_RANGE', 0, 20, 32],
    ['BARS_BAD_RANGE', 0.5, 3, 32],
    ['BARS_BAD_RANGE', 0, 19, 18],
  ])('throws %s for rows from %d until %d with room for %d', (code, from, until, capacity) => {
    const state = openBarState(sevenDays);
    const out = createSnapshotColumns(capacity);
    expect(() => buildSnapshots(series, sevenDays, { state, from, until, out })).toThrow(
      expect.objectContaining({ code }),
    );
    expect(state).toStrictEqual(openBarState(sevenDays));
  });

  it('takes no state of another timeframe', () => {
    const state = openBarState(timeframe('14D'));
    const out = createSnapshotColumns(32);
    expect(() => buildSnapshots(series, sevenDays, { state, from: 0, until: 1, out })).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_STATE' }),
    );
  });

  it('takes every day once and in order, also across two calls', () => {
    const state = openBarState(sevenDays);
    const out = createSnapshotColumns(32);
    buildSnapshots(series, sevenDays, { state, from: 0, until: 5, out });
    const before = structuredClone(state);
    expect(() => buildSnapshots(series, sevenDays, { state, from: 4, until: 9, out })).toThrow(
      expect.objectContaining({ code: 'BARS_UNSORTED' }),
    );
    const sameDay = seriesOf([plainRow(dayNumber('2024-01-07'), { ts: instant('2024-01-07', '23:59:59.999') + 1 })]);
    expect(() => buildSnapshots(sameDay, sevenDays, { state, from: 0, until: 1, out })).toThrow(
      expect.objectContaining({
        code: 'BARS_DUPLICATE_DAY',
        message: expect.stringContaining('2024-01-07') as unknown,
      }),
    );
    expect(state).toStrictEqual(before);
  });
});
