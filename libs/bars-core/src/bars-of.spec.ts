import { describe, expect, it } from 'vitest';
import { barsOf, calendarDayBars, type BarColumns, type BarsOfOptions } from './bars-of.ts';
import { TIMEFRAME_CATALOGUE, type TimeframeName } from './timeframe-catalog.ts';
import { isTimeframe, TIMEFRAMES, type BarTimeframe } from './timeframe-names.ts';

/** Days with prices that name them: open n, high n + 2, low n − 1, close n + 1, volume 10. */
function days(dates: readonly string[]) {
  const n = dates.map((_, i) => 100 + i);
  return {
    date: dates,
    open: n,
    high: n.map((x) => x + 2),
    low: n.map((x) => x - 1),
    close: n.map((x) => x + 1),
    volume: n.map(() => 10),
  };
}

/** Monday to Friday of three weeks in January 2024, the Monday of the third one a holiday. */
const STOCK = days([
  ...['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'],
  ...['2024-01-08', '2024-01-09', '2024-01-10', '2024-01-11', '2024-01-12'],
  ...['2024-01-16', '2024-01-17'],
]);
const dayText = (ts: number) => new Date(ts).toISOString().slice(0, 10);

describe('bars of any market', () => {
  it('weeks of a stock end with their last trading day, and are final once the next one has begun', () => {
    const weeks = barsOf(STOCK, '1W_CAL_ISO');
    expect(Array.from(weeks.timeClose, dayText)).toEqual(['2024-01-05', '2024-01-12', '2024-01-17']);
    expect([...weeks.open]).toEqual([100, 105, 110]);
    expect([...weeks.high]).toEqual([106, 111, 113]);
    expect([...weeks.low]).toEqual([99, 104, 109]);
    expect([...weeks.close]).toEqual([105, 110, 112]);
    expect([...weeks.volume]).toEqual([50, 50, 20]);
    expect([...weeks.isPartialEnd]).toEqual([1, 1, 1]);
    expect([...weeks.isFinal]).toEqual([1, 1, 0]);
    expect([...weeks.countDays]).toEqual([5, 5, 2]);
  });

  it('weeks of a market close on the last day of trading, or when the next one begins', () => {
    const text = (ts: number) => (Number.isNaN(ts) ? null : dayText(ts));
    const closedBy = (options: BarsOfOptions) => {
      const weeks = barsOf(STOCK, '1W_CAL_ISO', options);
      return Array.from(weeks.closedAt, (ts, i) => [text(weeks.timeClose[i]), text(ts), weeks.countMissingDays[i]]);
    };
    expect(closedBy({})).toEqual([
      ['2024-01-05', null, 0],
      ['2024-01-12', null, 0],
      ['2024-01-17', null, 1],
    ]);
    expect(closedBy({ closeRule: 'market' })).toEqual([
      ['2024-01-05', '2024-01-08', 0],
      ['2024-01-12', '2024-01-16', 0],
      ['2024-01-17', null, 1],
    ]);
    const traded = {
      closeRule: 'market',
      weekdays: 'Mon-Fri',
      holidays: ['2024-01-15', '2024-01-18', '2024-01-19'],
    } as const;
    expect(closedBy(traded)).toEqual([
      ['2024-01-05', '2024-01-05', 0],
      ['2024-01-12', '2024-01-12', 0],
      ['2024-01-17', '2024-01-17', 0],
    ]);
    expect([...barsOf(STOCK, '1W_CAL_ISO', traded).isPartialEnd]).toEqual([0, 0, 0]);
    expect([...barsOf(STOCK, '7D', traded).countMissingDays]).toEqual([0, 0]);
  });

  it('a bar of a market closes once: the row of a Saturday comes after it', () => {
    const week = days(['2024-01-04', '2024-01-05', '2024-01-06', '2024-01-08']);
    const options = { closeRule: 'market', weekdays: 'Mon-Fri' } as const;
    const bars = barsOf(week, '1W_CAL_ANCHOR_ISO', options);
    expect(Array.from(bars.timeClose, dayText)).toEqual(['2024-01-05', '2024-01-08']);
    const all = barsOf(week, '1W_CAL_ANCHOR_ISO', { ...options, rows: 'snapshots' });
    expect([...all.isPartialEnd]).toEqual([1, 0, 1, 1]);
    expect(Array.from(all.closedAt, Number.isNaN)).toEqual([true, false, true, true]);
    expect([...all.isFinal]).toEqual([0, 1, 0, 0]);
  });

  it('ISO and US weeks part the same days differently', () => {
    const all = days(Array.from({ length: 21 }, (_, i) => dayText(Date.UTC(2024, 0, 1 + i))));
    const closes = (tf: BarTimeframe) => Array.from(barsOf(all, tf).timeClose, dayText);
    expect(closes('1W_CAL_ISO')).toEqual(['2024-01-07', '2024-01-14', '2024-01-21']);
    // Sunday to Saturday: the first full week begins on the 7th
    expect(closes('1W_CAL_US')).toEqual(['2024-01-13', '2024-01-20', '2024-01-21']);
    expect([...barsOf(all, '1W_CAL_US').isPartialEnd]).toEqual([0, 0, 1]);
    const anchored = barsOf(all, '1M_CAL_ANCHOR', { rows: 'snapshots' });
    expect(anchored.length).toBe(21);
    expect([...anchored.isFinal]).toEqual(new Array(21).fill(0));
  });

  it('a snapshot per day knows nothing of later days', () => {
    const full = barsOf(STOCK, '1W_CAL_ISO', { rows: 'snapshots' });
    expect(full.length).toBe(12);
    expect([...full.isFinal]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]);
    const cut = (column: ArrayLike<number>) => Array.from(column).slice(0, 7);
    const early = barsOf(
      {
        date: STOCK.date.slice(0, 7),
        ...{ open: cut(STOCK.open), high: cut(STOCK.high), low: cut(STOCK.low), close: cut(STOCK.close) },
      },
      '1W_CAL_ISO',
      { rows: 'snapshots' },
    );
    expect([...early.close]).toEqual(cut(full.close));
    expect([...early.high]).toEqual(cut(full.high));
    expect([...early.volume]).toEqual(new Array(7).fill(NaN));
  });

  it('an instant falls on the day of its zone', () => {
    const ts = [Date.UTC(2024, 0, 31, 21), Date.UTC(2024, 1, 1, 2)];
    const prices = { ts, open: [1, 2], high: [1, 2], low: [1, 2], close: [1, 2] };
    expect(barsOf(prices, '2D').length).toBe(1);
    expect(() => barsOf(prices, '2D', { zone: 'America/New_York' })).toThrow(
      expect.objectContaining({ code: 'BARS_DUPLICATE_DAY' }),
    );
  });

  it.each([
    [{ ...STOCK, open: [1] }, '1W_CAL_ISO', 'BARS_BAD_RANGE'],
    [{ ...STOCK, date: undefined }, '1W_CAL_ISO', 'BARS_BAD_DATE'],
    [STOCK, '1W', 'BARS_BAD_TIMEFRAME'],
    [STOCK, '1D', 'BARS_BAD_TIMEFRAME'],
    [STOCK, undefined, 'BARS_BAD_TIMEFRAME'],
    [STOCK, '5W_CAL', 'BARS_BAD_OPTION'],
    [null, '1W_CAL_ISO', 'BARS_BAD_INPUT'],
    [days(['2024-01-02', '2024-01-02']), '1W_CAL_ISO', 'BARS_DUPLICATE_DAY'],
    [days(['2024-01-02', '2024-01-01', '2024-01-02']), '1W_CAL_ISO', 'BARS_UNSORTED'],
    [days(['+010000-01-01']), '1W_CAL_ISO', 'BARS_BAD_DATE'],
    [days(['0000-12-31']), '1W_CAL_ISO', 'BARS_BAD_DATE'],
  ])('what cannot be is refused with a code', (input, tf, code) => {
    expect(() => barsOf(input as never, tf as never)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [{ weekdays: ['Mon', 'Tue'] }],
    [{ weekdays: null }],
    [{ holidays: '2024-01-01' }],
    [{ holidays: 20240101 }],
    [{ holidays: null }],
    [{ rows: 'bar' }],
  ])('the options %j are refused', (options) => {
    expect(() => barsOf(STOCK, '7D', options as never)).toThrow(expect.objectContaining({ code: 'BARS_BAD_OPTION' }));
  });

  it('the first and the last day of a calendar of four digits have bars', () => {
    for (const zone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
      expect([...barsOf(days(['0001-01-01', '9999-12-31']), '2D', { zone }).countDays]).toEqual([2]);
    }
  });

  it.each([
    ['1W', 'Did you mean 1W_CAL_US, 1W_CAL_ISO, 1W_CAL_ANCHOR_US, 1W_CAL_ANCHOR_ISO, 7D?'],
    ['3m', 'Did you mean 3M_CAL, 3M_CAL_ANCHOR?'],
    ['weekly', 'Examples: 7D, 1W_CAL_ISO, 1W_CAL_US, 1M_CAL, 1M_CAL_ANCHOR.'],
  ])('the error of %s names what may be meant', (tf, hint) => {
    expect(() => barsOf(STOCK, tf as never)).toThrow(expect.objectContaining({ code: 'BARS_BAD_TIMEFRAME', hint }));
  });
});

