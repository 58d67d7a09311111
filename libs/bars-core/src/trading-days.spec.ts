import { describe, expect, it } from 'vitest';
import { parseCivilDay } from './civil-day.ts';
import {
  countTradingDays,
  daysLeft,
  EVERY_DAY,
  isTradingDay,
  parseWeekdays,
  restingMs,
  tradingDays,
  tradingDaysText,
  weekdaysText,
  type CloseRule,
} from './trading-days.ts';

const day = parseCivilDay;
const market = (weekdays: string, ...holidays: string[]) =>
  tradingDays({ closeRule: 'market', weekdays, holidays: holidays.map(day) });

describe('weekdays', () => {
  it.each([
    ['Mon-Fri', 'Mon-Fri'],
    ['mon - fri', 'Mon-Fri'],
    ['Sun-Thu', 'Mon-Thu,Sun'],
    ['Fri-Mon', 'Mon,Fri-Sun'],
    ['Wed,Mon', 'Mon,Wed'],
    ['Sat', 'Sat'],
    ['Mon-Sun', 'Mon-Sun'],
    ['Sun-Sat', 'Mon-Sun'],
  ])('%s are %s', (text, expected) => {
    expect(weekdaysText(parseWeekdays(text))).toBe(expected);
    expect(weekdaysText(parseWeekdays(expected))).toBe(expected);
  });

  it.each(['', 'Mon-', 'Mo', 'Mon-Tue-Wed', 'Mon;Tue', '1-5'])('%j are none', (text) => {
    expect(() => parseWeekdays(text)).toThrow(expect.objectContaining({ code: 'BARS_BAD_OPTION' }));
  });
});

describe('days of trading', () => {
  // Good Friday of 2024 is 29 March, the last weekday of the quarter
  const share = market('Mon-Fri', '2024-03-29', '2024-01-01', '2024-03-30');

  it.each([
    ['2024-03-28', true],
    ['2024-03-29', false],
    ['2024-03-30', false],
    ['2024-04-01', true],
    ['1969-12-31', true],
    ['1969-12-28', false],
  ])('%s: %s', (date, expected) => {
    expect(isTradingDay(share, day(date))).toBe(expected);
  });

  it('are counted as one looks at each', () => {
    for (let first = day('2023-12-20'); first < day('2024-01-10'); first++) {
      let count = 0;
      for (let last: number = first; last < day('2024-04-10'); last++) {
        if (isTradingDay(share, last)) count++;
        expect(countTradingDays(share, first, last)).toBe(count);
      }
    }
    expect(countTradingDays(share, day('2024-01-02'), day('2024-01-01'))).toBe(0);
  });

  it('left in a bar are those of the close rule', () => {
    const byCalendar = { ...share, closeRule: 'calendar' as const };
    expect(daysLeft(share, day('2024-03-28'), day('2024-03-31'))).toBe(0);
    expect(daysLeft(byCalendar, day('2024-03-28'), day('2024-03-31'))).toBe(3);
    expect(daysLeft(share, day('2024-03-27'), day('2024-03-31'))).toBe(1);
  });
});

describe('time of rest', () => {
  const at = (text: string) => Date.parse(text);
  const hours = (from: string, until: string, weekdays = 'Mon-Fri') =>
    restingMs(market(weekdays, '2024-01-01'), at(from), at(until)) / 3_600_000;

  it.each([
    ['from Friday evening to Monday morning', '2024-01-05T21:00:00Z', '2024-01-08T09:00:00Z', 48],
    ['until Sunday noon', '2024-01-05T21:00:00Z', '2024-01-07T12:00:00Z', 36],
    ['within a day', '2024-01-06T01:00:00Z', '2024-01-06T20:00:00Z', 0],
    ['over a holiday', '2023-12-29T21:00:00Z', '2024-01-02T12:00:00Z', 72],
    ['from Monday to Thursday', '2024-01-08T21:00:00Z', '2024-01-11T12:00:00Z', 0],
    ['back in time', '2024-01-08T21:00:00Z', '2024-01-05T12:00:00Z', 0],
  ])('%s', (_, from, until, expected) => {
    expect(hours(from, until)).toBe(expected);
  });

  it('is none for an asset that never rests', () => {
    expect(restingMs(EVERY_DAY, at('2024-01-01T00:00:00Z'), at('2024-03-01T12:00:00Z'))).toBe(0);
  });
});

describe('the text of trading days', () => {
  it('is none for the default, and another for all that decides bars', () => {
    const texts = [
      market('Mon-Sun'),
      market('Mon-Fri'),
      market('Mon-Fri', '2024-03-29'),
      market('Mon-Fri', '2024-03-28'),
      market('Mon-Fri', '2024-03-29', '2024-04-01'),
      { ...market('Mon-Fri'), closeRule: 'calendar' as const },
    ].map(tradingDaysText);
    expect(tradingDaysText(EVERY_DAY)).toBeNull();
    expect(texts).not.toContain(null);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts[1]).toBe('market;Mon-Fri');
  });

  it('does not care for order, repeats, and holidays on days without trading', () => {
    const [one, other] = [market('Mon-Fri', '2024-03-29', '2024-04-01'), market('Mon-Fri', '2024-04-01', '2024-03-29')];
    expect(tradingDaysText(other)).toBe(tradingDaysText(one));
    expect(tradingDaysText(market('Fri-Fri,Mon-Thu', '2024-03-29', '2024-03-29', '2024-04-01', '2024-03-30'))).toBe(
      tradingDaysText(one),
    );
  });

  it('is of a close rule that there is', () => {
    expect(() => tradingDays({ closeRule: 'never' as CloseRule, weekdays: 'Mon-Fri', holidays: [] })).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_OPTION' }),
    );
  });
});
