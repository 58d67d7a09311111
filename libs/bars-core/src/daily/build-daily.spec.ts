import { describe, expect, it } from 'vitest';
import { dayNumber, instant } from '../../test/fixtures/plain-row.ts';
import { sourceRow, sourceSeriesOf, type SourceRow } from '../../test/fixtures/source-row.ts';
import { parseCivilDay, type CivilDay } from '../civil-day.ts';
import { assertAscendingDays } from '../daily-series.ts';
import { tradingDays } from '../trading-days.ts';
import { buildDaily, type BuildDailyOptions, type DailyBars, type DailyBuild } from './build-daily.ts';
import { columnsAtFault } from './reject.ts';

const FROM_START = { zone: 'UTC', rowsBefore: 0, previousBarDay: null };

const build = (rows: readonly SourceRow[], facts: Partial<BuildDailyOptions> = {}): DailyBuild =>
  buildDaily(sourceSeriesOf(rows), { ...FROM_START, ...facts });

function ohlc(open: number | null, high: number | null, low: number | null, close: number | null): Partial<SourceRow> {
  return { open, high, low, close };
}

function repairsOf({ repairedWindow, repairedTimeHigh, repairedTimeLow, repairedHigh, repairedLow }: DailyBars) {
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  return {
    ...{ window: count(repairedWindow), timeHigh: count(repairedTimeHigh), timeLow: count(repairedTimeLow) },
    ...{ high: count(repairedHigh), low: count(repairedLow) },
  };
}

describe('the 1D example of docs/bars.md#daily-bars', () => {
  const rows = [
    sourceRow('2024-01-01', ohlc(100, 110, 95, 105)),
    sourceRow('2024-01-02', { ...ohlc(105, 200, 90, 100), timeHigh: instant('2024-01-03', '05:00:00.000') }),
    sourceRow('2024-01-03', { ...ohlc(100, 108, 50, 104), timeLow: null }),
    sourceRow('2024-01-04', { ...ohlc(104, 109, 99, 106), marketCap: null }),
    sourceRow('2024-01-05', ohlc(null, 110, 95, 107)),
    sourceRow('2024-01-06', {
      timeOpen: instant('2024-01-06', '23:59:59.999'),
      timeClose: instant('2024-01-06', '00:00:00.000'),
    }),
    sourceRow('2024-01-07', ohlc(107, 100, 112, 108)),
    sourceRow('2024-01-08', ohlc(108, null, 100, 109)),
    sourceRow('2024-01-09', { volume: null }),
    sourceRow('2024-01-10', ohlc(110, 115, 105, 112)),
  ];
  const { bars, rejects } = build(rows);
  const at = (seq: number): number => bars.barSeq.indexOf(seq);

  it('accepts eight of ten rows; rejected rows leave holes in bar_seq', () => {
    expect(Array.from(bars.barSeq)).toStrictEqual([1, 2, 3, 4, 7, 8, 9, 10]);
    expect(Array.from(bars.sourceIndex)).toStrictEqual([0, 1, 2, 3, 6, 7, 8, 9]);
    expect(Array.from(bars.day)).toStrictEqual(
      [1, 2, 3, 4, 7, 8, 9, 10].map((day) => dayNumber('2024-01-01') + day - 1),
    );
  });

  it('leaves a sound row unchanged', () => {
    expect([bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0], bars.marketCap[0]]).toStrictEqual([
      100, 110, 95, 105, 10, 1_000,
    ]);
    expect([bars.timeOpen[0], bars.timeLow[0], bars.timeHigh[0], bars.timeClose[0], bars.ts[0]]).toStrictEqual(
      ['00:00:00.000', '06:00:00.000', '12:00:00.000', '23:59:59.999', '23:59:59.999'].map((time) =>
        instant('2024-01-01', time),
      ),
    );
  });

  // the repair of an instant never changes a price
  it('repairs the instant of a high of the next day on a falling day, not its price', () => {
    expect(bars.high[at(2)]).toBe(200);
    expect(bars.low[at(2)]).toBe(90);
    expect(bars.timeHigh[at(2)]).toBe(instant('2024-01-02', '00:00:00.000'));
    expect([bars.repairedTimeHigh[at(2)], bars.repairedHigh[at(2)]]).toStrictEqual([1, 0]);
  });

  it('gives a low without an instant one on a rising day, and leaves its price', () => {
    expect(bars.low[at(3)]).toBe(50);
    expect(bars.high[at(3)]).toBe(108);
    expect(bars.timeLow[at(3)]).toBe(instant('2024-01-03', '00:00:00.000'));
    expect([bars.repairedTimeLow[at(3)], bars.repairedLow[at(3)]]).toStrictEqual([1, 0]);
  });

  it('accepts rows without market cap or volume', () => {
    expect(bars.marketCap[at(4)]).toBe(NaN);
    expect(bars.volume[at(9)]).toBe(NaN);
  });

  it('swaps a high below the low and flags both', () => {
    expect([bars.high[at(7)], bars.low[at(7)]]).toStrictEqual([112, 100]);
    expect([bars.repairedHigh[at(7)], bars.repairedLow[at(7)], bars.repairedTimeHigh[at(7)]]).toStrictEqual([1, 1, 0]);
  });

  it('fills an unknown high and flags it', () => {
    expect(bars.high[at(8)]).toBe(109);
    expect([bars.repairedHigh[at(8)], bars.repairedLow[at(8)]]).toStrictEqual([1, 0]);
  });

  it('rejects 01-05 and 01-06, with their reasons and numbers', () => {
    expect(rejects.length).toBe(2);
    expect(rejects.reason).toStrictEqual(['null_open_close', 'time_open_gt_time_close']);
    expect(Array.from(rejects.barSeq)).toStrictEqual([5, 6]);
    expect(Array.from(rejects.sourceIndex)).toStrictEqual([4, 5]);
    expect([rejects.high[0], rejects.low[0]]).toStrictEqual([110, 95]);
  });

  it('flags the bar after the two rejected days, and only it, for missing days', () => {
    expect(Array.from(bars.isMissingDays)).toStrictEqual([0, 0, 0, 0, 1, 0, 0, 0]);
  });

  it('flags the repairs of accepted rows', () => {
    expect(repairsOf(bars)).toStrictEqual({ window: 0, timeHigh: 1, timeLow: 1, high: 2, low: 1 });
  });

  it('hands on one row a day', () => {
    expect(() => assertAscendingDays(bars, 0, bars.length, -Infinity, -Infinity)).not.toThrow();
  });
});

