import { describe, expect, it } from 'vitest';
import { instantProblemText, parseDayClose, parseInstant, utcDay, utcDayText } from './parse-instant.ts';

const CLOSE = Date.UTC(2025, 9, 26, 23, 59, 59, 999);

describe('parseInstant', () => {
  it.each([
    ['2025-10-26T23:59:59.999Z', CLOSE],
    ['2025-10-26T23:59:59.999+00:00', CLOSE],
    ['2025-10-26 23:59:59.999+00', CLOSE],
    ['2025-10-26T19:59:59.999-0400', CLOSE],
    ['2025-10-27T05:29:59.999000000+05:30', CLOSE],
    ['1761523199999', CLOSE],
    ['1761523199', CLOSE - 999],
    ['1761523199999000', CLOSE],
    ['1761523199999999', CLOSE + 0.999],
    ['2025-10-26T00:00:00Z', Date.UTC(2025, 9, 26)],
    ['2025-10-26T23:59:59.9Z', CLOSE - 99],
    ['2025-10-26T23:59:59.999999Z', CLOSE + 0.999],
    ['2024-02-29T00:00:00.000Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00.000Z', Date.UTC(2000, 1, 29)],
    ['1970-01-02T00:00:00.000Z', 86_400_000],
    ['2199-12-31T23:59:59.999Z', Date.UTC(2199, 11, 31, 23, 59, 59, 999)],
  ])('reads %s', (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
  });

  it('reads an empty cell as not known', () => {
    expect(parseInstant('')).toBeNaN();
  });

  it.each([
    ['2025-10-26T23:59:59.999', 'timestamp_without_zone'],
    ['2025-10-26 23:59:59', 'timestamp_without_zone'],
    ['2025-02-29T00:00:00.000Z', 'impossible_date'],
    ['2100-02-29T00:00:00.000Z', 'impossible_date'],
    ['2025-02-30T00:00:00Z', 'impossible_date'],
    ['2025-13-01T00:00:00.000Z', 'impossible_date'],
    ['2025-00-10T00:00:00.000Z', 'impossible_date'],
    ['2025-10-00T00:00:00.000Z', 'impossible_date'],
    ['2025-04-31T00:00:00.000Z', 'impossible_date'],
    ['2025-10-26T24:00:00.000Z', 'impossible_date'],
    ['2025-10-26T23:60:00.000Z', 'impossible_date'],
    ['2016-12-31T23:59:60.000Z', 'impossible_date'],
    ['2025-10-26T00:00:00+25:00', 'impossible_date'],
    ['2025-10-26T00:00:00.1234567Z', 'finer_than_microsecond'],
    ['0', 'ambiguous_epoch'],
    ['20251026', 'ambiguous_epoch'],
    ['-1761523199', 'ambiguous_epoch'],
    ['176152319999900', 'ambiguous_epoch'],
    ['17615231999990000', 'ambiguous_epoch'],
    ['1761523199999000001', 'finer_than_microsecond'],
    ['-176152319999900000', 'ambiguous_epoch'],
    ['1970-01-01T00:00:00.000Z', 'timestamp_out_of_range'],
    ['0001-01-01T00:00:00.000Z', 'timestamp_out_of_range'],
    ['2200-01-01T00:00:00.000Z', 'timestamp_out_of_range'],
    ['9999-12-31T23:59:59.999Z', 'timestamp_out_of_range'],
    ['2025-10-26', 'not_a_timestamp'],
    ['26.10.2025 23:59', 'not_a_timestamp'],
    ['10/26/2025', 'not_a_timestamp'],
    ['Oct 26, 2025', 'not_a_timestamp'],
    ['2025-10-26T23:59:59.999z', 'not_a_timestamp'],
    ['2025-10-26T23:59:59,999Z', 'not_a_timestamp'],
    ['2025-1-26T23:59:59.999Z', 'not_a_timestamp'],
    ['1.76152E+12', 'not_a_timestamp'],
    ['2O25-10-26T23:59:59.999Z', 'not_a_timestamp'],
    ['yesterday', 'not_a_timestamp'],
  ] as const)('refuses %s as %s', (text, problem) => {
    expect(parseInstant(text)).toBe(problem);
    expect(instantProblemText(problem)).not.toBe('');
  });
});

describe('parseDayClose', () => {
  it('gives the first instant of the UTC day, whatever the machine zone', () => {
    expect(parseDayClose('2015-08-08 23:59:59')).toBe(Date.UTC(2015, 7, 8));
  });

  it.each([
    ['2015-08-08 23:59:58', 'not_day_close'],
    ['2015-08-08', 'not_day_close'],
    ['2015-08-08 00:00:00', 'not_day_close'],
    ['2015-08-08 23:59:59Z', 'not_day_close'],
    ['2015-02-29 23:59:59', 'impossible_date'],
    ['1969-12-31 23:59:59', 'timestamp_out_of_range'],
    ['8/8/2015 23:59', 'not_a_timestamp'],
  ] as const)('refuses %s as %s', (text, problem) => {
    expect(parseDayClose(text)).toBe(problem);
  });
});

describe('utcDay', () => {
  it('changes at UTC midnight, to the millisecond', () => {
    const midnight = Date.UTC(2025, 9, 27);
    expect(utcDayText(utcDay(midnight - 1))).toBe('2025-10-26');
    expect(utcDayText(utcDay(midnight))).toBe('2025-10-27');
  });
});
