import { describe, expect, it } from 'vitest';
import { zoneDays } from './zone-days.ts';

const startOf = (zone: string, day: string) =>
  new Date(zoneDays(zone).startOf(Date.parse(`${day}T00:00:00Z`) / 86_400_000)).toISOString();

describe('a day of a zone begins', () => {
  it.each([
    ['UTC', '2024-01-01', '2024-01-01T00:00:00.000Z'],
    ['America/New_York', '2024-03-11', '2024-03-11T04:00:00.000Z'],
    // summer time began at midnight
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    // summer time ended a minute after midnight, so midnight came twice; bars begin the day at the first one
    ['America/St_Johns', '2010-11-07', '2010-11-07T02:30:00.000Z'],
    // a day that was left out: it has no instant, and begins with the next one
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z'],
  ])('in %s, %s', (zone, day, start) => {
    expect(startOf(zone, day)).toBe(start);
  });
});
