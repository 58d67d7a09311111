import { describe, expect, it } from 'vitest';
import { DayCoverage } from './day-coverage.ts';
import { LAST_DAY, utcDayText } from './parse-instant.ts';

describe('DayCoverage', () => {
  it('is empty before the first day', () => {
    const days = new DayCoverage();
    expect([days.firstDay, days.lastDay, days.missingDays]).toEqual([null, null, 0]);
    expect(days.gaps(10)).toEqual({ gaps: [], gapCount: 0 });
  });

  it('lists missing days as ascending ranges, in whatever order days came', () => {
    const days = new DayCoverage();
    for (const day of [20_009, 20_000, 20_003, 20_001, 20_005]) expect(days.add(day)).toBe(true);
    expect(days.add(20_003)).toBe(false);
    expect(days.missingDays).toBe(5);
    expect(days.gaps(10)).toEqual({
      gapCount: 3,
      gaps: [
        { firstDay: '2024-10-06', lastDay: '2024-10-06', days: 1 },
        { firstDay: '2024-10-08', lastDay: '2024-10-08', days: 1 },
        { firstDay: '2024-10-10', lastDay: '2024-10-12', days: 3 },
      ],
    });
    expect(days.gaps(1)).toMatchObject({ gapCount: 3, gaps: [{ firstDay: '2024-10-06' }] });
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
