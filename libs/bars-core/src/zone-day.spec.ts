import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDay, formatCivilDay } from './civil-day.ts';
import { civilDayOfInstant, utcDayText } from './zone-day.ts';

const dayText = (zone: string, instant: string): string => formatCivilDay(civilDayOfInstant(zone)(Date.parse(instant)));

describe('the civil day of an instant', () => {
  it('is text in UTC, whatever the zone of the machine', () => {
    expect(utcDayText(Date.UTC(2024, 1, 29, 23, 59, 59, 999))).toBe('2024-02-29');
    expect(utcDayText(Date.UTC(2024, 2, 1))).toBe('2024-03-01');
    expect(() => utcDayText(Number.NaN)).toThrow(/BARS_BAD_INSTANT|finite/);
  });

  it('changes at midnight in UTC', () => {
    expect(dayText('UTC', '2024-01-01T23:59:59.999Z')).toBe('2024-01-01');
    expect(dayText('UTC', '2024-01-02T00:00:00.000Z')).toBe('2024-01-02');
    expect(dayText('UTC', '1969-12-31T23:59:59.999Z')).toBe('1969-12-31');
    expect(civilDayOfInstant('UTC')(-0.5)).toBe(-1);
  });

  it('is the same in UTC and New York for a close at 23:59:59.999Z', () => {
    for (const instant of ['2024-01-15T23:59:59.999Z', '2024-07-15T23:59:59.999Z', '2024-03-10T23:59:59.999Z']) {
      expect(dayText('America/New_York', instant)).toBe(instant.slice(0, 10));
    }
  });

  it('loses 2024-03-10 and doubles 2024-11-03 in New York for daily stamps of 04:30Z (docs/golden.md D1)', () => {
    const days = ['2024-03-10', '2024-03-11', '2024-11-03', '2024-11-04'].map((d) =>
      dayText('America/New_York', `${d}T04:30:00Z`),
    );
    expect(days).toStrictEqual(['2024-03-09', '2024-03-11', '2024-11-03', '2024-11-03']);
  });

  it('is exact on the day on which the offset changes', () => {
    expect(dayText('America/New_York', '2024-03-10T04:59:59.999Z')).toBe('2024-03-09');
    expect(dayText('America/New_York', '2024-03-10T05:00:00.000Z')).toBe('2024-03-10');
    expect(dayText('America/New_York', '2024-03-11T03:59:59.999Z')).toBe('2024-03-10');
    expect(dayText('America/New_York', '2024-03-11T04:00:00.000Z')).toBe('2024-03-11');
    expect(dayText('Pacific/Apia', '2011-12-30T09:59:59.999Z')).toBe('2011-12-29');
    expect(dayText('Pacific/Apia', '2011-12-30T10:00:00.000Z')).toBe('2011-12-31'); // Samoa skipped a day
  });

  it('knows offsets of half hours and of years before 1', () => {
    expect(dayText('Asia/Kolkata', '2024-01-01T18:29:59.999Z')).toBe('2024-01-01');
    expect(dayText('Asia/Kolkata', '2024-01-01T18:30:00.000Z')).toBe('2024-01-02');
    expect(civilDayOfInstant('Europe/Berlin')((civilDay(-1, 6, 15) + 0.5) * 86_400_000)).toBe(civilDay(-1, 6, 15));
  });

  it('equals Temporal in many zones', () => {
    const zones = [
      'America/New_York',
      'Europe/London',
      'Australia/Lord_Howe',
      'Asia/Tokyo',
      'Pacific/Chatham',
      'Etc/GMT+12',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1960, 0, 1), max: Date.UTC(2100, 0, 1) }),
        (zone, epochMs) => {
          const date = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone).toPlainDate();
          expect(formatCivilDay(civilDayOfInstant(zone)(epochMs))).toBe(date.toString());
        },
      ),
      { numRuns: 600 },
    );
  });

  it.each(['', 'Mars/Olympus', 'UTC+5h', 'New York'])('does not know the zone %j', (zone) => {
    expect(() => civilDayOfInstant(zone)).toThrow(expect.objectContaining({ code: 'BARS_BAD_ZONE' }));
  });

  it.each([NaN, Infinity, -Infinity])('refuses the instant %d', (epochMs) => {
    for (const zone of ['UTC', 'Asia/Tokyo']) {
      expect(() => civilDayOfInstant(zone)(epochMs)).toThrow(expect.objectContaining({ code: 'BARS_BAD_INSTANT' }));
    }
  });
});