describe('the repair of an extreme', () => {
  // docs/bars.md#daily-bars: with open = close the 1D rule picks the close for both extremes.
  it.each([
    [100, 105, '23:59:59.999', '00:00:00.000'],
    [105, 100, '00:00:00.000', '23:59:59.999'],
    [100, 100, '23:59:59.999', '23:59:59.999'],
  ])('with open %d and close %d places the high at %s and the low at %s', (open, close, highAt, lowAt) => {
    const { bars } = build([sourceRow('2024-01-01', { ...ohlc(open, 200, 1, close), timeHigh: null, timeLow: null })]);
    expect(bars.timeHigh[0]).toBe(instant('2024-01-01', highAt));
    expect(bars.timeLow[0]).toBe(instant('2024-01-01', lowAt));
    expect([bars.high[0], bars.low[0]]).toStrictEqual([200, 1]);
  });

  it.each([
    ['00:00:00.000', 0],
    ['23:59:59.999', 0],
  ])('is not needed at %s', (time, flag) => {
    const { bars } = build([
      sourceRow('2024-01-01', { timeHigh: instant('2024-01-01', time), timeLow: instant('2024-01-01', time) }),
    ]);
    expect([bars.repairedTimeHigh[0], bars.repairedTimeLow[0]]).toStrictEqual([flag, flag]);
  });

  it('is needed a millisecond outside of the day', () => {
    const before = instant('2024-01-01', '00:00:00.000') - 1;
    const after = instant('2024-01-01', '23:59:59.999') + 1;
    const { bars } = build([sourceRow('2024-01-01', { timeHigh: after, timeLow: before })]);
    expect([bars.repairedTimeHigh[0], bars.repairedTimeLow[0]]).toStrictEqual([1, 1]);
  });
});

