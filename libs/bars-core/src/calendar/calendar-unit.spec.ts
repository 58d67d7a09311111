import { describe, expect, it } from 'vitest';
import { civilDay, formatCivilDay, parseCivilDay, type CivilDay } from '../civil-day.ts';
import { MONTH, QUARTER } from './month.ts';
import { calendarUnitOf } from './unit-of.ts';
import { weekOf, weekStartingOn } from './week.ts';
import { YEAR } from './year.ts';

const floor = (unit: typeof MONTH, text: string): string =>
  formatCivilDay(unit.firstDayOf(unit.indexOf(parseCivilDay(text))));

//     December 2020         January 2021
//  Su Mo Tu We Th Fr Sa   Su Mo Tu We Th Fr Sa
//  20 21 22 23 24 25 26                   1  2
//  27 28 29 30 31          3  4  5  6  7  8  9
describe('weeks', () => {
  it('start on Monday in the ISO scheme, week 53 included', () => {
    expect(floor(weekOf('ISO'), '2020-12-27')).toBe('2020-12-21');
    expect(floor(weekOf('ISO'), '2020-12-28')).toBe('2020-12-28');
    expect(floor(weekOf('ISO'), '2021-01-03')).toBe('2020-12-28');
    expect(floor(weekOf('ISO'), '2021-01-04')).toBe('2021-01-04');
  });

  it('start on Sunday in the US scheme', () => {
    expect(floor(weekOf('US'), '2020-12-26')).toBe('2020-12-20');
    expect(floor(weekOf('US'), '2020-12-27')).toBe('2020-12-27');
    expect(floor(weekOf('US'), '2021-01-02')).toBe('2020-12-27');
  });

  it('have week 0 on 1970-01-04 (US) and 1970-01-05 (ISO)', () => {
    expect(formatCivilDay(weekOf('US').firstDayOf(0))).toBe('1970-01-04');
    expect(formatCivilDay(weekOf('ISO').firstDayOf(0))).toBe('1970-01-05');
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('starting on weekday %i start on it', (weekday) => {
    const week = weekStartingOn(weekday);
    for (const index of [-2_000, -1, 0, 1, 2_000]) {
      expect(new Date(week.firstDayOf(index) * 86_400_000).getUTCDay()).toBe(weekday);
    }
  });
});

describe('months, quarters and years', () => {
  it('start where the calendar says', () => {
    expect(floor(MONTH, '2024-02-29')).toBe('2024-02-01');
    expect(floor(MONTH, '2024-03-01')).toBe('2024-03-01');
    expect(floor(QUARTER, '2024-12-31')).toBe('2024-10-01');
    expect(floor(YEAR, '2024-12-31')).toBe('2024-01-01');
    expect(floor(MONTH, '1969-12-31')).toBe('1969-12-01');
  });

  it('number years by the year itself', () => {
    expect(YEAR.indexOf(civilDay(2024, 7, 1))).toBe(2024);
    expect(YEAR.indexOf(civilDay(-1, 7, 1))).toBe(-1);
  });
});

describe('every calendar unit', () => {
  it.each([
    ['ISO week', calendarUnitOf({ unit: 'W', scheme: 'ISO' })],
    ['US week', calendarUnitOf({ unit: 'W', scheme: 'US' })],
    ['month', calendarUnitOf({ unit: 'M', scheme: null })],
    ['quarter', calendarUnitOf({ unit: 'Q', scheme: null })],
    ['year', calendarUnitOf({ unit: 'Y', scheme: null })],
  ])('%s tiles the days from 1890 to 2110', (_, unit) => {
    const last = civilDay(2110, 1, 1);
    let index = unit.indexOf(civilDay(1890, 1, 1));
    for (let day = unit.firstDayOf(index); day <= last; day = (day + 1) as CivilDay) {
      if (day === unit.firstDayOf(index + 1)) index++;
      if (unit.indexOf(day) !== index)
        expect.fail(`${formatCivilDay(day)} is in unit ${unit.indexOf(day)}, not ${index}`);
    }
  });

  it('is a calendar one', () => {
    expect(() => calendarUnitOf({ unit: 'D', scheme: null })).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_TIMEFRAME' }),
    );
    expect(() => calendarUnitOf({ unit: 'W', scheme: null })).toThrow(
      expect.objectContaining({ code: 'BARS_BAD_TIMEFRAME' }),
    );
  });
});
