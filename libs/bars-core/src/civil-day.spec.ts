import { describe, expect, it } from 'vitest';
import { civilDay, formatCivilDay, NO_DAY, parseCivilDay, ymd, type CivilDay } from './civil-day.ts';
import { BarsError } from './errors.ts';

describe('civil days', () => {
  it('count from 1970-01-01', () => {
    expect(civilDay(1970, 1, 1)).toBe(0);
    expect(civilDay(1969, 12, 31)).toBe(-1);
    expect(civilDay(2000, 3, 1)).toBe(11_017);
    expect(civilDay(2024, 2, 29) + 1).toBe(civilDay(2024, 3, 1));
  });

  it.each([
    [2000, true],
    [1900, false],
    [2100, false],
    [2023, false],
    [2024, true],
  ])('%i has a 29 February: %s', (year, isLeap) => {
    expect(civilDay(year, 3, 1) - civilDay(year, 2, 28)).toBe(isLeap ? 2 : 1);
    if (isLeap) expect(ymd(civilDay(year, 2, 29))).toStrictEqual({ year, month: 2, day: 29 });
    else expect(() => civilDay(year, 2, 29)).toThrow(expect.objectContaining({ code: 'BARS_BAD_DATE' }));
  });

  it.each([
    [2024, 0, 1],
    [2024, 13, 1],
    [2024, 4, 31],
    [2024, 1, 0],
    [2024, 1, 1.5],
    [2024, 3.01, 1],
    [NaN, 1, 1],
    [Infinity, 1, 1],
  ])('%d-%d-%d is no date', (year, month, day) => {
    expect(() => civilDay(year, month, day)).toThrow(BarsError);
  });

  it('agree with the platform calendar on every day from 1896 to 2105', () => {
    const last = civilDay(2105, 12, 31);
    for (let day = civilDay(1896, 1, 1); day <= last; day++) {
      const date = new Date(day * 86_400_000);
      const parts = ymd(day);
      if (
        parts.year !== date.getUTCFullYear() ||
        parts.month !== date.getUTCMonth() + 1 ||
        parts.day !== date.getUTCDate() ||
        civilDay(parts.year, parts.month, parts.day) !== day
      ) {
        expect.fail(`day ${day} is ${date.toISOString()}`);
      }
    }
  });

  it.each(['1970-01-01', '2024-02-29', '0000-01-01', '0099-12-31', '9999-12-31', '+010000-01-01', '-000001-12-31'])(
    'read and write %s',
    (text) => {
      expect(formatCivilDay(parseCivilDay(text))).toBe(text);
    },
  );

  it.each(['2024-2-29', '2024-02-30', '2024-02-29T00:00:00Z', '', '24-02-29', ' 2024-02-29'])(
    'refuse the text %j',
    (text) => {
      expect(() => parseCivilDay(text)).toThrow(expect.objectContaining({ code: 'BARS_BAD_DATE' }));
    },
  );

  it('leave the mark of a missing day to the smallest 32-bit integer', () => {
    expect(NO_DAY).toBe(-2_147_483_648);
    expect(Int32Array.of(NO_DAY)[0] as CivilDay).toBe(NO_DAY);
  });
});