describe('a source row without its opening or closing instant', () => {
  const summer = instant('2024-07-01', '12:00:00.000');
  it.each([
    ['UTC', '2024-07-01T00:00:00.000Z', '2024-07-01T23:59:59.999Z'],
    ['America/New_York', '2024-07-01T04:00:00.000Z', '2024-07-02T03:59:59.999Z'],
    ['Asia/Kathmandu', '2024-06-30T18:15:00.000Z', '2024-07-01T18:14:59.999Z'],
  ])('gets those of its civil day in %s, flagged as a repair', (zone, opens, closes) => {
    const times = { timeHigh: summer - 1, timeLow: null };
    const row = sourceRow('2024-07-01', { ts: summer, timeOpen: null, timeClose: null, ...times });
    const { bars, rejects } = build([row], { zone });
    expect(rejects.length).toBe(0);
    expect([bars.timeOpen[0], bars.timeClose[0]]).toStrictEqual([Date.parse(opens), Date.parse(closes)]);
    // the day rose from 100 to 105: its low is placed at the opening; the high lies in the day and stays
    expect([bars.timeHigh[0], bars.timeLow[0]]).toStrictEqual([summer - 1, Date.parse(opens)]);
    expect(repairsOf(bars)).toStrictEqual({ window: 1, timeHigh: 0, timeLow: 1, high: 0, low: 0 });
  });

  it('keeps the one that it has', () => {
    const known = instant('2024-07-01', '14:30:00.000');
    const { bars } = build([
      sourceRow('2024-07-01', { timeOpen: known, timeClose: null }),
      sourceRow('2024-07-02', { timeOpen: null, timeClose: instant('2024-07-02', '21:00:00.000') }),
    ]);
    expect([bars.timeOpen[0], bars.timeClose[0]]).toStrictEqual([known, instant('2024-07-01', '23:59:59.999')]);
    expect([bars.timeOpen[1], bars.timeClose[1]]).toStrictEqual([
      instant('2024-07-02', '00:00:00.000'),
      instant('2024-07-02', '21:00:00.000'),
    ]);
    expect(Array.from(bars.repairedWindow)).toStrictEqual([1, 1]);
  });
});

describe('the columns of a refused row', () => {
  it.each<[Partial<SourceRow>, string[]]>([
    [{ open: null }, ['open']],
    [{ open: null, close: null }, ['open', 'close']],
    [{ timeOpen: instant('2024-01-02', '00:00:00.000') }, ['timeopen', 'timeclose']],
    [{ high: Infinity, timeLow: -Infinity }, ['timelow', 'high']],
    [{ ts: Infinity }, ['timestamp']],
    [{ ts: null }, ['timestamp']],
  ])('%j are %j', (facts, columns) => {
    const source = sourceSeriesOf([sourceRow('2024-01-01', facts)]);
    const { rejects } = buildDaily(source, { zone: 'UTC', rowsBefore: 0, previousBarDay: null });
    expect(columnsAtFault(source, 0, rejects.reason[0])).toStrictEqual(columns);
  });
});

