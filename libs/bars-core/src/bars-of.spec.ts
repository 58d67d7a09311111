import { describe, expect, it } from 'vitest';
import { barsOf, type DayColumns } from './bars-of.ts';

/** Days with prices that name them: open n, high n + 2, low n − 1, close n + 1, volume 10. */
function days(dates: readonly string[]): DayColumns {
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

  it('ISO and US weeks part the same days differently', () => {
    const all = days(Array.from({ length: 21 }, (_, i) => dayText(Date.UTC(2024, 0, 1 + i))));
    const closes = (tf: string) => Array.from(barsOf(all, tf).timeClose, dayText);
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
        date: STOCK.date?.slice(0, 7),
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
  ])('what cannot be is refused with a code', (input, tf, code) => {
    expect(() => barsOf(input, tf)).toThrow(expect.objectContaining({ code }));
  });
});