describe('names of timeframes', () => {
  it('are those of the catalogue, the day aside', () => {
    expect(TIMEFRAMES).toEqual(TIMEFRAME_CATALOGUE.map(({ tf }) => tf).filter((tf) => tf !== '1D'));
    expect([isTimeframe('7D'), isTimeframe('1D'), isTimeframe('1W')]).toEqual([true, false, false]);
  });

  it('are known to the compiler, and no other is', () => {
    const some: TimeframeName[] = [
      '1D',
      '365D',
      '72000D',
      '10W_CAL_ANCHOR_US',
      '9M_CAL',
      '12M_CAL_ANCHOR',
      '20Y_CAL',
      '1Y_CAL_ANCHOR',
    ];
    expect(some.every((tf) => TIMEFRAME_CATALOGUE.some((row) => row.tf === tf))).toBe(true);
    // @ts-expect-error: nine months do not divide the year
    const anchored: TimeframeName = '9M_CAL_ANCHOR';
    // @ts-expect-error: a week starts on a day
    const week: TimeframeName = '1W';
    // @ts-expect-error: eight days are not in the catalogue
    const days: TimeframeName = '8D';
    expect([anchored, week, days].some((tf) => TIMEFRAME_CATALOGUE.some((row) => row.tf === tf))).toBe(false);
  });
});

