import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agesOf, NO_AGE } from './bar-ages.ts';

const CLOSE = Date.parse('2024-03-01T23:59:59.999Z');
const HOUR = 3_600_000;

function held(instant: number, close = CLOSE): { age: number | null; instant: number } {
  const { ages, instants } = agesOf(Float64Array.of(instant), Float64Array.of(close), 1);
  return { age: ages[0] === NO_AGE ? null : (ages[0] as number), instant: instants[0] as number };
}

describe('an instant of a slim row', () => {
  it.each([
    ['the close itself', CLOSE, 0],
    ['an hour before the close', CLOSE - HOUR, 3600],
    ['the beginning of the day', CLOSE + 1 - 24 * HOUR, -86_400],
    ['the last whole second of the day', CLOSE - 999, -1],
    ['years before', CLOSE - 4000 * 24 * HOUR, 345_600_000],
  ])('is seconds where it is %s', (_, instant, age) => {
    expect(held(instant)).toStrictEqual({ age, instant: Number.NaN });
  });

  it.each([
    ['between two seconds', CLOSE - 1500],
    ['a microsecond from a whole second', CLOSE - HOUR + 0.001],
    ['after the close', CLOSE + HOUR],
    ['the millisecond after it', CLOSE + 1],
    ['further away than four bytes hold', CLOSE - 2_147_483_648_000],
  ])('is held in full where it is %s', (_, instant) => {
    expect(held(instant)).toStrictEqual({ age: null, instant });
  });

  it('is neither where it is not known', () => {
    expect(held(Number.NaN)).toStrictEqual({ age: null, instant: Number.NaN });
  });

  it('is what it was when it is added up again', () => {
    // from about 1704 on: epoch ms before 1691 (2 ** 43) are further apart than a microsecond, and an age is up to 13 years
    const micros = fc.integer({ min: -8_396_000_000_000_000, max: 4_102_444_800_000_000 });
    const seconds = fc.integer({ min: 0, max: 400_000_000 });
    const apart = fc.oneof(
      seconds.map((s) => s * 1_000_000),
      seconds.map((s) => s * 1_000_000 - 1000),
      fc.nat(),
    );
    fc.assert(
      fc.property(micros, apart, (close, micro) => {
        const instant = (close - micro) / 1000;
        const found = held(instant, close / 1000);
        if (found.age === null) expect(found.instant).toBe(instant);
        // as the views do it, in microseconds
        else expect(found.age < 0 ? close + 1000 + found.age * 1e6 : close - found.age * 1e6).toBe(close - micro);
      }),
    );
  });
});
