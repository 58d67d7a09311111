import { describe, expect, it } from 'vitest';
import { EVERY_DAY, parseCivilDay, tradingDays } from '@ta/bars-core/engine';
import { DayCoverage } from './day-coverage.ts';
import { LAST_DAY, utcDayText } from './parse-instant.ts';

describe('DayCoverage', () => {
  it('is empty before the first day', () => {
    const days = new DayCoverage();
    expect([days.firstDay, days.lastDay]).toEqual([null, null]);
    expect(days.missing(EVERY_DAY, 10)).toEqual({ missingDays: 0, gaps: [], gapCount: 0 });
  });

  it('lists missing days as ascending ranges, in whatever order days came', () => {
    const days = new DayCoverage();
    for (const day of [20_009, 20_000, 20_003, 20_001, 20_005]) expect(days.add(day)).toBe(true);
    expect(days.add(20_003)).toBe(false);
    expect(days.missing(EVERY_DAY, 10)).toEqual({
      missingDays: 5,
      gapCount: 3,
      gaps: [
        { firstDay: '2024-10-06', lastDay: '2024-10-06', days: 1 },
        { firstDay: '2024-10-08', lastDay: '2024-10-08', days: 1 },
        { firstDay: '2024-10-10', lastDay: '2024-10-12', days: 3 },
      ],
    });
    expect(days.missing(EVERY_DAY, 1)).toMatchObject({
      missingDays: 5,
      gapCount: 3,
      gaps: [{ firstDay: '2024-10-06' }],
    });
  });

  it('misses no day on which an asset does not trade; days missing before and after a weekend are one gap', () => {
    const days = new DayCoverage();
    // 2024-01-01 is a Monday and a holiday; Thursday 4, Friday 5, Monday 8 and Thursday 11 are missing
    for (const day of [2, 3, 9, 10, 12]) days.add(19_722 + day);
    const holidays = ['2024-01-01', '2024-01-11'].map(parseCivilDay);
    const trading = tradingDays({ closeRule: 'market', weekdays: 'Mon-Fri', holidays });
    expect(days.missing(trading, 10)).toEqual({
      missingDays: 3,
      gapCount: 1,
      gaps: [{ firstDay: '2024-01-04', lastDay: '2024-01-08', days: 3 }],
    });
  });

  it('tells days from Monday to Friday from all others', () => {
    // 19,723 is 2024-01-01, a Monday
    const weekdays = (count: number) =>
      Array.from({ length: count }, (_, i) => 19_723 + Math.floor(i / 5) * 7 + (i % 5));
    const restsOnWeekends = (list: readonly number[]) => {
      const days = new DayCoverage();
      for (const day of list) days.add(day);
      return days.restsOnWeekends;
    };
    expect(restsOnWeekends(weekdays(30))).toBe(true);
    expect(restsOnWeekends(weekdays(14))).toBe(false);
    expect(restsOnWeekends([...weekdays(30), 19_728])).toBe(false);
    expect(restsOnWeekends([...weekdays(30), 19_729])).toBe(false);
    expect(restsOnWeekends([])).toBe(false);
  });

  it('holds the last accepted day', () => {
    const days = new DayCoverage();
    days.add(LAST_DAY);
    expect(days.lastDay).toBe('2199-12-31');
    expect(utcDayText(LAST_DAY)).toBe('2199-12-31');
  });
});