/** A row per day from Monday 2024-01-01 on, without the days that are left out. */
function daily(count: number, leftOut: readonly number[] = []) {
  const kept = Array.from({ length: count }, (_, i) => i).filter((i) => !leftOut.includes(i));
  return days(kept.map((i) => dayText(Date.UTC(2024, 0, 1 + i))));
}
const opens = (bars: BarColumns) => Array.from(bars.timeOpen, dayText);
const closes = (bars: BarColumns) => Array.from(bars.timeClose, dayText);

describe('weeks from any weekday', () => {
  it('start on it', () => {
    const wednesday = barsOf(daily(21), '1W_CAL', { weekStart: 'wednesday' });
    expect(opens(wednesday)).toEqual(['2024-01-03', '2024-01-10', '2024-01-17']);
    expect(closes(wednesday)).toEqual(['2024-01-09', '2024-01-16', '2024-01-21']);
    const saturday = barsOf(daily(21), '1W_CAL_ANCHOR', { weekStart: 'saturday' });
    expect(closes(saturday)).toEqual(['2024-01-05', '2024-01-12', '2024-01-19', '2024-01-21']);
    expect([...saturday.isPartialStart]).toEqual([1, 0, 0, 0]);
  });

  it('from Monday and from Sunday are the ISO and the US weeks, whatever their number', () => {
    const history = daily(150, [3, 4, 40]);
    for (const n of [1, 2, 3, 4, 6, 8, 10] as const) {
      for (const kind of ['CAL', 'CAL_ANCHOR'] as const) {
        const [iso, us] = [barsOf(history, `${n}W_${kind}_ISO`), barsOf(history, `${n}W_${kind}_US`)];
        expect(barsOf(history, `${n}W_${kind}`, { weekStart: 'monday' })).toStrictEqual(iso);
        expect(barsOf(history, `${n}W_${kind}`, { weekStart: 'sunday' })).toStrictEqual(us);
      }
    }
  });

  it.each([
    ['1W_CAL', undefined],
    ['1W_CAL', 'mon'],
    ['1W_CAL_ISO', 'monday'],
    ['1M_CAL', 'monday'],
  ])('%s with %s is refused', (tf, weekStart) => {
    expect(() => barsOf(STOCK, tf as never, { weekStart: weekStart as never })).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_OPTION' }),
    );
  });
});

