import { describe, expect, it } from 'vitest';
import { dayNumber } from '../test/fixtures/plain-row.ts';
import type { CivilDay } from './civil-day.ts';
import { civilDaysOf, dayOpenings, instantsInDay } from './day-openings.ts';
import { openingOfCivilDay } from './zone-day.ts';

const at = (text: string): number => Date.parse(text);
const opening = (zone: string, day: string): string =>
  new Date(openingOfCivilDay(zone)(dayNumber(day) as CivilDay)).toISOString();

describe('the first instant of a civil day', () => {
  it.each([
    ['UTC', '2024-01-02', '2024-01-02T00:00:00.000Z'],
    ['America/New_York', '2023-11-05', '2023-11-05T04:00:00.000Z'], // 25 hours
    ['America/New_York', '2023-11-06', '2023-11-06T05:00:00.000Z'],
    ['America/New_York', '2024-03-10', '2024-03-10T05:00:00.000Z'], // 23 hours
    ['America/New_York', '2024-03-11', '2024-03-11T04:00:00.000Z'],
    ['Pacific/Kiritimati', '2024-01-02', '2024-01-01T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2024-01-02', '2024-01-02T11:00:00.000Z'],
    // clocks go from 00:00 to 01:00: the day opens at 01:00
    ['America/Santiago', '2023-09-03', '2023-09-03T04:00:00.000Z'],
    // Samoa left out 2011-12-30
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z'],
  ])('in %s on %s is %s', (zone, day, expected) => {
    expect(opening(zone, day)).toBe(expected);
  });
});

describe('the opening of a row', () => {
  const days = civilDaysOf(Float64Array.of(at('2023-11-05T12:00:00Z'), at('2023-11-07T04:59:59Z')), 'America/New_York');

  it('lies in a civil day of 25 hours, and one of 24', () => {
    expect(days).toStrictEqual({
      day: Int32Array.of(dayNumber('2023-11-05'), dayNumber('2023-11-06')),
      dayFrom: Float64Array.of(at('2023-11-05T04:00:00Z'), at('2023-11-06T05:00:00Z')),
      dayUntil: Float64Array.of(at('2023-11-06T05:00:00Z'), at('2023-11-07T05:00:00Z')),
    });
  });

  it('is its own where that lies in its day', () => {
    const own = Float64Array.of(at('2023-11-05T14:30:00Z'), at('2023-11-06T05:00:00Z'));
    expect(dayOpenings(own, days)).toStrictEqual(own);
  });

  it('is that of the civil day where its own is unknown, or of another day', () => {
    const own = Float64Array.of(NaN, at('2023-11-06T04:59:59.999Z'));
    expect([...dayOpenings(own, days)]).toStrictEqual([at('2023-11-05T04:00:00Z'), at('2023-11-06T05:00:00Z')]);
  });
});

it('instants outside of their day are not known', () => {
  const instants = Float64Array.of(at('2023-11-05T04:00:00Z'), at('2023-11-06T05:00:00Z'), Infinity, NaN);
  const days = civilDaysOf(new Float64Array(4).fill(at('2023-11-05T12:00:00Z')), 'America/New_York');
  expect([...instantsInDay(instants, days)]).toStrictEqual([instants[0], NaN, NaN, NaN]);
});