describe('a source row', () => {
  it.each<[string, Partial<SourceRow>]>([
    ['null_pk', { ts: null }],
    ['null_open_close', { timeClose: null, open: null }],
    ['null_open_close', { open: null }],
    ['null_open_close', { close: null, volume: Infinity }],
    ['null_open_close', ohlc(null, null, null, null)],
    ['time_open_gt_time_close', { timeOpen: instant('2024-01-02', '00:00:00.000') }],
    ['failed_final_filter_unknown', { open: Infinity }],
    ['failed_final_filter_unknown', { high: Infinity }],
    ['failed_final_filter_unknown', { high: Infinity, timeHigh: null }],
    ['failed_final_filter_unknown', { low: -Infinity }],
    ['failed_final_filter_unknown', { close: Infinity }],
    ['failed_final_filter_unknown', { volume: Infinity }],
    ['failed_final_filter_unknown', { marketCap: -Infinity }],
    ['failed_final_filter_unknown', { timeHigh: Infinity }],
    ['failed_final_filter_unknown', { timeLow: -Infinity }],
    ['failed_final_filter_unknown', { timeOpen: -Infinity }],
    ['failed_final_filter_unknown', { timeClose: Infinity }],
    ['failed_final_filter_unknown', { ts: Infinity }],
    // years that PostgreSQL holds and no other program reads
    ['failed_final_filter_unknown', { ts: Date.UTC(10_000, 0, 1) }],
    ['failed_final_filter_unknown', { ts: Date.UTC(0, 0, 1) - 2000 * 366 * 86_400_000 }],
    ['failed_final_filter_unknown', { timeClose: Date.UTC(200_000, 0, 1) }],
    ['failed_final_filter_unknown', { timeLow: -8e15 }],
  ])('is rejected as %s', (reason, facts) => {
    const { bars, rejects } = build([sourceRow('2024-01-01', facts)]);
    expect(bars.length).toBe(0);
    expect(rejects.reason).toStrictEqual([reason]);
  });

  it('of a day that has a later row is rejected: the later row is the day', () => {
    const noon = instant('2025-10-20', '11:59:59.999');
    const rows = [
      sourceRow('2025-10-20', { ts: noon, timeClose: noon, timeHigh: null }),
      sourceRow('2025-10-20'),
      sourceRow('2025-10-21'),
    ];
    const { bars, rejects } = build(rows);
    expect(Array.from(bars.ts)).toStrictEqual([
      instant('2025-10-20', '23:59:59.999'),
      instant('2025-10-21', '23:59:59.999'),
    ]);
    expect(Array.from(bars.barSeq)).toStrictEqual([2, 3]);
    expect(rejects.reason).toStrictEqual(['superseded_by_later_row']);
    expect(Array.from(rejects.sourceIndex)).toStrictEqual([0]);
    expect(Array.from(bars.isMissingDays)).toStrictEqual([0, 0]);
  });

  it('of a day whose later row is refused for another reason stays the day', () => {
    const noon = instant('2025-10-20', '11:59:59.999');
    const { bars, rejects } = build([sourceRow('2025-10-20', { ts: noon }), sourceRow('2025-10-20', { open: null })]);
    expect(Array.from(bars.barSeq)).toStrictEqual([1]);
    expect(rejects.reason).toStrictEqual(['null_open_close']);
  });

  it('of a day whose earlier row was rejected is accepted', () => {
    const noon = instant('2025-10-20', '11:59:59.999');
    const { bars, rejects } = build([sourceRow('2025-10-20', { ts: noon, open: null }), sourceRow('2025-10-20')]);
    expect(Array.from(bars.barSeq)).toStrictEqual([2]);
    expect(rejects.reason).toStrictEqual(['null_open_close']);
  });

  it('belongs to the day of the zone', () => {
    const early = sourceRow('2024-01-02', { ts: instant('2024-01-02', '03:00:00.000') });
    const { bars } = buildDaily(sourceSeriesOf([early]), { ...FROM_START, zone: 'America/New_York' });
    expect(bars.day[0]).toBe(dayNumber('2024-01-01'));
  });
});

describe('a slice of a history', () => {
  it('continues numbers, days and gaps', () => {
    const rows = [sourceRow('2024-01-05'), sourceRow('2024-01-06')];
    const { bars } = buildDaily(sourceSeriesOf(rows), {
      zone: 'UTC',
      rowsBefore: 40,
      previousBarDay: dayNumber('2024-01-03') as CivilDay,
    });
    expect(Array.from(bars.barSeq)).toStrictEqual([41, 42]);
    expect(Array.from(bars.isMissingDays)).toStrictEqual([1, 0]);
  });

  it('has no gap where the asset does not trade', () => {
    // Friday; Monday; Wednesday after a holiday; Friday
    const rows = ['2024-01-05', '2024-01-08', '2024-01-10', '2024-01-12'].map((date) => sourceRow(date));
    const trading = tradingDays({
      closeRule: 'calendar',
      weekdays: 'Mon-Fri',
      holidays: [parseCivilDay('2024-01-09')],
    });
    const { bars } = buildDaily(sourceSeriesOf(rows), { ...FROM_START, trading });
    expect(Array.from(bars.isMissingDays)).toStrictEqual([0, 0, 0, 1]);
  });

  it('does not repeat the day of the bar before it', () => {
    const { rejects } = buildDaily(sourceSeriesOf([sourceRow('2024-01-05')]), {
      zone: 'UTC',
      rowsBefore: 1,
      previousBarDay: dayNumber('2024-01-05') as CivilDay,
    });
    expect(rejects.reason).toStrictEqual(['duplicate_local_day']);
    expect(Array.from(rejects.barSeq)).toStrictEqual([2]);
  });

  it('may be empty', () => {
    const { bars, rejects } = build([]);
    expect([bars.length, rejects.length]).toStrictEqual([0, 0]);
  });

  it('ascends by instant', () => {
    for (const rows of [
      [sourceRow('2024-01-02'), sourceRow('2024-01-01')],
      [sourceRow('2024-01-01'), sourceRow('2024-01-01')],
    ]) {
      expect(() => build(rows)).toThrow(expect.objectContaining({ code: 'BARS_UNSORTED' }));
    }
  });
});