describe('seven rows and seven days', () => {
  const history = daily(21, [2, 3, 12]);

  it('7D counts rows', () => {
    const bars = barsOf(history, '7D');
    expect(closes(bars)).toEqual(['2024-01-09', '2024-01-17', '2024-01-21']);
    expect([...bars.countDays]).toEqual([7, 7, 4]);
  });

  it('calendarDayBars counts days from the first one', () => {
    const bars = calendarDayBars(history, 7);
    expect(opens(bars)).toEqual(['2024-01-01', '2024-01-08', '2024-01-15']);
    expect(closes(bars)).toEqual(['2024-01-07', '2024-01-14', '2024-01-21']);
    expect([...bars.countDays]).toEqual([5, 6, 7]);
    expect([...bars.countMissingDays]).toEqual([2, 1, 0]);
    expect([...bars.isFinal]).toEqual([1, 1, 1]);
  });

  it('or from any other', () => {
    for (const origin of ['2023-12-27', '2024-01-03', '2024-05-01']) {
      expect(opens(calendarDayBars(history, 7, { origin }))).toEqual([
        '2024-01-01',
        '2024-01-05',
        '2024-01-10',
        '2024-01-17',
      ]);
    }
    expect([...calendarDayBars(history, 7, { origin: '2024-01-03' }).isPartialStart]).toEqual([1, 0, 0, 0]);
    expect(
      calendarDayBars({ ...history, date: [], open: [], high: [], low: [], close: [], volume: [] }, 7).length,
    ).toBe(0);
  });

  it.each([[0], [1.5], [NaN]])('%s days are refused', (count) => {
    expect(() => calendarDayBars(history, count)).toThrow(expect.objectContaining({ code: 'BARS_BAD_TIMEFRAME' }));
  });
});

describe('cells that are not known', () => {
  it.each([[null], [undefined], [NaN]])('%s is no price and no volume', (none) => {
    const prices = { ...STOCK, high: [...STOCK.high], low: [...STOCK.low], volume: [...STOCK.volume] } as Record<
      string,
      unknown
    >;
    const put = (name: 'high' | 'low' | 'volume', rows: readonly number[]) =>
      (prices[name] = STOCK[name].map((value, row) => (rows.includes(row) ? none : value)));
    put('high', [4]);
    put('low', [0]);
    put('volume', [1, 10, 11]);
    const weeks = barsOf(prices as unknown as typeof STOCK, '1W_CAL_ISO');
    expect([...weeks.high]).toEqual([105, 111, 113]);
    expect([...weeks.low]).toEqual([100, 104, 109]);
    // four known volumes of five; five; none of two
    expect([...weeks.volume]).toEqual([40, 50, NaN]);
    const snapshots = barsOf(prices as unknown as typeof STOCK, '1W_CAL_ISO', { rows: 'snapshots' });
    expect([...snapshots.volume].slice(9)).toEqual([50, NaN, NaN]);
  });

  it.each([['185'], [185n], [true], [new Date(0)]])('%s is no number and is refused by column and row', (cell) => {
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      const prices = { ...STOCK, [name]: STOCK[name].map((value, row) => (row === 3 ? cell : value)) };
      expect(() => barsOf(prices as never, '1W_CAL_ISO')).toThrow(
        expect.objectContaining({
          code: 'BARS_BAD_INPUT',
          message: expect.stringContaining(`${name}, row 3,`) as string,
        }),
      );
    }
  });

  it('no column at all is refused by name', () => {
    for (const low of [undefined, null, 12, '12', { length: -1 }, new DataView(new ArrayBuffer(96))]) {
      expect(() => barsOf({ ...STOCK, low: low as never }, '1W_CAL_ISO')).toThrow(
        expect.objectContaining({ code: 'BARS_BAD_INPUT', context: { column: 'low' } }),
      );
    }
  });
});

describe('instants', () => {
  const close = STOCK.close;
  const at = (unit: number, shift = 0) => STOCK.date.map((day) => (Date.parse(day) / 1000 + 86_399) * unit + shift);
  const prices = (ts: readonly number[]) => {
    const some = close.slice(0, ts.length);
    return { ts, open: some, high: some, low: some, close: some };
  };

  it('in milliseconds are what is expected, also before 1973', () => {
    expect(closes(barsOf(prices(at(1000)), '1W_CAL_ISO'))).toEqual(['2024-01-05', '2024-01-12', '2024-01-17']);
    const early = [0, 1, 2, 3].map((day) => (day + 0.9) * 86_400_000);
    expect(barsOf(prices(early), '2D').length).toBe(2);
    expect(barsOf(prices([Date.UTC(1972, 5, 1)]), '2D').length).toBe(1);
  });

  it.each([
    ['seconds', at(1)],
    ['seconds', at(1).slice(0, 2)],
    ['seconds', at(1).slice(0, 1)],
    ['seconds', at(1).toReversed()],
    ['microseconds', at(1_000_000)],
    ['nanoseconds', at(1_000_000_000)],
    ['microseconds', [-315_619_200_000_000, -315_532_800_000_000], '1960-01-'],
    ['nanoseconds', [-315_619_200_000_000_000, -315_532_800_000_000_000], '1960-01-'],
  ])('in %s are refused with the day that is meant', (unit, ts, meant = '2024-01-') => {
    const message = expect.stringMatching(
      new RegExp(`ts looks like ${unit}, not milliseconds: .* it is ${meant}`),
    ) as string;
    expect(() => barsOf(prices(ts), '1W_CAL_ISO')).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_INSTANT', message }),
    );
  });

  it('that are not known are refused by row', () => {
    const ts = at(1000).map((instant, row) => (row === 2 ? null : instant)) as number[];
    expect(() => barsOf(prices(ts), '1W_CAL_ISO')).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_INSTANT', message: expect.stringContaining('row 2') as string }),
    );
  });

  it('close a day of the zone where only dates are given', () => {
    const { timeOpen, timeClose } = barsOf(daily(2), '2D', { zone: 'Asia/Tokyo' });
    expect([new Date(timeOpen[0]).toISOString(), new Date(timeClose[0]).toISOString()]).toEqual([
      '2023-12-31T15:00:00.000Z',
      '2024-01-02T14:59:59.999Z',
    ]);
  });
});
